"""WebSockets: the handshake's answers, frames, closing. A Python service holds the worker's end."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from tests.sockets.support import Client, Transport, request

from workerd.engine.library import load

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE = ("Connection: Upgrade", "Upgrade: websocket", KEY, "Sec-WebSocket-Version: 13")
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes | None = b"\x12\x34\x56\x78"
) -> bytes:
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask is not None else 0
    size = len(payload)
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    if mask is None:
        return head + payload
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack(">H", code) + reason)


def parse(data: bytes) -> list[tuple[int, int, bytes]]:
    """(opcode, rsv, payload) of each of a server's frames."""
    found = []
    while data:
        size = data[1]
        assert not size & 0x80, "a server's frames are not masked"
        at = 2
        if size == 126:
            (size,), at = struct.unpack(">H", data[2:4]), 4
        elif size == 127:
            (size,), at = struct.unpack(">Q", data[2:10]), 10
        assert data[0] & 0x80
        found.append((data[0] & 15, data[0] >> 4 & 7, data[at : at + size]))
        assert len(data) >= at + size
        data = data[at + size :]
    return found


class Socket:
    """A WebSocket after its handshake, with what the worker's end received."""

    def __init__(self, *, response_headers: str = "", offer: str = "", rest: bytes = b"") -> None:
        self.received: list[tuple[str, Any, Any]] = []
        self.http = Client(self._answer)
        self._response_headers = response_headers
        extra = [f"Sec-WebSocket-Extensions: {offer}"] if offer else []
        self.handshake = self.http.send(request("/", *HANDSHAKE, *extra) + rest)
        assert self.http.upgraded is not None, self.handshake
        self.connection, self.rest, _, _ = self.http.upgraded
        self.transport = Transport()
        self.connection.attach(self.transport)
        if self.rest:
            self.connection.data_received(self.rest)

    def _answer(self, exchange: Any) -> None:
        assert exchange.wants_websocket
        self.end, other = load().channel_pair()
        self.end.listen(lambda kind, data, reason: self.received.append((kind, data, reason)))
        exchange.respond(101, "", self._response_headers, None, other)

    def send(self, *parts: bytes) -> list[tuple[int, int, bytes]]:
        for part in parts:
            self.connection.data_received(part)
        return self.output()

    def output(self) -> list[tuple[int, int, bytes]]:
        return parse(self.transport.take())

    @property
    def events(self) -> list[str]:
        """What the transport and the owner were told."""
        return self.transport.events + self.http.transport.events


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
    out = client.send(request("/", *(h for h in HANDSHAKE if h != drop), method=method))
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


# ---- what breaks the protocol


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(TEXT, b"unmasked", mask=None), 1002),
        (frame(3), 1002),
        (frame(11), 1002),
        (frame(TEXT, b"x", rsv=4), 1002),  # RSV1 without permessage-deflate
        (frame(TEXT, b"x", rsv=2), 1002),
        (frame(PING, b"x" * 126), 1002),
        (frame(PING, b"x", fin=False), 1002),
        (frame(0, b"x"), 1002),
        (frame(TEXT, b"x", fin=False) + frame(TEXT, b"y"), 1002),
        (frame(CLOSE, b"x"), 1002),
        (close(1005), 1002),
        (close(1006), 1002),
        (close(999), 1002),
        (close(2999), 1002),
        (close(5000), 1002),
        (close(1000, b"\xff"), 1007),
        (frame(TEXT, b"\xff"), 1007),
        (frame(TEXT, b"\xed\xa0\x80"), 1007),  # a surrogate
        (frame(TEXT, b"\xc0\x80"), 1007),  # overlong
        (frame(TEXT, b"\xf4\x90\x80\x80"), 1007),  # above U+10FFFF
        (frame(TEXT, b"12345678\xe2\x82"), 1007),
        (frame(TEXT, b"a", fin=False) + frame(0, b"\x80"), 1007),
        (b"\x82\xfe\x00\x05" + b"\0" * 9, 1002),  # not the shortest length
        (b"\x82\xff" + b"\0" * 7 + b"\x05" + b"\0" * 9, 1002),
        (b"\x82\xff\x80" + b"\0" * 11, 1002),
        (b"\x82\xff" + struct.pack(">Q", 33 << 20) + b"\0" * 4, 1009),
        (frame(BINARY, b"x", fin=False) + b"\x80\xff" + struct.pack(">Q", 32 << 20) + b"\0" * 4, 1009),
    ],
)
def test_protocol_errors(data: bytes, code: int) -> None:
    socket = Socket()
    out = socket.send(data)
    assert out[-1][0] == CLOSE
    assert struct.unpack(">H", out[-1][2][:2])[0] == code
    kind, told, _ = socket.received[-1]
    assert kind == "error"
    assert told.startswith(f"WebSocket protocol error; protocolError.statusCode = {code}; protocolError.description = ")
    assert socket.events == ["linger"] or socket.events == ["close"]
    assert socket.send(frame(TEXT, b"more")) == []
    assert len(socket.received) == 1


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
    socket.end.send_binary(b"x" * 1000)
    assert socket.end.buffered >= 1000
    socket.connection.resume_writing()
    assert socket.end.buffered == 0


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
    connection.check_timeout(0, 0)
    assert transport.events == ["pause", "resume"]


