from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from tests.services.asking import FailedError, fetch
from tests.services.looped import looped
from tests.services.peer import Handler, Peer, serve

from workerd.config.model import ExternalServer
from workerd.config.network import HttpHeader, HttpOptions, HttpStyle
from workerd.services import pipes
from workerd.services.external import make_external
from workerd.services.make import ServiceConfigError, make_service
from workerd.sockets.client.address import TcpAddress, UnixAddress, parse_address

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: x\r\n\r\nok"


def recording(heads: list[str]) -> Handler:
    async def handler(peer: Peer) -> None:
        while True:
            heads.append(await peer.head())
            peer.send(OK)

    return handler


@looped
async def test_the_url_does_not_route() -> None:
    heads: list[str] = []
    async with serve(recording(heads)) as server:
        service = make_external(ExternalServer(f"127.0.0.1:{server.port}"))
        for url in ("http://foo/path?q#f", "https://bar:99/", "http://user:pw@baz/x"):
            assert (await fetch(service, "GET", url)).status == 200
        assert server.connections == 1
    assert heads == [
        "GET /path?q HTTP/1.1\r\nHost: foo",
        "GET / HTTP/1.1\r\nHost: bar:99",
        "GET /x HTTP/1.1\r\nHost: baz",
    ]


@looped
async def test_options() -> None:
    heads: list[str] = []
    options = HttpOptions(
        forwarded_proto_header="X-Proto",
        cf_blob_header="CF-Blob",
        inject_request_headers=(HttpHeader("Foo", "oof"), HttpHeader("Gone", None)),
        inject_response_headers=(HttpHeader("Baz", "zab"), HttpHeader("Server", None)),
    )
    async with serve(recording(heads)) as server:
        service = make_external(ExternalServer(f"127.0.0.1:{server.port}", options=options))
        headers = "X-Proto: forged\r\nCF-Blob: forged\r\nGone: 1\r\nKept: 1\r\n"
        response = await fetch(service, "GET", "https://foo/", headers, cf='{"hello":"wörld"}')
        assert response.raw_headers == "Content-Length: 2\r\nBaz: zab\r\n"
        await fetch(service, "GET", "http://foo/", headers)
    first = 'Kept: 1\r\nX-Proto: https\r\nCF-Blob: {"hello":"wörld"}\r\nFoo: oof'
    assert heads[0].encode("latin-1").decode() == f"GET / HTTP/1.1\r\nHost: foo\r\n{first}"
    assert heads[1] == "GET / HTTP/1.1\r\nHost: foo\r\nKept: 1\r\nX-Proto: http\r\nFoo: oof"


@looped
async def test_proxy_style() -> None:
    heads: list[str] = []
    async with serve(recording(heads)) as server:
        service = make_external(ExternalServer(f"127.0.0.1:{server.port}", options=HttpOptions(style=HttpStyle.PROXY)))
        await fetch(service, "GET", "http://foo/path", "Host: foo\r\n")
    assert heads == ["GET http://foo/path HTTP/1.1\r\nHost: foo"]


@pytest.mark.parametrize("abstract", [False, True])
def test_unix_sockets(tmp_path: Path, abstract: bool) -> None:
    name = f"workerd-test-{os.getpid()}" if abstract else str(tmp_path / "sock")

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        writer.close()

    @looped
    async def run() -> None:
        listener = await asyncio.start_unix_server(accepted, ("\0" if abstract else "") + name)
        service = make_external(ExternalServer(("unix-abstract:" if abstract else "unix:") + name))
        assert (await fetch(service, "GET", "http://foo/")).status == 200
        listener.close()

    run()


@looped
async def test_tcp() -> None:
    async def handler(peer: Peer) -> None:
        peer.send(b"you said " + await peer.reader.readexactly(5))

    async with serve(handler) as server:
        service = make_external(ExternalServer(f"127.0.0.1:{server.port}", "tcp"))
        outgoing = pipes.new_pipe()
        outgoing.write(b"hello")
        response = await fetch(service, "CONNECT", "whatever:1", "", outgoing)
        assert await response.read() == b"you said hello"
        with pytest.raises(FailedError, match="don't support this event type"):
            await fetch(service, "GET", "http://foo/")
    with pytest.raises(FailedError, match="don't support this event type"):
        await fetch(make_external(ExternalServer("127.0.0.1:1")), "CONNECT", "whatever:1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.com", TcpAddress("example.com", 80)),
        ("example.com:81", TcpAddress("example.com", 81)),
        ("1.2.3.4:81", TcpAddress("1.2.3.4", 81)),
        ("[::1]:81", TcpAddress("::1", 81)),
        ("[::1]", TcpAddress("::1", 80)),
        ("::1", TcpAddress("::1", 80)),
        ("unix:a/b", UnixAddress("a/b")),
        ("unix-abstract:name", UnixAddress("\0name")),
    ],
)
def test_addresses(text: str, expected: object) -> None:
    assert parse_address(text, 80) == expected


@pytest.mark.parametrize("text", ["", ":80", "*", "*:80", "a:b", "a:0", "a:70000", "[::1", "a b:http"])
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|port"):
        parse_address(text, 80)


def test_config_errors() -> None:
    with pytest.raises(ServiceConfigError, match="--external-addr"):
        make_service("ext", ExternalServer(None))
    with pytest.raises(ServiceConfigError, match='Service "ext": "nowhere:x"'):
        make_service("ext", ExternalServer("nowhere:x"))
    with pytest.raises(ServiceConfigError, match="newer version"):
        make_service("ext", ExternalServer("a:1", "unknown"))
    options = HttpOptions(inject_request_headers=(HttpHeader("a b", "x"),))
    with pytest.raises(ServiceConfigError, match="not a valid HTTP header"):
        make_service("ext", ExternalServer("a:1", options=options))
