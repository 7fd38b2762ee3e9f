"""Connections kept and shared: one `Origin` for each place that a service connects to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from workerd.services.errors import UserError
from workerd.services.filter import NetworkFilter
from workerd.sockets.client.address import Address
from workerd.sockets.client.dial import dial
from workerd.sockets.client.http1 import Http1Connection
from workerd.sockets.client.http2 import Http2Connection
from workerd.sockets.client.outgoing import ClientRequest

#: Seconds an unused connection is kept; most of them for one origin.
IDLE_TIMEOUT = 15.0
MAX_IDLE = 128


class TlsContexts:
    """The contexts of a service with TLS: WebSockets need HTTP/1.1, other requests may speak HTTP/2, and raw
    connections speak neither.
    """

    def __init__(self, make: Callable[[tuple[str, ...]], ssl.SSLContext], *, http2: bool = True) -> None:
        self.raw = make(())
        self.http1 = make(("http/1.1",))
        self.any = make(("h2", "http/1.1")) if http2 else self.http1


class _Dialling:
    """Carries a request that has no connection yet."""

    def __init__(self, origin: Origin, task: asyncio.Task[None]) -> None:
        self._origin = origin
        self._task = task

    def cancel(self, request: ClientRequest) -> None:
        self._origin.give_up(self._task)


class Origin:
    """Sends requests to one address, over as few connections as it takes."""

    def __init__(
        self,
        address: Address,
        *,
        allowed: NetworkFilter | None = None,
        tls: TlsContexts | None = None,
        server_name: str | None = None,
    ) -> None:
        """`server_name`: what certificates must be for; None: the address's own host."""
        self._address = address
        self._allowed = allowed
        self._tls = tls
        self._server_name = server_name
        self._idle: list[Http1Connection] = []
        self._open: set[Http1Connection] = set()
        self._http2: Http2Connection | None = None
        #: None until the first TLS connection tells which protocol the server speaks.
        self._speaks_http2: bool | None = False if tls is None or tls.any is tls.http1 else None
        self._probe: asyncio.Future[None] | None = None
        self._prober: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def unused(self) -> bool:
        """Whether nothing is lost with this object."""
        return not self._open and not self._tasks and self._http2 is None

    def send(self, request: ClientRequest) -> None:
        """Sends `request` now if a connection is free, else over a new one. Answers it with an error if that fails."""
        if not request.well_formed():
            request.fail(UserError("The request has a header, a method or a URL that cannot be sent."))
            return
        if not request.wants_websocket and self._http2 is not None and self._http2.has_room:
            self._http2.start(request)
            return
        while self._idle:
            connection = self._idle.pop()
            if not connection.usable:
                continue
            if request.replayable or connection.still_open():
                connection.start(request)
                return
            connection.close()
        task = asyncio.get_running_loop().create_task(self._send_over_new(request))
        request.carrier = _Dialling(self, task)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def give_up(self, task: asyncio.Task[None]) -> None:
        """Whoever `task` connects for is gone. Others may wait for what the first connection shows."""
        if task is not self._prober:
            task.cancel()

    def close(self) -> None:
        """Ends all connections and whatever they carry."""
        for task in list(self._tasks):
            task.cancel()
        for connection in list(self._open):
            connection.close()
        if self._http2 is not None:
            self._http2.close()
        if self._sweep is not None:
            self._sweep.cancel()

    # ---- Owner of connections

    def idle(self, connection: Http1Connection) -> None:
        if len(self._idle) >= MAX_IDLE:
            connection.close()
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(IDLE_TIMEOUT / 2, self._close_old)

    def closed(self, connection: Http1Connection) -> None:
        self._open.discard(connection)

    def http2_ended(self, connection: Http2Connection) -> None:
        """It takes no more requests (it may still finish those it has)."""
        if self._http2 is connection:
            self._http2 = None

    def retry(self, request: ClientRequest) -> None:
        request.retried = True
        request.carrier = None
        self.send(request)

    # ---- new connections

    async def _send_over_new(self, request: ClientRequest) -> None:
        try:
            if request.wants_websocket:
                connection = await self._connect(http2=False)
            elif self._speaks_http2 is not None:
                connection = await self._connect(http2=self._speaks_http2)
            elif self._probe is None:
                connection = await self._connect_first()
            else:
                # The first connection shows whether one is enough; whoever comes meanwhile waits for it.
                await asyncio.shield(self._probe)
                if not request.cancelled:
                    self.send(request)
                return
            if not request.cancelled:
                connection.start(request)
            elif isinstance(connection, Http1Connection):
                self.idle(connection)
        except asyncio.CancelledError:
            request.fail(ConnectionError("the server is stopping"))
            raise
        except Exception as error:  # reported to the asker, whatever it is
            request.fail(error)

    async def _connect_first(self) -> Http1Connection | Http2Connection:
        probe = self._probe = asyncio.get_running_loop().create_future()
        self._prober = asyncio.current_task()
        try:
            connection = await self._connect(http2=True)
        except BaseException as error:
            probe.set_exception(error if isinstance(error, Exception) else ConnectionError("the server is stopping"))
            probe.exception()  # those who wait raise it; if nobody does, that is no mistake
            raise
        else:
            probe.set_result(None)
        finally:
            self._probe = self._prober = None
        return connection

    async def _connect(self, *, http2: bool) -> Http1Connection | Http2Connection:
        tls = self._tls
        context = None if tls is None else tls.any if http2 else tls.http1
        transport, first = await dial(
            self._address,
            lambda: Http1Connection(self),
            allowed=self._allowed,
            tls=context,
            server_name=self._server_name,
        )
        ssl_object = transport.get_extra_info("ssl_object")
        if http2 and ssl_object is not None:
            self._speaks_http2 = ssl_object.selected_alpn_protocol() == "h2"
            if self._speaks_http2:
                connection = Http2Connection(self)
                transport.set_protocol(connection)
                connection.connection_made(transport)
                self._http2 = connection
                return connection
        self._open.add(first)
        return first

    def _close_old(self) -> None:
        self._sweep = None
        loop = asyncio.get_running_loop()
        oldest = loop.time() - IDLE_TIMEOUT
        kept: list[Http1Connection] = []
        for connection in self._idle:
            if connection.usable and connection.idle_since > oldest:
                kept.append(connection)
            else:
                connection.close()
        self._idle = kept
        if kept:
            self._sweep = loop.call_later(IDLE_TIMEOUT / 2, self._close_old)
