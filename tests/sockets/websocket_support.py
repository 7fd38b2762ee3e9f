"""WebSocket frames, and connections after their handshake in either role; a Python listener holds the worker's end."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from tests.sockets.support import Client, Transport, request

from workerd.engine.library import load

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE = ("Connection: Upgrade", "Upgrade: websocket", KEY, "Sec-WebSocket-Version: 13")
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def apply_mask(payload: bytes, mask: bytes) -> bytes:
    stream = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(payload), "big")


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes | None = b"\x12\x34\x56\x78"
) -> bytes:
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask is not None else 0
    size = len(payload)
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    if mask is None:
        return head + payload
    return head + mask + apply_mask(payload, mask)


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack(">H", code) + reason)


def deflate(data: bytes, bits: int = 15, level: int = 6) -> bytes:
    out = zlib.compressobj(level, wbits=-bits)
    return (out.compress(data) + out.flush(zlib.Z_SYNC_FLUSH))[:-4]


def parse(data: bytes) -> list[tuple[int, int, bytes]]:
    """(opcode, rsv, payload) of each frame, unmasked."""
    found = []
    while data:
        size, masked = data[1] & 0x7F, data[1] & 0x80
        at = 2
        if size == 126:
            (size,), at = struct.unpack(">H", data[2:4]), 4
        elif size == 127:
            (size,), at = struct.unpack(">Q", data[2:10]), 10
        assert data[0] & 0x80
        mask = bytes(4)
        if masked:
            mask, at = data[at : at + 4], at + 4
        assert len(data) >= at + size
        payload = data[at : at + size]
        found.append((data[0] & 15, data[0] >> 4 & 7, apply_mask(payload, mask) if masked else payload))
        data = data[at + size :]
    return found


class Frames:
    """Bytes in, frames out, of a connection that stands."""

    connection: Any
    transport: Transport

    def send(self, *parts: bytes) -> list[tuple[int, int, bytes]]:
        for part in parts:
            self.connection.data_received(part)
        return self.output()

    def output(self) -> list[tuple[int, int, bytes]]:
        return parse(self.transport.take())


class Socket(Frames):
    """A WebSocket after its handshake, with what the worker's end received."""

    def __init__(self, *, response_headers: str = "", offer: str = "", rest: bytes = b"") -> None:
        self.received: list[tuple[str, Any, Any]] = []
        self.http = Client(self._answer)
        self._response_headers = response_headers
        extra = [f"Sec-WebSocket-Extensions: {offer}"] if offer else []
        self.handshake = self.http.send(request("/", *HANDSHAKE, *extra) + rest)
        assert self.http.upgraded is not None, self.handshake
        self.connection, self.rest, _, _ = self.http.upgraded
        self.transport = Transport()
        self.connection.attach(self.transport)
        if self.rest:
            self.connection.data_received(self.rest)

    def _answer(self, exchange: Any) -> None:
        assert exchange.wants_websocket
        self.end, other = load().channel_pair()
        self.end.listen(lambda kind, data, reason: self.received.append((kind, data, reason)))
        exchange.respond(101, "", self._response_headers, None, other)

    @property
    def events(self) -> list[str]:
        """What the transport and the owner were told."""
        return self.transport.events + self.http.transport.events


class Protocol(Frames):
    """A connection of either role without a handshake: bytes in, frames out. `masked` is what this side's peer has to do."""

    def __init__(self, role: str, extension: str = "") -> None:
        client = role == "client"
        self.received: list[tuple[str, Any, Any]] = []
        self.mask = None if client else b"\x12\x34\x56\x78"
        self.transport = Transport()
        self.closing: list[bool] = []
        self.end, other = load().channel_pair()
        self.end.listen(lambda kind, data, reason: self.received.append((kind, data, reason)))
        self.connection = load().WebSocketConnection(other, self, extension, client)
        self.connection.attach(self.transport)

    def connection_closing(self, connection: Any, linger: bool) -> None:
        self.closing.append(linger)

    def connection_lost(self, connection: Any) -> None:
        """Nothing to do: part of what an owner must have."""

    def frame(self, opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> bytes:
        return frame(opcode, payload, fin=fin, rsv=rsv, mask=self.mask)

    def close(self, code: int, reason: bytes = b"") -> bytes:
        return self.frame(CLOSE, struct.pack(">H", code) + reason)

    @property
    def failed(self) -> int:
        """The code of the Close frame that was sent, if that was the last thing."""
        *_, (opcode, _, payload) = self.output()
        assert opcode == CLOSE, opcode
        return int(struct.unpack(">H", payload[:2])[0])
