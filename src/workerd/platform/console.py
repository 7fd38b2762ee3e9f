"""console: lines of output of a worker."""

from __future__ import annotations

from workerd.platform.ops import OpContext, op


@op("console.write")
def write(ctx: OpContext, level: str, text: str) -> None:
    ctx.worker.logs.console(ctx.worker.name, level, text)
