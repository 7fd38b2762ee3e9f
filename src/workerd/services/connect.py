"""CONNECT: a request that asks for a raw connection. Its body goes to the peer, the response's body comes from it."""

from __future__ import annotations

import asyncio
import ssl

from workerd.services import pipes
from workerd.services.contract import Exchange
from workerd.services.errors import NETWORK_CONNECTION_LOST, fail
from workerd.services.filter import NetworkFilter
from workerd.sockets.client.address import Address
from workerd.sockets.client.tcp import TcpStream, open_tcp


async def connect(
    exchange: Exchange,
    address: Address,
    *,
    allowed: NetworkFilter | None = None,
    tls: ssl.SSLContext | None = None,
    server_name: str | None = None,
) -> None:
    """Answers `exchange` with status 200 and the connection's bytes, or with an error."""
    body = exchange.body
    task = asyncio.current_task()
    if task is not None:
        exchange.on_cancel(lambda: task.cancel())
    try:
        stream: TcpStream = await open_tcp(address, allowed=allowed, tls=tls, server_name=server_name)
    except asyncio.CancelledError:
        pipes.drop(body, NETWORK_CONNECTION_LOST)
        raise
    except Exception as error:  # reported to the asker, whatever it is
        pipes.drop(body, NETWORK_CONNECTION_LOST)
        fail(exchange, error, f"connect to {address}")
        return
    exchange.respond(200, "OK", "", stream.incoming)
    if body is None or isinstance(body, bytes):
        outgoing = pipes.new_pipe()
        if body:
            outgoing.write(body)
        outgoing.close()
        stream.send(outgoing)
    else:
        stream.send(body)


class Tasks:
    """Background tasks of a service, kept alive until they end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, coroutine: object) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(coroutine)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
