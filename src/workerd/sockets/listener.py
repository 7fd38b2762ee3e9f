"""A listening socket, its connections, their timeouts, and their orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import ssl
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workerd.sockets.address import BACKLOG, ListenAddress, bind
from workerd.sockets.owner import Connection
from workerd.sockets.peer import cf_of, remote_address

if TYPE_CHECKING:
    from workerd.observe.observation import Observation

_log = logging.getLogger("workerd.sockets")

#: Seconds between looks at the connections' timeouts.
_SWEEP = 1.0


class Listener:
    """One configured socket. `port` is known after start(); 0 for a Unix socket."""

    def __init__(
        self,
        name: str,
        address: ListenAddress | None,
        target: Any,
        make_connection: Callable[[Any, Any], Any],
        *,
        inherited: socket.socket | None = None,
        tls: ssl.SSLContext | None = None,
        raw_address: str | None = None,
        start_tls: ssl.SSLContext | None = None,
        make_http2: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        """`make_connection(target, owner)` makes the protocol of a new connection. `address` None: see `inherited`.

        `raw_address`: the connections are not HTTP; it is the URL of the CONNECT request made for each. `start_tls`:
        for those, TLS when the worker asks for it. `make_http2`: like `make_connection`, for clients that chose "h2".
        """
        self.name = name
        self.port = 0
        #: The service that requests go to, for logs; and who is told of them.
        self.service = ""
        self.observation: Observation | None = None
        self._address = address
        self._target = target
        self._make_connection = make_connection
        self._inherited = inherited
        self._tls = tls
        self._raw_address = raw_address
        self._start_tls = start_tls
        self._make_http2 = make_http2
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._unlink: str | None = None
        self._connections: dict[Connection, asyncio.Transport] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._stopping = False
        self._empty: asyncio.Future[None] | None = None

    # ---- the listening sockets

    async def start(self) -> None:
        """Binds and listens. Raises AddressError or OSError; nothing is left open then."""
        if self._inherited is not None:
            sockets = [self._inherited]
        else:
            assert self._address is not None
            sockets = await bind(self._address)
        first = sockets[0]
        if first.family in (socket.AF_INET, socket.AF_INET6):
            self.port = int(first.getsockname()[1])
        elif self._address is not None and self._address.unix and not self._address.unix.startswith("\0"):
            self._unlink = self._address.unix
        loop = asyncio.get_running_loop()
        try:
            while sockets:
                sock = sockets[0]
                make = loop.create_unix_server if sock.family == socket.AF_UNIX else loop.create_server
                server = await make(self._new_protocol, sock=sock, ssl=self._tls, backlog=BACKLOG)
                sockets.pop(0)
                self._servers.append(server)
        except BaseException:
            for sock in sockets:
                sock.close()
            self.stop_accepting()
            raise

    def stop_accepting(self) -> None:
        """Closes the listening sockets. Connections that are idle close now, the others with their next answer."""
        if self._stopping:
            return
        self._stopping = True
        for server in self._servers:
            server.close()
        self._servers.clear()
        if self._unlink is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._unlink)
        for connection in list(self._connections):
            connection.shutdown()

    def retarget(self, target: Any) -> None:
        """Sends new requests to `target`, also those of connections that are there; requests under way stay."""
        self._target = target
        for connection in self._connections:
            if hasattr(connection, "set_target"):  # a WebSocket has no more requests
                connection.set_target(target)

    async def drain(self, timeout: float) -> bool:
        """Waits until every connection has ended; after `timeout` seconds ends the rest. False if it had to."""
        self.stop_accepting()
        if not self._connections:
            return True
        self._empty = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(self._empty, timeout)
            return True
        except TimeoutError:
            self.abort()
            return False

    def abort(self) -> None:
        """Ends every connection at once."""
        for transport in list(self._connections.values()):
            transport.abort()

    @property
    def connections(self) -> int:
        return len(self._connections)

    # ---- the connections (workerd.sockets.owner.ConnectionOwner)

    def _new_protocol(self) -> Any:
        return self._make_connection(self._target, self)

    def connection_made(self, connection: Any, transport: asyncio.Transport) -> None:
        if self._make_http2 is not None:
            tls = transport.get_extra_info("ssl_object")
            if tls is not None and tls.selected_alpn_protocol() == "h2":
                connection = self._make_http2(self._target, self)
                transport.set_protocol(connection)
        self._connections[connection] = transport
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(_SWEEP, self._look)
        connection.attach(transport, cf_of(transport))
        if self._raw_address is not None:
            remote = remote_address(transport)
            headers = f"Remote-Address: {remote}\r\n" if remote else ""
            if self._start_tls is not None:
                headers += "Secure-Transport: starttls\r\n"
            connection.start_raw(self._raw_address, headers)
        if self._stopping:
            connection.shutdown()  # was on its way when the listening socket closed

    def connection_closing(self, connection: Any, linger: bool) -> None:
        transport = self._connections.get(connection)
        if transport is None:
            return
        if linger and transport.can_write_eof():
            # What the client still sends is read and dropped until it closes, or for the time check_timeout() gives it.
            try:
                transport.write_eof()
                return
            except (OSError, RuntimeError) as error:
                _log.debug("%s: no half-close: %s", self.name, error)
        transport.close()

    def connection_upgraded(
        self, connection: Any, websocket: Any, rest: bytes, request_headers: str, response_headers: str
    ) -> None:
        transport = self._connections.pop(connection, None)
        if transport is None:
            return
        self._connections[websocket] = transport
        transport.set_protocol(websocket)
        websocket.attach(transport)
        if rest:
            websocket.data_received(rest)
        if self._stopping:
            websocket.shutdown()

    def connection_control(self, connection: Any, channel: Any) -> None:
        def asked(kind: str, data: object, reason: object) -> None:
            if kind == "text":
                task = asyncio.get_running_loop().create_task(self._secure(connection, channel))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

        channel.listen(asked)

    async def _secure(self, connection: Any, channel: Any) -> None:
        """TLS from here on; the worker is told on `channel`, with a text message or an error."""
        transport = self._connections.get(connection)
        if transport is None or self._start_tls is None:
            channel.abort("the connection is closed" if transport is None else "this socket has no TLS options")
            channel.disconnect()
            return
        loop = asyncio.get_running_loop()
        try:
            secured = await loop.start_tls(transport, connection, self._start_tls, server_side=True)
        except (OSError, TimeoutError) as error:
            transport.abort()
            # start_tls() took the transport from the protocol, which learns of the end here.
            connection.connection_lost(error)
            channel.abort(f"TLS handshake failed: {error}")
        else:
            if secured is not None and connection in self._connections:
                self._connections[connection] = secured
                connection.attach(secured)
                channel.send_text("")
        channel.disconnect()

    def request_failed(self, connection: Any, *facts: Any) -> None:
        if self.observation is not None:
            self.observation.failed(self.service, *facts)

    def request_finished(self, connection: Any, *facts: Any) -> None:
        if self.observation is not None:
            self.observation.finished(self.name, self.service, self._connections.get(connection), *facts)

    def connection_lost(self, connection: Any) -> None:
        self._connections.pop(connection, None)
        if not self._connections:
            if self._sweep is not None:
                self._sweep.cancel()
                self._sweep = None
            if self._empty is not None and not self._empty.done():
                self._empty.set_result(None)

    def _look(self) -> None:
        self._sweep = None
        now = time.monotonic()
        for connection, transport in list(self._connections.items()):
            # Closed since the list was made: its transport may not be asked any more.
            if connection in self._connections:
                connection.check_timeout(now, transport.get_write_buffer_size())
        if self._connections:
            self._sweep = asyncio.get_running_loop().call_later(_SWEEP, self._look)
