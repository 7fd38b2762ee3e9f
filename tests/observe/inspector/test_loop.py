"""The loop that runs from inside its own callbacks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from workerd.observe.inspector.loop import PausableLoop


def run(main: Callable[[PausableLoop], Coroutine[Any, Any, Any]]) -> Any:
    async def start() -> Any:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, PausableLoop)
        return await main(loop)

    with asyncio.Runner(loop_factory=PausableLoop) as runner:
        return runner.run(start())


def test_tasks_and_timers_go_on_inside_a_task() -> None:
    async def main(loop: PausableLoop) -> list[str]:
        seen: list[str] = []

        async def other() -> None:
            await asyncio.sleep(0.01)
            assert asyncio.current_task() is other_task
            seen.append("other")

        other_task = asyncio.ensure_future(other())
        loop.call_later(0.03, seen.append, "timer")
        this = asyncio.current_task()
        loop.run_nested(lambda: len(seen) == 2)
        assert asyncio.current_task() is this
        seen.append("after")
        await other_task
        return seen

    assert run(main) == ["other", "timer", "after"]


def test_the_round_it_interrupts_goes_on_as_if_nothing_had_been() -> None:
    async def main(loop: PausableLoop) -> list[str]:
        seen: list[str] = []
        done = loop.create_future()

        def pause() -> None:
            seen.append("in")
            loop.run_nested(lambda: "b" in seen)
            seen.append("out")

        # All in one round of the loop; the nested rounds take what that round still counts on.
        loop.call_soon(pause)
        for name in "abc":
            loop.call_soon(seen.append, name)
        loop.call_soon(done.set_result, None)
        await done
        await asyncio.sleep(0.01)
        return seen

    seen = run(main)
    assert sorted(seen) == ["a", "b", "c", "in", "out"] and seen.index("b") < seen.index("out")


def test_pauses_within_pauses() -> None:
    async def main(loop: PausableLoop) -> list[str]:
        seen: list[str] = []

        def inner() -> None:
            loop.run_nested(lambda: "tick" in seen)
            seen.append("inner")

        loop.call_soon(inner)
        loop.call_later(0.02, seen.append, "tick")
        loop.run_nested(lambda: "inner" in seen)
        seen.append("outer")
        return seen

    assert run(main) == ["tick", "inner", "outer"]


def test_cancelling_the_interrupted_task_ends_it() -> None:
    async def main(loop: PausableLoop) -> str:
        async def victim() -> None:
            loop.run_nested(lambda: False)
            await asyncio.sleep(10)

        task = asyncio.ensure_future(victim())
        loop.call_later(0.02, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            return "cancelled"
        return "ran on"

    assert run(main) == "cancelled"
