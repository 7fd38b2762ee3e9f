"""WebSocket, the client's side: the handshake's headers, then the hand-over to the native protocol (native/http)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import secrets
import time

from workerd.engine.library import load
from workerd.services import headers as blocks
from workerd.services.pipes import new_channel

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#: Seconds between looks at whether a closing handshake hangs.
_LOOK = 5.0

#: What a server may answer to an offer of permessage-deflate (RFC 7692, 7.1).
_PARAMETER = re.compile(r"(server|client)_(?:no_context_takeover|max_window_bits=\"?(?:[89]|1[0-5])\"?)")


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(16)).decode()


def request_headers(key: str) -> str:
    return f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"


def check_response(request: str, response: str, key: str) -> str:
    """The agreed Sec-WebSocket-Extensions, "" for none. Raises ValueError for a handshake that went wrong."""
    upgrade = blocks.get(response, "upgrade")
    if upgrade is None or upgrade.lower() != "websocket":
        raise ValueError(f"incorrect Upgrade header: expected 'websocket', got {upgrade!r}")
    options = (blocks.get(response, "connection") or "").lower().split(",")
    if "upgrade" not in [option.strip() for option in options]:
        raise ValueError("no Connection: Upgrade header")
    expected = base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest()).decode()
    if blocks.get(response, "sec-websocket-accept") != expected:
        raise ValueError("incorrect Sec-WebSocket-Accept header")
    protocol = blocks.get(response, "sec-websocket-protocol")
    asked = ", ".join(blocks.get_all(request, "sec-websocket-protocol"))
    if protocol is not None and protocol not in [name.strip() for name in asked.split(",")]:
        raise ValueError(f"protocol {protocol!r} was not asked for")
    agreed = ", ".join(blocks.get_all(response, "sec-websocket-extensions"))
    if agreed:
        _check_extension(agreed, ", ".join(blocks.get_all(request, "sec-websocket-extensions")))
    return agreed


def _check_extension(agreed: str, offered: str) -> None:
    name, *parameters = [part.strip() for part in agreed.split(";")]
    offers = [offer.partition(";")[0].strip().lower() for offer in offered.split(",")]
    if name.lower() != "permessage-deflate" or name.lower() not in offers:
        raise ValueError(f"extension {agreed!r} was not asked for")
    names = [parameter.partition("=")[0].strip() for parameter in parameters]
    if len(set(names)) < len(names) or not all(_PARAMETER.fullmatch(re.sub(r"\s", "", one)) for one in parameters):
        raise ValueError(f"extension {agreed!r} has unknown parameters")


class ClientWebSocket:
    """Owns a connection after the handshake. `channel` is the end for the asker."""

    def __init__(self, transport: asyncio.Transport, extension: str) -> None:
        self._transport = transport
        self.channel, end = new_channel()
        self._protocol = load().WebSocketConnection(end, self, extension, True)
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, rest: bytes) -> None:
        """`rest`: what came with the handshake's response."""
        self._transport.set_protocol(self._protocol)
        self._protocol.attach(self._transport)
        self._look_later()
        if rest:
            self._protocol.data_received(rest)

    # ---- what the native protocol tells its owner

    def connection_closing(self, protocol: object, linger: bool) -> None:
        self._transport.close()

    def connection_lost(self, protocol: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    # ----

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_LOOK, self._look)

    def _look(self) -> None:
        self._look_later()
        self._protocol.check_timeout(time.monotonic(), self._transport.get_write_buffer_size())
