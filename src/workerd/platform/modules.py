"""Modules, for the platform's own use, createRequire() and /bundle."""

from __future__ import annotations

from typing import Any

from workerd.platform.ops import OpContext, op


@op("modules.files")
def files(ctx: OpContext) -> list[tuple[str, str | bytes]]:
    return ctx.worker.modules.files()


@op("modules.require")
def require(ctx: OpContext, specifier: str, referrer: str) -> Any:
    """A module of the platform's, whatever modules of that name the worker has itself."""
    return ctx.worker.modules.public_builtin(specifier)


@op("modules.create_require")
def create_require(ctx: OpContext, specifier: str, referrer: str) -> Any:
    """What the functions made by node:module's createRequire() do."""
    return ctx.worker.modules.require(specifier, referrer, created=True)


@op("modules.virtual_files")
def virtual_files(ctx: OpContext) -> Any:
    """What node:fs is made of, for the File System API."""
    return ctx.worker.load_node_registry().get_raw("virtualFiles").call_raw()
