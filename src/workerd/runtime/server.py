"""`workerd serve`: the process's life from a config to a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from typing import Any

from workerd.config.model import Config
from workerd.config.options import ServeOptions
from workerd.engine.library import EngineError
from workerd.observe.logs import Logs
from workerd.platform.bundles import BundleError
from workerd.runtime.graph import Graph, StartError
from workerd.runtime.limits import from_environment
from workerd.runtime.pump import Pump

DRAIN_SECONDS = 30.0


class Server:
    """The sockets of a config and the services behind them. `reload()` replaces the services under running sockets."""

    def __init__(self, config: Config, options: ServeOptions, logs: Logs) -> None:
        self.config = config
        self.options = options
        self.logs = logs
        self.graph: Graph | None = None
        self.listeners: list[Any] = []
        self._pump: Pump | None = None

    def _make_graph(self, config: Config) -> Graph:
        return Graph(config, logs=self.logs, limits=from_environment(), experimental=self.options.experimental)

    async def start(self) -> None:
        """Starts services, then sockets. Raises StartError or OSError (a socket cannot listen)."""
        from workerd.sockets import make_listener

        self.graph = self._make_graph(self.config)
        self._pump = Pump(self.graph.native)
        for socket in self.config.sockets:
            target = self.graph.target(socket.service, f'Socket "{socket.name}"')
            listener = make_listener(socket, self.options, target)
            self.listeners.append(listener)
        for listener in self.listeners:
            await listener.start()
        for socket, listener in zip(self.config.sockets, self.listeners, strict=True):
            self._control({"event": "listen", "socket": socket.name, "port": listener.port})

    def _control(self, message: dict[str, Any]) -> None:
        fd = self.options.control_fd
        if fd is None:
            return
        line = json.dumps(message, separators=(",", ":")) + "\n"
        try:
            os.write(fd, line.encode())
        except OSError as error:
            raise StartError([f"--control-fd={fd}: {error.strerror}"]) from error

    async def stop(self) -> None:
        """Stops accepting, lets requests under way finish, and ends everything."""
        for listener in self.listeners:
            listener.stop_accepting()
        await asyncio.gather(*(listener.drain(DRAIN_SECONDS) for listener in self.listeners))
        if self._pump is not None:
            self._pump.close()
        if self.graph is not None:
            self.graph.close()
            self.graph = None


def _log_start_error(logs: Logs, error: StartError) -> None:
    for message in error.messages:
        logs.message("error", message)


async def _serve(config: Config, options: ServeOptions, logs: Logs) -> int:
    server = Server(config, options, logs)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await server.start()
    except StartError as error:
        _log_start_error(logs, error)
        return 1
    except OSError as error:
        logs.message("error", str(error))
        return 1
    await stop.wait()
    # A second signal ends at once.
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
    await server.stop()
    return 0


def serve(config: Config, options: ServeOptions) -> int:
    """Serves until SIGTERM or SIGINT; the exit status."""
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s: %(message)s")
    logs = Logs(
        structured=config.logging.structured,
        verbose=options.verbose,
    )
    try:
        return run(_serve(config, options, logs))
    except (EngineError, BundleError, ValueError) as error:
        logs.message("error", str(error))
        return 1


def run(main: Any) -> Any:
    """asyncio.run() on uvloop where it is installed."""
    factory = None
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)
