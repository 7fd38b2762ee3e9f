"""WebSockets as a client, against a server made with wsproto."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.services.asking import FailedError, fetch
from tests.services.looped import looped
from tests.services.peer import Peer, Server, answer, serve
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.extensions import PerMessageDeflate

from workerd.config.model import ExternalServer, Network
from workerd.config.network import HttpHeader, HttpOptions
from workerd.services.external import make_external
from workerd.services.network import NetworkService

WS = "Upgrade: websocket\r\n"


class WsPeer:
    """One connection after the handshake, as seen by the server."""

    def __init__(self, peer: Peer, head: str, extensions: list[Any]) -> None:
        self.peer, self.head = peer, head
        self.frames = Connection(ConnectionType.SERVER, extensions)

    def send(self, event: Event) -> None:
        self.peer.send(self.frames.send(event))

    async def next(self) -> Event:
        while True:
            for event in self.frames.events():
                return event
            data = await self.peer.reader.read(65536)
            self.frames.receive_data(data or None)


def handshake(head: str, *more: str) -> bytes:
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    digest = hashlib.sha1((fields["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: WebSocket",
        "Connection: keep-alive, Upgrade",
        f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}",
        *more,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def websockets(handler: Callable[[WsPeer], Awaitable[None]], *more: str, deflate: bool = False) -> Any:
    async def accepted(peer: Peer) -> None:
        head = await peer.head()
        extensions = []
        if deflate:
            extension = PerMessageDeflate()
            agreed = extension.accept("permessage-deflate")
            extensions.append(extension)
            line = "Sec-WebSocket-Extensions: permessage-deflate"
            peer.send(handshake(head, line + (f"; {agreed}" if isinstance(agreed, str) and agreed else ""), *more))
        else:
            peer.send(handshake(head, *more))
        await handler(WsPeer(peer, head, extensions))

    return serve(accepted)


class Received:
    """What comes to the asker's end."""

    def __init__(self, channel: Any) -> None:
        self._queue: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()
        channel.listen(lambda *message: self._queue.put_nowait(message))

    async def next(self) -> tuple[Any, ...]:
        async with asyncio.timeout(5):
            return await self._queue.get()


async def open_socket(server: Server, headers: str = "", service: Any = None) -> Any:
    net = service or NetworkService(Network(("private",)))
    response = await fetch(net, "GET", server.url + "/chat", WS + headers, None, wants_websocket=True)
    assert (response.status, response.pipe) == (101, None)
    assert response.channel is not None
    return response.channel


@looped
async def test_the_request() -> None:
    heads: list[str] = []

    async def handler(ws: WsPeer) -> None:
        heads.append(ws.head)

    async with websockets(handler, "Sec-WebSocket-Protocol: chat") as server:
        await open_socket(server, "Sec-WebSocket-Protocol: chat\r\nX-A: 1\r\nSec-WebSocket-Key: forged\r\n")
        await asyncio.sleep(0.02)
    lines = heads[0].split("\r\n")
    assert lines[0] == "GET /chat HTTP/1.1"
    assert lines.count("Upgrade: websocket") == 1
    assert "Connection: Upgrade" in lines
    assert "Sec-WebSocket-Version: 13" in lines
    assert "Sec-WebSocket-Protocol: chat" in lines
    assert "X-A: 1" in lines
    keys = [line for line in lines if line.startswith("Sec-WebSocket-Key")]
    assert len(keys) == 1
    assert len(base64.b64decode(keys[0].split(": ")[1])) == 16


