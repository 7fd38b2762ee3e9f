"""What a worker may ask about itself."""

from __future__ import annotations

from workerd.compat.flags import FLAGS
from workerd.platform.ops import OpContext, op


@op("worker.flags")
def all_flags(ctx: OpContext) -> dict[str, bool]:
    """Every enable flag, and whether it is on."""
    return {flag.enable: flag.enable in ctx.worker.flags for flag in FLAGS}
