"""CONNECT: a request that asks for a raw connection. Its body goes to the peer, the response's body comes from there.

A header says about TLS: `Secure-Transport: on` for TLS from the start, `starttls` for TLS later. In that case the
response has a channel: a text message with the name that the certificate must be for starts the handshake (all that
was written before must have been taken); the answer is an empty text message, or an error, after which the connection
is gone.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine

from workerd.services import headers as blocks
from workerd.services import pipes
from workerd.services.contract import ChannelEnd, Exchange
from workerd.services.errors import NETWORK_CONNECTION_LOST, InternalError, fail, user_message
from workerd.services.filter import NetworkFilter
from workerd.sockets.client.address import Address, TcpAddress
from workerd.sockets.client.tcp import TcpStream, open_tcp


async def connect(
    exchange: Exchange,
    address: Address,
    *,
    allowed: NetworkFilter | None = None,
    tls: ssl.SSLContext | None = None,
    server_name: str | None = None,
    on_demand: ssl.SSLContext | None = None,
) -> None:
    """Answers `exchange` with status 200 and the connection's bytes, or with an error.

    `tls`: TLS in any case. `on_demand`: for those who ask for it.
    """
    body = exchange.body
    task = asyncio.current_task()
    assert task is not None
    exchange.on_cancel(lambda: task.cancel())
    secure = blocks.get(exchange.headers, "secure-transport") or "off"
    try:
        if secure == "on" and tls is None:
            if on_demand is None:
                raise InternalError("this service has no TLS configuration")
            tls = on_demand
        stream: TcpStream = await open_tcp(address, allowed=allowed, tls=tls, server_name=server_name)
    except asyncio.CancelledError:
        pipes.drop(body, NETWORK_CONNECTION_LOST)
        raise
    except Exception as error:  # reported to the asker, whatever it is
        pipes.drop(body, NETWORK_CONNECTION_LOST)
        fail(exchange, error, f"connect to {address}")
        return
    channel = None
    if secure == "starttls" and on_demand is not None:
        channel = _control(stream, address, on_demand)
    exchange.respond(200, "OK", "", stream.incoming, channel)
    if body is None or isinstance(body, bytes):
        outgoing = pipes.new_pipe()
        if body:
            outgoing.write(body)
        outgoing.close()
        stream.send(outgoing)
    else:
        stream.send(body)


def _control(stream: TcpStream, address: Address, context: ssl.SSLContext) -> ChannelEnd:
    """The asker's end of the channel that starts TLS."""
    theirs, ours = pipes.new_channel()
    tasks = Tasks()

    async def start(server_name: str) -> None:
        if not server_name and isinstance(address, TcpAddress):
            server_name = address.host
        try:
            await stream.start_tls(context, server_name)
        except InternalError as error:
            ours.abort(user_message(error, f"startTls to {address}")[1])
        else:
            ours.send_text("")
        ours.disconnect()

    def asked(kind: str, data: object, reason: object) -> None:
        if kind == "text":
            tasks.spawn(start(str(data)))

    ours.listen(asked)
    stream.on_closed = lambda _: ours.disconnect()
    return theirs


class Tasks:
    """Background tasks of a service, kept alive until they end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, coroutine: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
