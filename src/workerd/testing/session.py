"""The tests of one config, run one after the other in this process."""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import math
import os
import time
import weakref
from collections.abc import AsyncIterator, Callable, Sequence

from workerd.config.model import Config
from workerd.config.options import TestOptions
from workerd.engine.errors import JSTerminated
from workerd.engine.library import load
from workerd.observe.attached import Attached
from workerd.observe.logs import Logs
from workerd.observe.stacks import describe, readable
from workerd.runtime.graph import Graph
from workerd.runtime.hang import HUNG
from workerd.runtime.limits import Limits, from_environment
from workerd.runtime.pump import Pump
from workerd.runtime.socket_set import SocketSet
from workerd.runtime.worker import Worker
from workerd.services.errors import make_predictable
from workerd.testing.clock import FIXED_START, FakeClock
from workerd.testing.keyword import matches
from workerd.testing.monitor import Monitor
from workerd.testing.outcome import Outcome, test_name

#: What --predictable makes random numbers of.
SEED = 20_000_101
#: Characters of a test's output that are kept for reports.
MAX_OUTPUT = 256 * 1024


class _Ending:
    """Called with how a test ended. Collected uncalled: it never will."""

    def __init__(self, future: asyncio.Future[Sequence[str] | str | None]) -> None:
        self._future = future
        weakref.finalize(self, _settle, future, HUNG)

    def __call__(self, error: Sequence[str] | None = None) -> None:
        _settle(self._future, error)


def _settle(future: asyncio.Future[Sequence[str] | str | None], result: Sequence[str] | str | None) -> None:
    if not future.done() and not future.get_loop().is_closed():
        future.set_result(result)


class Session:
    """Made by open_session()."""

    def __init__(
        self,
        graph: Graph,
        options: TestOptions,
        logs: Logs,
        limits: Limits,
        monitor: Monitor | None,
        clock: FakeClock | None,
    ) -> None:
        self.graph = graph
        self._options = options
        self._logs = logs
        self._limits = limits
        self._monitor = monitor
        self._clock = clock
        if clock is not None:
            clock.on_change = self._set_clocks
        #: Services whose worker cannot be used any more -> why.
        self._broken: dict[str, str] = {}

    def tests(self, service_pattern: str | None = None) -> list[tuple[str, str]]:
        """(service, entrypoint) of all selected tests, in the config's order."""
        options = self._options
        found = []
        for service, worker in self.graph.workers.items():
            if not fnmatch.fnmatchcase(service, options.service_pattern):
                continue
            if service_pattern is not None and service != service_pattern:
                continue
            # The default one first, then by name.
            for entrypoint, _, handlers in sorted(worker.entrypoints, key=lambda entry: entry[0] != "default"):
                if "test" not in handlers or not fnmatch.fnmatchcase(entrypoint, options.entrypoint_pattern):
                    continue
                if options.keyword is None or matches(options.keyword, test_name(service, entrypoint)):
                    found.append((service, entrypoint))
        return found

    async def run_one(self, service: str, entrypoint: str) -> Outcome:
        output: list[str] = []
        self._logs.tap = output
        self._logs.forget()
        started = time.perf_counter()
        try:
            error = self._broken.get(service) or await self._run(service, entrypoint)
        finally:
            self._logs.tap = None
        text = "\n".join(output)[:MAX_OUTPUT]
        return Outcome(service, entrypoint, time.perf_counter() - started, error, text)

    async def _run(self, service: str, entrypoint: str) -> str | None:
        """Why it failed, or None."""
        self._prepare()
        worker = self.graph.workers[service]
        done: asyncio.Future[Sequence[str] | str | None] = asyncio.get_running_loop().create_future()
        name = test_name(service, entrypoint)

        def terminated(by: str, reason: str) -> None:
            why = self._why_terminated(by, reason)
            if self.graph.workers[by].isolate.condemned:
                self._broken[by] = f'Not run: the Worker "{by}" ran out of memory in the test {name}.'
            if by == service or reason != "debugger":
                _settle(done, why)

        for other, each in self.graph.workers.items():
            each.hooks.on_terminated = lambda reason, other=other: terminated(other, reason)
        if self._monitor is not None:
            self._monitor.start(lambda: _settle(done, HUNG))
        try:
            ending = _Ending(done)
            try:
                worker.run_test(None if entrypoint == "default" else entrypoint, ending)
            except JSTerminated as ended:
                if ended.reason != "exit":  # process.exit(): the test is told in a moment
                    raise
            del ending
            # Who looks at a test through a debugger takes longer.
            limit = self._options.timeout if self._options.inspector_addr is None else None
            result = await asyncio.wait_for(done, limit or None)
        except TimeoutError:
            return f"The test did not finish within {self._options.timeout:g} s (--timeout)."
        except Exception as failure:  # an isolate that was terminated at once, or a failure of the runtime: the test's
            if done.done() and isinstance(result := done.result(), str):
                return result
            return str(failure) or type(failure).__name__
        finally:
            if self._monitor is not None:
                self._monitor.stop()
        if result is None or isinstance(result, str):
            return result
        return self._tell(worker, *result)

    def _tell(self, worker: Worker, name: str, message: str, stack: str) -> str:
        """The text for an error that a test threw, which is logged, unless that was done where it happened."""
        find = worker.source_maps.find
        if not self._logs.seen(name, message):
            self._logs.exception(worker.name, "test", name, message, stack, find=find)
        return readable(describe(name, message, stack), find)

    def _why_terminated(self, service: str, reason: str) -> str:
        limit = self._turn_limit_ms
        if reason == "cpu":
            return f'The Worker "{service}" ran for over {limit / 1000:g} s without a pause, and was stopped.'
        if reason == "heap":
            heap = self._limits.heap // 1048576
            return (
                f'The Worker "{service}" used more than {heap} MiB of memory (WORKERD_HEAP_LIMIT_MB), and was stopped.'
            )
        if reason == "debugger":
            return "The test was terminated by a debugger."
        return f'The Worker "{service}" was stopped.'

    @property
    def _turn_limit_ms(self) -> float:
        return min(self._limits.turn_ms, (self._options.timeout or 1e9) * 1000)

    def _prepare(self) -> None:
        """What the options say of each worker; a worker that ran out of memory has been replaced by a new one."""
        for worker in self.graph.workers.values():
            worker.isolate.set_turn_limit(self._turn_limit_ms)
            worker.isolate.set_gc_stress(self._options.gc_stress)
        if self._clock is not None:
            self._set_clocks(self._clock.now)

    def _set_clocks(self, now: float) -> None:
        for worker in self.graph.workers.values():
            worker.isolate.set_clock(math.floor(now))


