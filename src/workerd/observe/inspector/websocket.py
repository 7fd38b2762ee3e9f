"""The server's side of WebSocket frames (RFC 6455), for the inspector's connections only.

Those run on a thread of their own, where the C++ implementation the workers have, which belongs to the main thread, cannot.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#: Bytes of one message: the reference's limit.
MAX_MESSAGE = 128 * 1024 * 1024

_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10


class ProtocolError(Exception):
    """The peer broke the protocol; `code` is what to close with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Message:
    """`kind`: text, binary, ping, pong or close. `data`: str for text and for the reason of close, else bytes."""

    kind: str
    data: str | bytes
    code: int = 1005


def accept_key(key: str) -> str:
    """The Sec-WebSocket-Accept for a Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(key.encode("latin-1") + _GUID, usedforsecurity=False).digest()).decode()


def encode_text(text: str) -> bytes:
    # The protocol's JSON is ASCII; what we made ourselves may hold lone surrogates.
    return _frame(_TEXT, text.encode("utf-8", "replace"))


def encode_pong(data: bytes) -> bytes:
    return _frame(_PONG, data)


def encode_close(code: int, reason: str = "") -> bytes:
    """Code 1005 makes a frame without a code. A reason too long for a control frame is cut."""
    if code == 1005:
        return _frame(_CLOSE, b"")
    return _frame(_CLOSE, code.to_bytes(2, "big") + reason.encode()[:123].decode("utf-8", "ignore").encode())


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, size))
    elif size < 65536:
        head = bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big")
    return head + payload


class Parser:
    """Frames of a client put together to messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._kind = 0
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[Message]:
        """The messages complete with `data`. Raises ProtocolError."""
        self._buffer += data
        messages: list[Message] = []
        while (frame := self._next()) is not None:
            message = self._take(*frame)
            if message is not None:
                messages.append(message)
        return messages

    def _next(self) -> tuple[bool, int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        if buffer[0] & 0x70:
            raise ProtocolError(1002, "reserved bits are set")
        if not buffer[1] & 0x80:
            raise ProtocolError(1002, "frames of clients must be masked")
        size, at = buffer[1] & 0x7F, 2
        extended = {126: 2, 127: 8}.get(size, 0)
        if len(buffer) < at + extended:
            return None
        if extended:
            size = int.from_bytes(buffer[at : at + extended], "big")
            at += extended
        if size + self._size > MAX_MESSAGE:
            raise ProtocolError(1009, "message is too big")
        end = at + 4 + size
        if len(buffer) < end:
            return None
        mask = bytes(buffer[at : at + 4])
        payload = _unmask(bytes(buffer[at + 4 : end]), mask)
        final, opcode = bool(buffer[0] & 0x80), buffer[0] & 0x0F
        del buffer[:end]
        return final, opcode, payload

    def _take(self, final: bool, opcode: int, payload: bytes) -> Message | None:
        if opcode >= _CLOSE:
            if not final or len(payload) > 125:
                raise ProtocolError(1002, "control frames are short and whole")
            return _control(opcode, payload)
        if opcode not in (_CONTINUATION, _TEXT, _BINARY):
            raise ProtocolError(1002, f"there is no opcode {opcode}")
        if (opcode == _CONTINUATION) == (self._kind == 0):
            raise ProtocolError(1002, "frames of a message are out of order")
        if opcode != _CONTINUATION:
            self._kind = opcode
        self._parts.append(payload)
        self._size += len(payload)
        if not final:
            return None
        kind, data = self._kind, b"".join(self._parts)
        self._kind, self._parts, self._size = 0, [], 0
        if kind == _BINARY:
            return Message("binary", data)
        try:
            return Message("text", data.decode())
        except UnicodeDecodeError:
            raise ProtocolError(1007, "text must be UTF-8") from None


def _control(opcode: int, payload: bytes) -> Message:
    if opcode == _PING:
        return Message("ping", payload)
    if opcode == _PONG:
        return Message("pong", payload)
    if opcode != _CLOSE:
        raise ProtocolError(1002, f"there is no opcode {opcode}")
    if not payload:
        return Message("close", "")
    if len(payload) == 1:
        raise ProtocolError(1002, "half a close code")
    return Message("close", payload[2:].decode("utf-8", "replace"), int.from_bytes(payload[:2], "big"))


def _unmask(payload: bytes, mask: bytes) -> bytes:
    if not payload:
        return payload
    # One big integer operation: the fastest there is without an extension.
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")
