"""Operations of node:zlib: deflate and inflate through libz's own interface, since Python's zlib module has neither deflateParams nor
the counts of consumed input that Node's streams go by; Brotli and Zstandard through their packages (node_zlib_codecs.py).

A write gives [output, input left over, errno, code, message]; the last three only when it failed.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from workerd.engine.errors import NamedError
from workerd.platform.node_zlib_codecs import BrotliDecoder, BrotliEncoder, ZstdDecoder, ZstdEncoder
from workerd.platform.ops import OpContext, op

DEFLATE, INFLATE, GZIP, GUNZIP, DEFLATERAW, INFLATERAW, UNZIP = range(1, 8)
Z_FINISH = 4
Z_OK, Z_STREAM_END, Z_NEED_DICT, Z_STREAM_ERROR, Z_DATA_ERROR, Z_BUF_ERROR = 0, 1, 2, -2, -3, -5
_CODES = {
    2: "Z_NEED_DICT",
    -1: "Z_ERRNO",
    -2: "Z_STREAM_ERROR",
    -3: "Z_DATA_ERROR",
    -4: "Z_MEM_ERROR",
    -5: "Z_BUF_ERROR",
    -6: "Z_VERSION_ERROR",
}
Result = list[Any]


class _Stream(ctypes.Structure):
    """z_stream, https://zlib.net/manual.html."""

    _fields_ = (
        ("next_in", ctypes.c_void_p),
        ("avail_in", ctypes.c_uint),
        ("total_in", ctypes.c_ulong),
        ("next_out", ctypes.c_void_p),
        ("avail_out", ctypes.c_uint),
        ("total_out", ctypes.c_ulong),
        ("msg", ctypes.c_char_p),
        ("state", ctypes.c_void_p),
        ("zalloc", ctypes.c_void_p),
        ("zfree", ctypes.c_void_p),
        ("opaque", ctypes.c_void_p),
        ("data_type", ctypes.c_int),
        ("adler", ctypes.c_ulong),
        ("reserved", ctypes.c_ulong),
    )


@lru_cache(1)
def _libz() -> ctypes.CDLL:
    """The zlib this process has, or the system's."""
    for name in (ctypes.util.find_library("z"), "libz.so.1", "libz.dylib", None):
        try:
            library = ctypes.CDLL(name)
            library.deflateInit2_.restype = ctypes.c_int
        except (OSError, AttributeError):
            continue
        return library
    raise NamedError("Error", "node:zlib needs the zlib library, which was not found on this machine (Debian: zlib1g)")


