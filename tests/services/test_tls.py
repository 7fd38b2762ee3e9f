from __future__ import annotations

import asyncio
import socket
import ssl

import pytest
from tests.services.asking import FailedError, fetch
from tests.services.certificates import Authority, authority, server_tls, trusting
from tests.services.looped import looped
from tests.services.peer import Peer, answer, serve

from workerd.config.model import ExternalServer, Network
from workerd.config.network import TlsKeypair, TlsOptions, TlsVersion
from workerd.services import pipes
from workerd.services.external import make_external
from workerd.services.network import NetworkService
from workerd.services.tls import TlsConfigError, client_context, server_context
from workerd.sockets.client.address import TcpAddress
from workerd.sockets.client.tcp import open_tcp

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@looped
async def test_https() -> None:
    net = NetworkService(Network(("private",), (), trusting()))
    async with serve(answer(OK), server_tls()) as server:
        response = await fetch(net, "GET", f"https://127.0.0.1:{server.port}/")
        assert await response.read() == b"ok"


@pytest.mark.parametrize("case", ["untrusted", "other host", "expired", "plain", "nothing trusted", "old"])
def test_servers_that_cannot_prove_who_they_are(case: str) -> None:
    @looped
    async def run() -> None:
        tls: ssl.SSLContext | None = server_tls()
        options = trusting()
        if case == "untrusted":
            options = TlsOptions(trusted_certificates=(Authority().pem,))
        elif case == "nothing trusted":
            options = TlsOptions()
        elif case == "other host":
            tls = server_tls("elsewhere.test")
        elif case == "expired":
            tls = server_tls(days=-1)
        elif case == "plain":
            tls = None
        elif case == "old":
            options = trusting(min_version=TlsVersion.TLS1_3)
            assert tls is not None
            tls.maximum_version = ssl.TLSVersion.TLSv1_2
        net = NetworkService(Network(("private",), (), options))

        async def handler(peer: Peer) -> None:
            if tls is None:
                await peer.reader.read(10)
                peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            else:
                await peer.head()
                raise AssertionError("a request got through")

        async with serve(handler, tls) as server:
            with pytest.raises(FailedError, match="internal error"):
                await fetch(net, "GET", f"https://127.0.0.1:{server.port}/")

    run()


@looped
async def test_external_certificate_host() -> None:
    async with serve(answer(OK), server_tls("inner.test")) as server:
        address = f"127.0.0.1:{server.port}"
        good = make_external(ExternalServer(address, "https", tls_options=trusting(), certificate_host="inner.test"))
        assert (await fetch(good, "GET", "http://whatever/")).status == 200
        # Without certificateHost the certificate is checked against the address.
        bad = make_external(ExternalServer(address, "https", tls_options=trusting()))
        with pytest.raises(FailedError, match="internal error"):
            await fetch(bad, "GET", "http://inner.test/")


@looped
async def test_client_certificates() -> None:
    tls = server_tls(require_client_certs=True, trusted_certificates=(authority().pem,))
    tls.maximum_version = ssl.TLSVersion.TLSv1_2  # where a refusal comes before the handshake ends
    async with serve(answer(OK), tls) as server:
        url = f"https://127.0.0.1:{server.port}/"
        with_keys = NetworkService(Network(("private",), (), trusting(keypair=authority().keypair("client"))))
        assert (await fetch(with_keys, "GET", url)).status == 200
        with pytest.raises(FailedError):
            await fetch(NetworkService(Network(("private",), (), trusting())), "GET", url)


@looped
async def test_tls_later() -> None:
    tls = server_tls("later.test")

    async def handler(peer: Peer) -> None:
        assert await peer.reader.readexactly(5) == b"START"
        peer.send(b"GO")
        await peer.writer.drain()
        await peer.writer.start_tls(tls)
        peer.send(b"secret " + await peer.reader.readexactly(4))

    async with serve(handler) as server:
        stream = await open_tcp(TcpAddress("127.0.0.1", server.port))
        first = pipes.new_pipe()
        first.write(b"START")
        stream.send(first)
        assert await pipes.read(stream.incoming) == b"GO"
        await stream.start_tls(client_context(trusting()), "later.test")
        second = pipes.new_pipe()
        second.write(b"word")
        stream.send(second)
        received = b""
        while chunk := await pipes.read(stream.incoming):
            received += chunk
        assert received == b"secret word"


