"""Working with pipes from Python: making them, and awaiting them where a callback would be awkward."""

from __future__ import annotations

import asyncio
from typing import cast

from workerd.engine.library import load
from workerd.services.contract import Body, ChannelEnd, Pipe

#: Bytes that wait in a pipe before its producer is told to stop.
HIGH_WATER = 64 * 1024


class PipeCancelledError(Exception):
    """The consumer of a pipe no longer wants its data."""


def new_pipe(length: int = -1, high_water: int = HIGH_WATER) -> Pipe:
    """A pipe. `length`: bytes in all, or -1 where nobody knows."""
    return cast(Pipe, load().Pipe(high_water, length))


def new_channel() -> tuple[ChannelEnd, ChannelEnd]:
    """Two connected ends."""
    return cast("tuple[ChannelEnd, ChannelEnd]", load().channel_pair())


def body_length(body: Body) -> int:
    """Bytes of a request's or response's body; -1 for a stream of unknown length."""
    if body is None:
        return 0
    return len(body) if isinstance(body, bytes) else body.length


def drop(body: Body, message: str) -> None:
    """Tells the producer of `body`, if it is a stream, that nobody will read it."""
    if body is not None and not isinstance(body, bytes):
        body.cancel(message)


async def wait_drain(pipe: Pipe) -> None:
    """Returns when `pipe` has room. Raises PipeCancelledError."""
    waiter = asyncio.get_running_loop().create_future()

    def wake() -> None:
        if not waiter.done():
            waiter.set_result(None)

    pipe.set_on_drain(wake)
    if pipe.full and not pipe.cancelled:
        await waiter
    if pipe.cancelled:
        raise PipeCancelledError


async def write(pipe: Pipe, data: bytes) -> None:
    """Writes, then waits until more is wanted. Raises PipeCancelledError."""
    if not pipe.write(data):
        await wait_drain(pipe)


async def read(pipe: Pipe, max_bytes: int = 256 * 1024) -> bytes:
    """The next bytes, b"" at the end. Raises what the producer aborted with."""
    while True:
        chunk = pipe.try_read(max_bytes)
        if chunk is None:
            return b""
        if chunk is not NotImplemented:
            return cast(bytes, chunk)
        waiter = asyncio.get_running_loop().create_future()

        def wake(waiter: asyncio.Future[None] = waiter) -> None:
            if not waiter.done():
                waiter.set_result(None)

        pipe.set_on_readable(wake)
        await waiter
