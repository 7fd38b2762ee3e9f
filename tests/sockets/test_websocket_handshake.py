"""The client's side of the opening handshake: which answers of a server are taken."""

from __future__ import annotations

import base64
import hashlib

import pytest

from workerd.sockets.client.websocket import check_response, new_key, request_headers

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, 1.3
GOOD = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {ACCEPT}\r\n"


def ask(protocol: str = "", extensions: str = "") -> str:
    lines = request_headers(KEY)
    if protocol:
        lines += f"Sec-WebSocket-Protocol: {protocol}\r\n"
    if extensions:
        lines += f"Sec-WebSocket-Extensions: {extensions}\r\n"
    return lines


def test_the_request() -> None:
    assert len({new_key() for _ in range(100)}) == 100
    assert all(len(base64.b64decode(new_key())) == 16 for _ in range(10))
    assert "Sec-WebSocket-Version: 13\r\n" in ask()


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        GOOD.replace("websocket", "WebSocket"),
        GOOD.replace("Connection: Upgrade", "connection: keep-alive, UPGRADE"),
        GOOD + "X-Other: 1\r\n",
    ],
)
def test_answers_that_are_taken(answer: str) -> None:
    assert check_response(ask(), answer, KEY) == ""


@pytest.mark.parametrize(
    "answer",
    [
        GOOD.replace("Upgrade: websocket\r\n", ""),
        GOOD.replace("Upgrade: websocket", "Upgrade: h2c"),
        GOOD.replace("Upgrade: websocket", "Upgrade: websockets"),
        GOOD.replace("Connection: Upgrade\r\n", ""),
        GOOD.replace("Connection: Upgrade", "Connection: close"),
        GOOD.replace(f"Sec-WebSocket-Accept: {ACCEPT}\r\n", ""),
        GOOD.replace(ACCEPT, ACCEPT.lower()),
        GOOD.replace(ACCEPT, ""),
        GOOD.replace(ACCEPT, KEY),
        GOOD.replace(ACCEPT, base64.b64encode(hashlib.sha1(KEY.encode()).digest()).decode()),
    ],
)
def test_answers_that_are_none(answer: str) -> None:
    with pytest.raises(ValueError, match="header"):
        check_response(ask(), answer, KEY)


@pytest.mark.parametrize(
    ("asked", "answered", "good"),
    [
        ("a, b", "b", True),
        ("a", "", True),
        ("a, b", "c", False),
        ("a, b", "a, b", False),
        ("a", "A", False),
        ("", "a", False),
    ],
)
def test_subprotocols(asked: str, answered: str, good: bool) -> None:
    answer = GOOD + (f"Sec-WebSocket-Protocol: {answered}\r\n" if answered else "")
    if good:
        assert check_response(ask(asked), answer, KEY) == ""
        return
    with pytest.raises(ValueError, match="was not asked for"):
        check_response(ask(asked), answer, KEY)


DEFLATE = "permessage-deflate"


@pytest.mark.parametrize(
    "agreed",
    [
        DEFLATE,
        f"{DEFLATE}; server_no_context_takeover; client_no_context_takeover",
        f"{DEFLATE}; server_max_window_bits=10; client_max_window_bits=15",
        f'{DEFLATE};server_max_window_bits = "9"',
    ],
)
def test_extensions_that_are_taken(agreed: str) -> None:
    answer = f"{GOOD}Sec-WebSocket-Extensions: {agreed}\r\n"
    assert check_response(ask(extensions=f"{DEFLATE}; client_max_window_bits"), answer, KEY) == agreed


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        ("", DEFLATE),
        ("x-webkit-deflate-frame", DEFLATE),
        (DEFLATE, "x-webkit-deflate-frame"),
        (DEFLATE, f"{DEFLATE}, {DEFLATE}"),
        (DEFLATE, f"{DEFLATE}; unknown"),
        (DEFLATE, f"{DEFLATE}; server_max_window_bits=7"),
        (DEFLATE, f"{DEFLATE}; server_max_window_bits=16"),
        (DEFLATE, f"{DEFLATE}; client_max_window_bits"),
        (DEFLATE, f"{DEFLATE}; server_no_context_takeover=1"),
        (DEFLATE, f"{DEFLATE}; server_no_context_takeover; server_no_context_takeover"),
    ],
)
def test_extensions_that_are_refused(offered: str, agreed: str) -> None:
    answer = f"{GOOD}Sec-WebSocket-Extensions: {agreed}\r\n"
    with pytest.raises(ValueError, match="extension"):
        check_response(ask(extensions=offered), answer, KEY)
