"""What `workerd test` attaches to its workers: the inspector and coverage, each if asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workerd.config.options import TestOptions
from workerd.engine.library import load
from workerd.observe.logs import Logs

if TYPE_CHECKING:
    from workerd.observe.coverage import Coverage
    from workerd.observe.inspector.service import Inspectors
    from workerd.runtime.worker import Worker


class Attached:
    """One run's. `wanted`: whether there is anything to attach."""

    def __init__(self, options: TestOptions, logs: Logs) -> None:
        self._options = options
        self._logs = logs
        self._inspectors: Inspectors | None = None
        self._coverage: Coverage | None = None
        self.wanted = options.inspector_addr is not None or options.coverage_path is not None

    async def start(self) -> None:
        """Raises AddressError, OSError."""
        if self._options.inspector_addr is not None:
            from workerd.observe.inspector.service import Inspectors

            self._inspectors = Inspectors(self._options.inspector_addr)
            await self._inspectors.start()
        if self._options.coverage_path is not None:
            from workerd.observe.coverage import Coverage

            with open(self._options.coverage_path, "w"):
                pass  # now is the time to find that it cannot be written
            self._coverage = Coverage(self._options.watched)

    def add(self, worker: Worker) -> None:
        """Before any code of the worker runs."""
        if self._inspectors is not None:
            inspector = self._inspectors.add(load(), worker).inspector
        else:
            inspector = load().Inspector(worker.realm, "Worker")
        if self._coverage is not None:
            self._coverage.add(worker, inspector)

    async def finish(self) -> None:
        """After the tests, before their workers are closed: writes what was counted, and lets debuggers go."""
        if self._coverage is not None and self._options.coverage_path is not None:
            self._coverage.collect()
            for problem in self._coverage.problems:
                self._logs.message("warn", problem)
            self._coverage.write(self._options.coverage_path)
            self._coverage = None
        if self._inspectors is not None:
            await self._inspectors.close()
