"""What a worker may ask about itself."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from workerd.compat.flags import FLAGS
from workerd.platform.ops import OpContext, op


@op("worker.autogate")
def autogate(ctx: OpContext, name: str) -> bool:
    """Whether an autogate, named without prefix, is on."""
    gates = ctx.worker.autogates
    return gates is not None and gates.on(name)


@op("worker.flags")
def all_flags(ctx: OpContext) -> dict[str, bool]:
    """Every enable flag, and whether it is on."""
    return {flag.enable: flag.enable in ctx.worker.flags for flag in FLAGS}


@op("worker.platform")
def platform(ctx: OpContext) -> str:
    """process.platform of this machine: linux, darwin or win32."""
    return sys.platform


@op("worker.abort_isolate")
def abort_isolate(ctx: OpContext, reason: str) -> NoReturn:
    """Ends the process: in this server a worker's isolate lives as long as it does."""
    text = "abortIsolate() called, terminating process"
    sys.stdout.flush()
    sys.stderr.write(f"*** Fatal: worker {ctx.worker.name}: {text}{f'; reason = {reason}' if reason else ''}\n")
    sys.stderr.flush()
    os._exit(1)
