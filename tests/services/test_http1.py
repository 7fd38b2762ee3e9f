"""The HTTP/1.1 client against servers that behave, misbehave and dawdle."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time

import pytest
from tests.services.asking import Exchange, FailedError, fetch
from tests.services.looped import looped
from tests.services.peer import Handler, Peer, answer, serve

from workerd.config.model import Network
from workerd.services import pipes
from workerd.services.contract import Pipe
from workerd.services.network import NetworkService
from workerd.sockets.client import http1

LOST = "Network connection lost."


@pytest.fixture
def net() -> NetworkService:
    return NetworkService(Network(("private",)))


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("says", "status", "text", "body"),
    [
        (OK, 200, "OK", b"ok"),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", 200, "", b"ok"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200, "OK", b"ok"),
        (b"HTTP/1.1 404 Nope\r\nContent-Length: 0\r\n\r\n", 404, "Nope", b""),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", 200, "OK", b"to the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", 200, "OK", b"old"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3;x=y\r\n...\r\n0\r\nT: 1\r\n\r\n",
            200,
            "OK",
            b"ok...",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            200,
            "OK",
            b"ok",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK, 200, "OK", b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, "No Content", b""),
        (b"HTTP/1.1 304 NM\r\nContent-Length: 20\r\n\r\n", 304, "NM", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: y\r\ncontent-length: 2\r\n\r\nok", 200, "OK", b"ok"),
        (b"HTTP/1.1 103 E\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", 200, "OK", b"ok"),
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", 999, "Odd", b""),
    ],
)
def test_responses(net: NetworkService, says: bytes, status: int, text: str, body: bytes) -> None:
    @looped
    async def run() -> None:
        async with serve(answer(says)) as server:
            response = await fetch(net, "GET", server.url + "/x")
            assert (response.status, response.status_text) == (status, text)
            assert "link" not in response.headers
            assert await response.read() == body

    run()


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize(
    "says",
    [
        OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\nX: y\r\n\r\nok",
    ],
)
def test_responses_that_come_in_bits(net: NetworkService, says: bytes, size: int) -> None:
    async def handler(peer: Peer) -> None:
        await peer.head()
        for start in range(0, len(says), size):
            peer.send(says[start : start + size])
            await asyncio.sleep(0.001)

    @looped
    async def run() -> None:
        async with serve(handler) as server:
            response = await fetch(net, "GET", server.url)
            assert (response.status_text, await response.read()) == ("OK", b"ok")

    run()


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nConte",
        b"FOO BAR\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nokk",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, x\r\n\r\nokk",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\nContent-Length: 3\r\n",
        b"HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nFoo Bar: 2\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk",
        b"HTTP/1.1 200 OK\r\nContent-Length: zz\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nok",
        b"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: foo\r\nConnection: upgrade\r\n\r\nok",
        b"HTTP/1.1 101 Switching\r\nUpgrade: foo\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
    ],
)
def test_no_response_at_all(net: NetworkService, says: bytes) -> None:
    @looped
    async def run() -> None:
        async with serve(answer(says)) as server:
            with pytest.raises(FailedError) as caught:
                await fetch(net, "GET", server.url)
            assert (caught.value.name, caught.value.message) == ("Error", LOST)

    run()


def _in_pieces(*pieces: bytes) -> Handler:
    async def handler(peer: Peer) -> None:
        await peer.head()
        for piece in pieces:
            peer.send(piece)
            await asyncio.sleep(0.005)

    return handler


@pytest.mark.parametrize("body", [b"\n x", b"\n\tx", b" \n "])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_bodies_may_have_lines_that_begin_with_space(net: NetworkService, body: bytes, end: bytes) -> None:
    @looped
    async def run() -> None:
        head = end.join([b"HTTP/1.1 200 OK", b"X: a", b"Content-Length: %d" % len(body), b"", b""])
        # The last piece begins within the end of the head.
        pieces = [_in_pieces(head[:-cut], head[-cut:] + body) for cut in range(1, 5)]
        for handler in (answer(head + body), _in_pieces(head, body), *pieces):
            async with serve(handler) as server:
                assert await (await fetch(net, "GET", server.url)).read() == body

    run()


def test_a_folded_header_in_two_pieces(net: NetworkService) -> None:
    @looped
    async def run() -> None:
        handler = _in_pieces(b"HTTP/1.1 200 OK\r\nX: a\r\n", b" b\r\nContent-Length: 0\r\n\r\n")
        async with serve(handler) as server:
            with pytest.raises(FailedError):
                await fetch(net, "GET", server.url)

    run()


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    "says",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nZZ\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nfffffffffffffffff\r\n",
    ],
)
def test_bodies_that_break_off(net: NetworkService, says: bytes, at_once: bool) -> None:
    @looped
    async def run() -> None:
        head, rest = says.split(b"\r\n\r\n", 1)

        async def handler(peer: Peer) -> None:
            await peer.head()
            if at_once:
                peer.send(says)
                return
            peer.send(head + b"\r\n\r\n")
            await asyncio.sleep(0.02)
            peer.send(rest[:4])
            await asyncio.sleep(0.02)
            peer.send(rest[4:])

        async with serve(handler) as server:
            response = await fetch(net, "GET", server.url)
            assert response.status == 200
            with pytest.raises(Exception, match=LOST):
                await response.read()

    run()


@looped
async def test_reset_in_the_middle() -> None:
    net = NetworkService(Network(("private",)))

    async def handler(peer: Peer) -> None:
        await peer.head()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\nnot the end")
        await asyncio.sleep(0.05)
        sock = peer.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.writer.transport.abort()

    async with serve(handler) as server:
        response = await fetch(net, "GET", server.url)
        with pytest.raises(Exception, match=LOST):
            await response.read()


@looped
async def test_a_head_without_end_is_bounded() -> None:
    net = NetworkService(Network(("private",)))
    sent = 0

    async def handler(peer: Peer) -> None:
        nonlocal sent
        await peer.head()
        peer.send(b"HTTP/1.1 200 OK\r\n")
        while sent < 20 * http1.MAX_HEAD:
            peer.send(b"X-Long: " + b"a" * 10000 + b"\r\n")
            sent += 10010
            await peer.writer.drain()

    async with serve(handler) as server:
        with pytest.raises(FailedError, match=LOST):
            await fetch(net, "GET", server.url)
    assert sent < 10 * http1.MAX_HEAD


@looped
async def test_large_heads_within_the_bound_pass() -> None:
    net = NetworkService(Network(("private",)))
    many = b"".join(b"X-%d: %s\r\n" % (number, b"v" * 60) for number in range(3000))
    async with serve(answer(b"HTTP/1.1 200 OK\r\n" + many + b"Content-Length: 0\r\n\r\n")) as server:
        response = await fetch(net, "GET", server.url)
        assert response.headers["x-2999"] == "v" * 60
        assert len(response.headers) == 3001


@looped
async def test_header_bytes_pass_unchanged() -> None:
    net = NetworkService(Network(("private",)))
    says = b"HTTP/1.1 200 OK\r\nX-A: caf\xe9\x01\x7f\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 0\r\n\r\n"
    async with serve(answer(says)) as server:
        response = await fetch(net, "GET", server.url)
        assert response.raw_headers == "X-A: caf\xe9\x01\x7f\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 0\r\n"


# ---- requests


async def _sent(method: str, headers: str = "", body: object = None) -> tuple[str, bytes]:
    """Head and content, as they are on the wire."""
    net = NetworkService(Network(("private",)))
    content = b""
    heads = []

    async def handler(peer: Peer) -> None:
        nonlocal content
        head = await peer.head()
        heads.append(head)
        if "Content-Length: " in head:
            content = await peer.reader.readexactly(int(head.split("Content-Length: ")[1].split("\r\n")[0]))
        elif "chunked" in head:
            content = await peer.reader.readuntil(b"0\r\n\r\n")
        peer.send(OK)

    async with serve(handler) as server:
        await fetch(net, method, server.url + "/p?q", headers, body)
        return heads[0].replace(str(server.port), "PORT"), content


@pytest.mark.parametrize(
    ("method", "body", "framing", "content"),
    [
        ("GET", None, "", b""),
        ("HEAD", None, "", b""),
        ("POST", None, "Content-Length: 0\r\n", b""),
        ("DELETE", None, "Content-Length: 0\r\n", b""),
        ("OPTIONS", None, "Content-Length: 0\r\n", b""),
        ("POST", b"hello", "Content-Length: 5\r\n", b"hello"),
        ("PUT", b"", "Content-Length: 0\r\n", b""),
        ("POST", b"x" * 100_000, "Content-Length: 100000\r\n", b"x" * 100_000),
    ],
)
def test_framing(method: str, body: bytes | None, framing: str, content: bytes) -> None:
    @looped
    async def run() -> None:
        head, got = await _sent(method, "X-A: 1\r\nContent-Length: 77\r\nHost: evil\r\nConnection: close\r\n", body)
        assert head + "\r\n" == f"{method} /p?q HTTP/1.1\r\n{framing}Host: 127.0.0.1:PORT\r\nX-A: 1\r\n"
        assert got == content

    run()


def _finish(pipe: Pipe) -> None:
    pipe.write(b"two")
    pipe.close()


@looped
async def test_streamed_bodies() -> None:
    unknown = pipes.new_pipe()
    unknown.write(b"one")
    asyncio.get_running_loop().call_later(0.02, _finish, unknown)
    head, content = await _sent("POST", body=unknown)
    assert "Transfer-Encoding: chunked" in head
    assert content == b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"

    known = pipes.new_pipe(6)
    known.write(b"one")
    asyncio.get_running_loop().call_later(0.02, _finish, known)
    head, content = await _sent("PUT", body=known)
    assert "Content-Length: 6" in head
    assert content == b"onetwo"


@pytest.mark.parametrize("end", ["short", "long", "abort"])
def test_bodies_that_do_not_keep_their_promise(end: str) -> None:
    @looped
    async def run() -> None:
        pipe = pipes.new_pipe(6)
        pipe.write(b"one")
        if end == "short":
            pipe.close()
        elif end == "long":
            pipe.write(b"two and more")
        else:
            pipe.abort("the stream broke")
        net = NetworkService(Network(("private",)))
        got: list[bytes] = []

        async def handler(peer: Peer) -> None:
            await peer.head()
            got.append(await peer.reader.read(-1))

        async with serve(handler) as server:
            with pytest.raises(FailedError, match=LOST):
                await fetch(net, "POST", server.url, "", pipe)
            await asyncio.sleep(0.05)
        # The server cannot take it for a whole request.
        assert len(b"".join(got)) < 6

    run()


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", "A: 1\r\nB\r\n"),
        ("GET", "A: 1\nB: 2\r\n"),
        ("GET /x HTTP/1.1\r\nX:", ""),
        ("", ""),
        ("GET", "\r\n\r\nGET / HTTP/1.1\r\n"),
    ],
)
def test_nothing_that_could_be_two_requests_is_sent(net: NetworkService, method: str, headers: str) -> None:
    @looped
    async def run() -> None:
        async with serve(answer(OK)) as server:
            with pytest.raises(FailedError) as caught:
                await fetch(net, method, server.url, headers)
            assert caught.value.name == "TypeError"
            assert server.connections == 0

    run()


# ---- connections


async def _keep_answering(peer: Peer) -> None:
    while True:
        await peer.head()
        peer.send(OK)


@looped
async def test_connections_are_used_again() -> None:
    net = NetworkService(Network(("private",)))
    async with serve(_keep_answering) as server:
        for _ in range(5):
            assert (await (await fetch(net, "GET", server.url)).read()) == b"ok"
        assert server.connections == 1
        both = await asyncio.gather(fetch(net, "GET", server.url), fetch(net, "GET", server.url))
        assert [response.status for response in both] == [200, 200]
        assert server.connections == 2


@pytest.mark.parametrize(
    "says",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        OK + b"EXTRA",
        OK + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 Forged\r\n",
    ],
)
def test_connections_that_must_not_be_used_again(net: NetworkService, says: bytes) -> None:
    async def handler(peer: Peer) -> None:
        for _ in range(2):
            await peer.head()
            peer.send(says)

    @looped
    async def run() -> None:
        async with serve(handler) as server:
            for _ in range(2):
                response = await fetch(net, "GET", server.url)
                assert response.status_text == "OK"
                assert await response.read() == b"ok"
                await asyncio.sleep(0.01)
            assert server.connections == 2

    run()


@pytest.mark.parametrize("status", [204, 304])
def test_content_after_a_response_without_content(net: NetworkService, status: int) -> None:
    # It comes late: the next request must not take it for its answer.
    handler = _in_pieces(b"HTTP/1.1 %d X\r\nContent-Length: 5\r\n\r\n" % status, b"hello")

    @looped
    async def run() -> None:
        async with serve(handler) as server:
            for method in ("GET", "POST", "OPTIONS"):
                response = await fetch(net, method, server.url)
                assert (response.status, await response.read()) == (status, b"")
            assert server.connections == 3

    run()


@looped
async def test_head_leaves_the_connection_in_order() -> None:
    net = NetworkService(Network(("private",)))

    async def handler(peer: Peer) -> None:
        while True:
            head = await peer.head()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + (b"" if head.startswith("HEAD") else b"ok"))

    async with serve(handler) as server:
        response = await fetch(net, "HEAD", server.url)
        assert response.pipe is None
        assert response.headers["content-length"] == "2"
        assert await (await fetch(net, "GET", server.url)).read() == b"ok"
        assert server.connections == 1


def _closing_on_reuse(heads: list[str]):  # type: ignore[no-untyped-def]
    async def handler(peer: Peer) -> None:
        heads.append(await peer.head())
        peer.send(OK)
        heads.append(await peer.head())  # and no answer to this one

    return handler


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", b"x"), ("DELETE", None)])
def test_a_stale_connection_is_replaced(net: NetworkService, method: str, body: bytes | None) -> None:
    @looped
    async def run() -> None:
        heads: list[str] = []
        async with serve(_closing_on_reuse(heads)) as server:
            assert await (await fetch(net, "GET", server.url)).read() == b"ok"
            assert await (await fetch(net, method, server.url, "", body)).read() == b"ok"
            assert server.connections == 2
            assert [head.split()[0] for head in heads] == ["GET", method, method]

    run()


@looped
async def test_what_may_have_had_an_effect_is_not_repeated() -> None:
    net = NetworkService(Network(("private",)))
    heads: list[str] = []
    async with serve(_closing_on_reuse(heads)) as server:
        await (await fetch(net, "GET", server.url)).read()
        with pytest.raises(FailedError, match=LOST):
            await fetch(net, "POST", server.url, "", b"x")
        assert len(heads) == 2


@pytest.mark.parametrize("streamed", [False, True])
def test_an_end_that_the_loop_has_not_seen_yet_is_seen(net: NetworkService, streamed: bool) -> None:
    heads: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve_twice() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(4096)
                heads.append(head.split()[0])
                connection.sendall(OK)

    thread = threading.Thread(target=serve_twice, daemon=True)
    thread.start()

    @looped
    async def run() -> None:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        await (await fetch(net, "GET", url)).read()
        time.sleep(0.05)  # the loop must not run
        body: bytes | Pipe = b"x"
        if streamed:
            body = pipes.new_pipe()
            body.write(b"x")
            body.close()
        assert await (await fetch(net, "POST", url, "", body)).read() == b"ok"

    with listener:
        run()
        thread.join(5)
    assert heads == [b"GET", b"POST"]


@looped
async def test_one_retry_only() -> None:
    net = NetworkService(Network(("private",)))
    calls = 0

    async def handler(peer: Peer) -> None:
        nonlocal calls
        calls += 1
        await peer.head()
        if calls == 1:
            peer.send(OK)
            await peer.head()

    async with serve(handler) as server:
        await (await fetch(net, "GET", server.url)).read()
        with pytest.raises(FailedError, match=LOST):
            await fetch(net, "GET", server.url)
        assert calls == 2


@looped
async def test_idle_connections_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from workerd.sockets.client import pool

    monkeypatch.setattr(pool, "IDLE_TIMEOUT", 0.1)
    net = NetworkService(Network(("private",)))
    gone = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.head()
        peer.send(OK)
        assert await peer.closed()
        gone.set()

    async with serve(handler) as server:
        await (await fetch(net, "GET", server.url)).read()
        async with asyncio.timeout(2):
            await gone.wait()


# ---- backpressure, cancellation


@looped
async def test_a_slow_reader_slows_the_server() -> None:
    net = NetworkService(Network(("private",)))
    total = 64 * 1024 * 1024
    sent = 0

    async def handler(peer: Peer) -> None:
        nonlocal sent
        await peer.head()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
        while sent < total:
            peer.send(b"z" * 65536)
            sent += 65536
            await peer.writer.drain()

    async with serve(handler) as server:
        response = await fetch(net, "GET", server.url)
        await asyncio.sleep(0.3)
        held = sent
        assert held < 16 * 1024 * 1024
        received = 0
        while chunk := await pipes.read(response.pipe):
            received += len(chunk)
        assert received == total


@looped
async def test_a_slow_server_slows_the_upload() -> None:
    net = NetworkService(Network(("private",)))
    total = 64 * 1024 * 1024
    go_on = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await go_on.wait()
        await peer.reader.readexactly(total)
        peer.send(OK)

    written = 0

    async def produce(pipe: Pipe) -> None:
        nonlocal written
        while written < total:
            written += 65536
            await pipes.write(pipe, b"u" * 65536)
        pipe.close()

    async with serve(handler) as server:
        pipe = pipes.new_pipe(total)
        producer = asyncio.create_task(produce(pipe))
        asked = asyncio.create_task(fetch(net, "POST", server.url, "", pipe))
        await asyncio.sleep(0.3)
        assert written < 16 * 1024 * 1024
        go_on.set()
        assert (await asked).status == 200
        await producer


@looped
async def test_a_reader_that_leaves_ends_the_connection() -> None:
    net = NetworkService(Network(("private",)))
    gone = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.head()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\nsome")
        assert await peer.closed()
        gone.set()

    async with serve(handler) as server:
        response = await fetch(net, "GET", server.url)
        response.pipe.cancel("enough")
        async with asyncio.timeout(2):
            await gone.wait()


@looped
async def test_cancelled_before_the_answer() -> None:
    net = NetworkService(Network(("private",)))
    gone = asyncio.Event()
    asked = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.head()
        asked.set()
        assert await peer.closed()
        gone.set()

    async with serve(handler) as server:
        body = pipes.new_pipe()
        exchange = Exchange(net, "POST", server.url, "", body)
        await asked.wait()
        exchange.cancel()
        async with asyncio.timeout(2):
            await gone.wait()
        assert body.cancelled
        assert not exchange.answer.done()


@looped
async def test_an_early_answer_stops_the_upload() -> None:
    net = NetworkService(Network(("private",)))

    async def handler(peer: Peer) -> None:
        await peer.head()
        peer.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        await peer.reader.read(-1)

    async with serve(handler) as server:
        body = pipes.new_pipe()
        body.write(b"x" * 1000)
        response = await fetch(net, "POST", server.url, "", body)
        assert (response.status, await response.read()) == (413, b"no")
        await asyncio.sleep(0.05)
        assert body.cancelled
        # and the connection with half a request on it is not used again
        assert (await fetch(net, "GET", server.url)).status == 413
        assert server.connections == 2


@looped
async def test_requests_to_a_silent_server_can_be_given_up() -> None:
    net = NetworkService(Network(("private",)))

    async def handler(peer: Peer) -> None:
        await peer.head()
        await asyncio.sleep(30)

    async with serve(handler) as server:
        exchange = Exchange(net, "GET", server.url)
        await asyncio.sleep(0.05)
        net.close()
        with pytest.raises(FailedError):
            await asyncio.wait_for(exchange.answer, 2)
