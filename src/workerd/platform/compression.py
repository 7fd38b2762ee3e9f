"""The codecs of CompressionStream and DecompressionStream (https://compression.spec.whatwg.org/).

Each is one function `step(what, data)` that the JS side calls with what = 0 to feed `data`, 1 to go on with what was
fed, 2 to finish. It gives the output at hand, in a list when there is more to come from the same input. Small steps run
at once, others in a thread: then the output is awaited.
"""

from __future__ import annotations

import contextlib
import importlib
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from workerd.platform.ops import OpContext, op

_fast: Any = zlib
# About twice as fast as zlib, and smaller output; there is no wheel for some platforms.
with contextlib.suppress(ImportError):
    _fast = importlib.import_module("zlib_ng.zlib_ng")

Output = bytes | list[bytes]
Step = Callable[..., Output | Awaitable[Output]]

_WINDOW_BITS = {"deflate": 15, "gzip": 31, "deflate-raw": -15}

# Sizes in bytes. What can take over a millisecond goes to a thread: compression makes some 100 MB/s, decompression 400.
_SMALL_INPUT = 64 * 1024
_SMALL_OUTPUT = 64 * 1024
_LARGE_OUTPUT = 1024 * 1024
# Input a compressor keeps until it knows whether there is more.
_HELD = 16 * 1024
# zlib copies the input it has not used at every call.
_SLICE = 64 * 1024


@op("compression.compressor")
def compressor(ctx: OpContext, fmt: str) -> Step:
    """A compressor at the default level; `fmt` is a key of _WINDOW_BITS, which JS has checked."""
    deflater: Any = None
    held = b""

    def step(what: int, given: bytes | None = None) -> Output | Awaitable[Output]:
        nonlocal deflater, held
        data = given or b""
        if deflater is None:
            # For little data zlib has the output people know, and a smaller one (0123456789 a thousand times: 66 bytes,
            # not 102).
            if what != 2 and len(held) + len(data) <= _HELD:
                held += data
                return b""
            module = zlib if what == 2 else _fast
            deflater = module.compressobj(6, zlib.DEFLATED, _WINDOW_BITS[fmt], 8)
            data, held = held + data, b""
        if what == 2:
            return bytes(deflater.compress(data) + deflater.flush())
        if len(data) <= _SMALL_INPUT:
            return bytes(deflater.compress(data))
        return ctx.in_thread(deflater.compress, data)

    return step


def inflating(ctx: OpContext, inflater: Inflater) -> Step:
    """The step function of a decompressor."""

    def step(what: int, data: bytes | None = None) -> Output | Awaitable[Output]:
        if what == 2:
            return inflater.finish()
        if what == 0 and data:
            inflater.feed(data)
            if len(data) <= _SMALL_INPUT:
                return inflater.run(_SMALL_OUTPUT)
        return ctx.in_thread(inflater.run, _LARGE_OUTPUT)

    return step


@op("compression.decompressor")
def decompressor(ctx: OpContext, fmt: str, strict: bool) -> Step:
    """A decompressor. `strict`: data after the end, and an end before it, are errors.

    The step function raises TypeError for malformed data.
    """
    return inflating(ctx, Inflater(fmt, strict))


class Inflater:
    """zlib's inflate with bounded output."""

    def __init__(self, fmt: str, strict: bool) -> None:
        """`fmt` and `strict`: see `decompressor`."""
        self._window_bits = _WINDOW_BITS[fmt]
        self._begin()
        self._strict = strict
        self._input = memoryview(b"")
        # The last call filled its output: there may be more without more input.
        self._full = False

    def _begin(self) -> None:
        self._object: Any = _fast.decompressobj(self._window_bits)

    def feed(self, data: bytes) -> None:
        self._input = memoryview(data)

    def run(self, limit: int) -> Output:
        """Output of about `limit` bytes at most; in a list when the input has more to give."""
        parts: list[bytes] = []
        size = 0
        while size < limit:
            if not self._input and not self._full:
                return b"".join(parts)
            part = self._once(limit - size)
            parts.append(part)
            size += len(part)
        return [b"".join(parts)]

    def _once(self, limit: int) -> bytes:
        inflater = self._object
        if inflater.eof:
            self._end(bool(self._input))
            return b""
        piece = self._input[:_SLICE]
        part = self._inflate(piece, limit)
        if inflater.eof:
            self._end(bool(inflater.unused_data) or len(self._input) > len(piece))
            return part
        unused = len(inflater.unconsumed_tail)
        self._input = self._input[len(piece) - unused :]
        self._full = len(part) == limit
        return part

    def _inflate(self, piece: memoryview, limit: int) -> bytes:
        try:
            part: bytes = self._object.decompress(piece, limit)
        except (zlib.error, _fast.error) as e:
            raise TypeError("Decompression failed.") from e
        return part

    def _end(self, trailing: bool) -> None:
        self._input = memoryview(b"")
        self._full = False
        if trailing and self._strict:
            raise TypeError("Trailing bytes after end of compressed data")

    def finish(self) -> bytes:
        if self._strict and not self._object.eof:
            raise TypeError("Called close() on a decompression stream with incomplete data")
        return b""
