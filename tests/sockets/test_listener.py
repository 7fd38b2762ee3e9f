"""Listeners on real sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from tests.services.certificates import Authority
from tests.services.looped import looped
from tests.sockets.support import Service, pipe, request, wait

from workerd.config.model import HttpSocket, HttpsSocket, ServiceDesignator, Socket, TcpSocket, TcpTlsMode, UdpSocket
from workerd.config.network import HttpOptions, TlsOptions
from workerd.config.options import ServeOptions
from workerd.engine.library import load
from workerd.sockets.listener import Listener
from workerd.sockets.make import SocketConfigError, make_listener


def made(address: str | None, service: Service, protocol: Any = None, **options: Any) -> Listener:
    config = Socket("main", address, protocol or HttpSocket(), ServiceDesignator("x"))
    return make_listener(config, ServeOptions(**options), load().service_target(service))


async def ask(port: int, data: bytes = request("/", "Connection: close"), **how: Any) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **how)
    writer.write(data)
    out = await reader.read()
    writer.close()
    return out


@looped
async def test_ephemeral_port() -> None:
    service = Service()
    listener = made("127.0.0.1:0", service)
    await listener.start()
    assert listener.port > 0
    assert (await ask(listener.port)).endswith(b"hello")
    assert service.exchanges[0].cf.startswith('{"clientIp":"127.0.0.1:')
    assert await listener.drain(1)


@looped
async def test_ipv6() -> None:
    service = Service()
    listener = made("[::1]:0", service)
    await listener.start()
    reader, writer = await asyncio.open_connection("::1", listener.port)
    writer.write(request("/", "Connection: close"))
    assert (await reader.read()).endswith(b"hello")
    assert service.exchanges[0].cf.startswith('{"clientIp":"[::1]:')
    writer.close()
    assert await listener.drain(1)


@looped
async def test_all_interfaces() -> None:
    listener = made("*:0", Service())
    await listener.start()
    for host in ("127.0.0.1", "::1"):
        reader, writer = await asyncio.open_connection(host, listener.port)
        writer.write(request("/", "Connection: close"))
        assert (await reader.read()).endswith(b"hello")
        writer.close()
    assert await listener.drain(1)


@looped
async def test_unix_sockets(tmp_path: Path) -> None:
    for address, path in (
        (f"unix:{tmp_path}/s", f"{tmp_path}/s"),
        (f"unix-abstract:t{os.getpid()}", f"\0t{os.getpid()}"),
    ):
        service = Service()
        listener = made(address, service)
        await listener.start()
        assert listener.port == 0
        client = socket.socket(socket.AF_UNIX)
        client.connect(path)
        reader, writer = await asyncio.open_unix_connection(sock=client)
        writer.write(request("/", "Connection: close"))
        assert (await reader.read()).endswith(b"hello")
        assert service.exchanges[0].cf == f'{{"clientPid":{os.getpid()},"clientUid":{os.getuid()}}}'
        writer.close()
        assert await listener.drain(1)
        assert not os.path.exists(path.replace("\0", "@"))


@looped
async def test_inherited_descriptor() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        listener = made(None, Service(), socket_fds={"main": os.dup(sock.fileno())})
        await listener.start()
        assert listener.port == sock.getsockname()[1]
        assert (await ask(listener.port)).endswith(b"hello")
        assert await listener.drain(1)


@looped
async def test_what_cannot_be_served() -> None:
    for protocol, address, text in (
        (HttpSocket(), None, "there is no address"),
        (HttpSocket(), "a:b", "is not an address"),
        (UdpSocket(), "*:0", "udp is not supported"),
        (TcpSocket(TlsOptions(), TcpTlsMode.START_TLS), "*:0", "keypair"),
        (HttpsSocket(HttpOptions(), TlsOptions()), "*:0", "keypair"),
    ):
        with pytest.raises(SocketConfigError, match=f'socket "main": .*{text}'):
            made(address, Service(), protocol)
    with pytest.raises(SocketConfigError, match="file descriptor 9999"):
        made(None, Service(), socket_fds={"main": 9999})


@looped
async def test_tls() -> None:
    authority = Authority()
    service = Service()
    tls = TlsOptions(keypair=authority.keypair("127.0.0.1"))
    listener = made("127.0.0.1:0", service, HttpsSocket(HttpOptions(), tls))
    await listener.start()
    context = ssl.create_default_context(cadata=authority.pem)
    context.set_alpn_protocols(["http/1.1"])
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port, ssl=context)
    assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
    writer.write(request("/", "Connection: close"))
    assert (await reader.read()).endswith(b"hello")
    assert service.exchanges[0].url == "https://a.test/"
    writer.close()
    # Plain HTTP on the TLS port gets no answer, and does no harm.
    with pytest.raises(ConnectionError):
        assert await ask(listener.port) == b""
        raise ConnectionResetError
    assert (await ask(listener.port, ssl=context)).endswith(b"hello")
    assert await listener.drain(1)


@looped
async def test_client_certificates() -> None:
    authority, stranger = Authority(), Authority()
    tls = TlsOptions(
        keypair=authority.keypair("127.0.0.1"), require_client_certs=True, trusted_certificates=(authority.pem,)
    )
    listener = made("127.0.0.1:0", Service(), HttpsSocket(HttpOptions(), tls))
    await listener.start()
    from workerd.services.tls import client_context

    def context(who: Authority | None) -> ssl.SSLContext:
        keypair = who.keypair("client") if who else None
        return client_context(TlsOptions(keypair=keypair, trusted_certificates=(authority.pem,)))

    assert (await ask(listener.port, ssl=context(authority))).endswith(b"hello")
    for who in (stranger, None):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            assert not await ask(listener.port, ssl=context(who))
            raise ConnectionResetError
    assert await listener.drain(1)


@looped
async def test_raw_tcp() -> None:
    service = Service(wait)
    listener = made("127.0.0.1:0", service, TcpSocket())
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"not HTTP\n")
    await eventually(lambda: bool(service.exchanges and service.exchanges[0].body.queued))
    exchange = service.exchanges[0]
    assert (exchange.method, exchange.url) == ("CONNECT", "127.0.0.1:0")
    host, port = writer.get_extra_info("sockname")
    assert exchange.headers == f"Remote-Address: {host}:{port}\r\n"
    assert exchange.body.try_read(100) == b"not HTTP\n"
    answer = pipe()
    exchange.respond(200, "", "", answer)
    answer.write(b"as it is")
    assert await reader.readexactly(8) == b"as it is"
    answer.close()
    assert await reader.read() == b""
    writer.close()
    assert await listener.drain(1)


def upgradable(ends: list[Any]) -> Service:
    """Answers raw connections with "go ahead", and a channel to ask for TLS on."""

    def answer(exchange: Any) -> None:
        assert exchange.headers.endswith("Secure-Transport: starttls\r\n")
        body = pipe()
        body.write(b"go ahead\n")
        ours, theirs = load().channel_pair()
        ends.extend((body, ours))
        exchange.respond(200, "", "", body, theirs)

    return Service(answer)


@looped
async def test_raw_tcp_with_tls_later() -> None:
    authority = Authority()
    ends: list[Any] = []
    service = upgradable(ends)
    tls = TlsOptions(keypair=authority.keypair("127.0.0.1"))
    listener = made("127.0.0.1:0", service, TcpSocket(tls, TcpTlsMode.START_TLS))
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    assert await reader.readline() == b"go ahead\n"
    body, control = ends
    heard: list[Any] = []
    control.listen(lambda *message: heard.append(message))
    control.send_text("")
    await writer.start_tls(ssl.create_default_context(cadata=authority.pem), server_hostname="127.0.0.1")
    writer.write(b"a secret")
    exchange = service.exchanges[0]
    await eventually(lambda: exchange.body.queued)
    assert heard == [("text", "", "")]
    assert exchange.body.try_read(100) == b"a secret"
    body.write(b"another")
    assert await reader.readexactly(7) == b"another"
    body.close()
    assert await reader.read() == b""
    writer.close()
    assert await listener.drain(1)


@looped
async def test_a_tls_handshake_that_fails_later() -> None:
    ends: list[Any] = []
    service = upgradable(ends)
    tls = TlsOptions(keypair=Authority().keypair("127.0.0.1"))
    listener = made("127.0.0.1:0", service, TcpSocket(tls, TcpTlsMode.START_TLS))
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    await reader.readline()
    body, control = ends
    heard: list[Any] = []
    control.listen(lambda *message: heard.append(message))
    control.send_text("")
    await asyncio.sleep(0.05)
    writer.write(b"this is no ClientHello\n")
    await eventually(lambda: heard)
    assert heard[0][0] == "error"
    assert body.cancelled
    assert listener.connections == 0
    writer.close()
    assert await listener.drain(1)


async def eventually(condition: Any, seconds: float = 5) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        assert loop.time() < end, "it did not happen"
        await asyncio.sleep(0.005)


@looped
async def test_drain_lets_requests_finish_and_closes_idle_connections() -> None:
    service = Service()
    listener = made("127.0.0.1:0", service)
    await listener.start()
    idle_reader, idle_writer = await asyncio.open_connection("127.0.0.1", listener.port)
    idle_writer.write(request())
    await idle_reader.readuntil(b"hello")
    service.answer = wait
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(request("/slow"))
    await eventually(lambda: len(service.exchanges) == 2)
    assert listener.connections == 2
    draining = asyncio.ensure_future(listener.drain(5))
    assert await idle_reader.read() == b""
    with pytest.raises(OSError, match="refused"):
        await asyncio.open_connection("127.0.0.1", listener.port)
    assert not draining.done()
    service.exchanges[1].respond(200, "", "", b"finished")
    out = await reader.read()
    assert b"Connection: close\r\n" in out
    assert out.endswith(b"finished")
    assert await draining
    for each in (idle_writer, writer):
        each.close()


@looped
async def test_drain_does_not_wait_for_ever() -> None:
    service = Service(wait)
    listener = made("127.0.0.1:0", service)
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(request("/slow"))
    await eventually(lambda: service.exchanges)
    assert await listener.drain(0.05) is False
    with pytest.raises(ConnectionError):
        assert await reader.read() == b""
        raise ConnectionResetError
    await eventually(lambda: service.exchanges[0].cancelled)
    assert listener.connections == 0
    writer.close()


@looped
async def test_an_error_answer_arrives_though_the_client_is_still_sending() -> None:
    listener = made("127.0.0.1:0", Service())
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(request("/", "Content-Length: 99999999", method="POST") + b"x" * 3_000_000)
    out = await reader.read()
    assert out.endswith(b"hello")
    writer.close()
    await eventually(lambda: listener.connections == 0)
    assert await listener.drain(1)


@looped
async def test_retarget_takes_the_connections_along() -> None:
    listener = made("127.0.0.1:0", Service())
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(request())
    await reader.readuntil(b"hello")
    listener.retarget(load().service_target(Service(lambda exchange: exchange.respond(200, "", "", b"other"))))
    writer.write(request())
    await reader.readuntil(b"other")
    assert (await ask(listener.port)).endswith(b"other")
    writer.close()
    assert await listener.drain(1)


@looped
async def test_slow_reader_gets_everything() -> None:
    service = Service(wait)
    listener = made("127.0.0.1:0", service)
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port, limit=1 << 16)
    writer.write(request("/", "Connection: close"))
    await eventually(lambda: service.exchanges)
    body = pipe()
    service.exchanges[0].respond(200, "", "", body)
    left = 20_000_000
    most = 0

    def more() -> None:
        nonlocal left, most
        while left > 0:
            left -= 65536
            room = body.write(b"x" * 65536)
            most = max(most, body.queued)
            if not room:
                return
        body.close()

    body.set_on_drain(more)
    more()
    await asyncio.sleep(0.1)
    assert left > 10_000_000  # the producer waits for the client
    assert most < 1_000_000
    got = 0
    while data := await reader.read(1 << 20):
        got += len(data)
    assert got > 20_000_000
    writer.close()
    assert await listener.drain(1)


@looped
async def test_upload_through_the_socket() -> None:
    service = Service(wait)
    listener = made("127.0.0.1:0", service)
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(request("/", "Content-Length: 5000000", method="POST"))
    await eventually(lambda: service.exchanges)
    body = service.exchanges[0].body
    writer.write(b"x" * 5_000_000)
    await asyncio.sleep(0.1)
    assert body.queued < 1_000_000  # reading stopped
    got = 0

    def read() -> None:
        nonlocal got
        while isinstance(data := body.try_read(1 << 20), bytes):
            got += len(data)
        if data is None:
            service.exchanges[0].respond(200, "", "", b"%d" % got)

    body.set_on_readable(read)
    assert (await reader.readuntil(b"5000000")).endswith(b"\r\n\r\n5000000")
    body.set_on_readable(None)
    writer.close()
    assert await listener.drain(1)
