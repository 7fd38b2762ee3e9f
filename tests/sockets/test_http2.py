"""HTTP/2 over TLS, with the h2 library as the client."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import Any

import h2.connection
import h2.events
import h2.settings
import pytest
from tests.services.certificates import Authority
from tests.services.looped import looped
from tests.sockets.support import Service, pipe, read_all, wait
from tests.sockets.test_listener import eventually, made

from workerd.config.model import HttpsSocket
from workerd.config.network import HttpHeader, HttpOptions, TlsOptions

AUTHORITY = Authority()
KEYPAIR = AUTHORITY.keypair("127.0.0.1")


class Http2Client:
    """One connection. Events are kept by stream; flow control is up to the test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.h2 = h2.connection.H2Connection()
        self.events: list[h2.events.Event] = []
        self.raw = b""
        self.acknowledge = True
        self.ended = False
        self.h2.initiate_connection()
        self._task = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        while data := await self.reader.read(65536):
            self.raw += data
            if any(isinstance(e, h2.events.ConnectionTerminated) for e in self.events):
                continue  # h2 takes nothing more after a GOAWAY
            for event in self.h2.receive_data(data):
                self.events.append(event)
                if self.acknowledge and isinstance(event, h2.events.DataReceived):
                    assert event.flow_controlled_length is not None
                    assert event.stream_id is not None
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            self.flush()
        self.ended = True

    def flush(self) -> None:
        self.writer.write(self.h2.data_to_send())

    def request(self, *headers: tuple[str, str], path: str = "/", method: str = "GET", end: bool = True) -> int:
        stream = self.h2.get_next_available_stream_id()
        pseudo = [(":method", method), (":scheme", "https"), (":authority", "a.test"), (":path", path)]
        self.h2.send_headers(stream, [*pseudo, *headers], end_stream=end)
        self.flush()
        return stream

    def of(self, stream: int, kind: type) -> list[Any]:
        return [e for e in self.events if isinstance(e, kind) and getattr(e, "stream_id", None) == stream]

    def body(self, stream: int) -> bytes:
        return b"".join(e.data for e in self.of(stream, h2.events.DataReceived))

    async def response(self, stream: int) -> tuple[dict[str, str], bytes]:
        await eventually(lambda: self.of(stream, h2.events.StreamEnded))
        (event,) = self.of(stream, h2.events.ResponseReceived)
        return {n.decode(): v.decode() for n, v in event.headers}, self.body(stream)

    async def close(self) -> None:
        self.writer.close()
        self._task.cancel()


class Setup:
    def __init__(self, service: Service, **options: Any) -> None:
        self.service = service
        tls = TlsOptions(keypair=KEYPAIR)
        self.listener = made("127.0.0.1:0", service, HttpsSocket(HttpOptions(**options), tls))

    async def __aenter__(self) -> Http2Client:
        await self.listener.start()
        context = ssl.create_default_context(cadata=AUTHORITY.pem)
        context.set_alpn_protocols(["h2"])
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port, ssl=context)
        assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
        self.client = Http2Client(reader, writer)
        self.client.flush()
        return self.client

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()
        assert await self.listener.drain(2)


@looped
async def test_requests_side_by_side() -> None:
    service = Service(wait)
    async with Setup(service) as client:
        streams = [client.request(("x-a", "1"), path=f"/{i}?q") for i in range(3)]
        await eventually(lambda: len(service.exchanges) == 3)
        exchange = service.exchanges[0]
        assert (exchange.method, exchange.url, exchange.body) == ("GET", "https://a.test/0?q", None)
        assert exchange.headers == "Host: a.test\r\nx-a: 1\r\n"
        assert exchange.cf.startswith('{"clientIp":"127.0.0.1:')
        for each in reversed(service.exchanges):
            each.respond(200, "", "X-B: 2\r\nConnection: close\r\nTransfer-Encoding: x\r\n", each.url.encode())
        for i, stream in enumerate(streams):
            headers, body = await client.response(stream)
            assert headers == {":status": "200", "content-length": str(len(body)), "x-b": "2"}
            assert body == f"https://a.test/{i}?q".encode()


@looped
async def test_bodies_both_ways() -> None:
    service = Service(lambda exchange: exchange.respond(200, "", "", exchange.body))
    async with Setup(service) as client:
        stream = client.request(method="POST", end=False)
        sent = b""
        for size in (1, 1000, 16000, 16384):
            part = bytes(i & 255 for i in range(size))
            client.h2.send_data(stream, part)
            sent += part
        client.h2.end_stream(stream)
        client.flush()
        headers, body = await client.response(stream)
        assert headers == {":status": "200"}
        assert body == sent


@looped
async def test_a_large_answer_waits_for_the_client() -> None:
    service = Service(wait)
    async with Setup(service) as client:
        client.acknowledge = False
        stream = client.request()
        await eventually(lambda: service.exchanges)
        body = pipe()
        service.exchanges[0].respond(200, "", "", body)
        left = 3_000_000

        def more() -> None:
            nonlocal left
            while left > 0:
                left -= 50_000
                if not body.write(b"x" * 50_000):
                    return
            body.close()

        body.set_on_drain(more)
        more()
        await eventually(lambda: len(client.body(stream)) == 65535)
        await asyncio.sleep(0.05)
        assert len(client.body(stream)) == 65535
        assert left > 2_500_000
        client.acknowledge = True
        client.h2.increment_flow_control_window(10_000_000)
        client.h2.increment_flow_control_window(10_000_000, stream)
        client.flush()
        _, got = await client.response(stream)
        assert len(got) == 3_000_000
        body.set_on_drain(None)


