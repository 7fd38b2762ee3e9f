"""console: lines of output of a worker."""

from __future__ import annotations

from workerd.platform.ops import OpContext, op


@op("console.write")
def write(ctx: OpContext, level: str, text: str) -> None:
    worker = ctx.worker
    if worker.is_script:
        worker.logs.inspector_only(worker.name, level, text)
    else:
        worker.logs.console(worker.name, level, text, worker.source_maps.find)
