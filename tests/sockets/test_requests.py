"""What a request looks like to the service."""

from __future__ import annotations

import pytest
from tests.sockets.support import HOST, Client, pipe, read_all, request, wait


def test_request_line_and_headers_arrive_as_sent() -> None:
    client = Client(cf='{"clientIp":"1.2.3.4:5"}')
    client.send(request("/a%20b?c=d", "X-One: 1", "x-one:  two \t", "X-Empty:"))
    exchange = client.exchange
    assert exchange.method == "GET"
    assert exchange.url == "http://a.test/a%20b?c=d"
    assert exchange.headers == "Host: a.test\r\nX-One: 1\r\nx-one: two\r\nX-Empty: \r\n"
    assert exchange.cf == '{"clientIp":"1.2.3.4:5"}'
    assert exchange.body is None
    assert not exchange.wants_websocket


def test_byte_by_byte_makes_the_same_request() -> None:
    client = Client()
    data = request("/path?q", "X-One: 1", method="POST", body=b"abc")
    out = client.send(*(data[i : i + 1] for i in range(len(data))))
    assert out.startswith(b"HTTP/1.1 200 OK\r\n")
    exchange = client.exchange
    assert exchange.url == "http://a.test/path?q"
    assert exchange.headers == "Host: a.test\r\nX-One: 1\r\nContent-Length: 3\r\n"


def test_latin1_header_values_are_kept() -> None:
    client = Client()
    client.send(b"GET / HTTP/1.1\r\n" + HOST + b"X: \xe9\xff\r\n\r\n")
    assert client.exchange.headers == "Host: a.test\r\nX: éÿ\r\n"


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("http://other.test/x?y", "http://a.test/x?y"),
        ("http://other.test", "http://a.test/"),
        ("http://other.test?q", "http://a.test?q"),
        ("/x#fragment", "http://a.test/x"),
        ("//double", "http://a.test//double"),
    ],
)
def test_the_authority_is_the_host_headers(target: str, url: str) -> None:
    client = Client()
    client.send(request(target))
    assert client.exchange.url == url


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PURGE", "QUERY"]
)
def test_methods(method: str) -> None:
    client = Client()
    client.send(request("/", method=method))
    assert client.exchange.method == method


def test_body_in_the_same_read_is_complete() -> None:
    client = Client()
    client.send(request("/", method="POST", body=b"abcdef"))
    assert client.exchange.body == b"abcdef"


def test_empty_body_is_not_no_body() -> None:
    client = Client()
    client.send(request("/", "Content-Length: 0", method="POST"))
    assert client.exchange.body == b""


def test_chunked_body_in_one_read_is_joined() -> None:
    client = Client()
    client.send(
        request("/", "Transfer-Encoding: chunked", method="POST")
        + b'3;ext=1;q="a b"\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: dropped\r\nHost: b.test\r\n\r\n'
        + request("/next")
    )
    first, second = client.service.exchanges
    assert first.body == b"abcde"
    assert "Trailer" not in first.headers
    assert "b.test" not in first.headers
    assert second.url == "http://a.test/next"


def test_body_that_comes_later_is_a_stream_of_known_length() -> None:
    client = Client(wait)
    client.send(request("/", "Content-Length: 6", method="POST"), b"ab", b"cdef")
    body = client.exchange.body
    assert body.length == 6
    assert read_all(body) == b"abcdef"
    assert body.try_read(1) is None


def test_chunked_body_that_comes_later() -> None:
    client = Client(wait)
    client.send(request("/", "Transfer-Encoding: chunked", method="POST"), b"3\r\nab", b"c\r\n1\r\nd\r\n0\r\n", b"\r\n")
    body = client.exchange.body
    assert body.length == -1
    assert read_all(body) == b"abcd"
    assert body.try_read(1) is None


def test_pipelined_requests_are_taken_one_at_a_time() -> None:
    client = Client(wait)
    assert client.send(request("/1") + request("/2") + request("/3")) == b""
    assert [e.url for e in client.service.exchanges] == ["http://a.test/1"]
    client.service.exchanges[0].respond(200, "", "", b"one")
    assert [e.url for e in client.service.exchanges] == ["http://a.test/1", "http://a.test/2"]
    client.service.exchanges[1].respond(200, "", "", b"two")
    client.service.exchanges[2].respond(200, "", "", b"three")
    out = client.transport.take()
    assert out.index(b"one") < out.index(b"two") < out.index(b"three")
    assert out.count(b"HTTP/1.1 200 OK\r\n") == 3


def test_pipelining_is_bounded() -> None:
    client = Client(wait)
    many = request("/more", "X: " + "y" * 1000) * 100
    client.send(request("/first") + many)
    assert client.events == ["pause"]
    client.service.answer = lambda exchange: exchange.respond(200, "", "", b"x")
    client.service.exchanges[0].respond(200, "", "", b"x")
    assert client.events == ["pause", "resume"]
    assert len(client.service.exchanges) == 101
    assert client.transport.take().count(b"HTTP/1.1 200 OK") == 101


def test_empty_lines_before_a_request_are_skipped() -> None:
    client = Client()
    assert client.send(b"\r\n\r\n" + request("/")).startswith(b"HTTP/1.1 200 OK\r\n")


def test_expect_continue_is_sent_when_the_body_is_wanted() -> None:
    client = Client(wait)
    head = request("/", "Content-Length: 3", "Expect: 100-continue", method="POST")
    assert client.send(head) == b""
    body = client.exchange.body
    body.set_on_readable(lambda: None)
    assert client.transport.take() == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(b"abc")
    assert read_all(body) == b"abc"
    client.exchange.respond(200, "", "", b"ok")
    assert client.transport.take() == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    assert not client.closed


def test_expect_continue_is_not_sent_when_the_answer_needs_no_body() -> None:
    client = Client()
    out = client.send(request("/", "Content-Length: 3", "Expect: 100-continue", method="POST"))
    assert b"100 Continue" not in out
    assert b"Connection: close\r\n" in out
    assert client.events[-1] == "linger"


def test_expect_continue_for_an_echo() -> None:
    client = Client(lambda exchange: exchange.respond(200, "", "", exchange.body))
    out = client.send(request("/", "Content-Length: 3", "Expect: 100-continue", method="POST"), b"abc")
    assert out == b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"


def test_connect_is_a_tunnel() -> None:
    client = Client(wait)
    client.send(b"CONNECT db.test:5432 HTTP/1.1\r\nRemote-Address: forged\r\n" + HOST + b"\r\nearly")
    exchange = client.exchange
    assert (exchange.method, exchange.url) == ("CONNECT", "db.test:5432")
    assert exchange.headers == "Host: a.test\r\n"
    answer = pipe()
    exchange.respond(200, "", "", answer)
    assert client.transport.take() == b"HTTP/1.1 200 OK\r\n\r\n"
    client.send(b"GET / HTTP/9.9 is not parsed\r\n")
    assert read_all(exchange.body) == b"earlyGET / HTTP/9.9 is not parsed\r\n"
    answer.write(b"raw")
    assert client.transport.take() == b"raw"
    answer.close()
    assert client.closed
