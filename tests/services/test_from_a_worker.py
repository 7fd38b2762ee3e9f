"""The client side as a Worker sees it: fetch(), bindings, connect(), WebSockets, against servers of this test."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.samples.serving import Sample, serving
from tests.services.peer import Peer, serve
from tests.services.test_websocket import handshake
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, TextMessage

CONFIG = Path(__file__).with_name("worker") / "config.capnp"


class Origin:
    """A server in a thread of its own."""

    def __init__(self) -> None:
        self.port = 0
        self.heads: list[str] = []
        #: Paths whose connections the client ended.
        self.gone: list[str] = []

    async def handle(self, peer: Peer) -> None:
        first = await peer.reader.readuntil(b"\r\n")
        if first.startswith(b"RAW "):
            peer.send(b"you said " + first[4:])
            await peer.writer.drain()
            await peer.closed()
            return
        while True:
            head = first.decode() + (await peer.reader.readuntil(b"\r\n\r\n")).decode()[:-4]
            self.heads.append(head)
            path = head.split()[1]
            if path == "/echo":
                body = bytearray()
                while size := int((await peer.reader.readuntil(b"\r\n"))[:-2], 16):
                    body += (await peer.reader.readexactly(size + 2))[:-2]
                await peer.reader.readexactly(2)
                peer.send(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
                )
            elif path == "/broken":
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                return
            elif path == "/slow":
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
                for _ in range(9):
                    await asyncio.sleep(0.02)
                    peer.send(b"s")
            elif path.startswith(("/silence", "/endless")):
                if path.startswith("/endless"):
                    peer.send(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)
                assert await peer.closed()
                self.gone.append(path)
                return
            elif path == "/away":
                peer.send(b"HTTP/1.1 302 Found\r\nLocation: http://1.1.1.1:81/\r\nContent-Length: 0\r\n\r\n")
            elif path == "/ws":
                peer.send(handshake(head))
                await self._echo_messages(peer)
                return
            else:
                text = path.encode()
                peer.send(b"HTTP/1.1 200 OK\r\nX-Server: test\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
            first = await peer.reader.readuntil(b"\r\n")

    async def _echo_messages(self, peer: Peer) -> None:
        frames = Connection(ConnectionType.SERVER, [])
        while data := await peer.reader.read(4096):
            frames.receive_data(data)
            for event in frames.events():
                if isinstance(event, TextMessage):
                    peer.send(frames.send(TextMessage(data=event.data + "!")))
                elif isinstance(event, CloseConnection):
                    peer.send(frames.send(event.response()))
                    return

    @contextlib.contextmanager
    def running(self) -> Iterator[Origin]:
        ready = threading.Event()
        stop: list[Any] = []

        async def main() -> None:
            ended = asyncio.Event()
            stop.append((asyncio.get_running_loop(), ended))
            async with serve(self.handle) as server:
                self.port = server.port
                ready.set()
                await ended.wait()

        thread = threading.Thread(target=lambda: asyncio.run(main()))
        thread.start()
        assert ready.wait(5)
        try:
            yield self
        finally:
            loop, ended = stop[0]
            loop.call_soon_threadsafe(ended.set)
            thread.join(5)


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with Origin().running() as origin:
        yield origin


@pytest.fixture(scope="module")
def sample(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    log = tmp_path_factory.mktemp("worker") / "stderr"
    with serving(CONFIG, log, f"--external-addr=external=127.0.0.1:{origin.port}") as sample:
        yield sample


def run(sample: Sample, origin: Origin, name: str) -> Any:
    answer = sample.ask(f"/{name}?origin=127.0.0.1:{origin.port}")
    assert answer.status == 200, answer.text
    return json.loads(answer.text)


def test_fetch(sample: Sample, origin: Origin) -> None:
    assert run(sample, origin, "fetch") == {
        "status": 200,
        "url": f"http://127.0.0.1:{origin.port}/hello?x",
        "set": "test",
        "text": "/hello?x",
    }
    assert f"Host: 127.0.0.1:{origin.port}" in origin.heads[-1]


def test_streams_both_ways(sample: Sample, origin: Origin) -> None:
    assert run(sample, origin, "stream") == {"size": 2_000_000}


def test_external(sample: Sample, origin: Origin) -> None:
    assert run(sample, origin, "external") == {"set": "1", "text": "/path"}
    assert "Host: elsewhere" in origin.heads[-1]


def test_errors(sample: Sample, origin: Origin) -> None:
    assert run(sample, origin, "refused") == {"message": "Network connection lost.", "retryable": True}
    assert run(sample, origin, "broken") == {"status": 200, "message": "Network connection lost.", "retryable": True}
    assert run(sample, origin, "public") == "internal error; reference = ID"
    assert "connecting to 1.1.1.1:80 is not allowed" in sample.log
    assert run(sample, origin, "away") == "internal error; reference = ID"
    assert "connecting to 1.1.1.1:81 is not allowed" in sample.log


def test_connect(sample: Sample, origin: Origin) -> None:
    assert run(sample, origin, "connect") == {"text": "you said hello\r\n"}


def test_websocket(sample: Sample, origin: Origin) -> None:
    assert run(sample, origin, "websocket") == {
        "status": 101,
        "seen": ["one!", "two!"],
        "code": 1000,
        "reason": "enough",
    }


def _wait_for(condition: Any) -> None:
    for _ in range(200):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not happen")


def test_requests_given_up_end_their_connections(sample: Sample, origin: Origin) -> None:
    assert run(sample, origin, "abort") == "AbortError"
    _wait_for(lambda: "/silence" in origin.gone)


def test_bodies_nobody_reads_end_their_connections(sample: Sample, origin: Origin) -> None:
    assert run(sample, origin, "cancelled") == 200
    assert run(sample, origin, "unread") == 200
    assert run(sample, origin, "unreadStream") is False
    for name in ("cancelled", "unread", "unreadStream"):
        _wait_for(lambda name=name: f"/endless?{name}" in origin.gone)


def test_bodies_passed_on_outlive_the_handler(sample: Sample, origin: Origin) -> None:
    assert sample.ask(f"/passedOn?origin=127.0.0.1:{origin.port}").body == b"sssssssss"
