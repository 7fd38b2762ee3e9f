"""What the C++ binding asks of Python on behalf of one worker (native/engine: Realm.hooks)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from workerd.engine.errors import (
    DOMException,
    JSError,
    JSSyntaxError,
    JSTerminated,
    NamedError,
    PublicError,
    RangeError,
)
from workerd.platform import ops

if TYPE_CHECKING:
    from workerd.runtime.worker import Worker

log = logging.getLogger("workerd")

# Python's own exceptions that operations raise on purpose, and what they are in JavaScript.
_NAMES: tuple[tuple[type[BaseException], str], ...] = (
    (RangeError, "RangeError"),
    (JSSyntaxError, "SyntaxError"),
    (PublicError, "Error"),
    (TypeError, "TypeError"),
)


class Hooks:
    """One for each realm."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._timers: dict[int, Any] = {}
        #: What has call_later() instead of the loop (tests).
        self.clock: Any = None
        self._tasks: set[asyncio.Future[Any]] = set()
        #: Told when the isolate's JavaScript was ended from outside: "cpu", "heap", "host" or "debugger".
        self.on_terminated: Callable[[str], None] | None = None
        #: Told, once and later, when the isolate cannot go on: it ran out of memory.
        self.on_condemned: Callable[[], None] | None = None

    @property
    def busy(self) -> bool:
        """Whether a timer or an operation of the worker is pending."""
        return bool(self._timers or self._tasks)

    @property
    def operating(self) -> bool:
        return bool(self._tasks)

    def terminated(self, reason: str) -> None:
        if self.on_terminated is not None:
            self.on_terminated(reason)
        if self._worker.isolate.condemned and self.on_condemned is not None:
            # Not now: a turn of the isolate is still ending.
            asyncio.get_running_loop().call_soon(self.on_condemned)
            self.on_condemned = None

    # ---- operations

    def op(self, name: str) -> Any:
        return ops.find(name)

    def spawn(self, awaitable: Awaitable[Any], resolver: Any) -> None:
        """Settles a promise with the outcome of an awaitable."""
        task = asyncio.ensure_future(awaitable)
        self._tasks.add(task)

        def done(task: asyncio.Future[Any]) -> None:
            self._tasks.discard(task)
            if task.cancelled():
                resolver.reject(PublicError("The operation was cancelled."))
            elif (error := task.exception()) is not None:
                resolver.reject(error)
            else:
                resolver.resolve(task.result())

        task.add_done_callback(done)

    def describe_error(self, error: BaseException) -> tuple[str, str, bool]:
        """(name, message, whether it is a DOMException) of a Python exception that goes to JavaScript."""
        if isinstance(error, DOMException):
            return error.name, error.message, True
        if isinstance(error, NamedError):
            return error.name, error.message, False
        if isinstance(error, JSError):
            return error.name or "Error", error.message, False
        if isinstance(error, JSTerminated):
            return "Error", str(error), False
        if isinstance(error, RecursionError):
            return "RangeError", "Maximum call stack size exceeded", False
        for kind, name in _NAMES:
            if isinstance(error, kind):
                return name, str(error), False
        log.error("worker %s: an operation failed", self._worker.name, exc_info=error)
        return "Error", "internal error", False

    # ---- modules

    def resolve_module(self, referrer: str | None, specifier: str, attributes: dict[str, str], module: Any) -> Any:
        modules = self._worker.modules
        return modules.resolve(referrer, specifier, attributes, built_in=modules.is_built_in(module))

    def import_module(self, referrer: str, specifier: str, attributes: dict[str, str], built_in: bool) -> Any:
        """`built_in`: the code that imports is of a module for which compile_module() was told so."""
        record = self._worker.modules.resolve(referrer, specifier, attributes, dynamic=True, built_in=built_in)
        record.instantiate()
        return record

    def resolve_source(self, referrer: str | None, specifier: str, attributes: dict[str, str]) -> Any:
        return self._worker.modules.source(referrer, specifier, attributes)

    def import_meta(self, name: str) -> dict[str, Any]:
        return self._worker.modules.import_meta(name)

    # ---- timers

    def start_timer(self, number: int, ms: float) -> None:
        clock = self.clock if self.clock is not None else asyncio.get_running_loop()
        self._timers[number] = clock.call_later(ms / 1000, self._fire, number)

    def _fire(self, number: int) -> None:
        self._timers.pop(number, None)
        self._worker.realm.fire_timer(number)

    def cancel_timer(self, number: int) -> None:
        handle = self._timers.pop(number, None)
        if handle is not None:
            handle.cancel()

    def close(self) -> None:
        """Timers and tasks end with their worker."""
        for handle in self._timers.values():
            handle.cancel()
        self._timers.clear()
        for task in list(self._tasks):
            task.cancel()
