"""What an answer looks like on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sockets.support import HOST, Client, pipe, request, wait


def answered(*response: Any, path: str = "/", **how: Any) -> tuple[bytes, Client]:
    client = Client(lambda exchange: exchange.respond(*response))
    return client.send(request(path, **how)), client


def test_complete_body() -> None:
    out, client = answered(200, "", "X-One: 1\r\nx-two: 2\r\n", b"hello")
    assert out == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: 1\r\nx-two: 2\r\n\r\nhello"
    assert not client.closed
    assert client.connection.idle


def test_no_body() -> None:
    assert answered(200, "", "")[0] == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("status", "text", "line"),
    [
        (200, "Fine", b"HTTP/1.1 200 Fine"),
        (404, "", b"HTTP/1.1 404 Not Found"),
        (299, "", b"HTTP/1.1 299 Successful"),
        (399, "", b"HTTP/1.1 399 Redirection"),
        (418, "", b"HTTP/1.1 418 I'm a teapot"),
        (499, "", b"HTTP/1.1 499 Client Error"),
        (599, "", b"HTTP/1.1 599 Server Error"),
        (200, "A\r\nInjected: 1", b"HTTP/1.1 200 OK"),
    ],
)
def test_status_lines(status: int, text: str, line: bytes) -> None:
    out, _ = answered(status, text, "", b"x")
    assert out.split(b"\r\n")[0] == line
    assert b"Injected" not in out


def test_framing_headers_are_the_servers() -> None:
    headers = (
        "A: 1\r\nContent-Length: 77\r\ntransfer-encoding: gzip\r\nConnection: close\r\nB: 2\r\nKeep-Alive: 5\r\n"
        "TE: x\r\nTrailer: y\r\nUpgrade: z\r\nC: 3\r\n"
    )
    out, client = answered(200, "", headers, b"hello")
    assert out == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\nhello"
    assert not client.closed


def test_unknown_length_is_chunked_and_small_chunks_go_together() -> None:
    client = Client(wait)
    client.send(request())
    body = pipe()
    for part in (b"one", b"two", b"three"):
        body.write(part)
    client.exchange.respond(200, "", "X: 1\r\n", body)
    body.close()
    out = client.transport.take()
    assert out == b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: 1\r\n\r\nB\r\nonetwothree\r\n0\r\n\r\n"
    assert client.send(request()) == b""
    assert len(client.service.exchanges) == 2


def test_chunks_are_sent_as_they_come() -> None:
    client = Client(wait)
    client.send(request())
    body = pipe()
    client.exchange.respond(200, "", "", body)
    assert client.transport.take() == b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body.write(b"a" * 26)
    assert client.transport.take() == b"1A\r\n" + b"a" * 26 + b"\r\n"
    body.write(b"b" * 10000)
    assert client.transport.take() == b"2710\r\n" + b"b" * 10000 + b"\r\n"
    body.close()
    assert client.transport.take() == b"0\r\n\r\n"
    assert client.connection.idle


def test_large_chunks_are_not_copied() -> None:
    client = Client(wait)
    client.send(request())
    body = pipe()
    client.exchange.respond(200, "", "", body)
    data = b"x" * 50000
    body.write(data)
    assert any(part is data for part in client.transport.written)


def test_known_length_stream() -> None:
    client = Client(wait)
    client.send(request())
    body = pipe(5)
    client.exchange.respond(200, "", "", body)
    body.write(b"hel")
    body.write(b"lo")
    body.close()
    assert client.transport.take() == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    assert client.connection.idle


@pytest.mark.parametrize("parts", [[b"hel"], [b"hello!"], []])
def test_a_stream_that_breaks_its_promise_ends_the_connection(parts: list[bytes]) -> None:
    client = Client(wait)
    client.send(request())
    body = pipe(5)
    client.exchange.respond(200, "", "", body)
    for part in parts:
        body.write(part)
    body.close()
    out = client.transport.take()
    assert len(out.partition(b"\r\n\r\n")[2]) <= 5
    assert client.closed


def test_a_stream_that_fails_ends_the_connection_before_the_framing() -> None:
    client = Client(wait)
    client.send(request())
    body = pipe()
    client.exchange.respond(200, "", "", body)
    body.write(b"abc")
    body.abort("boom")
    out = client.transport.take()
    assert out.endswith(b"3\r\nabc\r\n")
    assert client.closed


def test_head() -> None:
    assert (
        answered(200, "", "A: 1\r\n", b"hello", method="HEAD")[0]
        == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: 1\r\n\r\n"
    )
    assert answered(200, "", "A: 1\r\n", method="HEAD")[0] == b"HTTP/1.1 200 OK\r\nA: 1\r\n\r\n"
    # Only the worker knows what GET would have had.
    out = answered(200, "", "Content-Length: 123\r\n", method="HEAD")[0]
    assert out == b"HTTP/1.1 200 OK\r\nContent-Length: 123\r\n\r\n"
    assert b"Content-Length" not in answered(200, "", "Content-Length: 1\x0b\r\n", method="HEAD")[0]


def test_head_of_a_stream() -> None:
    client = Client(wait)
    client.send(request(method="HEAD"))
    body = pipe()
    client.exchange.respond(200, "", "", body)
    assert client.transport.take() == b"HTTP/1.1 200 OK\r\n\r\n"
    assert body.cancelled
    assert client.connection.idle
    client.send(request(method="HEAD"))
    client.exchange.respond(200, "", "", pipe(9))
    assert client.transport.take() == b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"


@pytest.mark.parametrize(
    ("status", "out"),
    [
        (204, b"HTTP/1.1 204 No Content\r\nA: 1\r\n\r\n"),
        (304, b"HTTP/1.1 304 Not Modified\r\nA: 1\r\n\r\n"),
        (205, b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\nA: 1\r\n\r\n"),
    ],
)
def test_statuses_without_a_body(status: int, out: bytes) -> None:
    assert answered(status, "", "A: 1\r\n", b"must not be sent")[0] == out


@pytest.mark.parametrize("status", [100, 101, 103, 199, 1000, 0, -1])
def test_impossible_statuses(status: int) -> None:
    out, client = answered(status, "", "", b"x")
    assert out.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert client.closed


def test_failure() -> None:
    client = Client(lambda exchange: exchange.fail("Error", "the secret reason"))
    out = client.send(request())
    assert (
        out
        == b"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 21\r\n\r\nInternal Server Error"
    )
    assert client.events == ["close"]


def test_no_answer_is_a_failure() -> None:
    client = Client(wait)
    client.send(request())
    client.service.exchanges.clear()
    client.connection.resume_writing()  # any entry from the loop runs what waits
    assert client.transport.take().startswith(b"HTTP/1.1 500 ")


def test_connection_close() -> None:
    out, client = answered(200, "", "", b"x")
    assert not client.closed
    client = Client()
    out = client.send(request("/", "Connection: close"))
    assert out.endswith(b"Content-Type: text/plain\r\nConnection: close\r\n\r\nhello")
    assert client.events == ["close"]


def test_http_1_0() -> None:
    client = Client()
    out = client.send(request(version="1.0"))
    assert out == b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello"
    assert client.events == ["close"]
    client = Client()
    out = client.send(request("/", "Connection: keep-alive", version="1.0"))
    assert b"Connection: keep-alive\r\n" in out
    assert not client.closed


def test_http_1_0_stream_ends_with_the_connection() -> None:
    client = Client(wait)
    client.send(request("/", "Connection: keep-alive", version="1.0"))
    body = pipe()
    client.exchange.respond(200, "", "", body)
    body.write(b"abc")
    body.close()
    assert client.transport.take() == b"HTTP/1.0 200 OK\r\n\r\nabc"
    assert client.events == ["close"]


def test_an_answer_before_the_body_is_there_closes() -> None:
    client = Client()
    out = client.send(request("/", "Content-Length: 1000000", method="POST"))
    assert b"Connection: close\r\n" in out
    assert client.events == ["linger"]


def test_backpressure_from_the_socket_reaches_the_producer() -> None:
    client = Client(wait)
    client.send(request())
    body = pipe()
    client.exchange.respond(200, "", "", body)
    client.connection.pause_writing()
    assert body.write(b"x" * 70000) is False
    drained: list[bool] = []
    body.set_on_drain(lambda: drained.append(True))
    client.transport.take()
    assert not drained
    client.connection.resume_writing()
    assert drained
    assert len(client.transport.take()) > 70000


def test_a_paused_socket_is_noticed_between_chunks() -> None:
    client = Client(wait)
    client.send(request())
    body = pipe(high_water=1 << 20)
    client.transport.on_write = client.connection.pause_writing
    for _ in range(10):
        body.write(b"x" * 100_000)
    client.exchange.respond(200, "", "", body)
    assert 64 * 1024 <= len(client.transport.take()) <= 300_000
    client.transport.on_write = lambda: None
    client.connection.resume_writing()
    body.close()
    assert client.transport.take().endswith(b"0\r\n\r\n")


def test_backpressure_from_the_reader_reaches_the_socket() -> None:
    client = Client(wait)
    client.send(request("/", "Content-Length: 1000000", method="POST"), b"x" * 300_000)
    assert client.events == ["pause"]
    body = client.exchange.body
    while body.queued:
        body.try_read(100_000)
    assert client.events == ["pause", "resume"]


def test_a_full_pipe_at_the_end_of_a_request_does_not_stop_the_next_one() -> None:
    client = Client(wait)
    client.send(request("/", "Content-Length: 400000", method="POST"), b"x" * 300_000, b"x" * 100_000)
    assert client.events == ["pause"]
    client.exchange.respond(200, "", "", b"did not read it")
    assert client.events == ["pause", "resume"]
    assert b"did not read it" in client.transport.take()
    assert client.connection.idle


def test_a_cancelled_body_is_read_and_dropped() -> None:
    client = Client(wait)
    client.send(request("/", "Content-Length: 1000000", method="POST"), b"x" * 300_000)
    client.exchange.body.cancel("enough")
    assert client.events == ["pause", "resume"]
    client.send(b"x" * 700_000)
    client.exchange.respond(200, "", "", b"done")
    assert client.transport.take().endswith(b"done")
    assert client.connection.idle


def test_response_to_a_request_without_http_headers() -> None:
    client = Client()
    assert client.send(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n").startswith(b"HTTP/1.1 200 OK\r\n")
