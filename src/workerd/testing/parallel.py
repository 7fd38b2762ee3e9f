"""`workerd test -j N`: tests in several processes.

Tests of one service stay together, in their order: they share its module's state. Processes are started anew (V8 must not be forked), and
get the next service when they are done with one. Output and results appear in the config's order.
"""

from __future__ import annotations

import asyncio
import fnmatch
import json
import os
import pickle
import signal
import sys
import tempfile
from collections import deque
from typing import Any

from workerd.config.model import Config, Worker
from workerd.config.options import TestOptions
from workerd.config.record import replace
from workerd.observe.logs import Logs
from workerd.runtime.graph import StartError
from workerd.testing.child import HEADER
from workerd.testing.outcome import Outcome, test_name
from workerd.testing.report import Report

#: Bytes of one event: what a test prints at once.
_LINE_LIMIT = 1 << 28


class _Service:
    """What is known of one service's tests."""

    def __init__(self, name: str) -> None:
        self.name = name
        #: Events that are not shown yet.
        self.events: deque[dict[str, Any]] = deque()
        self.finished = 0
        self.running: tuple[str, str] | None = None
        self.done = False


class Parallel:
    def __init__(self, config: Config, options: TestOptions, logs: Logs, report: Report) -> None:
        self._config = config
        self._options = options
        self._logs = logs
        self._report = report
        names = [service.name for service in config.services if isinstance(service.body, Worker)]
        selected = [name for name in names if fnmatch.fnmatchcase(name, options.service_pattern)]
        self._services = {name: _Service(name) for name in selected}
        self._waiting = deque(self._services.values())
        self._shown = deque(self._services.values())
        self._failures: list[str] = []
        self._coverage: list[str] = []

    async def run(self) -> None:
        """Raises StartError."""
        jobs = min(self._options.jobs, max(1, len(self._services)))
        if jobs > 1 and self._config.sockets:
            self._logs.message("warn", "-j: the config has sockets, which only one process can open.")
            jobs = 1
        if jobs > 1 and self._options.inspector_addr is not None:
            self._logs.message("warn", "-j: debuggers see one process; there is only one.")
            jobs = 1
        try:
            await asyncio.gather(*(self._work(number) for number in range(jobs)))
            if self._failures:
                raise StartError(self._failures)
            self._join_coverage()
        finally:
            for path in self._coverage:
                if os.path.exists(path):
                    os.unlink(path)

    async def _work(self, number: int) -> None:
        """One process after the other, as they may crash."""
        current: _Service | None = None
        while (current is not None or self._waiting) and not self._failures:
            current = await self._one_process(number, current)

    async def _one_process(self, number: int, current: _Service | None) -> _Service | None:
        """Runs services until none is left. A process that ends before gives back the service it was at."""
        options = replace(self._options, jobs=1, reload=None, watch=False, socket_fds=dict(self._options.socket_fds))
        if options.coverage_path is not None:
            handle, path = tempfile.mkstemp(suffix=".lcov")
            os.close(handle)
            self._coverage.append(path)
            options = replace(options, coverage_path=path)
        terminals = (sys.stdout.isatty(), sys.stderr.isatty())
        body = pickle.dumps((self._config, options, terminals))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "workerd.testing.child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(HEADER.pack(len(body)) + body)
            if current is None and self._waiting:
                current = self._waiting.popleft()
            if current is not None:
                self._give(process, current)
            while line := await process.stdout.readline():
                event = json.loads(line)
                if "failed" in event:
                    self._failures.extend(message for message in event["failed"] if message not in self._failures)
                    return None
                if current is None:
                    continue  # what a service printed while it started
                if "done" not in event:
                    self._note(current, event)
                    continue
                current.done = True
                self._show()
                current = self._waiting.popleft() if self._waiting else None
                if current is None:
                    process.stdin.close()
                else:
                    self._give(process, current)
            status = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if current is not None:
            self._crashed(current, status)
        return current if current is not None and not current.done else None

    def _give(self, process: asyncio.subprocess.Process, service: _Service) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps([service.name, service.finished]).encode() + b"\n")

    def _crashed(self, service: _Service, status: int) -> None:
        """The process ended in the middle of a service: its running test failed; another process does the rest."""
        how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"exited with status {status}"
        if service.running is None:
            self._failures.append(f"-j: a test process {how} before it ran a test of the service {service.name!r}.")
            return
        name = test_name(*service.running)
        outcome = Outcome(*service.running, 0.0, f"The test process {how} while it ran {name}.")
        self._note(service, {"end": list(outcome._values())})

    def _note(self, service: _Service, event: dict[str, Any]) -> None:
        if "begin" in event:
            service.running = (event["begin"][0], event["begin"][1])
        elif "end" in event:
            service.running = None
            service.finished += 1
        service.events.append(event)
        self._show()

    def _show(self) -> None:
        """Shows what can be shown in the config's order."""
        while self._shown:
            service = self._shown[0]
            while service.events:
                self._show_event(service.events.popleft())
            if not service.done:
                return
            self._shown.popleft()

    def _show_event(self, event: dict[str, Any]) -> None:
        if "begin" in event:
            self._report.begin(*event["begin"])
        elif "end" in event:
            self._report.end(Outcome(*event["end"]))
        else:
            self._logs.forward(*event["text"])

    def _join_coverage(self) -> None:
        if self._options.coverage_path is None:
            return
        with open(self._options.coverage_path, "w", encoding="utf-8") as whole:
            for path in self._coverage:
                with open(path, encoding="utf-8") as part:
                    whole.write(part.read())
