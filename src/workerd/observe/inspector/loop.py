"""An event loop that can run from inside one of its own callbacks.

A worker held at a breakpoint keeps the thread in the middle of a callback. So that the server's other workers go on, the loop runs
there, nested, until the worker is let go. Only processes with an inspector use this loop.
"""

from __future__ import annotations

import asyncio
from asyncio import tasks
from collections.abc import Callable, MutableSequence
from typing import Any, cast


class PausableLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop with `run_nested()`."""

    def run_nested(self, until: Callable[[], bool]) -> None:
        """Runs rounds of the loop, from one of its callbacks, until `until()` holds or the interrupted task is cancelled.

        The interrupted callback and task stay where they are; everything else goes on.
        """
        internals = cast(Any, self)  # _ready and _run_once: the same from Python 3.4 to 3.14
        ready: MutableSequence[asyncio.Handle] = internals._ready
        task = asyncio.current_task(self)
        cancelled = task.cancelling() if task is not None else 0
        waiting = len(ready)
        if task is not None:
            tasks._leave_task(self, task)
        try:
            while not until() and (task is None or task.cancelling() == cancelled):
                internals._run_once()
        finally:
            if task is not None:
                tasks._enter_task(self, task)
            # The round we were called from will take as many handles as there were: it must find them.
            for _ in range(waiting - len(ready)):
                nothing = asyncio.Handle(_nothing, (), self)
                nothing.cancel()
                ready.append(nothing)


def _nothing() -> None:
    """What a place holder would do."""
