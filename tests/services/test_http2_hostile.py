"""The HTTP/2 client against servers that flood, lie and break the protocol: raw frames."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterator

import pytest
from hpack import Encoder
from tests.services.asking import FailedError, fetch
from tests.services.certificates import server_tls, trusting
from tests.services.looped import looped
from tests.services.peer import Peer, serve

from workerd.config.model import Network
from workerd.services.network import NetworkService
from workerd.sockets.client import http2

LOST = "Network connection lost."
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
OK = [(":status", "200")]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def head(fields: list[tuple[str, str]], flags: int = 0, encoder: Encoder | None = None) -> bytes:
    return frame(HEADERS, END_HEADERS | flags, 1, (encoder or Encoder()).encode(fields))


def number(value: int) -> bytes:
    return struct.pack(">I", value)


async def ask(frames: Iterator[bytes], most: int) -> tuple[str, int]:
    """What comes of a request to a server that says `frames`, and how many bytes of them it got rid of."""
    sent = 0

    async def handler(peer: Peer) -> None:
        nonlocal sent
        peer.send(frame(SETTINGS, 0, 0))
        await asyncio.sleep(0.02)
        for data in frames:
            peer.send(data)
            sent += len(data)
            await peer.writer.drain()
            await asyncio.sleep(0)
            if sent > most:
                break
        await peer.closed()

    net = NetworkService(Network(("private",), (), trusting()))
    try:
        async with serve(handler, server_tls(alpn=("h2", "http/1.1"))) as server:
            try:
                response = await fetch(net, "GET", f"https://127.0.0.1:{server.port}")
                return f"{response.status} {(await response.read()).decode()}", sent
            except FailedError as error:
                return error.message, sent
            except ConnectionError as error:
                return f"body: {error}", sent
    finally:
        net.close()


def forever(data: bytes, first: bytes = b"") -> Callable[[], Iterator[bytes]]:
    def frames() -> Iterator[bytes]:
        yield first
        while True:
            yield data * 100

    return frames


def early_hints() -> Iterator[bytes]:
    encoder = Encoder()
    while True:
        yield b"".join(head([(":status", "103"), ("link", "x")], encoder=encoder) for _ in range(50))


def headers_without_end() -> Iterator[bytes]:
    yield frame(HEADERS, 0, 1, Encoder().encode(OK))
    while True:
        yield frame(CONTINUATION, 0, 1, Encoder().encode([("x-a", "b" * 1000)])) * 20


def header_bomb() -> Iterator[bytes]:
    """A few kilobytes that unpack to 60 MB."""
    encoder = Encoder()
    big = ("x-b", "v" * 3900)
    block = encoder.encode([*OK, big]) + b"".join(encoder.encode([big]) for _ in range(15000))
    yield frame(HEADERS, END_HEADERS, 1, block)


def many_headers() -> Iterator[bytes]:
    block = Encoder().encode([*OK, *((f"x-{place}", "v" * 100) for place in range(20000))])
    yield frame(HEADERS, 0, 1, block[:16000])
    for start in range(16000, len(block), 16000):
        yield frame(CONTINUATION, 0, 1, block[start : start + 16000])


@pytest.mark.parametrize(
    "frames",
    [
        forever(frame(SETTINGS, 0, 0, struct.pack(">HI", 1, 4096))),
        forever(frame(SETTINGS, ACK, 0)),
        forever(frame(PING, 0, 0, b"12345678")),
        forever(frame(PING, ACK, 0, b"12345678")),
        forever(frame(WINDOW_UPDATE, 0, 0, number(1))),
        forever(frame(PRIORITY, 0, 3, number(0) + b"\1")),
        forever(frame(0xFA, 0, 0, b"x")),
        forever(frame(RST_STREAM, 0, 1, number(8))),
        forever(frame(GOAWAY, 0, 0, number(0x7FFFFFFF) + number(0))),
        forever(frame(DATA, 0, 1), head(OK)),
        forever(frame(DATA, PADDED, 1, b"\x10" + b"\0" * 16), head(OK)),
        forever(frame(CONTINUATION, 0, 1), frame(HEADERS, 0, 1, Encoder().encode(OK))),
        early_hints,
        headers_without_end,
        header_bomb,
        many_headers,
    ],
    ids=[
        "settings", "settings-ack", "ping", "ping-ack", "window-update", "priority", "unknown", "rst", "goaway", "empty-data",
        "padding", "empty-continuation", "early-hints", "headers-without-end", "header-bomb", "many-headers",
    ],
)  # fmt: skip
def test_floods_end(frames: Callable[[], Iterator[bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http2, "MAX_IDLE_FRAMES", 2000)

    @looped
    async def run() -> None:
        most = 5_000_000
        outcome, sent = await ask(frames(), most)
        assert outcome in (LOST, f"body: {LOST}")
        assert sent < most

    run()


@pytest.mark.parametrize(
    ("frames", "outcome"),
    [
        (head([(":status", "100")]) + head(OK) + frame(DATA, END_STREAM, 1, b"hi"), "200 hi"),
        (head(OK) + frame(DATA, 0, 1, b"hi") + head([("t", "u")], END_STREAM), "200 hi"),
        (frame(0xA, 0, 0, b"\0\0x") + head(OK) + frame(DATA, END_STREAM, 1, b"hi"), "200 hi"),
        (head([("a", "b")], END_STREAM), LOST),
        (head([(":status", "200"), (":status", "201")], END_STREAM), LOST),
        (head([(":status", "abc")], END_STREAM), LOST),
        (head([(":status", "99")], END_STREAM), LOST),
        (head([(":status", "2000")], END_STREAM), LOST),
        (head([(":status", "101")], END_STREAM), LOST),
        (head([*OK, ("X-Upper", "b")], END_STREAM), LOST),
        (head([*OK, ("connection", "close")], END_STREAM), LOST),
        (head([*OK, ("a", "b\r\nc: d")], END_STREAM), LOST),
        (head([*OK, ("a", "b\0c")], END_STREAM), LOST),
        (head([*OK, ("a b", "c")], END_STREAM), LOST),
        (head([*OK, ("", "c")], END_STREAM), LOST),
        (head([("a", "b"), *OK], END_STREAM), LOST),
        (head([*OK, (":path", "/")], END_STREAM), LOST),
        (head([*OK, ("content-length", "10")]) + frame(DATA, END_STREAM, 1, b"hi"), LOST),
        (head([*OK, ("content-length", "1")]) + frame(DATA, END_STREAM, 1, b"hi"), LOST),
        (frame(DATA, END_STREAM, 1, b"hi"), LOST),
        (frame(DATA, END_STREAM, 0, b"hi"), LOST),
        (frame(HEADERS, END_HEADERS, 2, Encoder().encode(OK)), LOST),
        (frame(HEADERS, END_HEADERS, 1, b"\xff" * 6), LOST),
        (frame(PUSH_PROMISE, END_HEADERS, 1, number(2) + Encoder().encode([(":method", "GET")])), LOST),
        (frame(WINDOW_UPDATE, 0, 0, number(0)), LOST),
        (frame(WINDOW_UPDATE, 0, 1, number(0x7FFFFFFF)) * 2, LOST),
        (frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 0xFFFFFFFF)), LOST),
        (frame(SETTINGS, 0, 0, struct.pack(">HI", 5, 100)), LOST),
        (frame(GOAWAY, 0, 0, number(1) + number(2)), LOST),
    ],
)
def test_frames_that_make_sense_and_such_that_do_not(frames: bytes, outcome: str) -> None:
    @looped
    async def run() -> None:
        assert (await ask(iter([frames]), 1 << 20))[0] == outcome

    run()


def test_more_than_the_window_allows() -> None:
    """A server that ignores flow control is cut off, however slowly the body is read."""

    async def handler(peer: Peer) -> None:
        peer.send(frame(SETTINGS, 0, 0))
        await asyncio.sleep(0.02)
        peer.send(head(OK))
        for _ in range(200):
            peer.send(frame(DATA, 0, 1, b"x" * 16000))
        await peer.closed()

    @looped
    async def run() -> None:
        net = NetworkService(Network(("private",), (), trusting()))
        async with serve(handler, server_tls(alpn=("h2", "http/1.1"))) as server:
            response = await fetch(net, "GET", f"https://127.0.0.1:{server.port}")
            await asyncio.sleep(0.2)
            with pytest.raises(ConnectionError, match=LOST):
                await response.read()
        net.close()

    run()
