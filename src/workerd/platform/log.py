"""Errors that user code did not catch, and raw output."""

from __future__ import annotations

import sys

from workerd.platform.ops import OpContext, op


@op("log.exception")
def exception(ctx: OpContext, kind: str, name: str, message: str, stack: str) -> None:
    ctx.worker.logs.exception(ctx.worker.name, kind, name, message, stack)


@op("log.stdio")
def stdio(ctx: OpContext, fd: int, text: str) -> None:
    """Text as it is, for process.stdout and process.stderr."""
    stream = sys.stdout if fd == 1 else sys.stderr
    stream.write(text)
    stream.flush()
