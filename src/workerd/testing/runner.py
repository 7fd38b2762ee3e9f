"""Runs the tests of one config in this process."""

from __future__ import annotations

import asyncio
import fnmatch
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from workerd.config.model import Config
from workerd.config.options import TestOptions
from workerd.engine.errors import JSError
from workerd.engine.library import EngineError
from workerd.observe.attached import Attached
from workerd.observe.logs import Logs
from workerd.platform.bundles import BundleError
from workerd.runtime.graph import Graph, StartError
from workerd.runtime.limits import from_environment
from workerd.runtime.pump import Pump
from workerd.runtime.server import run as run_loop
from workerd.runtime.socket_set import SocketSet
from workerd.testing.keyword import matches


@dataclass
class Outcome:
    """What became of one test. `error` None: it passed."""

    name: str
    seconds: float
    error: str | None = None


@dataclass
class Summary:
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.error is not None]


def test_name(service: str, entrypoint: str) -> str:
    return service if entrypoint == "default" else f"{service}:{entrypoint}"


class Runner:
    """One run. `report` gets each outcome as it comes."""

    def __init__(self, config: Config, options: TestOptions, stream: TextIO | None = None) -> None:
        self._config = config
        self._options = options
        self._stream = stream if stream is not None else sys.stderr
        logging = config.logging
        self._logs = Logs(structured=logging.structured, verbose=options.verbose)

    def _say(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()

    async def run(self, report: Callable[[Outcome], None] | None = None) -> Summary:
        """Raises StartError if the config's services cannot start."""
        options = self._options
        attached = Attached(options, self._logs)
        await attached.start()
        try:
            graph = Graph(
                self._config,
                logs=self._logs,
                limits=from_environment(),
                experimental=options.experimental,
                compat_date=options.compat_date,
                predictable=options.predictable,
                extra_v8_flags=("--expose-gc",) if options.predictable or options.gc_stress else (),
                on_worker=attached.add if attached.wanted else None,
            )
        except BaseException:
            await attached.finish()
            raise
        pump = Pump(graph.native)
        summary = Summary()
        sockets = SocketSet(options, lambda name, port: None)
        try:
            await sockets.open(graph, self._config.sockets)
            for service, entrypoint in self._selected(graph):
                outcome = await self._run_one(graph, service, entrypoint)
                summary.outcomes.append(outcome)
                if report is not None:
                    report(outcome)
        finally:
            await attached.finish()
            await sockets.close(drain_seconds=0.1)
            pump.close()
            graph.close()
        return summary

    def _selected(self, graph: Graph) -> list[tuple[str, str]]:
        options = self._options
        found = []
        for service, worker in graph.workers.items():
            if not fnmatch.fnmatchcase(service, options.service_pattern):
                continue
            for entrypoint, _, handlers in worker.entrypoints:
                if "test" not in handlers or not fnmatch.fnmatchcase(entrypoint, options.entrypoint_pattern):
                    continue
                if options.keyword is None or matches(options.keyword, test_name(service, entrypoint)):
                    found.append((service, entrypoint))
        return found

    async def _run_one(self, graph: Graph, service: str, entrypoint: str) -> Outcome:
        name = test_name(service, entrypoint)
        self._say(f"[ TEST ] {name}")
        worker = graph.workers[service]
        done: asyncio.Future[JSError | None] = asyncio.get_running_loop().create_future()

        def finish(error: JSError | None) -> None:
            if not done.done():
                done.set_result(error)

        started = time.perf_counter()
        error: str | None = None
        try:
            worker.run_test(None if entrypoint == "default" else entrypoint, finish)
            # Who looks at a test through a debugger takes longer.
            limit = self._options.timeout if self._options.inspector_addr is None else None
            thrown = await asyncio.wait_for(done, limit or None)
            if thrown is not None:
                error = thrown.stack if thrown.stack and thrown.message in thrown.stack else thrown.describe()
        except TimeoutError:
            error = f"The test did not finish within {self._options.timeout:g} s."
        except Exception as failure:  # a terminated isolate, or a failure of the runtime itself: the test's
            error = str(failure)
        outcome = Outcome(name, time.perf_counter() - started, error)
        if error is not None:
            self._say(f"{name}: {error}")
        self._say(f"[ {'PASS' if error is None else 'FAIL'} ] {name} ({_duration(outcome.seconds)})")
        return outcome


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def run(config: Config, options: TestOptions) -> int:
    """`workerd test`; the exit status: 0 if at least one test ran and all passed."""
    runner = Runner(config, options)
    logs = Logs(verbose=options.verbose)
    try:
        summary: Summary = run_loop(runner.run(), pausable=options.inspector_addr is not None)
    except StartError as error:
        for message in error.messages:
            logs.message("error", message)
        return 1
    except (EngineError, BundleError, OSError, ValueError) as error:
        logs.message("error", str(error))
        return 1
    if not summary.outcomes:
        logs.message("error", "No tests found!")
        return 1
    if summary.failed:
        names = "".join(f"\n  {outcome.name}" for outcome in summary.failed)
        logs.message("error", f"Tests failed! {len(summary.failed)} of {len(summary.outcomes)}:{names}")
        return 1
    return 0