@contextlib.asynccontextmanager
async def open_session(config: Config, options: TestOptions, logs: Logs) -> AsyncIterator[Session]:
    """Starts the config's services. Raises StartError, or OSError or ValueError for a socket that cannot be opened."""
    if options.all_autogates:
        os.environ["WORKERD_ALL_AUTOGATES"] = "1"
    limits = from_environment()
    clock = FakeClock(FIXED_START if options.predictable else None) if options.fake_timers else None
    attached = Attached(options, logs)
    await attached.start()
    flags: list[str] = []
    if options.predictable or options.gc_stress:
        flags.append("--expose-gc")
    if options.predictable:
        flags.append(f"--random-seed={SEED}")
        load().seed_random(SEED)
        make_predictable()

    def on_worker(worker: Worker) -> None:
        worker.hooks.clock = clock
        if attached.wanted:
            attached.add(worker)

    try:
        graph = Graph(
            config,
            logs=logs,
            limits=limits,
            experimental=options.experimental,
            compat_date=options.compat_date,
            predictable=options.predictable,
            extra_v8_flags=tuple(flags),
            on_worker=on_worker,
        )
    except BaseException:
        await attached.finish()
        raise
    pump = Pump(graph.native)
    sockets = SocketSet(options, lambda name, port: None)
    try:
        await sockets.open(graph, config.sockets)
        # A debugger may hold everything for as long as it likes.
        watched = options.inspector_addr is None
        monitor = Monitor(graph, logs, clock, listening=bool(config.sockets)) if watched else None
        session = Session(graph, options, logs, limits, monitor, clock)
        logs.name_workers = len(graph.workers) > 1
        yield session
    finally:
        await attached.finish()
        await sockets.close(drain_seconds=0.1)
        pump.close()
        graph.close()


Begin = Callable[[str, str], object]
End = Callable[[Outcome], object]


async def run_tests(session: Session, tests: list[tuple[str, str]], begin: Begin, end: End) -> None:
    for service, entrypoint in tests:
        begin(service, entrypoint)
        end(await session.run_one(service, entrypoint))