@pytest.mark.parametrize("deflate", [False, True])
def test_messages(deflate: bool) -> None:
    async def handler(ws: WsPeer) -> None:
        ws.send(TextMessage(data="first"))
        while True:
            event = await ws.next()
            if isinstance(event, CloseConnection):
                ws.send(event.response())
                return
            if isinstance(event, TextMessage | BytesMessage):
                ws.send(event)

    @looped
    async def run() -> None:
        async with websockets(handler, deflate=deflate) as server:
            channel = await open_socket(server, "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else "")
            received = Received(channel)
            assert await received.next() == ("text", "first", "")
            channel.send_text("héllo \N{GRINNING FACE}")
            assert await received.next() == ("text", "héllo \N{GRINNING FACE}", "")
            for _ in range(3):
                channel.send_binary(b"\0\1\2" * 1000)
                assert await received.next() == ("binary", b"\0\1\2" * 1000, "")
            channel.send_text("")
            assert await received.next() == ("text", "", "")
            channel.close(4000, "bye")
            assert await received.next() == ("close", 4000, "bye")

    run()


@looped
async def test_large_messages_and_fragments() -> None:
    async def handler(ws: WsPeer) -> None:
        for part in range(4):
            ws.send(BytesMessage(data=bytes([part]) * 300_000, message_finished=part == 3))
            ws.send(Ping(payload=b"are you there"))
        while not isinstance(await ws.next(), Pong):
            continue
        size = 0
        while True:
            event = await ws.next()
            if isinstance(event, BytesMessage):
                size += len(event.data)
                if event.message_finished:
                    ws.send(TextMessage(data=str(size)))
                    return

    async with websockets(handler) as server:
        channel = await open_socket(server)
        received = Received(channel)
        kind, data, _ = await received.next()
        assert (kind, len(data), data[-1]) == ("binary", 1_200_000, 3)
        channel.send_binary(b"x" * 5_000_000)
        assert await received.next() == ("text", "5000000", "")


@looped
async def test_the_server_closes() -> None:
    async def handler(ws: WsPeer) -> None:
        ws.send(CloseConnection(code=1001, reason="going"))
        assert isinstance(await ws.next(), CloseConnection)

    async with websockets(handler) as server:
        channel = await open_socket(server)
        received = Received(channel)
        assert await received.next() == ("close", 1001, "going")
        channel.close(1001, "")
        await asyncio.sleep(0.05)


@looped
async def test_the_connection_breaks() -> None:
    async def handler(ws: WsPeer) -> None:
        ws.send(TextMessage(data="last words"))

    async with websockets(handler) as server:
        channel = await open_socket(server)
        received = Received(channel)
        assert await received.next() == ("text", "last words", "")
        kind, message, _ = await received.next()
        assert kind == "error"
        assert "without sending Close frame" in message


@pytest.mark.parametrize(
    "frames",
    [
        b"\x81\x81\0\0\0\0x",  # masked by a server
        b"\x83\x00",  # an unknown opcode
        b"\xc1\x01x",  # compressed, which was not agreed on
        b"\x81\x02\xff\xfe",  # text that is not UTF-8
        b"\x89\x7e\x00\x7e" + b"x" * 126,  # a long ping
        b"\x80\x01x",  # a continuation of nothing
        b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",  # a message larger than memory
    ],
)
def test_servers_that_break_the_protocol(frames: bytes) -> None:
    async def handler(ws: WsPeer) -> None:
        ws.peer.send(frames)
        await asyncio.sleep(5)

    @looped
    async def run() -> None:
        async with websockets(handler) as server:
            received = Received(await open_socket(server))
            kind, code, _ = await received.next()
            assert kind in ("close", "error")
            assert code == 1006 or kind == "error"

    run()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("Sec-WebSocket-Accept", "Sec-WebSocket-Accepted"), b"Sec-WebSocket-Accept"),
        (("Upgrade: WebSocket", "Upgrade: other"), b"incorrect Upgrade header"),
        (("Connection: keep-alive, Upgrade", "Connection: close"), b"Connection: Upgrade"),
        (("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"), b"was not asked for"),
        (("\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n"), b"was not asked for"),
    ],
)
def test_handshakes_gone_wrong(change: tuple[str, str], complaint: bytes) -> None:
    async def handler(peer: Peer) -> None:
        head = await peer.head()
        peer.send(handshake(head).decode().replace(*change).encode())
        await asyncio.sleep(1)

    @looped
    async def run() -> None:
        net = NetworkService(Network(("private",)))
        async with serve(handler) as server:
            response = await fetch(net, "GET", server.url, WS, None, wants_websocket=True)
            assert (response.status, response.status_text, response.channel) == (502, "Bad Gateway", None)
            assert complaint in await response.read()

    run()


@looped
async def test_a_server_that_says_no() -> None:
    net = NetworkService(Network(("private",)))
    async with serve(answer(b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno")) as server:
        response = await fetch(net, "GET", server.url, WS, None, wants_websocket=True)
        assert (response.status, response.channel, await response.read()) == (401, None, b"no")
    with pytest.raises(FailedError, match="Network connection lost"):
        await fetch(net, "GET", server.url, WS, None, wants_websocket=True)


@looped
async def test_through_an_external_service() -> None:
    async def handler(ws: WsPeer) -> None:
        ws.send(TextMessage(data=next(line for line in ws.head.split("\r\n") if line.startswith("Host:"))))
        await asyncio.sleep(1)

    async with websockets(handler) as server:
        options = HttpOptions(inject_response_headers=(HttpHeader("X-Set", "1"),))
        service = make_external(ExternalServer(f"127.0.0.1:{server.port}", options=options))
        response = await fetch(service, "GET", "http://front/chat", WS, None, wants_websocket=True)
        assert response.headers["x-set"] == "1"
        assert await Received(response.channel).next() == ("text", "Host: front", "")
