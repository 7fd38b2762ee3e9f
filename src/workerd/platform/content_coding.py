"""Brotli for bodies with `Content-Encoding: br` (fetch/coding.ts).

The same protocol as in platform/compression.py: each codec is a function `step(what, data)`; what = 0 feeds `data`,
1 goes on with what was fed, 2 finishes. It gives the output at hand, in a list when there is more to come from the
same input.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import brotli

from workerd.platform.ops import OpContext, op

Output = bytes | list[bytes]
Step = Callable[..., Output | Awaitable[Output]]

# As the reference: good for text that is made on the way, fast enough not to be noticed.
_QUALITY = 5
# Sizes in bytes. What can take over a millisecond goes to a thread.
_SMALL_INPUT = 64 * 1024
_SMALL_OUTPUT = 64 * 1024
_LARGE_OUTPUT = 1024 * 1024


@op("content_coding.compressor")
def compressor(ctx: OpContext) -> Step:
    """A brotli compressor."""
    encoder = brotli.Compressor(quality=_QUALITY)

    def step(what: int, data: bytes = b"") -> Output | Awaitable[Output]:
        if what == 2:
            return bytes(encoder.finish())
        if len(data) <= _SMALL_INPUT:
            return bytes(encoder.process(data))
        return ctx.in_thread(encoder.process, data)

    return step


@op("content_coding.decompressor")
def decompressor(ctx: OpContext) -> Step:
    """A brotli decompressor with bounded output. The step function raises TypeError for malformed data, and for data
    that ends early.
    """
    decoder = brotli.Decompressor()
    ended = False

    def run(data: bytes, limit: int) -> Output:
        nonlocal ended
        if ended:
            return b""
        try:
            part: bytes = decoder.process(data, output_buffer_limit=limit)
        except brotli.error as error:
            raise TypeError("Decompression failed.") from error
        if decoder.is_finished():
            # What follows is not looked at, as with gzip.
            ended = True
            return part
        # Output that fills the limit may be followed by more, without more input.
        return [part] if len(part) >= limit or not decoder.can_accept_more_data() else part

    def step(what: int, data: bytes = b"") -> Output | Awaitable[Output]:
        if what == 2:
            if not ended:
                raise TypeError("Decompression failed.")
            return b""
        if what == 0 and len(data) <= _SMALL_INPUT:
            return run(data, _SMALL_OUTPUT)
        return ctx.in_thread(run, data, _LARGE_OUTPUT)

    return step
