"""The HTTP/2 client against a server made with the same library's other half."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset, WindowUpdated
from h2.settings import SettingCodes
from tests.services.asking import Exchange, FailedError, fetch
from tests.services.certificates import server_tls, trusting
from tests.services.looped import looped
from tests.services.peer import Peer, serve

from workerd.config.model import Network
from workerd.services import pipes
from workerd.services.network import NetworkService
from workerd.sockets.client import http2

LOST = "Network connection lost."


class H2Peer:
    """One connection, as seen by the server."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        #: stream id -> (headers, content so far, whether it has ended)
        self.requests: dict[int, tuple[dict[str, str], bytearray]] = {}
        self.order: list[int] = []
        self.ended: set[int] = set()
        self.resets: list[int] = []
        self.acknowledge = True
        self.changed = asyncio.Event()

    def flush(self) -> None:
        self.peer.send(self.h2.data_to_send())

    async def run(self) -> None:
        self.h2.initiate_connection()
        self.flush()
        while data := await self.peer.reader.read(65536):
            for event in self.h2.receive_data(data):
                if isinstance(event, RequestReceived):
                    self.requests[event.stream_id] = (dict(event.headers), bytearray())  # type: ignore[arg-type]
                    self.order.append(event.stream_id)
                elif isinstance(event, DataReceived):
                    self.requests[event.stream_id][1].extend(event.data)
                    if self.acknowledge:
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, StreamEnded):
                    self.ended.add(event.stream_id)
                elif isinstance(event, StreamReset):
                    self.resets.append(event.stream_id)
                elif not isinstance(event, WindowUpdated):
                    continue
            self.flush()
            self.changed.set()
            self.changed = asyncio.Event()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                await self.changed.wait()

    async def request(self, number: int = 0) -> int:
        """The id of the `number`th request, when it has all come."""
        await self.until(lambda: len(self.order) > number and self.order[number] in self.ended)
        return self.order[number]

    def respond(self, stream_id: int, body: bytes | None = b"", *more: tuple[str, str], status: str = "200") -> None:
        """`body` None: head only, the stream stays open."""
        self.h2.send_headers(stream_id, [(":status", status), *more])
        if body is not None:
            self.h2.send_data(stream_id, body, end_stream=True)
        self.flush()


Handler = Callable[[H2Peer], Awaitable[None]]


def against(handler: Handler, test: Callable[[NetworkService, str, Any], Awaitable[None]]) -> None:
    @looped
    async def run() -> None:
        async def accepted(peer: Peer) -> None:
            h2 = H2Peer(peer)
            running = asyncio.create_task(h2.run())
            try:
                await handler(h2)
                await running
            finally:
                running.cancel()

        net = NetworkService(Network(("private",), (), trusting()))
        async with serve(accepted, server_tls(alpn=("h2", "http/1.1"))) as server:
            await test(net, f"https://127.0.0.1:{server.port}", server)
            net.close()

    run()


def test_requests_share_a_connection() -> None:
    async def handler(h2: H2Peer) -> None:
        for number in range(6):
            stream = await h2.request(number)
            headers, content = h2.requests[stream]
            says = f"{headers[':method']} {headers[':path']} {headers.get('x-a')} {content.decode()}"
            h2.respond(stream, says.encode(), ("content-type", "text/plain"), ("x-b", "1"))

    async def test(net: NetworkService, url: str, server: Any) -> None:
        async def one(number: int) -> None:
            body = b"" if number % 2 else f"body {number}".encode()
            response = await fetch(net, "POST", f"{url}/p?{number}", f"X-A: {number}\r\nConnection: x\r\n", body)
            assert (response.status, response.status_text) == (200, "")
            assert response.raw_headers == "content-type: text/plain\r\nx-b: 1\r\n"
            assert await response.read() == f"POST /p?{number} {number} {body.decode()}".encode()

        await asyncio.gather(*(one(number) for number in range(5)))
        await one(5)
        assert server.connections == 1

    against(handler, test)


def test_head_and_empty_responses() -> None:
    async def handler(h2: H2Peer) -> None:
        stream = await h2.request(0)
        h2.h2.send_headers(stream, [(":status", "200"), ("content-length", "5")], end_stream=True)
        h2.flush()
        h2.respond(await h2.request(1), None, status="204")
        h2.h2.end_stream(await h2.request(1))
        h2.flush()
        stream = await h2.request(2)
        h2.h2.send_headers(stream, [(":status", "103"), ("link", "x")])
        h2.respond(stream, b"after hints")

    async def test(net: NetworkService, url: str, server: Any) -> None:
        response = await fetch(net, "HEAD", url)
        assert (response.pipe, response.headers["content-length"]) == (None, "5")
        response = await fetch(net, "GET", url)
        assert (response.status, response.pipe) == (204, None)
        response = await fetch(net, "GET", url)
        assert response.raw_headers == ""
        assert await response.read() == b"after hints"

    against(handler, test)


def test_uploads_wait_for_the_server() -> None:
    total = 3_000_000

    async def handler(h2: H2Peer) -> None:
        h2.acknowledge = False
        await h2.until(lambda: h2.order)
        await asyncio.sleep(0.2)
        stream = h2.order[0]
        # The window of a stream is 65,535 bytes unless the server says otherwise.
        assert len(h2.requests[stream][1]) == 65535
        h2.acknowledge = True
        h2.h2.acknowledge_received_data(65535, stream)
        h2.flush()
        await h2.request()
        h2.respond(stream, str(len(h2.requests[stream][1])).encode())

    async def test(net: NetworkService, url: str, server: Any) -> None:
        pipe = pipes.new_pipe()
        written = 0

        async def produce() -> None:
            nonlocal written
            while written < total:
                written += 30_000
                await pipes.write(pipe, b"u" * 30_000)
            pipe.close()

        producer = asyncio.create_task(produce())
        asked = asyncio.create_task(fetch(net, "POST", url, "", pipe))
        await asyncio.sleep(0.15)
        assert written < 1_000_000
        response = await asked
        assert await response.read() == str(total).encode()
        await producer

    against(handler, test)


