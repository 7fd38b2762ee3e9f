"""Where the network service lets requests go."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from tests.services.asking import FailedError, fetch
from tests.services.looped import looped
from tests.services.peer import answer, serve

from workerd.config.model import Network
from workerd.services import pipes
from workerd.services.make import ServiceConfigError, default_internet, make_service
from workerd.services.network import NetworkService
from workerd.sockets.client import dial

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "0x7f000001",
        "127.0.0.1.",
        "localhost.",
        "LOCALHOST",
        "[::]",
        "[::127.0.0.1]",
        "[0:0:0:0:0:ffff:7f00:1]",
        "[0000::0001]",
        "[64:ff9b::127.0.0.1]",
        "①②⑦.0.0.1",
        "127。0。0。1",
        "user@127.0.0.1",
        "1.1.1.1:80@127.0.0.1",
    ],
)
def test_public_only_does_not_reach_this_machine(host: str, caplog: pytest.LogCaptureFixture) -> None:
    @looped
    async def run() -> None:
        async with serve(answer(OK)) as server:
            with pytest.raises(FailedError) as caught:
                await fetch(default_internet(), "GET", f"http://{host}:{server.port}/")
            assert caught.value.message.startswith("internal error; reference = ")
            assert server.connections == 0

    run()
    reference = caplog.text.split("[reference = ")[1].split("]")[0]
    assert len(reference) == 24
    # Some of them are no names that anything resolves.
    assert "is not allowed" in caplog.text or "DNS lookup failed" in caplog.text


@looped
async def test_private_reaches_this_machine() -> None:
    net = NetworkService(Network(("private",)))
    async with serve(answer(OK)) as server:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
            assert (await fetch(net, "GET", f"http://{host}:{server.port}/")).status == 200


def _resolver(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """The names asked for; each lookup gets the next answer, the last one again and again."""
    asked: list[str] = []

    async def look_up(host: str, port: int) -> list[tuple[int, tuple[object, ...]]]:
        hosts = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET6, (ip, port, 0, 0)) if ":" in ip else (socket.AF_INET, (ip, port)) for ip in hosts]

    monkeypatch.setattr(dial, "_look_up", look_up)
    return asked


def test_names_are_judged_by_every_address(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolver(monkeypatch, ["10.0.0.1", "127.0.0.1", "::1"])

    @looped
    async def run() -> None:
        net = NetworkService(Network(("127.0.0.0/8",)))
        async with serve(answer(OK)) as server:
            assert (await fetch(net, "GET", f"http://mixed.test:{server.port}/")).status == 200
            with pytest.raises(FailedError, match="internal error"):
                await fetch(NetworkService(Network()), "GET", f"http://mixed.test:{server.port}/")
            assert server.connections == 1

    run()


def test_rebinding_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each connection makes one lookup, and goes to the address that passed."""
    asked = _resolver(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])

    @looped
    async def run() -> None:
        net = NetworkService(Network(("127.0.0.1/32",)))
        async with serve(answer(OK)) as server:
            url = f"http://rebind.test:{server.port}/"
            assert (await fetch(net, "GET", url)).status == 200
            assert asked == ["rebind.test"]
            await asyncio.sleep(0.02)
            with pytest.raises(FailedError, match="internal error"):
                await fetch(net, "GET", url)
            assert len(asked) == 2
            assert server.connections == 1

    run()


def test_the_next_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing listens on 127.0.0.2's port.
    _resolver(monkeypatch, ["127.0.0.2", "127.0.0.1"])

    @looped
    async def run() -> None:
        async with serve(answer(OK)) as server:
            net = NetworkService(Network(("private",)))
            assert (await fetch(net, "GET", f"http://two.test:{server.port}/")).status == 200

    run()


@looped
async def test_nobody_answers() -> None:
    net = NetworkService(Network(("private",)))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(FailedError) as caught:
            await fetch(net, "GET", f"http://127.0.0.1:{unused.getsockname()[1]}/")
        assert caught.value.message == "Network connection lost."


@looped
async def test_no_such_name() -> None:
    with pytest.raises(FailedError, match="internal error; reference = "):
        await fetch(default_internet(), "GET", "http://no-such-host.invalid/")


@looped
async def test_https_needs_tls_options() -> None:
    with pytest.raises(FailedError, match="internal error"):
        await fetch(NetworkService(Network(("private",))), "GET", "https://127.0.0.1/")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "nonsense", "http://127.0.0.1:0/"])
def test_urls_that_cannot_be_fetched(url: str) -> None:
    @looped
    async def run() -> None:
        with pytest.raises(FailedError) as caught:
            await fetch(NetworkService(Network(("private",))), "GET", url)
        assert caught.value.name == "TypeError"

    run()


# ---- raw connections


@looped
async def test_connect() -> None:
    net = NetworkService(Network(("private",)))

    async def handler(peer: Any) -> None:
        peer.send(b"hello ")
        peer.send(await peer.reader.read(-1))  # to the client's end of writing: half-open

    async with serve(handler) as server:
        outgoing = pipes.new_pipe()
        response = await fetch(net, "CONNECT", f"127.0.0.1:{server.port}", "", outgoing)
        assert response.status == 200
        outgoing.write(b"wor")
        outgoing.write(b"ld")
        outgoing.close()
        assert await response.read() == b"hello world"


@looped
async def test_connect_is_filtered_and_needs_a_port() -> None:
    for url in ("127.0.0.1:80", "[::ffff:127.0.0.1]:80", "2130706433:80", "0x7f.1:80", "0177.0.0.1:80", "localhost:80", "::1"):
        outgoing = pipes.new_pipe()
        with pytest.raises(FailedError, match="internal error"):
            await fetch(default_internet(), "CONNECT", url, "", outgoing)
        assert outgoing.cancelled
    with pytest.raises(FailedError, match="no port"):
        await fetch(default_internet(), "CONNECT", "example.com")


@looped
async def test_connect_to_nobody() -> None:
    net = NetworkService(Network(("private",)))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(FailedError, match="Network connection lost"):
            await fetch(net, "CONNECT", f"127.0.0.1:{unused.getsockname()[1]}")


# ---- config


def test_config_errors_name_the_service() -> None:
    with pytest.raises(ServiceConfigError, match='Service "net": "nonsense" is neither'):
        make_service("net", Network(("nonsense",)))
