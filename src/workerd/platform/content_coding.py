"""Codecs for bodies with a `Content-Encoding` (fetch/coding.ts): brotli, and gzip as it comes in.

The same protocol as in platform/compression.py: each codec is a function `step(what, data)`; what = 0 feeds `data`,
1 goes on with what was fed, 2 finishes. It gives the output at hand, in a list when there is more to come from the
same input.
"""

from __future__ import annotations

from collections.abc import Awaitable

import brotli

from workerd.platform.compression import Inflater, Output, Step, inflating
from workerd.platform.ops import OpContext, op

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


class _Members(Inflater):
    """gzip of any number of members, one after the other (RFC 1952, 2.2): what concatenated files are."""

    #: Bytes given to zlib at first: it copies what belongs to the next member.
    _FIRST = 1024

    def __init__(self) -> None:
        super().__init__("gzip", strict=True)
        self._piece = self._FIRST

    def _once(self, limit: int) -> bytes:
        if self._object.eof:
            self._begin()
            self._piece = self._FIRST
        piece = self._input[: self._piece]
        part = self._inflate(piece, limit)
        inflater = self._object
        left = len(inflater.unused_data if inflater.eof else inflater.unconsumed_tail)
        self._input = self._input[len(piece) - left :]
        self._full = len(part) == limit and not inflater.eof
        self._piece = min(self._piece * 2, _SMALL_INPUT)
        return part


@op("content_coding.gunzip")
def gunzip(ctx: OpContext) -> Step:
    """A gzip decompressor with bounded output. The step function raises TypeError for malformed data, for data that ends
    early and for anything after the end that is no gzip itself.
    """
    return inflating(ctx, _Members())
