"""The listening sockets of a config, in front of its services; a new config can take over while connections stay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from workerd.config.model import Socket
from workerd.config.options import ServeOptions
from workerd.runtime.graph import Graph

if TYPE_CHECKING:
    from workerd.observe.observation import Observation

DRAIN_SECONDS = 30.0
#: Names are not unique: a socket is known by its name and by which of that name it is.
Key = tuple[str, int]


class _Open(NamedTuple):
    config: Socket
    listener: Any
    #: Stays with the listener; `switch()` points it at the services of a new config.
    target: Any


class SocketSet:
    """Sockets with `loopback:` addresses (tests) are no sockets at all: Graph connects those."""

    def __init__(self, options: ServeOptions, on_listen: Callable[[str, int], None]) -> None:
        """`on_listen(name, port)` is told of each socket that listens."""
        self._options = options
        self._on_listen = on_listen
        self._open: dict[Key, _Open] = {}
        self._retiring: set[asyncio.Task[Any]] = set()
        #: Who is told of the requests of all sockets; to be set before they are opened.
        self.observation: Observation | None = None

    def connections(self) -> list[tuple[str, int]]:
        """Name and number of open connections of each socket."""
        return [(entry.config.name, entry.listener.connections) for entry in self._open.values()]

    async def open(self, graph: Graph, sockets: Sequence[Socket]) -> None:
        """Opens all. Raises StartError, or ValueError or OSError naming the one that cannot be."""
        keyed = _keyed(sockets)
        for key, socket in keyed.items():
            self._add(graph, key, socket)
        for key in keyed:
            await self._open[key].listener.start()
        for key in keyed:
            self._on_listen(key[0], self._open[key].listener.port)

    def _add(self, graph: Graph, key: Key, socket: Socket) -> Any:
        from workerd.sockets.make import make_listener

        target = graph.native.switch_target(graph.target(socket.service, f'Socket "{socket.name}"'))
        listener = make_listener(socket, self._options, target)
        listener.observation = self.observation
        listener.service = socket.service.name
        self._open[key] = _Open(socket, listener, target)
        return listener

    def targets(self, graph: Graph, sockets: Sequence[Socket]) -> dict[Key, Any]:
        """Where the sockets of a new config will lead. Raises StartError; changes nothing."""
        return {key: graph.target(s.service, f'Socket "{s.name}"') for key, s in _keyed(sockets).items()}

    async def replace(self, graph: Graph, sockets: Sequence[Socket], targets: dict[Key, Any]) -> list[str]:
        """Takes over the sockets of a new config; a message for each that cannot be opened."""
        problems = []
        for key in [key for key in self._open if key not in targets]:
            self._retire(self._open.pop(key).listener.drain(DRAIN_SECONDS))
        for key, socket in _keyed(sockets).items():
            current = self._open.get(key)
            if current is not None:
                same = (current.config.address, current.config.protocol) == (socket.address, socket.protocol)
                if same:
                    current.target.switch(targets[key])
                    current.listener.service = socket.service.name
                    continue
                current.listener.stop_accepting()
                self._retire(current.listener.drain(DRAIN_SECONDS))
            try:
                listener = self._add(graph, key, socket)
                await listener.start()
                self._on_listen(socket.name, listener.port)
            except (OSError, ValueError) as error:
                self._open.pop(key, None)
                problems.append(str(error))
        return problems

    def retire(self, work: Coroutine[Any, Any, Any]) -> None:
        """Lets the end of something replaced go on in the background."""
        self._retire(work)

    def _retire(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def close(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        """Stops accepting, and waits for the connections to end."""
        listeners = [entry.listener for entry in self._open.values()]
        for listener in listeners:
            listener.stop_accepting()
        await asyncio.gather(*(listener.drain(drain_seconds) for listener in listeners))
        for task in self._retiring:
            task.cancel()


def _keyed(sockets: Sequence[Socket]) -> dict[Key, Socket]:
    keyed: dict[Key, Socket] = {}
    for socket in sockets:
        if socket.address is not None and socket.address.startswith("loopback:"):
            continue
        number = 0
        while (socket.name, number) in keyed:
            number += 1
        keyed[socket.name, number] = socket
    return keyed
