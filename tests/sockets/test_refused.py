"""Requests that must not be taken: what could be read in two ways gets an error, and the connection ends."""

from __future__ import annotations

import pytest
from tests.sockets.support import HOST, Client, pipe, read_all, request, wait

POST = b"POST / HTTP/1.1\r\n" + HOST


@pytest.mark.parametrize(
    ("data", "status", "text"),
    [
        (POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400, "invalid content-length parsed"),
        (POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, "invalid content-length parsed"),
        (POST + b"Content-Length: 3, 3\r\n\r\nabc", 400, "invalid content-length parsed"),
        (POST + b"Content-Length: +3\r\n\r\nabc", 400, "invalid content-length parsed"),
        (POST + b"Content-Length: 0x3\r\n\r\nabc", 400, "invalid content-length parsed"),
        (POST + b"Content-Length: 99999999999999999999\r\n\r\n", 400, "invalid content-length parsed"),
        (POST + b"Content-Length:\r\n\r\n", 400, None),
        (
            POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "invalid transfer-encoding parsed",
        ),
        (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400, None),
        (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, None),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, "unsupported transfer-encoding"),
        (POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400, None),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 9\r\n\r\n", 400, None),
        (POST + b"Transfer-Encoding: identity\r\n\r\n", 501, None),
        (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501, None),
        (POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, None),
        (POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400, "invalid HTTP header parsed"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "invalid chunk size parsed"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400, "invalid chunk size parsed"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n", 400, None),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n", 400, None),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400, None),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400, None),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X : y\r\n\r\n", 400, "invalid HTTP header parsed"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n folded\r\n\r\n", 400, "invalid HTTP header parsed"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\nY: b\r\n\r\n", 400, "invalid HTTP header parsed"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\rb\r\n\r\n", 400, "invalid HTTP header parsed"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", 400, "invalid HTTP header parsed"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: \x01\r\n\r\n", 400, "invalid HTTP header parsed"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X\x80: y\r\n\r\n", 400, "invalid HTTP header parsed"),
        (b"GET / HTTP/1.1\r\n" + HOST + b": y\r\n\r\n", 400, "invalid HTTP header parsed"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"no colon\r\n\r\n", 400, "invalid HTTP header parsed"),
        (b"GET / HTTP/1.1\n" + HOST + b"\r\n", 400, None),
        (b"GET / HTTP/3.1\r\n\r\n", 400, "invalid HTTP version parsed"),
        (b"GET / HTTP/0.9\r\n\r\n", 400, "invalid HTTP version parsed"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "invalid HTTP version parsed"),
        (b"GET /\xe9 HTTP/1.1\r\n" + HOST + b"\r\n", 400, "invalid URI"),
        (b"GET /a\x7f HTTP/1.1\r\n" + HOST + b"\r\n", 400, "invalid URI"),
        (b"hello there\r\n\r\n", 400, "invalid HTTP method parsed"),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400, "invalid HTTP method parsed"),
        (b"FOO / HTTP/1.1\r\n" + HOST + b"\r\n", 501, "ERROR: Unrecognized request method."),
    ],
)
def test_refused_and_closed(data: bytes, status: int, text: str | None) -> None:
    client = Client(wait)
    out = client.send(data)
    assert out.startswith(f"HTTP/1.1 {status} ".encode()), out
    assert b"Connection: close\r\n" in out
    assert out.count(b"HTTP/1.1") == 1
    if text is not None:
        assert out.endswith(b"\r\n\r\n" + text.encode())
    assert client.events == ["linger"]
    # Whatever comes afterwards is not looked at.
    assert client.send(request("/next")) == b""
    assert all(e.url != "http://a.test/next" for e in client.service.exchanges)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "Host:",
        "Host: a b",
        "Host: a/b",
        "Host: a?b",
        "Host: u@a",
        "Host: a\r\nHost: b",
        "Host: a\\b",
        "Host: a\xffb",
        "Host: a\r\nX-Proto: https://b",
    ],
)
def test_host_must_be_there_once_and_be_one(host: str) -> None:
    client = Client(forwarded_proto_header="X-Proto")
    line = f"{host}\r\n" if host else ""
    out = client.send(f"GET / HTTP/1.1\r\n{line}\r\n".encode("latin-1"))
    assert out == b"HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\n\r\nBad Request"
    assert client.service.exchanges == []
    assert client.send(request("/")).startswith(b"HTTP/1.1 200 OK\r\n")


def test_broken_chunks_after_the_request_was_taken() -> None:
    client = Client(wait)
    client.send(request("/", "Transfer-Encoding: chunked", method="POST"), b"3\r\nabc\r\n")
    body = client.exchange.body
    assert read_all(body) == b"abc"
    out = client.send(b"oops\r\n")
    assert out.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert client.exchange.cancelled
    with pytest.raises(ConnectionError):
        body.try_read(10)


def test_broken_chunks_after_the_answer_was_begun() -> None:
    client = Client(wait)
    client.send(request("/", "Transfer-Encoding: chunked", method="POST"), b"3\r\nabc\r\n")
    answer = pipe()
    client.exchange.respond(200, "", "", answer)
    out = client.send(b"oops\r\n")
    assert b"400" not in out
    assert client.closed
    assert answer.cancelled


def test_url_limit() -> None:
    client = Client(max_url=100)
    assert client.send(request("/" + "a" * 99)).startswith(b"HTTP/1.1 200 OK")
    out = client.send(request("/" + "a" * 100))
    assert out.startswith(b"HTTP/1.1 414 URI Too Long\r\nContent-Type: text/plain\r\nConnection: close\r\n")


@pytest.mark.parametrize(
    "headers", [["X: " + "a" * 1000], ["a" * 1000 + ": x"], [f"x{i}: 1234567890" for i in range(60)]]
)
def test_header_bytes_limit(headers: list[str]) -> None:
    client = Client(max_head=900)
    out = client.send(request("/", *headers))
    assert out.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert out.endswith(b"message head is too large")
    assert client.events == ["linger"]


def test_header_count_limit() -> None:
    client = Client(max_headers=10)
    assert client.send(request("/", *[f"x{i}: 1" for i in range(9)])).startswith(b"HTTP/1.1 200 OK")
    assert client.send(request("/", *[f"x{i}: 1" for i in range(10)])).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "filler",
    [b"1;" + b"x" * 70000 + b"\r\n", b"0\r\n" + b"X: " + b"y" * 70000 + b"\r\n", b"0\r\n" + b"X: y\r\n" * 20000],
)
def test_extensions_and_trailers_are_bounded(filler: bytes) -> None:
    client = Client(wait)
    out = client.send(request("/", "Transfer-Encoding: chunked", method="POST"), filler)
    assert out.startswith(b"HTTP/1.1 400 ")


def test_limits_hold_for_a_head_that_trickles_in() -> None:
    client = Client(max_head=1000)
    out = client.send(b"GET / HTTP/1.1\r\n" + HOST, *([b"X: 0123456789012345678901234567890123456789\r\n"] * 30))
    assert out.startswith(b"HTTP/1.1 431 ")