@looped
async def test_an_upload_waits_for_its_reader() -> None:
    service = Service(wait)
    async with Setup(service) as client:
        stream = client.request(method="POST", end=False)
        await eventually(lambda: service.exchanges)
        body = service.exchanges[0].body
        left = 2_000_000

        async def send() -> None:
            nonlocal left
            while left:
                room = min(client.h2.local_flow_control_window(stream), 16384, left)
                if room:
                    client.h2.send_data(stream, b"x" * room, end_stream=room == left)
                    left -= room
                    client.flush()
                await asyncio.sleep(0)

        sending = asyncio.ensure_future(send())
        await asyncio.sleep(0.1)
        assert body.queued <= 300_000
        assert left > 1_500_000
        got = 0
        while got < 2_000_000:
            got += len(read_all(body))
            await asyncio.sleep(0.001)
        await sending
        service.exchanges[0].respond(200, "", "", b"ok")
        assert (await client.response(stream))[1] == b"ok"


@looped
async def test_head_and_statuses_without_body() -> None:
    answers: list[tuple[Any, ...]] = [
        (200, "", "", b"hello"),
        (204, "", "", None),
        (304, "", "", b"x"),
        (200, "", "", None),
    ]
    service = Service(lambda exchange: exchange.respond(*answers.pop(0)))
    async with Setup(service) as client:
        assert await client.response(client.request(method="HEAD")) == ({":status": "200", "content-length": "5"}, b"")
        assert await client.response(client.request()) == ({":status": "204"}, b"")
        assert await client.response(client.request()) == ({":status": "304"}, b"")
        assert await client.response(client.request()) == ({":status": "200", "content-length": "0"}, b"")


@looped
async def test_failures() -> None:
    service = Service(lambda exchange: exchange.fail("Error", "secret"))
    async with Setup(service) as client:
        headers, body = await client.response(client.request())
        assert (headers[":status"], body) == ("500", b"Internal Server Error")
        headers, body = await client.response(client.request(path="/" + "x" * 70_000))
        assert headers[":status"] == "414"


@looped
async def test_a_body_that_fails_resets_its_stream_only() -> None:
    service = Service(wait)
    async with Setup(service) as client:
        first, second = client.request(), client.request()
        await eventually(lambda: len(service.exchanges) == 2)
        body = pipe()
        service.exchanges[0].respond(200, "", "", body)
        body.write(b"abc")
        body.abort("boom")
        await eventually(lambda: client.of(first, h2.events.StreamReset))
        service.exchanges[1].respond(200, "", "", b"fine")
        assert (await client.response(second))[1] == b"fine"


@looped
async def test_a_reset_cancels_the_request() -> None:
    service = Service(wait)
    async with Setup(service) as client:
        stream = client.request(method="POST", end=False)
        await eventually(lambda: service.exchanges)
        client.h2.reset_stream(stream)
        client.flush()
        await eventually(lambda: service.exchanges[0].cancelled)
        with pytest.raises(ConnectionError, match="Network connection lost"):
            service.exchanges[0].body.try_read(1)


@looped
async def test_an_answer_before_the_body_is_there() -> None:
    service = Service()
    setup = Setup(service)
    async with setup as client:
        stream = client.request(method="POST", end=False)
        assert (await client.response(stream))[1] == b"hello"
        with pytest.raises(ConnectionError):
            service.exchanges[0].body.try_read(1)
        for _ in range(40):  # more than the window: it is taken, and dropped
            while client.h2.local_flow_control_window(stream) < 16384:
                await asyncio.sleep(0.001)
            client.h2.send_data(stream, b"x" * 16384)
            client.flush()
        (connection,) = setup.listener._connections
        connection.check_timeout(time.monotonic() + 1, 0)
        await asyncio.sleep(0.02)
        assert not client.of(stream, h2.events.StreamReset)
        connection.check_timeout(time.monotonic() + 3, 0)
        await eventually(lambda: client.of(stream, h2.events.StreamReset))


@looped
async def test_a_client_that_only_resets_is_sent_away() -> None:
    service = Service(wait)
    async with Setup(service) as client:
        for _ in range(1100):
            stream = client.request()
            client.h2.reset_stream(stream)
        client.flush()
        await eventually(lambda: client.ended)
        assert any(isinstance(e, h2.events.ConnectionTerminated) for e in client.events)


@looped
async def test_nonsense_ends_the_connection() -> None:
    async with Setup(Service()) as client:
        client.writer.write(b"\0\0\1\xff\0\0\0\0\0x" + b"\xff" * 20_000)
        await eventually(lambda: client.ended)


@looped
async def test_options_apply() -> None:
    service = Service()
    setup = Setup(
        service,
        forwarded_proto_header="X-Proto",
        cf_blob_header="CF-Blob",
        inject_request_headers=(HttpHeader("X-In", "1"),),
        inject_response_headers=(HttpHeader("X-Out", "2"),),
    )
    async with setup as client:
        headers, _ = await client.response(client.request(("x-proto", "http"), ("cf-blob", '{"a":1}'), ("y", "z")))
        assert headers["x-out"] == "2"
        exchange = service.exchanges[0]
        assert exchange.url == "http://a.test/"
        assert exchange.cf == '{"a":1}'
        assert exchange.headers == "Host: a.test\r\ny: z\r\nX-In: 1\r\n"


@looped
async def test_draining_finishes_streams() -> None:
    service = Service(wait)
    setup = Setup(service)
    async with setup as client:
        client.request()
        await eventually(lambda: service.exchanges)
        draining = asyncio.ensure_future(setup.listener.drain(5))
        await eventually(lambda: any(isinstance(e, h2.events.ConnectionTerminated) for e in client.events))
        assert not draining.done()
        service.exchanges[0].respond(200, "", "", b"last")
        assert await draining
        await eventually(lambda: client.ended)
        assert b"last" in client.raw
