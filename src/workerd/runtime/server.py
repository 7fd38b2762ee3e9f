"""`workerd serve`: the process's life from a config to a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workerd.config.errors import ConfigError
from workerd.config.model import Config
from workerd.config.options import ServeOptions
from workerd.engine.library import EngineError, initialize, load
from workerd.observe import crash, python_logging
from workerd.observe.logs import Logs
from workerd.observe.observation import Observation
from workerd.observe.requests import Observer, access_log
from workerd.platform.bundles import BundleError
from workerd.runtime.debug_port import DebugPort
from workerd.runtime.graph import Graph, StartError
from workerd.runtime.hang import HangWatch
from workerd.runtime.limits import from_environment
from workerd.runtime.pump import Pump
from workerd.runtime.socket_set import DRAIN_SECONDS, SocketSet
from workerd.runtime.worker import Worker

if TYPE_CHECKING:
    from workerd.observe.inspector.service import Inspectors
    from workerd.observe.metrics import MetricsServer
    from workerd.observe.traces import Traces


class Server:
    """The sockets of a config and the services behind them. `reload()` replaces the services under running sockets."""

    def __init__(self, config: Config, options: ServeOptions, logs: Logs) -> None:
        self.config = config
        self.options = options
        self.logs = logs
        self.graph: Graph | None = None
        self._debug_port: DebugPort | None = None
        self._sockets = SocketSet(options, self._listening)
        self._pump: Pump | None = None
        self._hang_watch: HangWatch | None = None
        self._metrics_server: MetricsServer | None = None
        self._traces: Traces | None = None
        self._inspectors: Inspectors | None = None

    def _make_graph(self, config: Config) -> Graph:
        return Graph(
            config,
            logs=self.logs,
            limits=from_environment(),
            experimental=self.options.experimental,
            on_worker=self._inspect if self._inspectors is not None else None,
        )

    def _inspect(self, worker: Worker) -> None:
        assert self._inspectors is not None
        self._inspectors.add(initialize(), worker)

    async def start(self) -> None:
        """Starts services, then sockets. Raises StartError, SocketConfigError or OSError (a socket cannot listen)."""
        if self.options.inspector_addr is not None:
            from workerd.observe.inspector.service import Inspectors

            self._inspectors = Inspectors(self.options.inspector_addr)
            await self._inspectors.start()
        try:
            self.graph = self._make_graph(self.config)
        finally:
            # Tools ask for the list of workers as soon as they know the port.
            if self._inspectors is not None:
                self._control({"event": "listen-inspector", "port": self._inspectors.port})
        self.logs.name_workers = len(self.graph.workers) > 1
        self._pump = Pump(self.graph.native)
        self._hang_watch = HangWatch(self._workers, self.logs)
        await self._observe()
        await self._sockets.open(self.graph, self.config.sockets)
        if self.options.debug_port is not None:
            self._debug_port = DebugPort(self.options.debug_port, self.logs)
            await self._debug_port.start()
            self._listening("debug-port", self._debug_port.port)

    async def _observe(self) -> None:
        """Sets up what the options want to know of requests. Raises ValueError or OSError."""
        options = self.options
        observers: list[Observer] = []
        if options.access_log:
            observers.append(access_log(self.logs))
        if options.metrics_addr is not None:
            from workerd.observe.metrics import Metrics, MetricsServer

            metrics = Metrics(self._workers, self._sockets.connections)
            observers.append(metrics.request)
            self.logs.on_exception = metrics.exception
            self._metrics_server = MetricsServer(metrics)
            await self._metrics_server.start(options.metrics_addr)
        if options.otlp_endpoint is not None:
            from workerd.observe.traces import Traces

            self._traces = Traces(options.otlp_endpoint, self.logs)
            self._traces.start()
            observers.append(self._traces.request)
        self._sockets.observation = Observation(self.logs, observers)

    def _workers(self) -> list[Worker]:
        return list(self.graph.workers.values()) if self.graph is not None else []

    def _listening(self, name: str, port: int) -> None:
        self._control({"event": "listen", "socket": name, "port": port})

    async def reload(self, config: Config) -> bool:
        """Puts a new config in place of the running one; connections stay. False, and nothing changed, if it cannot start."""
        old = self.graph
        try:
            graph = self._make_graph(config)
            targets = self._sockets.targets(graph, config.sockets)
        except StartError as error:
            _log_start_error(self.logs, error)
            return False
        self.graph, self.config = graph, config
        if self._pump is None:  # the first config could not start, this one can
            self._pump = Pump(graph.native)
        for problem in await self._sockets.replace(graph, config.sockets, targets):
            self.logs.message("error", problem)
        if old is not None:
            self._sockets.retire(_close_when_idle(old, self._inspectors))
        return True

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
        if self._inspectors is not None:
            await self._inspectors.close()
        if self._debug_port is not None:
            self._debug_port.close()
        await self._sockets.close()
        if self._hang_watch is not None:
            self._hang_watch.close()
        if self._metrics_server is not None:
            self._metrics_server.close()
        if self._traces is not None:
            await self._traces.close()
        if self._pump is not None:
            self._pump.close()
        if self.graph is not None:
            self.graph.close()
            self.graph = None


async def _close_when_idle(graph: Graph, inspectors: Inspectors | None) -> None:
    """Gives the requests of a replaced graph time to finish."""
    deadline = asyncio.get_running_loop().time() + DRAIN_SECONDS
    try:
        while asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.1)
            if not any(worker.realm.inflight for worker in graph.workers.values()):
                break
        if inspectors is not None:
            await inspectors.release(graph.workers.values())
    finally:
        graph.close()


def _log_start_error(logs: Logs, error: StartError) -> None:
    for message in error.messages:
        logs.failure(message)


async def _serve(config: Config, options: ServeOptions, logs: Logs) -> int:
    from workerd.sockets.address import ListenError

    server = Server(config, options, logs)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await server.start()
    except StartError as error:
        _log_start_error(logs, error)
        if options.reload is None:
            return 1
    except ListenError as error:
        sys.stderr.write(f"{error}\n")  # as text also with structured logs: tools look for it
        return 1
    except (OSError, ValueError) as error:
        logs.failure(str(error))
        return 1
    if options.reload is None:
        # Collections have no need to go through what was made until now, ever. (With --watch it may be replaced.)
        gc.freeze()
    gc.enable()
    watching = asyncio.ensure_future(_follow(server, options, logs)) if options.reload is not None else None
    await stop.wait()
    if watching is not None:
        watching.cancel()
    # A second signal ends at once.
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
    await server.stop()
    return 0


async def _follow(server: Server, options: ServeOptions, logs: Logs) -> None:
    """`--watch`: each config that its files come to hold, unless it is wrong."""
    from workerd.config.watch import changes

    def tell(error: ConfigError) -> None:
        for message in error.errors:
            logs.message("error", message)

    assert options.reload is not None
    async for loaded in changes(options.reload, options.watched, tell):
        logs.message("warn", "Reloading due to config change...")
        if not await server.reload(loaded.config):
            logs.message("warn", "Keeping the running configuration; waiting for config files to change...")


def serve(config: Config, options: ServeOptions) -> int:
    """Serves until SIGTERM or SIGINT; the exit status."""
    logs = make_logs(config, verbose=options.verbose)
    try:
        crash.install(logs, load())
        return int(run(_serve(config, options, logs), pausable=options.inspector_addr is not None))
    except (EngineError, BundleError, ValueError) as error:
        logs.failure(str(error))
        return 1


def make_logs(config: Config, *, verbose: bool) -> Logs:
    """The logs of this process, as the config wants them; Python's own logging goes there too."""
    logging = config.logging
    logs = Logs(
        structured=logging.structured,
        verbose=verbose,
        stdout_prefix=logging.stdout_prefix,
        stderr_prefix=logging.stderr_prefix,
    )
    python_logging.install(logs)
    return logs


def run(main: Any, *, pausable: bool = False) -> Any:
    """asyncio.run() on uvloop where it is installed. `pausable`: on a loop that goes on while a debugger holds a worker."""
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    if pausable:
        from workerd.observe.inspector.loop import PausableLoop

        factory = PausableLoop
    else:
        with contextlib.suppress(ImportError):
            import uvloop

            factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)
