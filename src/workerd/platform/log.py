"""Errors that user code did not catch, and raw output."""

from __future__ import annotations

from workerd.platform.ops import OpContext, op


@op("log.exception")
def exception(ctx: OpContext, kind: str, name: str, message: str, stack: str, request: str) -> None:
    worker = ctx.worker
    worker.logs.exception(worker.name, kind, name, message, stack, request=request, find=worker.source_maps.find)


@op("log.stdio_prefix")
def stdio_prefix(ctx: OpContext, fd: int) -> str:
    return ctx.worker.logs.stdio_prefix(fd)


@op("log.stdio")
def stdio(ctx: OpContext, fd: int, text: str) -> None:
    """Whole lines for process.stdout and process.stderr."""
    ctx.worker.logs.stdio(ctx.worker.name, fd, text)
