"""Watches the workers while a test runs: finds out that it hangs, and lets a fake clock jump when nothing else is going on."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

from workerd.observe.logs import Logs
from workerd.runtime.graph import Graph
from workerd.runtime.hang import HUNG, fail_hung, say_hung
from workerd.runtime.worker import Worker
from workerd.testing.clock import FakeClock

#: Seconds between looks.
PERIOD = 0.02
#: A worker that was still for so long has its garbage collected: what is hung is garbage then (runtime/hang.py).
STILL = 0.08
#: If nothing at all can wake any worker, what is left is hung even though something still refers to it. Not known to us is only what V8
#: does in its own threads (compiling WebAssembly), so this is generous.
STUCK = 3.0
#: Rounds of the loop without anything happening, before a fake clock jumps.
ROUNDS = 4


class Monitor:
    """For one graph. While `start()`ed: `hung()` is called when the test cannot end any more."""

    def __init__(self, graph: Graph, logs: Logs, clock: FakeClock | None, *, listening: bool) -> None:
        """`listening`: there are sockets that requests may come from."""
        self._graph = graph
        self._logs = logs
        self._clock = clock
        self._listening = listening
        self._loop = asyncio.get_running_loop()
        self._tasks = asyncio.all_tasks()
        self._files = _files()
        self._handle: asyncio.Handle | None = None
        self._hung: Callable[[], None] = lambda: None
        self._last: list[int] = []
        self._since = 0.0
        self._rounds = 0
        self._collected: dict[Worker, int] = {}
        self._clock_time = 0.0

    def start(self, hung: Callable[[], None]) -> None:
        self._hung = hung
        self._tasks |= asyncio.all_tasks()
        if self._clock is not None:
            self._clock.automatic = True
        self._last = []
        self._clock_time = self._since = time.monotonic()
        self._rounds = 0
        self._handle = self._loop.call_soon(self._look)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _look(self) -> None:
        now = time.monotonic()
        turns = [worker.isolate.turns for worker in self._graph.workers.values()]
        if turns != self._last:
            self._last = turns
            self._since = now
            self._rounds = 0
        else:
            self._rounds += 1
        if self._clock is not None:
            self._drive(self._clock, now)
        if self._rounds <= ROUNDS and self._clock is not None:
            self._handle = self._loop.call_soon(self._look)
            return
        self._handle = self._loop.call_later(PERIOD, self._look)
        still = now - self._since
        if still >= STILL:
            self._collect()
        if still >= STUCK and not self._graph_busy() and self._nothing_outside():
            self._since = now
            self._give_up()

    # ---- time

    def _drive(self, clock: FakeClock, now: float) -> None:
        passed, self._clock_time = now - self._clock_time, now
        if not clock.automatic:
            return
        if self._rounds <= ROUNDS or self._operations() or not self._nothing_outside():
            clock.run(passed * 1000)
        elif clock.fire_next():
            self._rounds = 0

    # ---- hangs

    def _operations(self) -> bool:
        return any(worker.hooks.operating for worker in self._graph.workers.values())

    def _graph_busy(self) -> bool:
        return any(self._busy(worker) for worker in self._graph.workers.values())

    def _busy(self, worker: Worker) -> bool:
        # A clock that stands still fires no timer.
        stands = self._clock is not None and not self._clock.automatic
        return worker.hooks.operating if stands else worker.hooks.busy

    def _nothing_outside(self) -> bool:
        """Whether no task of the process, and no connection that was not there before, could still bring something."""
        if self._listening or any(task not in self._tasks for task in asyncio.all_tasks()):
            return False
        return _files() <= self._files

    def _collect(self) -> None:
        for worker in self._graph.workers.values():
            turns = worker.isolate.turns
            if not self._busy(worker) and self._collected.get(worker) != turns:
                self._collected[worker] = turns
                worker.isolate.low_memory()
                fail_hung(worker, self._logs)

    def _give_up(self) -> None:
        """Fails the request that was started last, as others may wait for it; with none left, the test."""
        workers = [worker for worker in self._graph.workers.values() if worker.realm.newest]
        if not workers:
            self._hung()
            return
        worker = max(workers, key=lambda worker: worker.realm.newest)
        self._logs.remember("Error", HUNG)
        for number, method, url in worker.realm.fail_newest(HUNG):
            say_hung(worker, number, method, url, self._logs)


def _files() -> set[str]:
    """What is open: descriptors with what they are."""
    found = set()
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        try:
            found.add(f"{name} {os.readlink(f'/proc/self/fd/{name}')}")
        except OSError:
            continue  # the one that was open for reading the list
    return found
