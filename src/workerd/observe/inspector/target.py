"""A worker that can be inspected, on the thread that runs it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from workerd.observe.inspector.loop import PausableLoop


class Target:
    """Made before the worker's code runs, so that debuggers learn of all of it. Ends with the worker."""

    def __init__(self, native: Any, name: str, realm: Any) -> None:
        """Must be called on the running loop's thread."""
        self.name = name
        self.realm = realm
        self._loop = asyncio.get_running_loop()
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._wake_pending = False
        self._woken = threading.Event()
        #: How many pauses of the worker are on the stack.
        self._pauses = 0
        #: The native.Inspector.
        self.inspector = native.Inspector(realm, "Worker", self, True)

    @property
    def closed(self) -> bool:
        return bool(self.inspector.closed)

    @property
    def held(self) -> bool:
        """Whether a debugger holds it, or just did so that its code has not gone on yet."""
        return self._pauses > 0

    def connect(self, on_message: Callable[[str | None], object]) -> Any:
        """A session; `on_message` is called on the worker's thread, with None at the worker's end. From any thread.

        Raises RuntimeError if the worker is gone.
        """
        return self.inspector.connect(on_message)

    def wake(self) -> None:
        """Has the messages that were posted to sessions worked on. From any thread."""
        self._woken.set()
        if not self._wake_pending:
            self._wake_pending = True
            try:
                self._loop.call_soon_threadsafe(self._drain)
            except RuntimeError:  # the loop has ended, and with it the worker
                return

    def _drain(self) -> None:
        self._wake_pending = False
        self.inspector.drain()

    def release(self) -> None:
        """Ends all sessions; the worker goes on."""
        self.inspector.resume()

    # ---- what native.Inspector asks

    def pause(self) -> None:
        """The worker has stopped at a breakpoint: returns when it is to go on."""
        self._pauses += 1
        try:
            if isinstance(self._loop, PausableLoop):
                self._loop.run_nested(lambda: not self.inspector.paused)
                return
            # Any other loop cannot run here: everything waits for the debugger.
            while self.inspector.paused:
                self._woken.wait()
                self._woken.clear()
                self.inspector.drain()
        finally:
            self._pauses -= 1

    def start_timer(self, number: int, seconds: float) -> None:
        def fire() -> None:
            self._timers[number] = self._loop.call_later(seconds, fire)
            self.inspector.fire_timer(number)

        self._timers[number] = self._loop.call_later(seconds, fire)

    def cancel_timer(self, number: int) -> None:
        timer = self._timers.pop(number, None)
        if timer is not None:
            timer.cancel()
