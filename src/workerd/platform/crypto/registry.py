"""Declares an operation in its two forms, immediate and threaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from workerd.platform.ops import OpContext, op

F = TypeVar("F", bound=Callable[..., Any])


def crypto_op(name: str) -> Callable[[F], F]:
    """Registers `function(ctx, *args)` as `crypto.<name>` and `crypto.<name>.threaded`.

    The function must not touch `ctx` or anything of the event loop: it may run in another thread.
    """

    def register(function: F) -> F:
        async def threaded(ctx: OpContext, *args: Any) -> Any:
            return await ctx.in_thread(function, ctx, *args)

        op(f"crypto.{name}")(function)
        op(f"crypto.{name}.threaded")(threaded)
        return function

    return register
