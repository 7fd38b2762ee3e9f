"""WebSockets as a server: the handshake's answers, messages, closing, backpressure. A Python listener holds the worker's end."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from tests.sockets.support import Client, Transport, request
from tests.sockets.websocket_support import BINARY, CLOSE, HANDSHAKE, KEY, PING, PONG, TEXT, Socket, close, frame, parse

from workerd.engine.library import load

# ---- the handshake


def test_handshake() -> None:
    socket = Socket(
        response_headers="Sec-WebSocket-Protocol: chat\r\nX: 1\r\nContent-Length: 5\r\nSec-WebSocket-Accept: no\r\n"
    )
    assert socket.handshake == (
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\nX: 1\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("drop", "method", "status", "text"),
    [
        ("Sec-WebSocket-Version: 13", "GET", 426, "ERROR: The requested WebSocket version is not supported."),
        ("Sec-WebSocket-Version: 8", "GET", 426, "ERROR: The requested WebSocket version is not supported."),
        ("Sec-WebSocket-Version: 13, 8", "GET", 426, "ERROR: The requested WebSocket version is not supported."),
        (KEY, "GET", 400, "ERROR: Missing Sec-WebSocket-Key"),
        ("", "POST", 400, "ERROR: WebSocket must be initiated with a GET request."),
    ],
)
def test_handshakes_that_fail(drop: str, method: str, status: int, text: str) -> None:
    ends: list[Any] = []

    def answer(exchange: Any) -> None:
        end, other = load().channel_pair()
        end.listen(lambda *message: ends.append(message))
        exchange.respond(101, "", "", None, other)

    client = Client(answer)
    # A header that is not there to be dropped takes the place of the one that is.
    lines = [h for h in HANDSHAKE if h.partition(":")[0] != drop.partition(":")[0]]
    out = client.send(request("/", *lines, *([drop] if drop and drop not in HANDSHAKE else []), method=method))
    assert out.startswith(f"HTTP/1.1 {status} ".encode())
    assert out.endswith(b"\r\n\r\n" + text.encode())
    assert client.closed
    assert client.upgraded is None
    assert ends[0][0] == "error"


def test_a_websocket_nobody_asked_for() -> None:
    client = Client(lambda exchange: exchange.respond(101, "", "", None, load().channel_pair()[0]))
    assert client.send(request()).startswith(b"HTTP/1.1 500 ")


def test_an_upgrade_that_is_not_taken() -> None:
    client = Client()
    assert client.send(request("/", *HANDSHAKE), request()).count(b"HTTP/1.1 200 OK") == 2
    assert client.send(request("/", "Connection: Upgrade", "Upgrade: h2c")).startswith(b"HTTP/1.1 200 OK")
    assert not client.exchange.wants_websocket


def test_frames_right_behind_the_handshake() -> None:
    socket = Socket(rest=frame(TEXT, b"early"))
    assert socket.rest == frame(TEXT, b"early")
    assert socket.received == [("text", "early", "")]


# ---- messages


def test_messages_both_ways() -> None:
    socket = Socket()
    socket.send(frame(TEXT, "häß".encode()) + frame(BINARY, b"\0\xff") + frame(TEXT, b""))
    assert socket.received == [("text", "häß", ""), ("binary", b"\0\xff", ""), ("text", "", "")]
    socket.end.send_text("hä")
    socket.end.send_binary(b"\1\2")
    assert socket.output() == [(TEXT, 0, "hä".encode()), (BINARY, 0, b"\1\2")]


def test_many_answers_are_one_write() -> None:
    socket = Socket()
    socket.end.listen(lambda kind, data, reason: socket.end.send_text(data))
    socket.connection.data_received(b"".join(frame(TEXT, b"%d" % i) for i in range(100)))
    assert len(socket.transport.written) == 1
    assert [p for _, _, p in socket.output()] == [b"%d" % i for i in range(100)]


@pytest.mark.parametrize("size", [0, 1, 7, 8, 125, 126, 127, 65535, 65536, 300_000])
def test_sizes(size: int) -> None:
    socket = Socket()
    payload = bytes(i * 7 & 255 for i in range(size))
    data = frame(BINARY, payload)
    socket.send(*(data[i : i + 50_001] for i in range(0, len(data), 50_001)))
    assert socket.received == [("binary", payload, "")]
    socket.end.send_binary(payload)
    assert socket.output() == [(BINARY, 0, payload)]


def test_byte_by_byte() -> None:
    socket = Socket()
    data = frame(TEXT, b"hello") + frame(PING, b"p") + frame(BINARY, b"x" * 200)
    out = socket.send(*(data[i : i + 1] for i in range(len(data))))
    assert socket.received == [("text", "hello", ""), ("binary", b"x" * 200, "")]
    assert out == [(PONG, 0, b"p")]


def test_fragments_with_a_ping_in_between() -> None:
    socket = Socket()
    out = socket.send(
        frame(TEXT, "h€"[:1].encode() + b"\xe2\x82", fin=False),
        frame(PING, b"now"),
        frame(0, b"\xac", fin=False),
        frame(0, b"!"),
    )
    assert socket.received == [("text", "h€!", "")]
    assert out == [(PONG, 0, b"now")]


def test_pong_is_ignored() -> None:
    socket = Socket()
    assert socket.send(frame(PONG, b"unasked")) == []
    assert socket.received == []


# ---- closing


def test_client_closes() -> None:
    socket = Socket()
    assert socket.send(close(4001, b"bye")) == []
    assert socket.received == [("close", 4001, "bye")]
    assert socket.events == []
    socket.end.send_text("a last word")  # still allowed until we close, too
    socket.end.close(4001, "bye")
    assert socket.output() == [(TEXT, 0, b"a last word"), (CLOSE, 0, struct.pack(">H", 4001) + b"bye")]
    assert socket.events == ["close"]


def test_client_closes_without_a_code() -> None:
    socket = Socket()
    socket.send(frame(CLOSE))
    assert socket.received == [("close", 1005, "")]
    socket.end.close(1005, "")
    assert socket.output() == [(CLOSE, 0, b"")]


def test_worker_closes() -> None:
    socket = Socket()
    socket.end.close(4002, "é" * 100)
    ((opcode, _, payload),) = socket.output()
    assert opcode == CLOSE
    assert (
        payload == struct.pack(">H", 4002) + "é".encode() * 61
    )  # cut to what a control frame holds, between characters
    assert socket.events == []
    socket.send(frame(TEXT, b"still coming") + close(4002))
    assert socket.received == [("text", "still coming", ""), ("close", 4002, "")]
    assert socket.events == ["close"]


def test_a_code_that_cannot_be_sent() -> None:
    socket = Socket()
    socket.end.close(1006, "")
    assert socket.output() == [(CLOSE, 0, struct.pack(">H", 1011))]


def test_worker_aborts() -> None:
    socket = Socket()
    socket.end.abort("boom")
    assert socket.output() == []
    assert socket.events == ["abort"]
    socket.connection.connection_lost(None)
    assert socket.received == []


@pytest.mark.parametrize("how", ["eof", "lost"])
def test_disconnect_without_a_close(how: str) -> None:
    socket = Socket()
    if how == "eof":
        socket.connection.eof_received()
    socket.connection.connection_lost(None)
    assert socket.received == [("error", "WebSocket disconnected without sending Close frame.", "")]
    assert socket.http.lost
    socket.end.send_text("to nobody")
    assert socket.output() == []


def test_shutdown_is_a_closing_handshake() -> None:
    socket = Socket()
    socket.connection.shutdown()
    ((opcode, _, payload),) = socket.output()
    assert (opcode, payload[:2]) == (CLOSE, struct.pack(">H", 1001))
    socket.send(close(1001))
    assert socket.received == [("close", 1001, "")]
    assert socket.events == ["close"]


def test_a_closing_handshake_that_hangs() -> None:
    import time

    socket = Socket()
    socket.end.close(1000, "")
    now = time.monotonic()
    socket.connection.check_timeout(now + 9, 0)
    assert socket.events == []
    socket.connection.check_timeout(now + 11, 0)
    assert socket.events == ["abort"]


# ---- backpressure


def test_what_a_slow_client_does_not_take_is_counted() -> None:
    socket = Socket()
    socket.connection.pause_writing()
    socket.transport.unsent = 1000
    assert socket.end.buffered == 1000
    socket.transport.unsent = 0
    socket.connection.resume_writing()
    assert socket.end.buffered == 0


def test_a_slow_reader_behind_a_proxy_stops_the_reading() -> None:
    """Two connections on the two ends of a channel, as `return fetch(request)` leaves them."""
    one, other = load().channel_pair()
    fast, slow = Transport(), Transport()
    sender, reader = load().WebSocketConnection(one, None), load().WebSocketConnection(other, None)
    sender.attach(fast)
    reader.attach(slow)
    slow.unsent = 2 << 20
    sender.data_received(frame(BINARY, b"x" * 100))
    assert fast.events == ["pause"]
    slow.unsent = 0
    reader.resume_writing()
    assert fast.events == ["pause", "resume"]
    assert parse(slow.take()) == [(BINARY, 0, b"x" * 100)]


def test_messages_nobody_listens_to_stop_the_reading() -> None:
    ends: list[Any] = []

    def answer(exchange: Any) -> None:
        end, other = load().channel_pair()
        ends.append(end)
        exchange.respond(101, "", "", None, other)

    client = Client(answer)
    client.send(request("/", *HANDSHAKE))
    assert client.upgraded is not None
    connection = client.upgraded[0]
    transport = Transport()
    connection.attach(transport)
    for _ in range(12):
        connection.data_received(frame(BINARY, b"x" * 100_000))
    assert transport.events == ["pause"]
    got: list[Any] = []
    ends[0].listen(lambda *message: got.append(message))
    assert len(got) == 12
    assert transport.events == ["pause", "resume"]
