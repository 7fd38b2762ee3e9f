"""Nothing stays behind when a request is over: native objects that hold callbacks are in no cycle that gc can see."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
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


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@looped
async def test_requests_given_up_leave_nothing_at_any_stage() -> None:
    """A thousand requests that their askers abandon: before the connection, while it comes about, with the body on its
    way, before the head, and in the middle of the answer. What is freed is freed at once, by no garbage collection.
    """

    async def handler(peer: Peer) -> None:
        path = (await peer.head()).split()[1]
        if path != "/silence":
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart" if path == "/part" else b"HTTP/1.1 20")
        await peer.closed()

    async with serve(handler) as server:
        net = NetworkService(Network(("private",)))
        for _ in range(5):
            await _give_up(net, server.url, 1)
        await asyncio.sleep(0.1)
        gc.collect()
        gc.disable()
        try:
            before = _descriptors()
            started = alive_uncollected()
            for _ in range(25):
                await _give_up(net, server.url, 8)
            await asyncio.sleep(0.3)
            assert _descriptors() <= before + 2
            left = alive_uncollected() - started
            assert left["ClientRequest"] <= 8, left
        finally:
            gc.enable()
        net.close()


def alive_uncollected() -> Counter[str]:
    return Counter(type(thing).__name__ for thing in gc.get_objects() if type(thing).__name__ in KINDS)


async def _give_up(net: NetworkService, url: str, count: int) -> None:
    at_once = [Exchange(net, "GET", url + "/silence") for _ in range(count)]
    for exchange in at_once:
        exchange.cancel()
    connecting = [Exchange(net, "POST", url + "/silence", "", b"x" * 1000) for _ in range(count)]
    await asyncio.sleep(0)
    for exchange in connecting:
        exchange.cancel()
    sending = [Exchange(net, "POST", url + "/silence", "", pipes.new_pipe()) for _ in range(count)]
    halves = [Exchange(net, "GET", url + "/half") for _ in range(count)]
    parts = [Exchange(net, "GET", url + "/part") for _ in range(count)]
    answers = [await part.answer for part in parts]
    for exchange in sending + halves + parts:
        exchange.cancel()
    for answer in answers:
        answer.pipe.cancel("enough")


@looped
async def test_a_connection_nobody_waits_for_is_not_made() -> None:
    net = NetworkService(Network(("private",)))
    listener = socket.create_server(("127.0.0.1", 0), backlog=1)
    with listener:
        before = _descriptors()
        # Nobody accepts: all but the first few are still connecting.
        asked = [Exchange(net, "GET", f"http://127.0.0.1:{listener.getsockname()[1]}/") for _ in range(20)]
        await asyncio.sleep(0.05)
        assert _descriptors() >= before + 20
        for exchange in asked:
            exchange.cancel()
        await asyncio.sleep(0.05)
        assert _descriptors() <= before + 2
    net.close()
