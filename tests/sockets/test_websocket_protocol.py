"""RFC 6455 in both roles: framing, control frames, fragments, text, close codes, limits, and all that breaks the protocol."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest
from tests.sockets.websocket_support import BINARY, CLOSE, PING, PONG, TEXT, Protocol, frame

CONTINUATION = 0
LIMIT = 32 << 20


@pytest.fixture(params=["server", "client"])
def ws(request: Any) -> Protocol:
    return Protocol(request.param)


def broken(ws: Protocol, code: int) -> bool:
    """Whether the connection has failed with `code`: the other side is told, the worker is told, nothing more is taken."""
    sent = ws.failed
    kind, told, _ = ws.received[-1]
    before = len(ws.received)
    assert ws.send(ws.frame(TEXT, b"more"), ws.frame(PING)) == []
    return (
        sent == code
        and kind == "error"
        and told.startswith(
            f"WebSocket protocol error; protocolError.statusCode = {code}; protocolError.description = "
        )
        and len(ws.received) == before
        and len(ws.closing) == 1
    )


# ---- framing

SIZES = [0, 1, 2, 7, 8, 9, 124, 125, 126, 127, 128, 65534, 65535, 65536, 65537, 1 << 20]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("piece", [1 << 30, 4093])
def test_messages_of_all_lengths(ws: Protocol, size: int, piece: int) -> None:
    payload = bytes(i * 7 & 255 for i in range(size % 4096)) + bytes(size - size % 4096)
    data = ws.frame(BINARY, payload)
    ws.send(*(data[i : i + piece] for i in range(0, len(data), piece)))
    assert ws.received == [("binary", payload, "")]
    ws.end.send_binary(payload)
    assert ws.output() == [(BINARY, 0, payload)]


def test_a_byte_at_a_time(ws: Protocol) -> None:
    text = "häß€𝄞" * 60
    data = ws.frame(TEXT, text.encode()) + ws.frame(PING, b"p") + ws.frame(BINARY, b"x" * 200) + ws.close(1000, b"bye")
    out = ws.send(*(data[i : i + 1] for i in range(len(data))))
    assert ws.received == [("text", text, ""), ("binary", b"x" * 200, ""), ("close", 1000, "bye")]
    assert out == [(PONG, 0, b"p")]


@pytest.mark.parametrize(
    "head",
    [
        b"\x82\x7e\x00\x7d",  # 125 in two bytes
        b"\x82\x7f" + struct.pack(">Q", 65535),
        b"\x82\x7f" + struct.pack(">Q", 5),
        b"\x82\x7f\x80" + bytes(7),  # the highest bit
    ],
)
def test_lengths_in_the_wrong_form(ws: Protocol, head: bytes) -> None:
    masked = bytes([head[0], head[1] | (0x80 if ws.mask else 0)]) + head[2:] + (bytes(4) if ws.mask else b"")
    ws.connection.data_received(masked)
    assert broken(ws, 1002)


def test_masks(ws: Protocol) -> None:
    """A server takes only masked frames, a client only those that are not."""
    ws.connection.data_received(frame(TEXT, b"x", mask=None if ws.mask else b"abcd"))
    assert broken(ws, 1002)


def test_what_a_client_sends_is_masked_anew_each_time() -> None:
    ws = Protocol("client")
    wire = set()
    for _ in range(50):
        ws.end.send_text("the same")
        wire.add(ws.transport.take())
    assert len(wire) == 50


@pytest.mark.parametrize("rsv", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("opcode", [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG])
def test_reserved_bits(ws: Protocol, rsv: int, opcode: int) -> None:
    ws.connection.data_received(ws.frame(opcode, b"", rsv=rsv))
    assert broken(ws, 1002)


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_reserved_opcodes(ws: Protocol, opcode: int) -> None:
    ws.connection.data_received(ws.frame(opcode, b"x"))
    assert broken(ws, 1002)


@pytest.mark.parametrize("what", ["reserved bits", "opcode", "text", "close"])
def test_what_came_before_a_broken_frame_is_answered(ws: Protocol, what: str) -> None:
    ws.end.listen(lambda kind, data, reason: ws.end.send_text(data) if kind == "text" else None)
    wrong = {
        "reserved bits": ws.frame(TEXT, b"x", rsv=2),
        "opcode": ws.frame(5),
        "text": ws.frame(TEXT, b"\xff"),
        "close": ws.close(1005),
    }[what]
    out = ws.send(ws.frame(TEXT, b"before") + wrong + ws.frame(TEXT, b"after"))
    assert [opcode for opcode, _, _ in out] == [TEXT, CLOSE]
    assert out[0][2] == b"before"


# ---- control frames


@pytest.mark.parametrize("size", [0, 1, 124, 125])
def test_pings(ws: Protocol, size: int) -> None:
    payload = bytes(range(size))
    assert ws.send(ws.frame(PING, payload)) == [(PONG, 0, payload)]
    assert ws.received == []


def test_many_pings_are_answered_in_order(ws: Protocol) -> None:
    out = ws.send(b"".join(ws.frame(PING, b"%d" % i) for i in range(100)))
    assert out == [(PONG, 0, b"%d" % i) for i in range(100)]


def test_pongs_that_nobody_asked_for(ws: Protocol) -> None:
    assert ws.send(ws.frame(PONG), ws.frame(PONG, b"x" * 125)) == []
    assert ws.received == []


@pytest.mark.parametrize("opcode", [CLOSE, PING, PONG])
def test_control_frames_are_short_and_whole(ws: Protocol, opcode: int) -> None:
    other = Protocol("client" if ws.mask is None else "server")
    ws.connection.data_received(ws.frame(opcode, b"x" * 126))
    assert broken(ws, 1002)
    other.connection.data_received(other.frame(opcode, b"ab", fin=False))
    assert broken(other, 1002)


# ---- fragments


@pytest.mark.parametrize(
    "pieces", [[b"hello"], [b"", b"hello"], [b"hel", b"", b"lo"], [b"h", b"e", b"l", b"l", b"o", b""]]
)
def test_fragments(ws: Protocol, pieces: list[bytes]) -> None:
    last = len(pieces) - 1
    for i, piece in enumerate(pieces):
        ws.send(ws.frame(CONTINUATION if i else TEXT, piece, fin=i == last))
        assert bool(ws.received) == (i == last)
    assert ws.received == [("text", "hello", "")]


def test_control_frames_between_fragments(ws: Protocol) -> None:
    out = ws.send(
        ws.frame(TEXT, "h€"[:1].encode() + b"\xe2\x82", fin=False),
        ws.frame(PING, b"1"),
        ws.frame(PONG),
        ws.frame(CONTINUATION, b"\xac", fin=False) + ws.frame(PING, b"2"),
        ws.frame(CONTINUATION, b"!"),
    )
    assert ws.received == [("text", "h€!", "")]
    assert out == [(PONG, 0, b"1"), (PONG, 0, b"2")]


def test_a_close_between_fragments(ws: Protocol) -> None:
    ws.send(ws.frame(TEXT, b"half", fin=False), ws.close(4000, b"enough"), ws.frame(CONTINUATION, b"other half"))
    assert ws.received == [("close", 4000, "enough")]


FRAGMENTS: list[Callable[[Protocol], bytes]] = [
    lambda ws: ws.frame(CONTINUATION, b"x"),
    lambda ws: ws.frame(CONTINUATION, b"x", fin=False),
    lambda ws: ws.frame(TEXT, b"x", fin=False) + ws.frame(TEXT, b"y"),
    lambda ws: ws.frame(TEXT, b"x", fin=False) + ws.frame(BINARY, b"y", fin=False),
    lambda ws: ws.frame(TEXT, b"x", fin=False) + ws.frame(CONTINUATION, b"y") + ws.frame(CONTINUATION, b"z"),
]


@pytest.mark.parametrize("which", range(len(FRAGMENTS)))
def test_fragments_out_of_place(ws: Protocol, which: int) -> None:
    ws.connection.data_received(FRAGMENTS[which](ws))
    assert broken(ws, 1002)


def test_very_many_fragments(ws: Protocol) -> None:
    ws.send(
        ws.frame(BINARY, b"", fin=False) + ws.frame(CONTINUATION, b"ab", fin=False) * 50_000 + ws.frame(CONTINUATION)
    )
    assert ws.received == [("binary", b"ab" * 50_000, "")]


# ---- text

GOOD = ["", "κόσμε", "\x00\x7f", "\x80\u07ff", "\u0800\uffff", "\U00010000\U0010ffff", "\ufffe\uffff", "\ud7ff\ue000"]
BAD = [
    b"\x80", b"\xbf", b"\xfe", b"\xff", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xf0\x80\x80\x80",
    b"\xf0\x8f\xbf\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80",
    b"\xc3(", b"\xe2\x82(", b"\xf0\x9d\x84(", b"12345678\xe2(12345678",
]  # fmt: skip
CUT = [b"\xc3", b"\xe2", b"\xe2\x82", b"\xf0", b"\xf0\x9d", b"\xf0\x9d\x84", b"12345678\xe2\x82"]


@pytest.mark.parametrize("text", GOOD)
def test_text(ws: Protocol, text: str) -> None:
    data = text.encode()
    ws.send(ws.frame(TEXT, data))
    for i in range(len(data)):
        ws.send(ws.frame(TEXT, data[:i], fin=False) + ws.frame(CONTINUATION, data[i:]))
    assert ws.received == [("text", text, "")] * (len(data) + 1)


@pytest.mark.parametrize("data", BAD + CUT)
@pytest.mark.parametrize("way", ["whole", "fragments", "bytes"])
def test_what_is_no_text(ws: Protocol, data: bytes, way: str) -> None:
    if way == "fragments":
        parts = [ws.frame(TEXT, b"", fin=False), *(ws.frame(CONTINUATION, bytes([b]), fin=False) for b in data)]
        parts.append(ws.frame(CONTINUATION))
    elif way == "bytes":
        parts = [bytes([b]) for b in ws.frame(TEXT, data)]
    else:
        parts = [ws.frame(TEXT, data)]
    for part in parts:
        ws.connection.data_received(part)
    assert broken(ws, 1007)


@pytest.mark.parametrize("data", BAD)
@pytest.mark.parametrize("way", ["fragments", "one frame"])
def test_text_is_refused_at_its_first_wrong_byte(ws: Protocol, data: bytes, way: str) -> None:
    wrong = next(n for n in range(1, len(data) + 1) if "unexpected end" not in why_not(data[:n]))
    if way == "fragments":
        ws.connection.data_received(ws.frame(TEXT, b"fine", fin=False))
        pieces = [ws.frame(CONTINUATION, bytes([b]), fin=False) for b in data[:wrong]]
    else:
        whole = ws.frame(TEXT, b"fine" + data + b"and much more to come")
        head = len(whole) - len(b"fine" + data + b"and much more to come")
        ws.connection.data_received(whole[: head + 4])
        pieces = [whole[head + 4 + i : head + 5 + i] for i in range(wrong)]
    for piece in pieces[:-1]:
        ws.connection.data_received(piece)
    assert ws.output() == []
    ws.connection.data_received(pieces[-1])
    assert broken(ws, 1007)


def why_not(data: bytes) -> str:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.reason
    return "unexpected end: nothing wrong yet"


def test_bytes_need_not_be_text(ws: Protocol) -> None:
    ws.send(ws.frame(BINARY, b"\xff\xfe\x80"))
    assert ws.received == [("binary", b"\xff\xfe\x80", "")]


# ---- closing

VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]


@pytest.mark.parametrize("code", VALID)
def test_close_codes(ws: Protocol, code: int) -> None:
    assert ws.send(ws.close(code, "größer".encode())) == []
    assert ws.received == [("close", code, "größer")]
    ws.end.close(code, "größer")
    assert ws.output() == [(CLOSE, 0, struct.pack(">H", code) + "größer".encode())]
    assert ws.closing == [False]


@pytest.mark.parametrize("code", [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
def test_codes_that_must_not_be_sent(ws: Protocol, code: int) -> None:
    ws.connection.data_received(ws.close(code))
    assert broken(ws, 1002)


def test_close_payloads(ws: Protocol) -> None:
    ws.send(ws.close(1000, b"x" * 123))
    assert ws.received == [("close", 1000, "x" * 123)]


@pytest.mark.parametrize(("payload", "code"), [(b"\x03", 1002), (b"\x03\xe8\xff", 1007), (b"\x03\xe8\xe2\x82", 1007)])
def test_close_payloads_that_are_wrong(ws: Protocol, payload: bytes, code: int) -> None:
    ws.connection.data_received(ws.frame(CLOSE, payload))
    assert broken(ws, code)


def test_nothing_is_taken_after_a_close(ws: Protocol) -> None:
    assert ws.send(ws.close(1000) + ws.frame(PING) + ws.frame(TEXT, b"x") + ws.close(1001), ws.frame(3)) == []
    assert ws.received == [("close", 1000, "")]


def test_messages_that_cross_our_close(ws: Protocol) -> None:
    ws.end.close(1000, "")
    ws.output()
    assert ws.send(ws.frame(TEXT, b"on its way"), ws.frame(PING, b"?")) == []
    ws.send(ws.close(1000))
    assert ws.received == [("text", "on its way", ""), ("close", 1000, "")]
    assert ws.closing == [False]


def test_a_broken_frame_that_crosses_our_close(ws: Protocol) -> None:
    ws.end.close(4000, "ours")
    ws.output()
    assert ws.send(ws.frame(3)) == []  # it was told why already
    assert ws.received[-1][0] == "error"


def test_the_peer_leaves_after_its_close(ws: Protocol) -> None:
    """The worker's side may stay open after the other's Close; it must learn when nobody is there any more."""
    ws.send(ws.close(1000))
    ws.connection.connection_lost(None)
    assert [kind for kind, _, _ in ws.received] == ["close", "error"]


# ---- limits


def too_long(ws: Protocol, says: str) -> bool:
    assert broken(ws, 1009)
    return str(ws.received[-1][1]).endswith(says)


def test_the_longest_message(ws: Protocol) -> None:
    payload = bytes(LIMIT)
    ws.send(ws.frame(BINARY, payload))
    ws.send(ws.frame(BINARY, payload[1:], fin=False), ws.frame(CONTINUATION, b"x"))
    assert [len(data) for _, data, _ in ws.received] == [LIMIT, LIMIT]


def test_a_message_that_is_too_long(ws: Protocol) -> None:
    """It is refused for what its head says, before any of it is there."""
    data = ws.frame(BINARY, bytes(LIMIT + 1))
    ws.connection.data_received(data[: 14 if ws.mask else 10])
    assert too_long(ws, f"Message is too large: {LIMIT + 1} > {LIMIT}")


def test_fragments_that_are_too_long_together(ws: Protocol) -> None:
    ws.send(ws.frame(BINARY, bytes(LIMIT - 10), fin=False), ws.frame(CONTINUATION, bytes(10), fin=False))
    assert ws.output() == []
    ws.connection.data_received(ws.frame(CONTINUATION, b"x"))
    assert too_long(ws, "Message is too large: 1 > 0")
