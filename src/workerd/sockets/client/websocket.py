"""WebSocket, the client's side: the handshake's headers and, after it, frames to and from a channel.

wsproto does the frames (RFC 6455) and permessage-deflate (RFC 7692). Closing is left to the asker: a Close frame from
the peer is passed on, and answered when the asker closes, too; until then it may still send.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import secrets

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from workerd.services import headers as blocks
from workerd.services.errors import NETWORK_CONNECTION_LOST
from workerd.services.pipes import new_channel

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#: Most bytes of one message, after decompression.
MAX_MESSAGE = 32 * 1024 * 1024
#: Received bytes given to the decoder at a time: what they may decompress to is bounded with them.
_SLICE = 16 * 1024
#: Seconds the peer has to close the connection once both sides have sent Close.
_CLOSE_TIMEOUT = 5.0

LOST = "WebSocket disconnected without sending Close frame."


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(16)).decode()


def request_headers(key: str) -> str:
    return f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"


def check_response(request: str, response: str, key: str) -> list[PerMessageDeflate]:
    """The extensions agreed on. Raises ValueError for a handshake the server did not get right."""
    upgrade = blocks.get(response, "upgrade")
    if upgrade is None or upgrade.lower() != "websocket":
        raise ValueError(f"incorrect Upgrade header: expected 'websocket', got {upgrade!r}")
    if "upgrade" not in (blocks.get(response, "connection") or "").lower():
        raise ValueError("no Connection: Upgrade header")
    expected = base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest()).decode()
    if blocks.get(response, "sec-websocket-accept") != expected:
        raise ValueError("incorrect Sec-WebSocket-Accept header")
    agreed = ", ".join(blocks.get_all(response, "sec-websocket-extensions"))
    if not agreed:
        return []
    offered = ", ".join(blocks.get_all(request, "sec-websocket-extensions"))
    name = agreed.partition(";")[0].strip().lower()
    if name != "permessage-deflate" or "," in agreed or name not in offered.lower():
        raise ValueError(f"extension {agreed!r} was not asked for")
    deflate = PerMessageDeflate()
    try:
        deflate.finalize(agreed)
    except (ValueError, LocalProtocolError, RemoteProtocolError, binascii.Error) as error:
        raise ValueError(f"extension {agreed!r} cannot be used: {error}") from error
    return [deflate]


class ClientWebSocket(asyncio.Protocol):
    """Takes over a connection after the handshake. `channel` is the end for the asker."""

    def __init__(self, transport: asyncio.Transport, extensions: list[PerMessageDeflate]) -> None:
        self._transport = transport
        self._frames = Connection(ConnectionType.CLIENT, list(extensions))
        self.channel, self._end = new_channel()
        self._text: list[str] = []
        self._bytes: list[bytes] = []
        self._size = 0
        #: The asker has been told how it ended.
        self._told = False

    def begin(self, rest: bytes) -> None:
        """`rest`: what came with the handshake's response."""
        self._end.listen(self._from_asker)
        if rest:
            self.data_received(rest)

    # ---- from the asker

    def _from_asker(self, kind: str, data: object, reason: object) -> None:
        if self._transport.is_closing():
            return
        if kind == "text":
            self._send(TextMessage(data=_well_formed(str(data))))
        elif kind == "binary":
            assert isinstance(data, (bytes, bytearray, memoryview))
            self._send(BytesMessage(data=bytes(data)))
        elif kind == "close":
            code = data if isinstance(data, int) else 1005
            # A close from the asker answers the peer's; wsproto keeps count.
            self._send(CloseConnection(code=code, reason=str(reason or "") or None if code != 1005 else None))
            if self._frames.state is ConnectionState.CLOSED:
                self._transport.close()
        else:
            self._transport.abort()

    def _send(self, event: Event) -> None:
        try:
            self._transport.write(self._frames.send(event))
        except LocalProtocolError:
            # After our own Close frame: there is nothing to send it with.
            return

    # ---- from the peer

    def data_received(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            for start in range(0, len(data), _SLICE):
                self._frames.receive_data(bytes(view[start : start + _SLICE]))
                for event in self._frames.events():
                    self._from_peer(event)
        except RemoteProtocolError as error:
            hint = error.event_hint
            code = hint.code if isinstance(hint, CloseConnection) else 1002
            self._fail(int(code), str(error))

    def _from_peer(self, event: Event) -> None:
        if isinstance(event, TextMessage):
            self._add(self._text, event.data, len(event.data))
            if event.message_finished:
                whole = event.data if len(self._text) == 1 else "".join(self._text)
                self._text, self._size = [], 0
                self._end.send_text(whole)
        elif isinstance(event, BytesMessage):
            self._add(self._bytes, bytes(event.data), len(event.data))
            if event.message_finished:
                joined = b"".join(self._bytes)
                self._bytes, self._size = [], 0
                self._end.send_binary(joined)
        elif isinstance(event, Ping):
            self._send(event.response())
        elif isinstance(event, CloseConnection):
            self._told = True
            self._end.close(int(event.code), event.reason or "")
            if self._frames.state is ConnectionState.CLOSED:
                # Both have closed. It is for the server to end the connection (RFC 6455, 7.1.1).
                asyncio.get_running_loop().call_later(_CLOSE_TIMEOUT, self._transport.abort)
        elif not isinstance(event, Pong):
            raise RemoteProtocolError(f"unexpected {type(event).__name__}")

    def _add(self, parts: list[str] | list[bytes], data: str | bytes, size: int) -> None:
        self._size += size
        if self._size > MAX_MESSAGE:
            raise RemoteProtocolError("message too big", event_hint=CloseConnection(code=1009))
        parts.append(data)  # type: ignore[arg-type]

    def _fail(self, code: int, message: str) -> None:
        """The peer broke the protocol: it is told why, and the connection ends."""
        self._send(CloseConnection(code=code, reason=message[:100]))
        self._transport.close()
        self._tell(f"WebSocket protocol error: {message}")

    def _tell(self, message: str) -> None:
        if not self._told:
            self._told = True
            self._end.abort(message)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._tell(LOST if error is None else NETWORK_CONNECTION_LOST)
        # The listener holds this object, and this object the end.
        self._end.listen(_ignore)
        self._end.disconnect()


def _ignore(kind: str, data: object, reason: object) -> None:
    """Listens to an asker whose peer is gone."""


def _well_formed(text: str) -> str:
    """Lone surrogates have no UTF-8: they become U+FFFD, as everywhere on the Web."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
