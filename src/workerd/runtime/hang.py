"""Notices requests that no code will ever answer, and fails them.

A request's continuations, timers and callbacks all refer to its context. When a worker with an unanswered request has done nothing for a
while and has nothing to wait for itself, its garbage is collected: a context that is garbage then cannot be woken by anything, not even
by another request. So a request that is only slow is never failed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workerd.observe.logs import Logs
    from workerd.runtime.worker import Worker

#: As the reference says it: tools look for it.
HUNG = (
    "The Workers runtime canceled this request because it detected that your Worker's code had hung and would never "
    "generate a response. Refer to: https://developers.cloudflare.com/workers/observability/errors/"
)

#: Seconds between looks, and how long a worker must have been still.
PERIOD = 0.25
STILL = 0.75
#: Collecting the garbage of a large heap takes long: such workers must have been still for longer.
LARGE_HEAP = 64 * 1024 * 1024
STILL_LARGE = 10.0


class _State:
    __slots__ = ("collected", "since", "turns")

    def __init__(self, turns: int, now: float) -> None:
        self.turns = turns
        self.since = now
        self.collected = False


class HangWatch:
    """Looks at the workers that `workers()` gives until it is closed."""

    def __init__(self, workers: Callable[[], Iterable[Worker]], logs: Logs) -> None:
        self._workers = workers
        self._logs = logs
        self._states: dict[Worker, _State] = {}
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(PERIOD, self._look)

    def close(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        self._timer = self._loop.call_later(PERIOD, self._look)
        waiting = [worker for worker in self._workers() if not worker.closed and worker.realm.inflight]
        for worker in [worker for worker in self._states if worker not in waiting]:
            del self._states[worker]
        now = time.monotonic()
        for worker in waiting:
            self._look_at(worker, now)

    def _look_at(self, worker: Worker, now: float) -> None:
        turns = worker.isolate.turns
        state = self._states.get(worker)
        if state is None or state.turns != turns:
            self._states[worker] = _State(turns, now)
        elif not state.collected and not worker.hooks.busy and now - state.since >= self._still(worker):
            state.collected = True
            worker.isolate.low_memory()
        fail_hung(worker, self._logs)

    def _still(self, worker: Worker) -> float:
        return STILL if worker.isolate.heap_statistics()["used"] < LARGE_HEAP else STILL_LARGE


def fail_hung(worker: Worker, logs: Logs) -> bool:
    """Fails the requests of a worker whose contexts were collected. Whether there were any."""
    logs.remember("Error", HUNG)  # whoever asked need not log it
    hung = worker.realm.fail_collected(HUNG)
    for number, method, url in hung:
        say_hung(worker, number, method, url, logs)
    return bool(hung)


def say_hung(worker: Worker, number: float, method: str, url: str, logs: Logs) -> None:
    logs.exception(worker.name, "fetch", "Error", HUNG, f"Error: {HUNG}\n  {method} {url}", request=request_id(number))


def request_id(number: float) -> str:
    """A request's number in its worker, as logs show it (report.ts has the same)."""
    return f"{int(number) % 1048576}.{int(number) // 1048576}"
