"""What one worker may use. Each limit can be set through the environment, for all workers of the process."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    #: Bytes of V8 heap of one isolate. All isolates of a process share V8's 4 GiB pointer cage.
    heap: int = 512 * 1024 * 1024
    #: Bytes of ArrayBuffers of one isolate.
    buffers: int = 1024 * 1024 * 1024
    #: Milliseconds that JavaScript may hold the thread at a time while the worker starts.
    startup_ms: float = 10_000
    #: The same for one turn (one event, or one callback) once it runs.
    turn_ms: float = 10_000


def from_environment() -> Limits:
    """Limits with what WORKERD_HEAP_LIMIT_MB, WORKERD_BUFFER_LIMIT_MB, WORKERD_STARTUP_LIMIT_MS and WORKERD_CPU_LIMIT_MS say.

    Raises ValueError naming the variable.
    """
    default = Limits()
    return Limits(
        heap=int(_number("WORKERD_HEAP_LIMIT_MB", default.heap / 1048576) * 1048576),
        buffers=int(_number("WORKERD_BUFFER_LIMIT_MB", default.buffers / 1048576) * 1048576),
        startup_ms=_number("WORKERD_STARTUP_LIMIT_MS", default.startup_ms),
        turn_ms=_number("WORKERD_CPU_LIMIT_MS", default.turn_ms),
    )


def _number(name: str, default: float) -> float:
    text = os.environ.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1
    if value <= 0:
        raise ValueError(f"{name} must be a positive number, not {text!r}")
    return value
