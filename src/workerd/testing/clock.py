"""The clock of `workerd test --fake-timers`: timers of all Workers, and the time they see, under control.

While anything real is going on (an operation, a connection) it runs like any clock. When nothing is, it jumps to the next timer at once,
unless `automatic` is off: then only `advance()` and `next()` move it.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Any

#: Where time begins under --predictable: 2025-01-01T00:00:00Z, in milliseconds.
FIXED_START = 1_735_689_600_000.0


class FakeTimer:
    """A timer that has not fired. Ordered by when it is due, then by when it was made."""

    __slots__ = ("_callback", "cancelled", "due", "number")

    def __init__(self, due: float, number: int, callback: Callable[[], object]) -> None:
        self.due = due
        self.number = number
        self._callback = callback
        self.cancelled = False

    def __lt__(self, other: FakeTimer) -> bool:
        return (self.due, self.number) < (other.due, other.number)

    def cancel(self) -> None:
        self.cancelled = True

    def fire(self) -> None:
        self._callback()


class FakeClock:
    """`now`: milliseconds since 1970."""

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() * 1000 if start is None else start
        self.start = self._now
        #: Told each new time.
        self.on_change: Callable[[float], None] = lambda now: None
        self.automatic = True
        self._timers: list[FakeTimer] = []
        self._numbers = itertools.count()

    @property
    def now(self) -> float:
        return self._now

    @now.setter
    def now(self, now: float) -> None:
        if now != self._now:
            self._now = now
            self.on_change(now)

    def call_later(self, seconds: float, callback: Callable[..., object], *args: Any) -> FakeTimer:
        timer = FakeTimer(self.now + seconds * 1000, next(self._numbers), lambda: callback(*args))
        heapq.heappush(self._timers, timer)
        return timer

    def set(self, now: float) -> None:
        """Another time of day; timers keep the time they still have to wait."""
        moved = now - self.now
        self.now += moved
        for timer in self._timers:
            timer.due += moved

    @property
    def due(self) -> float | None:
        """When the next timer is due."""
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0].due if self._timers else None

    def fire_next(self) -> bool:
        """Jumps to the next timer and fires it; False if there is none."""
        if self.due is None:
            return False
        timer = heapq.heappop(self._timers)
        self.now = max(self.now, timer.due)
        timer.fire()
        return True

    def run(self, ms: float) -> None:
        """So much time has passed: fires what was due in it."""
        until = self.now + ms
        while (due := self.due) is not None and due <= until:
            self.fire_next()
        self.now = max(self.now, until)

    async def advance(self, ms: float) -> None:
        """The same, but what each timer sets going gets to run before the next one fires."""
        until = self.now + max(0.0, ms)
        while (due := self.due) is not None and due <= until:
            self.fire_next()
            await settle()
        self.now = max(self.now, until)
        await settle()

    async def next(self) -> bool:
        fired = self.fire_next()
        await settle()
        return fired


async def settle() -> None:
    """Lets the loop run what is ready."""
    for _ in range(3):
        await asyncio.sleep(0)
