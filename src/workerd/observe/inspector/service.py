"""The inspector of a process: what `--inspector-addr` starts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from workerd.observe.inspector.server import Connection
from workerd.observe.inspector.target import Target
from workerd.sockets.address import BACKLOG, ListenAddress, bind, parse_listen_address

if TYPE_CHECKING:
    from workerd.runtime.worker import Worker

DEFAULT_PORT = 9229


class Inspectors:
    """The workers that can be inspected, and the socket for debuggers. Its connections live on a thread of their own, so that they
    are served while a worker computes or is held."""

    def __init__(self, address: str) -> None:
        """Raises AddressError."""
        self._address: ListenAddress = parse_listen_address(address, DEFAULT_PORT)
        self._targets: list[Target] = []
        self._loop = asyncio.SelectorEventLoop()
        self._thread: threading.Thread | None = None
        self._servers: list[asyncio.Server] = []
        self._connections: set[Connection] = set()
        self.port = 0

    @property
    def own_name(self) -> str | None:
        """The name it listens on, if it was given one rather than an address."""
        return self._address.host if self._address.unix is None else None

    # ---- workers, on their thread

    def add(self, native: Any, worker: Worker) -> Target:
        """Makes a worker one that can be inspected; before its code runs."""
        target = Target(native, worker.name, worker.realm)
        self._targets = [*(each for each in self._targets if not each.closed), target]
        return target

    def targets(self) -> dict[str, Target]:
        """Those that live, by service name. From any thread."""
        return {target.name: target for target in self._targets if not target.closed}

    async def release(self, workers: Iterable[Worker] | None = None) -> None:
        """Lets workers (None: all) go from their debuggers, and waits until their code has gone on: they may then be closed."""
        realms = None if workers is None else [worker.realm for worker in workers]
        chosen = [target for target in self._targets if realms is None or target.realm in realms]
        for target in chosen:
            target.release()
        # A worker that was held goes on once the loop nested in it, which is what runs this, comes back to it.
        while any(target.held for target in chosen):
            await asyncio.sleep(0.01)

    # ---- the socket

    async def start(self) -> int:
        """Listens; the port (0 for a Unix socket). Raises AddressError, OSError."""
        sockets = await bind(self._address)
        self._thread = threading.Thread(target=self._run, name="workerd-inspector", daemon=True)
        self._thread.start()

        async def listen() -> None:
            for each in sockets:
                server = await self._loop.create_server(lambda: Connection(self), sock=each, backlog=BACKLOG)
                self._servers.append(server)

        if self._address.unix is None:
            self.port = sockets[0].getsockname()[1]
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(listen(), self._loop))
        return self.port

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def opened(self, connection: Connection) -> None:
        """Told by a connection, on the inspector's thread."""
        self._connections.add(connection)

    def lost(self, connection: Connection) -> None:
        self._connections.discard(connection)

    async def close(self) -> None:
        """Lets all workers go and ends the connections."""
        await self.release()
        if self._thread is None or not self._thread.is_alive():
            return

        async def end() -> None:
            for server in self._servers:
                server.close()
            for connection in list(self._connections):
                connection.close(1001, "workerd ends")
            await asyncio.sleep(0)  # what was just written gets to the sockets

        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(end(), self._loop))
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join, 1.0)
        self._thread = None
