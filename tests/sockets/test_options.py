"""HttpOptions: what a socket does to requests and responses."""

from __future__ import annotations

import pytest
from tests.sockets.support import Client, request

from workerd.engine.library import load


def test_forwarded_proto_is_taken_and_removed() -> None:
    client = Client(forwarded_proto_header="X-Proto")
    client.send(request("/", "x-proto: https", "Y: 1"))
    assert client.exchange.url == "https://a.test/"
    assert client.exchange.headers == "Host: a.test\r\nY: 1\r\n"
    client.send(request("/"))
    assert client.exchange.url == "http://a.test/"
    client.send(request("/", "x-proto:"))
    assert client.exchange.url == "http://a.test/"


def test_scheme_of_the_connection() -> None:
    client = Client(scheme="https")
    client.send(request("/"))
    assert client.exchange.url == "https://a.test/"


def test_proxy_style_leaves_the_url_and_the_header() -> None:
    client = Client(style="proxy", forwarded_proto_header="X-Proto")
    client.send(b"GET ftp://x.test/y#z HTTP/1.1\r\nX-Proto: https\r\n\r\n")
    assert client.exchange.url == "ftp://x.test/y#z"
    assert client.exchange.headers == "X-Proto: https\r\n"


def test_cf_blob() -> None:
    client = Client(cf='{"clientIp":"1.2.3.4:5"}', cf_blob_header="CF-Blob")
    client.send(request("/", 'cf-blob: {"a":1}', "Y: 1"))
    assert client.exchange.cf == '{"a":1}'
    assert client.exchange.headers == "Host: a.test\r\nY: 1\r\n"
    client.send(request("/"))
    assert client.exchange.cf is None


def test_injected_request_headers() -> None:
    client = Client(inject_request_headers=(("X-New", "1"), ("x-old", None), ("X-Same", "new")))
    client.send(request("/", "X-Old: 1", "x-same: old", "Y: 1", "X-OLD: 2"))
    assert client.exchange.headers == "Host: a.test\r\nY: 1\r\nX-New: 1\r\nX-Same: new\r\n"


def test_injected_response_headers() -> None:
    edits = (("X-New", "1"), ("x-old", None), ("X-Same", "new"))
    client = Client(
        lambda e: e.respond(200, "", "x-old: 1\r\nA: 1\r\nx-SAME: old\r\n", b"x"), inject_response_headers=edits
    )
    out = client.send(request("/"))
    assert out == b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nA: 1\r\nX-New: 1\r\nX-Same: new\r\n\r\nx"


def test_injection_is_for_the_workers_answers_only() -> None:
    client = Client(lambda e: e.fail("Error", "x"), inject_response_headers=(("X-New", "1"),))
    assert b"X-New" not in client.send(b"GET / HTTP/1.1\r\n\r\n")
    assert b"X-New" not in client.send(request("/"))


@pytest.mark.parametrize(
    "options",
    [
        {"style": "other"},
        {"unknown": 1},
        {"inject_request_headers": (("A", "b\r\nC: d"),)},
        {"inject_response_headers": (("A\n", "b"),)},
        {"inject_response_headers": (("", "b"),)},
        {"max_url": -1},
        {"inject_request_headers": 5},
    ],
)
def test_bad_options(options: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        load().HttpOptions(options)
