"""Running a test on the loop that the server uses."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec

import uvloop

P = ParamSpec("P")


def looped(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Makes an async test a plain one."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def main() -> None:
            await test(*args, **kwargs)

        uvloop.run(main(), debug=False)

    return run