@looped
async def test_connect_with_tls_from_the_start() -> None:
    net = NetworkService(Network(("private",), (), trusting()))

    async def handler(peer: Peer) -> None:
        peer.send(b"secret " + await peer.reader.readexactly(4))

    async with serve(handler, server_tls()) as server:
        outgoing = pipes.new_pipe()
        url = f"127.0.0.1:{server.port}"
        response = await fetch(net, "CONNECT", url, "Secure-Transport: on\r\n", outgoing)
        outgoing.write(b"word")
        assert await response.read() == b"secret word"
        with pytest.raises(FailedError, match="internal error"):
            await fetch(NetworkService(Network(("private",))), "CONNECT", url, "Secure-Transport: on\r\n")


@pytest.mark.parametrize("name", ["later.test", "wrong.test"])
def test_connect_with_tls_later(name: str) -> None:
    async def handler(peer: Peer) -> None:
        assert await peer.reader.readexactly(5) == b"START"
        peer.send(b"GO")
        await peer.writer.drain()
        await peer.writer.start_tls(server_tls("later.test"))
        peer.send(b"secret " + await peer.reader.readexactly(4))

    @looped
    async def run() -> None:
        net = NetworkService(Network(("private",), (), trusting()))
        async with serve(handler) as server:
            outgoing = pipes.new_pipe()
            url = f"127.0.0.1:{server.port}"
            response = await fetch(net, "CONNECT", url, "Secure-Transport: starttls\r\n", outgoing)
            outgoing.write(b"START")
            assert await pipes.read(response.pipe) == b"GO"
            answers: asyncio.Queue[tuple[object, ...]] = asyncio.Queue()
            response.channel.listen(lambda *message: answers.put_nowait(message))
            response.channel.send_text(name)
            kind, text, _ = await asyncio.wait_for(answers.get(), 5)
            if name == "wrong.test":
                assert kind == "error"
                assert str(text).startswith("internal error")
                return
            assert (kind, text) == ("text", "")
            outgoing.write(b"word")
            assert await response.read() == b"secret word"
            outgoing.close()

    run()


def test_tls_ends_one_direction() -> None:
    """The end of what is sent is told to the peer, which may still answer."""

    def respond(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with server_tls().wrap_socket(connection, server_side=True) as secured:
            got = b""
            while part := secured.recv(100):
                got += part
            secured.sendall(b"got " + got)
            secured.unwrap()

    @looped
    async def run() -> None:
        net = NetworkService(Network(("private",), (), trusting()))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = asyncio.get_running_loop().run_in_executor(None, respond, listener)
            outgoing = pipes.new_pipe()
            url = f"127.0.0.1:{listener.getsockname()[1]}"
            response = await fetch(net, "CONNECT", url, "Secure-Transport: on\r\n", outgoing)
            outgoing.write(b"all")
            outgoing.close()
            assert await response.read() == b"got all"
            await serving

    run()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (TlsOptions(cipher_list="NONE-SUCH"), "cipherList"),
        (TlsOptions(trusted_certificates=("junk",)), r"trustedCertificates\[0\]"),
        (TlsOptions(keypair=TlsKeypair("junk", "junk")), "keypair"),
    ],
)
def test_options_that_cannot_be_used(options: TlsOptions, complaint: str) -> None:
    with pytest.raises(TlsConfigError, match=complaint):
        client_context(options)


def test_servers_need_a_keypair() -> None:
    with pytest.raises(TlsConfigError, match="keypair"):
        server_context(TlsOptions())


def test_unix_address_needs_a_certificate_host() -> None:
    with pytest.raises(ValueError, match="certificateHost"):
        make_external(ExternalServer("unix:/x", "https"))