class ZlibHandle:
    def __init__(
        self, mode: int, window: int, level: int, memory: int, strategy: int, dictionary: bytes | None
    ) -> None:
        self.lib = _libz()
        self.mode = mode
        self.level, self.memory, self.strategy = level, memory, strategy
        self.window = (
            window + 16
            if mode in (GZIP, GUNZIP)
            else window + 32
            if mode == UNZIP
            else -window
            if mode in (DEFLATERAW, INFLATERAW)
            else window
        )
        self.dictionary = dictionary or b""
        self.deflating = mode in (DEFLATE, GZIP, DEFLATERAW)
        self.stream: _Stream | None = None
        self.magic = 0
        self.failed: tuple[int, str] | None = None

    def _fail(self, error: int, message: str) -> Result:
        return [error, _CODES.get(error, "Z_ERRNO"), message]

    def _start(self) -> Result | None:
        """Lazily, as a stream that is never written to costs nothing."""
        stream = self.stream = _Stream()
        version, size = zlib.ZLIB_VERSION.encode(), ctypes.sizeof(_Stream)
        if self.deflating:
            error = self.lib.deflateInit2_(
                ctypes.byref(stream), self.level, 8, self.window, self.memory, self.strategy, version, size
            )
        else:
            error = self.lib.inflateInit2_(ctypes.byref(stream), self.window, version, size)
        if error != Z_OK:
            self.stream = None
            return self._fail(error, "Failed to initialize stream")
        return self._set_dictionary()

    def _set_dictionary(self) -> Result | None:
        if not self.dictionary or self.mode not in (DEFLATE, DEFLATERAW, INFLATERAW):
            return None
        function = self.lib.deflateSetDictionary if self.deflating else self.lib.inflateSetDictionary
        assert self.stream is not None
        error = function(ctypes.byref(self.stream), self.dictionary, len(self.dictionary))
        return None if error == Z_OK else self._fail(error, "Failed to set dictionary")

    def write(self, flush: int, data: bytes, size: int) -> Result:
        if self.stream is None:
            failed = self._start()
            if failed is not None:
                return [b"", len(data), *failed]
        assert self.stream is not None
        stream, ref = self.stream, ctypes.byref(self.stream)
        source = ctypes.create_string_buffer(data, len(data)) if data else None
        target = ctypes.create_string_buffer(size)
        stream.next_in = ctypes.addressof(source) if source is not None else None
        stream.avail_in = len(data)
        stream.next_out = ctypes.addressof(target)
        stream.avail_out = size
        if self.deflating:
            error = self.lib.deflate(ref, flush)
        else:
            error = self._inflate(ref, stream, data, flush)
        out = target.raw[: size - stream.avail_out]
        left = stream.avail_in
        stream.next_in = stream.next_out = None
        failed = self._check(error, stream, flush)
        stream.avail_out = stream.avail_in = 0
        return [out, left] if failed is None else [out, left, *failed]

    def _inflate(self, ref: Any, stream: _Stream, data: bytes, flush: int) -> int:
        if self.mode == UNZIP and data and self.magic >= 0:
            # Gzip or zlib, by the first two bytes, which may come one at a time.
            for byte in data[: 2 - self.magic]:
                if byte != (0x1F, 0x8B)[self.magic]:
                    self.mode, self.magic = INFLATE, -1
                    break
                self.magic += 1
            if self.magic == 2:
                self.mode, self.magic = GUNZIP, -1
        inflate = self.lib.inflate
        error: int = inflate(ref, flush)
        if self.mode != INFLATERAW and error == Z_NEED_DICT and self.dictionary:
            error = self.lib.inflateSetDictionary(ref, self.dictionary, len(self.dictionary))
            if error == Z_OK:
                error = inflate(ref, flush)
            elif error == Z_DATA_ERROR:
                error = Z_NEED_DICT
        # Further members of a gzip file; what does not begin like one is trailing garbage.
        while (
            stream.avail_in > 0
            and self.mode == GUNZIP
            and error == Z_STREAM_END
            and data[len(data) - stream.avail_in] != 0
        ):
            self.lib.inflateReset(ref)
            error = inflate(ref, flush)
        return error

    def _check(self, error: int, stream: _Stream, flush: int) -> Result | None:
        if error in (Z_OK, Z_BUF_ERROR):
            if stream.avail_out != 0 and flush == Z_FINISH:
                return self._fail(Z_BUF_ERROR, "unexpected end of file")
            return None
        if error == Z_STREAM_END:
            return None
        if error == Z_NEED_DICT:
            return self._fail(error, "Bad dictionary" if self.dictionary else "Missing dictionary")
        return self._fail(error, stream.msg.decode() if stream.msg else "Zlib error")

    def params(self, level: int, strategy: int) -> Result:
        if self.stream is None:
            failed = self._start()
            if failed is not None:
                return failed
        if not self.deflating:
            return []
        # No room for output: whatever is pending comes with the next write.
        assert self.stream is not None
        room = ctypes.create_string_buffer(1)
        self.stream.next_out, self.stream.avail_out = ctypes.addressof(room), 0
        error = self.lib.deflateParams(ctypes.byref(self.stream), level, strategy)
        self.stream.next_out = None
        self.level, self.strategy = level, strategy
        return [] if error in (Z_OK, Z_BUF_ERROR) else self._fail(error, "Failed to set parameters")

    def reset(self) -> Result:
        if self.stream is None:
            return []
        reset = self.lib.deflateReset if self.deflating else self.lib.inflateReset
        error = reset(ctypes.byref(self.stream))
        if error != Z_OK:
            return self._fail(error, "Failed to reset stream")
        return self._set_dictionary() or []

    def close(self) -> None:
        if self.stream is not None:
            end = self.lib.deflateEnd if self.deflating else self.lib.inflateEnd
            end(ctypes.byref(self.stream))
            self.stream = None

    def __del__(self) -> None:
        self.close()


def _whole(handle: Any, flush: int, data: bytes, maximum: int) -> Result:
    """All output at once, for the functions that do not stream. None for the output when there is more than `maximum`."""
    parts: list[bytes] = []
    total, size = 0, 1 << 14
    while True:
        out, left, *failed = handle.write(flush, data, size)
        parts.append(out)
        total += len(out)
        if total > maximum:
            return [None, left]
        if failed or len(out) < size:
            return [b"".join(parts), left, *failed]
        data = data[len(data) - left :] if left else b""
        size = min(size * 2, 1 << 22)


def _methods(handle: Any) -> dict[str, Callable[..., Any]]:
    return {
        "whole": lambda flush, data, maximum: _whole(handle, flush, data, maximum),
        "write": handle.write,
        "params": handle.params,
        "reset": handle.reset,
        "close": handle.close,
    }


@op("node_zlib.zlib")
def new_zlib(
    ctx: OpContext, mode: int, window: int, level: int, memory: int, strategy: int, dictionary: bytes | None
) -> dict[str, Callable[..., Any]]:
    return _methods(ZlibHandle(mode, window, level, memory, strategy, dictionary))


@op("node_zlib.brotli")
def new_brotli(ctx: OpContext, encode: bool, params: dict[str, int]) -> dict[str, Callable[..., Any]] | None:
    """None when the parameters do not do."""
    numbers = {int(key): int(value) for key, value in params.items()}
    try:
        return _methods(BrotliEncoder(numbers) if encode else BrotliDecoder(numbers))
    except ValueError:
        return None


@op("node_zlib.zstd")
def new_zstd(
    ctx: OpContext, encode: bool, params: dict[str, int], pledged: int | None, dictionary: bytes | None
) -> dict[str, Callable[..., Any]] | None:
    numbers = {int(key): int(value) for key, value in params.items()}
    try:
        return _methods(ZstdEncoder(numbers, pledged, dictionary) if encode else ZstdDecoder(numbers, dictionary))
    except ValueError:
        return None


@op("node_zlib.crc32")
def crc32(ctx: OpContext, data: bytes, value: int) -> int:
    return zlib.crc32(data, value)
