"""The fake clock, as tests control it (platform/js/fake-clock.ts)."""

from __future__ import annotations

from workerd.engine.errors import RangeError
from workerd.platform.ops import OpContext, op
from workerd.testing.clock import FakeClock

#: More timers than this without an end are an interval that nobody clears.
MAX_TIMERS = 100_000


def _clock(ctx: OpContext) -> FakeClock:
    clock: FakeClock = ctx.worker.hooks.clock
    return clock


@op("clock.now")
def now(ctx: OpContext) -> float:
    return float(_clock(ctx).now)


@op("clock.start")
def start(ctx: OpContext) -> float:
    return float(_clock(ctx).start)


@op("clock.set")
def set_time(ctx: OpContext, ms: float) -> None:
    """The time of day changes, as when somebody sets a clock: timers keep the time they still have to wait."""
    _clock(ctx).set(float(ms))


@op("clock.automatic")
def automatic(ctx: OpContext, on: bool | None = None) -> bool:
    clock = _clock(ctx)
    if on is not None:
        clock.automatic = on
    return clock.automatic


@op("clock.advance")
async def advance(ctx: OpContext, ms: float) -> None:
    if not 0 <= ms < 1e15:
        raise RangeError(f"time cannot move by {ms} ms")
    await _clock(ctx).advance(float(ms))


@op("clock.next")
async def fire_next(ctx: OpContext) -> bool:
    return await _clock(ctx).next()


@op("clock.run_all")
async def run_all(ctx: OpContext) -> int:
    """Fires timers until there are none; how many."""
    clock = _clock(ctx)
    for count in range(MAX_TIMERS):
        if not await clock.next():
            return count
    raise RangeError(f"{MAX_TIMERS} timers fired and there are still more: is there an interval?")
