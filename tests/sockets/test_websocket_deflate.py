"""permessage-deflate (RFC 7692): what is agreed to, then messages in both roles."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from tests.sockets.websocket_support import BINARY, CLOSE, PING, TEXT, Protocol, Socket, deflate

DEFLATE = "permessage-deflate"


def agreed(offer: str, wanted: str | None) -> str | None:
    """The answer to a client that offers `offer`, of a worker whose response says `wanted`."""
    headers = "" if wanted is None else f"Sec-WebSocket-Extensions: {wanted}\r\n"
    for line in Socket(response_headers=headers, offer=offer).handshake.decode().split("\r\n"):
        if line.startswith("Sec-WebSocket-Extensions: "):
            return line.partition(": ")[2]
    return None


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        ("", ""),
        ("client_max_window_bits", "client_max_window_bits=15"),
        ("client_max_window_bits=10", "client_max_window_bits=10"),
        ("client_max_window_bits=8", "client_max_window_bits=8"),
        ("server_no_context_takeover", "server_no_context_takeover"),
        ("client_no_context_takeover", "client_no_context_takeover"),
        (
            "server_no_context_takeover; client_no_context_takeover",
            "client_no_context_takeover; server_no_context_takeover",
        ),
        ("server_max_window_bits=10", "server_max_window_bits=10"),
        ('server_max_window_bits="12"', "server_max_window_bits=12"),
        (" SERVER_max_window_bits = 15 ", "server_max_window_bits=15"),
    ],
)
def test_a_worker_that_takes_what_is_offered(offer: str, answer: str) -> None:
    offer = f"{DEFLATE}; {offer}" if offer else DEFLATE
    assert agreed(offer, offer) == (f"{DEFLATE}; {answer}" if answer else DEFLATE)


@pytest.mark.parametrize(
    "parameters",
    [
        "server_max_window_bits=8",  # zlib cannot
        "server_max_window_bits=7",
        "server_max_window_bits=16",
        "server_max_window_bits=010",
        "server_max_window_bits",
        "server_max_window_bits=",
        "client_max_window_bits=7",
        "client_max_window_bits=16",
        "client_max_window_bits=",
        "client_max_window_bits=-9",
        "server_no_context_takeover=1",
        "client_no_context_takeover=true",
        "server_no_context_takeover; server_no_context_takeover",
        "client_max_window_bits; client_max_window_bits=9",
        "unknown",
        "unknown=1",
    ],
)
def test_bad_offers_are_declined(parameters: str) -> None:
    offer = f"{DEFLATE}; {parameters}"
    assert agreed(offer, offer) is None
    # The next offer of the list counts then.
    assert agreed(f"{offer}, {DEFLATE}", f"{offer}, {DEFLATE}") == DEFLATE


def test_other_extensions_are_declined() -> None:
    assert agreed("x-webkit-deflate-frame", "x-webkit-deflate-frame") is None
    assert agreed("permessage-bzip2, permessage-deflate", "permessage-bzip2, permessage-deflate") == DEFLATE


@pytest.mark.parametrize(
    ("offer", "wanted", "answer"),
    [
        ("", "server_no_context_takeover", "server_no_context_takeover"),
        ("", "client_no_context_takeover", "client_no_context_takeover"),
        ("", "server_max_window_bits=10", "server_max_window_bits=10"),
        ("", "client_max_window_bits=10", ""),  # not offered, so it cannot be asked for
        ("client_max_window_bits", "client_max_window_bits=10", "client_max_window_bits=10"),
        ("client_max_window_bits=9", "client_max_window_bits=10", "client_max_window_bits=9"),
        ("client_max_window_bits", "", ""),
        ("client_no_context_takeover", "", ""),
        ("server_no_context_takeover", "", None),  # the client insists on it
        ("server_max_window_bits=12", "", None),
        ("server_max_window_bits=12", "server_max_window_bits=10", "server_max_window_bits=10"),
        ("server_max_window_bits=9", "server_max_window_bits=10", "server_max_window_bits=9"),
    ],
)
def test_a_worker_with_its_own_parameters(offer: str, wanted: str, answer: str | None) -> None:
    def full(text: str) -> str:
        return f"{DEFLATE}; {text}" if text else DEFLATE

    assert agreed(full(offer), full(wanted)) == (None if answer is None else full(answer))


def test_no_compression_unless_both_want_it() -> None:
    assert agreed(DEFLATE, None) is None
    assert agreed(DEFLATE, "") is None
    assert agreed("", DEFLATE) is None
    assert agreed(DEFLATE, "x-other") is None


# ---- messages


@pytest.fixture(params=["server", "client"])
def role(request: Any) -> str:
    return str(request.param)


TEXTS = ["hello hello hello hello hello hello hello"] * 3


def test_receiving(role: str) -> None:
    """The sender's window goes on from message to message; messages may be plain in between."""
    ws = Protocol(role, DEFLATE)
    out = zlib.compressobj(wbits=-15)
    for text in TEXTS:
        ws.send(ws.frame(TEXT, (out.compress(text.encode()) + out.flush(zlib.Z_SYNC_FLUSH))[:-4], rsv=4))
        ws.send(ws.frame(TEXT, b"plain"))
    assert [data for _, data, _ in ws.received] == [word for text in TEXTS for word in (text, "plain")]