def test_a_slow_reader_slows_its_stream_only() -> None:
    async def handler(h2: H2Peer) -> None:
        slow = await h2.request(0)
        h2.respond(slow, None)
        sent = 0

        def send_more() -> None:
            nonlocal sent
            while (room := min(h2.h2.local_flow_control_window(slow), 16384)) > 0 and sent < 5_000_000:
                h2.h2.send_data(slow, b"s" * room)
                sent += room
            h2.flush()

        send_more()
        assert sent == http2.STREAM_WINDOW
        await asyncio.sleep(0.1)
        send_more()
        assert sent <= http2.STREAM_WINDOW + 128 * 1024
        h2.respond(await h2.request(1), b"quick")
        while sent < 5_000_000:
            await h2.changed.wait()
            send_more()
        h2.h2.end_stream(slow)
        h2.flush()

    async def test(net: NetworkService, url: str, server: Any) -> None:
        slow = await fetch(net, "GET", url)
        quick = await fetch(net, "GET", url)
        assert await quick.read() == b"quick"
        assert len(await slow.read()) >= 5_000_000

    against(handler, test)


@pytest.mark.parametrize("how", ["reset", "goaway", "close", "garbage"])
def test_responses_that_break_off(how: str) -> None:
    async def handler(h2: H2Peer) -> None:
        stream = await h2.request()
        h2.respond(stream, None, ("content-length", "100"))
        h2.h2.send_data(stream, b"half")
        h2.flush()
        await asyncio.sleep(0.05)
        if how == "reset":
            h2.h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
        elif how == "goaway":
            h2.h2.close_connection(ErrorCodes.INTERNAL_ERROR)
        elif how == "garbage":
            h2.peer.send(b"\0\0\1\1\0\0\0\0\2x" * 10)
        else:
            h2.peer.writer.close()
            return
        h2.flush()

    async def test(net: NetworkService, url: str, server: Any) -> None:
        response = await fetch(net, "GET", url)
        with pytest.raises(Exception, match=LOST):
            await response.read()

    against(handler, test)


def test_no_response_at_all() -> None:
    async def handler(h2: H2Peer) -> None:
        h2.h2.reset_stream(await h2.request(), ErrorCodes.INTERNAL_ERROR)
        h2.flush()

    async def test(net: NetworkService, url: str, server: Any) -> None:
        with pytest.raises(FailedError, match=LOST):
            await fetch(net, "GET", url)

    against(handler, test)


def test_refused_streams_and_goaway_are_retried() -> None:
    calls = 0

    async def handler(h2: H2Peer) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            h2.h2.reset_stream(await h2.request(0), ErrorCodes.REFUSED_STREAM)
            h2.flush()
            stream = await h2.request(1)
            h2.respond(stream, b"second try")
            await h2.request(2)
            h2.h2.close_connection(last_stream_id=stream)
            h2.flush()
        else:
            h2.respond(await h2.request(0), b"elsewhere")

    async def test(net: NetworkService, url: str, server: Any) -> None:
        assert await (await fetch(net, "POST", url, "", b"x")).read() == b"second try"
        assert await (await fetch(net, "POST", url, "", b"x")).read() == b"elsewhere"
        assert calls == 2

    against(handler, test)


def test_cancellation_resets_the_stream() -> None:
    async def handler(h2: H2Peer) -> None:
        first = await h2.request(0)
        await h2.until(lambda: first in h2.resets)
        second = await h2.request(1)
        h2.respond(second, None)
        h2.h2.send_data(second, b"some")
        h2.flush()
        await h2.until(lambda: second in h2.resets)
        h2.respond(await h2.request(2), b"alive")

    async def test(net: NetworkService, url: str, server: Any) -> None:
        exchange = Exchange(net, "GET", url)
        await asyncio.sleep(0.1)
        exchange.cancel()
        response = await fetch(net, "GET", url)
        response.pipe.cancel("enough")
        assert await (await fetch(net, "GET", url)).read() == b"alive"
        assert server.connections == 1

    against(handler, test)


def test_a_flood_of_questions_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http2, "MAX_UNSENT", 100_000)
    sent = 0

    async def handler(h2: H2Peer) -> None:
        nonlocal sent
        await h2.request()
        h2.peer.reader._transport.pause_reading()  # type: ignore[attr-defined]
        while sent < 1_000_000:
            for _ in range(1000):
                h2.h2.ping(b"12345678")
            h2.flush()
            sent += 1000
            await h2.peer.writer.drain()

    async def test(net: NetworkService, url: str, server: Any) -> None:
        with pytest.raises(FailedError, match=LOST):
            await fetch(net, "GET", url)
        assert sent < 1_000_000

    against(handler, test)


def test_the_servers_limit_of_streams_is_kept() -> None:
    async def handler(h2: H2Peer) -> None:
        await asyncio.sleep(0.01)  # after the connection's preface
        h2.h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 1})
        h2.flush()
        number = 0
        while True:
            stream = await h2.request(number)
            await asyncio.sleep(0.1)
            h2.respond(stream, b"ok")
            number += 1

    async def test(net: NetworkService, url: str, server: Any) -> None:
        await (await fetch(net, "GET", url)).read()
        both = await asyncio.gather(fetch(net, "GET", url), fetch(net, "GET", url))
        assert [await response.read() for response in both] == [b"ok", b"ok"]
        assert server.connections == 2

    against(handler, test)
