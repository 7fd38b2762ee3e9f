"""Operations: Python functions that the JS platform layer calls by name (docs/internals.md).

    @op("crypto.digest")
    def digest(ctx: OpContext, algorithm: str, data: bytes) -> bytes: ...

A feature's module is imported when one of its operations is first asked for: the part of the name before the first dot
says which, `workerd.platform.<feature>`.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from workerd.runtime.worker import Worker

F = TypeVar("F", bound=Callable[..., Any])

_OPERATIONS: dict[str, Callable[..., Any]] = {}
_threads: ThreadPoolExecutor | None = None


class OpContext:
    """What an operation is told of the worker that calls it."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    async def in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        """Runs CPU or disk work that may take over 1 ms without holding up the loop."""
        global _threads
        if _threads is None:
            _threads = ThreadPoolExecutor(4, thread_name_prefix="workerd-op")
        return await asyncio.get_running_loop().run_in_executor(_threads, function, *args)


def op(name: str) -> Callable[[F], F]:
    """Registers an operation. Names are unique; the first part is the feature's module."""

    def register(function: F) -> F:
        if name in _OPERATIONS:
            raise ValueError(f"operation {name} is defined twice")
        _OPERATIONS[name] = function
        return function

    return register


class _Borrowing(functools.partial[Any]):
    """For callables that take no attributes: those of C."""

    __borrows__ = True


def borrows(function: F) -> F:
    """Large buffers are given to the function as writable memoryviews of JavaScript's own memory instead of as copies.

    They end with the call: the function must not keep them, be async, or run in a thread. Small ones still come as bytes.
    """
    try:
        function.__borrows__ = True  # type: ignore[attr-defined]
    except AttributeError:
        return _Borrowing(function)  # type: ignore[return-value]
    return function


def find(name: str) -> Callable[..., Any]:
    """The operation `name`. Raises LookupError."""
    found = _OPERATIONS.get(name)
    if found is None:
        feature = name.partition(".")[0]
        if feature.isidentifier():
            importlib.import_module(f"workerd.platform.{feature}")
        found = _OPERATIONS.get(name)
    if found is None:
        raise LookupError(f"no such operation: {name}")
    return found
