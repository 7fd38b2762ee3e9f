from __future__ import annotations

import pytest

from workerd.config.network import HttpHeader, HttpOptions, HttpStyle
from workerd.services import headers as blocks
from workerd.services.errors import UserError
from workerd.services.http_options import ClientRewriter, parse_url


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "authority"),
    [
        ("http://a", "a", 80, "/", "a"),
        ("HTTP://a:80/x?y#z", "a", 80, "/x?y", "a"),
        ("https://a:8443?q", "a", 8443, "/?q", "a:8443"),
        ("http://user:p@a:81/", "a", 81, "/", "a:81"),
        ("https://[::1]:444/x", "::1", 444, "/x", "[::1]:444"),
        ("http://bücher.example/ü b", "xn--bcher-kva.example", 80, "/%C3%BC%20b", "xn--bcher-kva.example"),
        ("http://a/%41b?c=@:/", "a", 80, "/%41b?c=@:/", "a"),
    ],
)
def test_urls(url: str, host: str, port: int, target: str, authority: str) -> None:
    parsed = parse_url(url)
    assert (parsed.host, parsed.port, parsed.target, parsed.authority) == (host, port, target, authority)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/x",
        "http://",
        "http:///x",
        "ftp://a/",
        "http://a:0/",
        "http://a:99999/",
        "http://a b/",
        "http://a\r\nX: y/",
    ],
)
def test_urls_that_cannot_be_asked(url: str) -> None:
    with pytest.raises(UserError):
        parse_url(url)


def test_no_request_line_can_be_ended_early() -> None:
    assert parse_url("http://a/x HTTP/1.1\r\nEvil: 1").target == "/x%20HTTP/1.1%0D%0AEvil:%201"


def test_host_style() -> None:
    rewriter = ClientRewriter(HttpOptions(forwarded_proto_header="X-Proto"))
    request = rewriter.request("https://foo:99/p?q#f", "Host: zzz\r\nX-Proto: gopher\r\nA: 1\r\n", None)
    assert (request.target, request.authority) == ("/p?q", "foo:99")
    assert request.headers == "A: 1\r\nX-Proto: https\r\n"


def test_proxy_style() -> None:
    rewriter = ClientRewriter(HttpOptions(style=HttpStyle.PROXY, forwarded_proto_header="X-Proto"))
    request = rewriter.request("http://foo/p", "Host: bar\r\n", None)
    assert (request.target, request.authority, request.headers) == ("http://foo/p", "bar", "")


def test_cf_blob() -> None:
    rewriter = ClientRewriter(HttpOptions(cf_blob_header="CF-Blob"))
    assert rewriter.request("http://a/", "cf-blob: forged\r\n", None).headers == ""
    edited = rewriter.request("http://a/", "", '{"a":"é\\n",\n"b":1}').headers
    assert edited.encode("latin-1").decode() == 'CF-Blob: {"a":"é\\n", "b":1}\r\n'


def test_injection_comes_last_and_null_removes() -> None:
    options = HttpOptions(
        cf_blob_header="CF-Blob",
        inject_request_headers=(HttpHeader("a", "new"), HttpHeader("gone", None), HttpHeader("CF-Blob", None)),
        inject_response_headers=(HttpHeader("Set", "1"), HttpHeader("server", None)),
    )
    rewriter = ClientRewriter(options)
    assert rewriter.request("http://x/", "A: 1\r\nGone: 1\r\na: 2\r\nB: 1\r\n", "{}").headers == "B: 1\r\na: new\r\n"
    assert rewriter.changes_response
    assert rewriter.response("Server: x\r\nKeep: 1\r\n") == "Keep: 1\r\nSet: 1\r\n"
    assert not ClientRewriter(HttpOptions()).changes_response


def test_injected_host_is_the_host() -> None:
    rewriter = ClientRewriter(HttpOptions(inject_request_headers=(HttpHeader("Host", "inner"),)))
    request = rewriter.request("http://outer/", "", None)
    assert (request.authority, request.headers) == ("inner", "")


@pytest.mark.parametrize(
    "header", [HttpHeader("a b", "x"), HttpHeader("", "x"), HttpHeader("a", "x\r\ny"), HttpHeader("a:", None)]
)
def test_headers_that_are_none(header: HttpHeader) -> None:
    with pytest.raises(ValueError, match="not a valid HTTP header"):
        ClientRewriter(HttpOptions(inject_response_headers=(header,)))


def test_connection_headers_stay_here() -> None:
    block = (
        "Connection: close, X-Hop\r\nX-Hop: 1\r\nkeep-alive: 5\r\nTE: trailers\r\n"
        "Transfer-Encoding: gzip\r\nUpgrade: h2c\r\n"
        "Content-Length: 7\r\nProxy-Connection: x\r\n"
        "A: 1\r\nTEa: 2\r\nSec-WebSocket-Key: z\r\nSec-WebSocket-Protocol: chat\r\n"
    )
    assert blocks.without_connection_headers(block) == "A: 1\r\nTEa: 2\r\nSec-WebSocket-Protocol: chat\r\n"


def test_header_blocks() -> None:
    block = "A: 1\r\nb:2\r\na:  3 \r\n"
    assert blocks.get(block, "A") == "1"
    assert blocks.get_all(block, "a") == ["1", "3"]
    assert blocks.get(block, "c") is None
    assert blocks.pairs(block) == [("A", "1"), ("b", "2"), ("a", "3")]
    assert blocks.is_valid(block)
    assert blocks.is_valid("")
    for bad in ("A: 1\r\nB\r\n", "A: 1\nB: 2\r\n", "A: 1", "A : 1\r\n", "A: \u0100\r\n", "A: \0\r\n", "\r\n"):
        assert not blocks.is_valid(bad)
