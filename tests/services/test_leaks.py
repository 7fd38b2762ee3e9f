"""Nothing stays behind when a request is over: native objects that hold callbacks are in no cycle that gc can see."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter

import pytest
from tests.services.asking import Exchange, FailedError, fetch
from tests.services.looped import looped
from tests.services.peer import Peer, serve

from workerd.config.model import Network
from workerd.services import pipes
from workerd.services.network import NetworkService

KINDS = {"ClientRequest", "Http1Connection", "Upload", "Download", "Origin", "TcpStream", "Exchange", "ClientWebSocket"}


def alive() -> Counter[str]:
    gc.collect()
    return Counter(type(thing).__name__ for thing in gc.get_objects() if type(thing).__name__ in KINDS)


async def _answer(peer: Peer) -> None:
    while True:
        head = await peer.head()
        path = head.split()[1]
        if "chunked" in head and path == "/":
            await peer.reader.readuntil(b"0\r\n\r\n")
        if path == "/chunks":
            peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
            await asyncio.sleep(0.001)
            peer.send(b"2\r\nok\r\n0\r\n\r\n")
        elif path == "/cut":
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok")
            return
        elif path == "/none":
            return
        elif path == "/endless":
            peer.send(b"HTTP/1.1 200 OK\r\n\r\nok")
            await asyncio.sleep(10)
        else:
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


async def _use(net: NetworkService, url: str) -> None:
    await (await fetch(net, "GET", url)).read()
    await (await fetch(net, "GET", url + "/chunks")).read()
    body = pipes.new_pipe()
    asked = asyncio.create_task(fetch(net, "POST", url, "", body))
    body.write(b"one")
    await asyncio.sleep(0.001)
    body.write(b"two")
    body.close()
    await (await asked).read()
    with pytest.raises(ConnectionError):
        await (await fetch(net, "GET", url + "/cut")).read()
    with pytest.raises(FailedError):
        await fetch(net, "GET", url + "/none")
    body = pipes.new_pipe()
    with pytest.raises(FailedError):
        await fetch(net, "POST", url + "/none", "", body)
    response = await fetch(net, "GET", url + "/endless")
    response.pipe.cancel("enough")
    exchange = Exchange(net, "GET", url + "/endless?")
    exchange.cancel()
    exchange = Exchange(net, "POST", url + "/endless", "", pipes.new_pipe())
    (await exchange.answer).pipe.cancel("enough")


@looped
async def test_requests_leave_nothing() -> None:
    start = alive()  # other tests leave some behind, on purpose
    async with serve(_answer) as server:
        net = NetworkService(Network(("private",)))
        await _use(net, server.url)
        await asyncio.sleep(0.05)
        before = alive()
        for _ in range(10):
            await _use(net, server.url)
        await asyncio.sleep(0.05)
        after = alive()
        assert after["Exchange"] <= before["Exchange"]
        # Connections come and go, but not by tens.
        assert sum((after - before).values()) <= 4, after - before
        net.close()
        del net
    await asyncio.sleep(0.05)
    assert not alive() - start


@looped
async def test_raw_connections_leave_nothing() -> None:
    start = alive()

    async def handler(peer: Peer) -> None:
        peer.send(await peer.reader.read(-1))

    async with serve(handler) as server:
        net = NetworkService(Network(("private",)))
        for _ in range(10):
            outgoing = pipes.new_pipe()
            response = await fetch(net, "CONNECT", f"127.0.0.1:{server.port}", "", outgoing)
            outgoing.write(b"x")
            await asyncio.sleep(0)
            outgoing.close()
            assert await response.read() == b"x"
        await asyncio.sleep(0.05)
        del response, outgoing
        left = alive() - start
        assert left["TcpStream"] == left["Upload"] == 0
