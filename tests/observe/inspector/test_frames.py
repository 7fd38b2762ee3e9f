"""WebSocket frames of the inspector's connections, against wsproto as the client."""

from __future__ import annotations

import random

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from workerd.observe.inspector.websocket import (
    MAX_MESSAGE,
    Parser,
    ProtocolError,
    accept_key,
    encode_close,
    encode_pong,
    encode_text,
)


def test_accept_key_of_the_rfc() -> None:
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize("size", [0, 1, 5, 125, 126, 127, 65535, 65536, 200_001])
def test_messages_of_a_client_whatever_pieces_they_come_in(size: int) -> None:
    text = "".join(random.Random(size).choices("aé€💥", k=size))
    sent = Connection(ConnectionType.CLIENT).send(TextMessage(text))
    for step in {1, 2, 7, 4096, len(sent)} if size < 1000 else {4096, len(sent)}:
        parser = Parser()
        got = [m for at in range(0, len(sent), step) for m in parser.feed(sent[at : at + step])]
        assert [(m.kind, m.data) for m in got] == [("text", text)]


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_messages_to_a_client(size: int) -> None:
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(encode_text("x" * size))
    assert "".join(e.data for e in client.events() if isinstance(e, TextMessage)) == "x" * size


def test_fragments_with_a_ping_between() -> None:
    client = Connection(ConnectionType.CLIENT)
    sent = client.send(TextMessage("a€"[:1], message_finished=False))
    sent += client.send(Ping(b"hi")) + client.send(TextMessage("€b", message_finished=True))
    assert [(m.kind, m.data) for m in Parser().feed(sent)] == [("ping", b"hi"), ("text", "a€b")]


def test_binary_and_close() -> None:
    client = Connection(ConnectionType.CLIENT)
    sent = client.send(BytesMessage(b"\x00\xff")) + client.send(CloseConnection(4000, "bye"))
    binary, close = Parser().feed(sent)
    assert (binary.kind, binary.data) == ("binary", b"\x00\xff")
    assert (close.kind, close.code, close.data) == ("close", 4000, "bye")


def test_control_frames_to_a_client() -> None:
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(encode_pong(b"p") + encode_close(1001, "reason " * 40))
    pong, close = client.events()
    assert pong.payload == b"p"  # type: ignore[attr-defined]
    assert isinstance(close, CloseConnection) and close.code == 1001 and (close.reason or "").startswith("reason")


def _masked(opcode: int, payload: bytes, first: int | None = None) -> bytes:
    return bytes((0x80 | opcode if first is None else first, 0x80 | len(payload), 0, 0, 0, 0)) + payload


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x01x", 1002),  # not masked
        (_masked(1, b"x", 0xC1), 1002),  # a reserved bit
        (_masked(3, b""), 1002),  # an opcode that is not there
        (_masked(11, b""), 1002),
        (_masked(0, b"x"), 1002),  # continues nothing
        (_masked(1, b"x", 0x01) + _masked(1, b"y"), 1002),  # a message within a message
        (_masked(9, b"", 0x09), 1002),  # a control frame in pieces
        (_masked(8, b"\x03"), 1002),  # half a code
        (_masked(1, b"\xff\xfe"), 1007),
        (bytes((0x81, 0xFF)) + (MAX_MESSAGE + 1).to_bytes(8, "big"), 1009),
    ],
)
def test_what_breaks_the_protocol(frame: bytes, code: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        Parser().feed(frame)
    assert caught.value.code == code


def test_noise_raises_nothing_else() -> None:
    noise = random.Random(7)
    for _ in range(2000):
        parser = Parser()
        try:
            for _ in range(4):
                parser.feed(noise.randbytes(noise.randrange(1, 40)))
        except ProtocolError as error:
            assert error.code in (1002, 1007, 1009)
