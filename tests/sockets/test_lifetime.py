"""How connections end: by the client, by the server, by time."""

from __future__ import annotations

import gc
import time
import weakref

import pytest
from tests.sockets.support import Client, pipe, request, wait


def test_lost_cancels_what_is_under_way() -> None:
    client = Client(wait)
    client.send(request("/", "Content-Length: 10", method="POST"), b"abc")
    cancelled: list[bool] = []
    client.exchange.on_cancel(lambda: cancelled.append(True))
    client.connection.connection_lost(None)
    assert cancelled == [True]
    assert client.lost
    assert client.exchange.body.try_read(10) == b"abc"
    with pytest.raises(ConnectionError, match="Network connection lost"):
        client.exchange.body.try_read(10)
    client.exchange.respond(200, "", "", b"too late")
    assert client.transport.take() == b""


def test_lost_cancels_a_streaming_answer() -> None:
    client = Client(wait)
    client.send(request())
    body = pipe()
    client.exchange.respond(200, "", "", body)
    client.connection.connection_lost(None)
    assert body.cancelled


def test_half_close_still_gets_the_answer() -> None:
    client = Client(wait)
    client.send(request())
    assert client.connection.eof_received() is True
    client.exchange.respond(200, "", "", b"late")
    assert client.transport.take().endswith(b"\r\n\r\nlate")
    assert client.events == ["close"]


def test_half_close_between_requests_closes() -> None:
    client = Client()
    client.send(request())
    assert client.connection.eof_received() is False


@pytest.mark.parametrize("data", [b"GET / HT", b"GET / HTTP/1.1\r\nHost: a"])
def test_half_close_in_a_head_closes(data: bytes) -> None:
    client = Client()
    client.send(data)
    assert client.connection.eof_received() is False
    assert client.service.exchanges == []


def test_half_close_in_a_body_cancels() -> None:
    client = Client(wait)
    client.send(request("/", "Content-Length: 10", method="POST"), b"abc")
    assert client.connection.eof_received() is False
    assert client.exchange.cancelled


def test_shutdown_when_idle_closes_at_once() -> None:
    client = Client()
    client.send(request())
    client.connection.shutdown()
    assert client.events == ["close"]
    fresh = Client()
    fresh.connection.shutdown()
    assert fresh.events == ["close"]


def test_shutdown_finishes_the_request_under_way() -> None:
    client = Client(wait)
    client.send(request())
    client.connection.shutdown()
    assert client.events == []
    client.exchange.respond(200, "", "", b"last")
    assert b"Connection: close\r\n" in client.transport.take()
    assert client.events == ["close"]


def test_shutdown_in_the_middle_of_a_head_takes_the_request() -> None:
    client = Client()
    client.send(request()[:10])
    client.connection.shutdown()
    assert b"Connection: close\r\n" in client.send(request()[10:])
    assert client.events == ["close"]


def test_shutdown_while_an_answer_streams() -> None:
    client = Client(wait)
    client.send(request())
    body = pipe()
    client.exchange.respond(200, "", "", body)
    client.connection.shutdown()
    body.write(b"abc")
    body.close()
    assert client.transport.take().endswith(b"3\r\nabc\r\n0\r\n\r\n")
    assert client.events == ["close"]


def test_idle_timeout() -> None:
    client = Client(idle_timeout=10.0)
    client.send(request())
    now = time.monotonic()
    assert client.connection.idle_since == pytest.approx(now, abs=0.5)
    client.connection.check_timeout(now + 9, 0)
    assert client.events == []
    client.connection.check_timeout(now + 11, 0)
    assert client.events == ["close"]


def test_a_head_that_takes_too_long() -> None:
    client = Client(head_timeout=10.0)
    now = time.monotonic()
    client.send(b"GET / HTTP/1.1\r\n")
    client.connection.check_timeout(now + 9, 0)
    client.send(b"Host: a\r\n")  # a byte now and then does not help
    assert client.events == []
    client.connection.check_timeout(now + 11, 0)
    assert client.transport.take().startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert client.events == ["linger"]


def test_a_body_that_stalls() -> None:
    client = Client(wait, body_timeout=10.0)
    client.send(request("/", "Content-Length: 10", method="POST"), b"abc")
    now = time.monotonic()
    client.connection.check_timeout(now + 9, 0)
    assert client.events == []
    client.connection.check_timeout(now + 11, 0)
    assert client.transport.take().startswith(b"HTTP/1.1 408 ")
    assert client.exchange.cancelled


def test_a_body_that_we_do_not_read_does_not_count_as_stalled() -> None:
    client = Client(wait, body_timeout=10.0)
    client.send(request("/", "Content-Length: 1000000", method="POST"), b"x" * 300_000)
    client.connection.check_timeout(time.monotonic() + 100, 0)
    assert client.events == ["pause"]


def test_a_worker_may_take_its_time() -> None:
    client = Client(wait)
    client.send(request())
    client.connection.check_timeout(time.monotonic() + 100_000, 0)
    assert client.events == []


def test_a_client_that_does_not_take_its_answer() -> None:
    client = Client(wait, body_timeout=10.0)
    client.send(request())
    body = pipe()
    client.exchange.respond(200, "", "", body)
    now = time.monotonic()
    client.connection.check_timeout(now, 5000)
    client.connection.check_timeout(now + 9, 5000)
    client.connection.check_timeout(now + 10, 4000)  # some progress
    client.connection.check_timeout(now + 19, 4000)
    assert client.events == []
    client.connection.check_timeout(now + 21, 4000)
    assert client.events == ["abort"]


def test_lingering_ends() -> None:
    client = Client()
    client.send(b"nonsense\r\n\r\n")
    assert client.events == ["linger"]
    now = time.monotonic()
    client.connection.check_timeout(now + 1, 0)
    assert client.events == ["linger"]
    client.connection.check_timeout(now + 3, 0)
    assert client.events == ["linger", "abort"]


def test_nothing_is_left_after_a_connection() -> None:
    client = Client(wait)
    client.send(request("/", "Content-Length: 10", method="POST"), b"abc")
    client.connection.connection_lost(None)
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None


def test_a_transport_that_is_never_lost_is_collected_too() -> None:
    client = Client(wait)
    client.send(request("/", "Content-Length: 10", method="POST"), b"abc")
    gone = weakref.ref(client)
    client.service.exchanges.clear()
    del client
    gc.collect()
    assert gone() is None


def test_raw_connections() -> None:
    client = Client(wait, cf='{"clientIp":"1.2.3.4:5"}')
    client.connection.start_raw("db.test:9")
    exchange = client.exchange
    assert (exchange.method, exchange.url, exchange.headers) == ("CONNECT", "db.test:9", "")
    client.send(b"ping")
    assert exchange.body.try_read(100) == b"ping"
    answer = pipe()
    exchange.respond(200, "", "", answer)
    answer.write(b"pong")
    assert client.transport.take() == b"pong"
    client.connection.eof_received()
    assert exchange.body.try_read(100) is None
    answer.close()
    assert client.closed


def test_raw_connection_that_is_refused() -> None:
    client = Client(lambda exchange: exchange.fail("Error", "no"))
    client.connection.start_raw("db.test:9")
    assert client.transport.take() == b""
    assert client.closed
