"""Ties V8's task queues to the running event loop."""

from __future__ import annotations

import asyncio
from typing import Any

#: V8's own tasks (garbage collection, Wasm compilation) are run this often when nothing else happens.
PUMP_SECONDS = 0.02


class Pump:
    """While open, queued turns that one round left over and V8's foreground tasks are run by the loop."""

    def __init__(self, native: Any) -> None:
        self._native = native
        self._loop = asyncio.get_running_loop()
        native.set_loop_hook(lambda: self._loop.call_soon(native.run))
        self._timer = self._loop.call_later(PUMP_SECONDS, self._run)

    def _run(self) -> None:
        self._native.pump()
        self._timer = self._loop.call_later(PUMP_SECONDS, self._run)

    def close(self) -> None:
        self._timer.cancel()
        self._native.set_loop_hook(None)