# ---- permessage-deflate

DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"


def agreed(offer: str, headers: str = DEFLATE) -> str | None:
    for line in Socket(response_headers=headers, offer=offer).handshake.decode().split("\r\n"):
        if line.startswith("Sec-WebSocket-Extensions: "):
            return line.partition(": ")[2]
    return None


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        ("permessage-deflate", "permessage-deflate"),
        ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
        ("permessage-deflate; client_max_window_bits=10", "permessage-deflate"),
        ("permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"),
        ("permessage-deflate; client_no_context_takeover", "permessage-deflate; client_no_context_takeover"),
        ("permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10"),
        ('permessage-deflate; server_max_window_bits="12"', "permessage-deflate; server_max_window_bits=12"),
        ("permessage-deflate; server_max_window_bits=8", None),
        ("permessage-deflate; server_max_window_bits=16", None),
        ("permessage-deflate; server_max_window_bits", None),
        ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", None),
        ("permessage-deflate; unknown", None),
        ("permessage-deflate; unknown, permessage-deflate", "permessage-deflate"),
        ("x-other, permessage-deflate", "permessage-deflate"),
        ("x-webkit-deflate-frame", None),
    ],
)
def test_negotiation(offer: str, answer: str | None) -> None:
    assert agreed(offer) == answer


def test_no_compression_unless_both_want_it() -> None:
    assert agreed("permessage-deflate", "") is None
    assert agreed("") is None


def deflate(data: bytes, bits: int = 15) -> bytes:
    out = zlib.compressobj(wbits=-bits)
    return (out.compress(data) + out.flush(zlib.Z_SYNC_FLUSH))[:-4]


@pytest.mark.parametrize(
    "offer", ["permessage-deflate", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"]
)
def test_compressed_messages(offer: str) -> None:
    socket = Socket(response_headers=DEFLATE, offer=offer)
    text = "hello hello hello hello hello hello hello"
    for _ in range(2):
        socket.send(frame(TEXT, deflate(text.encode()), rsv=4))
    socket.send(frame(TEXT, b"plain"))
    assert [m[1] for m in socket.received] == [text, text, "plain"]
    inflate = zlib.decompressobj(-15)
    sizes = []
    for _ in range(2):
        socket.end.send_text(text)
        ((opcode, rsv, payload),) = socket.output()
        assert (opcode, rsv) == (TEXT, 4)
        if "takeover" in offer:
            inflate = zlib.decompressobj(-15)
        assert inflate.decompress(payload + b"\0\0\xff\xff").decode() == text
        sizes.append(len(payload))
    assert (sizes[1] < sizes[0]) == ("takeover" not in offer)


def test_context_takeover_when_receiving() -> None:
    socket = Socket(response_headers=DEFLATE, offer="permessage-deflate")
    out = zlib.compressobj(wbits=-15)
    for word in (b"hello hello hello", b"hello hello hello"):
        socket.send(frame(BINARY, (out.compress(word) + out.flush(zlib.Z_SYNC_FLUSH))[:-4], rsv=4))
    assert [m[1] for m in socket.received] == [b"hello hello hello"] * 2


def test_compressed_fragments() -> None:
    socket = Socket(response_headers=DEFLATE, offer="permessage-deflate")
    data = deflate(b"abcabcabcabc")
    socket.send(frame(BINARY, data[:3], rsv=4, fin=False), frame(0, data[3:]))
    assert socket.received == [("binary", b"abcabcabcabc", "")]
    socket.send(frame(BINARY, b"x", fin=False), frame(0, b"y", rsv=4))
    assert socket.received[-1][0] == "error"


def test_bad_compressed_data() -> None:
    socket = Socket(response_headers=DEFLATE, offer="permessage-deflate")
    out = socket.send(frame(BINARY, b"\xff\xff\xff\xff", rsv=4))
    assert out[-1][2][:2] == struct.pack(">H", 1002)


def test_a_decompression_bomb() -> None:
    socket = Socket(response_headers=DEFLATE, offer="permessage-deflate")
    out = socket.send(frame(BINARY, deflate(b"\0" * (40 << 20)), rsv=4))
    assert out[-1][2][:2] == struct.pack(">H", 1009)
    assert socket.received[-1][0] == "error"