@pytest.mark.parametrize("takeover", [True, False])
def test_sending(role: str, takeover: bool) -> None:
    ws = Protocol(role, DEFLATE if takeover else f"{DEFLATE}; {role}_no_context_takeover")
    inflate = zlib.decompressobj(-15)
    sizes = []
    for text in TEXTS:
        ws.end.send_text(text)
        ((opcode, rsv, payload),) = ws.output()
        assert (opcode, rsv) == (TEXT, 4)
        if not takeover:
            inflate = zlib.decompressobj(-15)
        assert inflate.decompress(payload + b"\0\0\xff\xff").decode() == text
        sizes.append(len(payload))
    assert (sizes[1] < sizes[0]) == takeover


@pytest.mark.parametrize("takeover", [True, False])
def test_a_sender_without_context_takeover(role: str, takeover: bool) -> None:
    other = "client" if role == "server" else "server"
    ws = Protocol(role, DEFLATE if takeover else f"{DEFLATE}; {other}_no_context_takeover")
    out = zlib.compressobj(wbits=-15)
    first, second = ((out.compress(b"abcd" * 20) + out.flush(zlib.Z_SYNC_FLUSH))[:-4] for _ in range(2))
    ws.send(ws.frame(BINARY, first, rsv=4), ws.frame(BINARY, second, rsv=4))
    # The second refers to the first, which may be forgotten if that was agreed.
    assert ws.received[0] == ("binary", b"abcd" * 20, "")
    assert (ws.received[1] == ("binary", b"abcd" * 20, "")) == takeover


@pytest.mark.parametrize("bits", [9, 10, 12, 15])
def test_windows(role: str, bits: int) -> None:
    """What was agreed for us is kept to: a decompressor with that window can follow."""
    ws = Protocol(role, f"{DEFLATE}; {role}_max_window_bits={bits}")
    inflate = zlib.decompressobj(-bits)
    noise = bytes(i * i * 31 >> 3 & 255 for i in range(3000))
    for repeat in (1, 9, 2, 9, 30, 1):  # what is sent again is further away than small windows reach
        message = noise * repeat + bytes(5000) + noise
        ws.end.send_binary(message)
        ((_, rsv, payload),) = ws.output()
        assert rsv == 4
        assert inflate.decompress(payload + b"\0\0\xff\xff") == message


@pytest.mark.parametrize("level", [0, 1, 9])
@pytest.mark.parametrize("bits", [9, 15])
def test_all_a_sender_may_do(role: str, level: int, bits: int) -> None:
    ws = Protocol(role, DEFLATE)
    data = bytes(i * i & 255 for i in range(70_000))
    ws.send(ws.frame(BINARY, deflate(data, bits, level), rsv=4))
    # A final block may end a message (RFC 7692, 7.2.3.4), and an empty message is one byte.
    final = zlib.compressobj(wbits=-15)
    ws.send(ws.frame(BINARY, final.compress(data) + final.flush() + b"\0", rsv=4))
    ws.send(ws.frame(BINARY, b"\0", rsv=4), ws.frame(TEXT, deflate(b"on"), rsv=4))
    assert [len(d) for _, d, _ in ws.received] == [70_000, 70_000, 0, 2]


def test_compressed_fragments(role: str) -> None:
    ws = Protocol(role, DEFLATE)
    data = deflate("häß".encode() * 20)
    out = ws.send(
        ws.frame(TEXT, b"", rsv=4, fin=False),
        ws.frame(PING, b"p"),
        *(ws.frame(0, data[i : i + 1], fin=False) for i in range(len(data))),
        ws.frame(0),
    )
    assert ws.received == [("text", "häß" * 20, "")]
    assert len(out) == 1


def test_the_compression_bit_in_the_wrong_place(role: str) -> None:
    ws = Protocol(role, DEFLATE)
    ws.send(ws.frame(BINARY, b"x", fin=False))
    ws.connection.data_received(ws.frame(0, b"y", rsv=4))
    assert ws.failed == 1002
    control = Protocol(role, DEFLATE)
    control.connection.data_received(control.frame(PING, b"", rsv=4))
    assert control.failed == 1002
    plain = Protocol(role)
    plain.connection.data_received(plain.frame(TEXT, deflate(b"x"), rsv=4))
    assert plain.failed == 1002


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x06garbage", b"\x02\x01\x00\xfe\xff"])
def test_what_is_not_deflated(role: str, data: bytes) -> None:
    ws = Protocol(role, DEFLATE)
    ws.connection.data_received(ws.frame(BINARY, data, rsv=4))
    assert ws.failed == 1002
    assert ws.received[-1][1].endswith("Invalid compressed data")


def test_compressed_text_must_be_text(role: str) -> None:
    ws = Protocol(role, DEFLATE)
    ws.connection.data_received(ws.frame(TEXT, deflate(b"fine\xff"), rsv=4))
    assert ws.failed == 1007


@pytest.mark.parametrize("size", [32 << 20, (32 << 20) + 1, 1 << 30])
def test_a_decompression_bomb(role: str, size: int) -> None:
    """It is inflated up to the limit and no further."""
    ws = Protocol(role, DEFLATE)
    bomb = zlib.compressobj(wbits=-15)
    data = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(size >> 20)) + bomb.compress(bytes(size & 1))
    ws.connection.data_received(ws.frame(BINARY, (data + bomb.flush(zlib.Z_SYNC_FLUSH))[:-4], rsv=4))
    if size == 32 << 20:
        assert len(ws.received[0][1]) == size
        return
    assert ws.output() == [(CLOSE, 0, struct.pack(">H", 1009) + b"Message is too large")]
    assert ws.received[-1][0] == "error"
