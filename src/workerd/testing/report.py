"""What `workerd test` says on standard error: a line before and after each test, as the reference has them, and what failed at the end."""

from __future__ import annotations

import time
from collections.abc import Sequence

from workerd.observe.logs import Logs
from workerd.testing.outcome import Outcome, duration, test_name

# An entrypoint's name may be any string: it must not end a line or move the cursor.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))}
_GREEN, _RED, _DIM, _RESET = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[0m"


class Report:
    """One run's. `total`: how many tests there will be, where that is known."""

    def __init__(self, logs: Logs, total: int | None = None) -> None:
        self._logs = logs
        self.total = total
        self._started = time.monotonic()
        self.outcomes: list[Outcome] = []

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.error is not None]

    def begin(self, service: str, entrypoint: str) -> None:
        line = f"[ TEST ] {test_name(service, entrypoint)}".translate(_CONTROLS)
        if self._logs.terminal:
            self._logs.status(f"{line} {_DIM}({self._progress()}){_RESET}")
        else:
            self._line(line)

    def end(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        passed = outcome.error is None
        word = f"[ {'PASS' if passed else 'FAIL'} ]"
        if self._logs.terminal:
            word = f"{_GREEN if passed else _RED}{word}{_RESET}"
        self._line(f"{word} {outcome.name.translate(_CONTROLS)} ({duration(outcome.seconds)})")

    def _progress(self) -> str:
        failed = len(self.failed)
        of = f"/{self.total}" if self.total is not None else ""
        return f"{len(self.outcomes) + 1}{of}{f', {failed} failed' if failed else ''}"

    def _line(self, text: str) -> None:
        if self._logs.structured:
            self._logs.message("debug", text)
        else:
            self._logs.raw(f"{text}\n")

    def finish(self) -> int:
        """The summary; the exit status."""
        failed = self.failed
        seconds = duration(time.monotonic() - self._started)
        if not self.outcomes:
            self._logs.failure("No tests found!")
        elif failed:
            self._logs.failure(_summary(failed, len(self.outcomes), seconds))
        elif self._logs.terminal:
            self._logs.raw(f"{_GREEN}{_tests(len(self.outcomes))} passed in {seconds}{_RESET}\n")
        if failed or not self.outcomes:
            self._logs.failure("Tests failed!")
            return 1
        return 0


def _summary(failed: Sequence[Outcome], count: int, seconds: str) -> str:
    parts = [f"{len(failed)} of {_tests(count)} failed in {seconds}:"]
    for outcome in failed:
        error = (outcome.error or "").rstrip().replace("\n", "\n  ")
        parts.append(f"{outcome.name.translate(_CONTROLS)}\n  {error}")
    return "\n\n".join(parts) + "\n"


def _tests(count: int) -> str:
    return f"{count} test{'' if count == 1 else 's'}"
