"""Brotli (through its C interface) and Zstandard in the form of zlib's streams: write(flush, data, room) gives at most `room` bytes."""

from __future__ import annotations

import ctypes
import importlib
from functools import lru_cache
from typing import Any

import zstandard

Result = list[Any]
Z_BUF_ERROR = -5
BROTLI_FINISH = 2
BROTLI_DECODER_ERROR, BROTLI_DECODER_NEEDS_MORE_INPUT = 0, 2
ZSTD_CONTINUE, ZSTD_FLUSH, ZSTD_END = range(3)


class _Encoder:
    """Output that had no room yet is given first."""

    def __init__(self) -> None:
        self.pending = bytearray()
        self.fed = False

    def _encode(self, flush: int, data: bytes) -> bytes:
        raise NotImplementedError

    def write(self, flush: int, data: bytes, size: int) -> Result:
        # Input is taken whole at the first of a run of writes; the others only fetch output.
        if data or not self.pending:
            if not (self.fed and not data):
                self.pending += self._encode(flush, data)
            self.fed = True
        out = bytes(self.pending[:size])
        del self.pending[:size]
        if not self.pending and len(out) < size:
            self.fed = False
        return [out, 0]

    def params(self, level: int, strategy: int) -> Result:
        return []

    def close(self) -> None:
        self.pending.clear()


@lru_cache(1)
def _libbrotli() -> ctypes.CDLL:
    """The C interface of Brotli inside the brotli package's extension: it knows all parameters, and where compressed data end."""
    library = ctypes.CDLL(importlib.import_module("_brotli").__file__)
    for name in ("BrotliEncoderCreateInstance", "BrotliDecoderCreateInstance"):
        getattr(library, name).restype = ctypes.c_void_p
    library.BrotliDecoderErrorString.restype = ctypes.c_char_p
    return library


class _Brotli:
    kind = ""

    def __init__(self, params: dict[int, int]) -> None:
        self.lib = _libbrotli()
        self.settings = params
        self.state: ctypes.c_void_p | None = None
        self.reset()

    def _call(self, name: str, *arguments: Any) -> int:
        result: int = getattr(self.lib, f"Brotli{self.kind}{name}")(self.state, *arguments)
        return result

    def reset(self) -> Result:
        self.close()
        self.state = ctypes.c_void_p(getattr(self.lib, f"Brotli{self.kind}CreateInstance")(None, None, None))
        for key, value in self.settings.items():
            if not self._call("SetParameter", key, ctypes.c_uint32(value)):
                raise ValueError(f"parameter {key} refused")
        return []

    def _stream(self, name: str, data: bytes, size: int, *first: int) -> tuple[int, bytes, int]:
        """Runs a stream function: what it gives, the output, how much input is left over."""
        source = ctypes.create_string_buffer(data, len(data) or 1)
        target = ctypes.create_string_buffer(size or 1)
        next_in, avail_in = ctypes.c_void_p(ctypes.addressof(source)), ctypes.c_size_t(len(data))
        next_out, avail_out = ctypes.c_void_p(ctypes.addressof(target)), ctypes.c_size_t(size)
        pointers = (ctypes.byref(avail_in), ctypes.byref(next_in), ctypes.byref(avail_out), ctypes.byref(next_out))
        result = self._call(name, *first, *pointers, None)
        return result, target.raw[: size - avail_out.value], avail_in.value

    def params(self, level: int, strategy: int) -> Result:
        return []

    def close(self) -> None:
        if self.state is not None:
            self._call("DestroyInstance")
            self.state = None

    def __del__(self) -> None:
        self.close()


class BrotliEncoder(_Brotli):
    kind = "Encoder"

    def write(self, flush: int, data: bytes, size: int) -> Result:
        result, out, left = self._stream("CompressStream", data, size, flush)
        return [out, left] if result else [out, left, -1, "ERR_BROTLI_COMPRESSION_FAILED", "Compression failed"]


class BrotliDecoder(_Brotli):
    kind = "Decoder"

    def write(self, flush: int, data: bytes, size: int) -> Result:
        result, out, left = self._stream("DecompressStream", data, size)
        if result == BROTLI_DECODER_ERROR:
            error = self._call("GetErrorCode")
            name = self.lib.BrotliDecoderErrorString(error).decode()
            return [out, left, error, f"ERR_{name}", "Decompression failed"]
        if result == BROTLI_DECODER_NEEDS_MORE_INPUT and flush == BROTLI_FINISH:
            return [out, left, Z_BUF_ERROR, "Z_BUF_ERROR", "unexpected end of file"]
        return [out, left]


# ZSTD_cParameter -> the name in zstandard.ZstdCompressionParameters.
_ZSTD = {
    100: "compression_level",
    101: "window_log",
    102: "hash_log",
    103: "chain_log",
    104: "search_log",
    105: "min_match",
    106: "target_length",
    107: "strategy",
    160: "enable_ldm",
    161: "ldm_hash_log",
    162: "ldm_min_match",
    163: "ldm_bucket_size_log",
    164: "ldm_hash_rate_log",
    200: "write_content_size",
    201: "write_checksum",
    202: "write_dict_id",
    400: "threads",
    401: "job_size",
    402: "overlap_log",
}
_ZSTD_WINDOW_LOG_MAX = 100
# Bounds of what zstandard would take and only fail on later.
_BOUNDS = {100: (-131072, 22), 101: (10, 31), 102: (6, 30), 103: (6, 30), 104: (1, 30), 105: (3, 7), 107: (1, 9)}


class ZstdEncoder(_Encoder):
    def __init__(self, params: dict[int, int], pledged: int | None, dictionary: bytes | None) -> None:
        super().__init__()
        for key, value in params.items():
            low, high = _BOUNDS.get(key, (None, None))
            # 0 stands for the default.
            if key not in _ZSTD or (low is not None and high is not None and value != 0 and not low <= value <= high):
                raise ValueError(f"parameter {key} out of bounds")
        level = params.get(100, 0) or 3
        arguments: dict[str, Any] = {_ZSTD[key]: value for key, value in params.items() if key != 100 and value != 0}
        if params.get(200) == 0:
            arguments["write_content_size"] = 0
        arguments.pop("threads", None)
        dict_data = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        try:
            parameters = zstandard.ZstdCompressionParameters.from_level(level, **arguments)
            self.compressor = zstandard.ZstdCompressor(compression_params=parameters, dict_data=dict_data)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from None
        self.pledged = pledged
        self.reset()

    def reset(self) -> Result:
        self.object = self.compressor.compressobj(size=-1 if self.pledged is None else self.pledged)
        self.finished = False
        self.pending.clear()
        return []

    def _encode(self, flush: int, data: bytes) -> bytes:
        if self.finished:
            return b""
        out = self.object.compress(data) if data else b""
        if flush == ZSTD_FLUSH:
            out += self.object.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        elif flush == ZSTD_END:
            out += self.object.flush(zstandard.COMPRESSOBJ_FLUSH_FINISH)
            self.finished = True
        return out

    def write(self, flush: int, data: bytes, size: int) -> Result:
        try:
            return super().write(flush, data, size)
        except zstandard.ZstdError as error:
            return [b"", len(data), -1, "ERR_ZSTD_COMPRESSION_FAILED", f"Zstd compression failed: {error}"]


class ZstdDecoder:
    def __init__(self, params: dict[int, int], dictionary: bytes | None) -> None:
        for key, value in params.items():
            if key != _ZSTD_WINDOW_LOG_MAX or (value != 0 and not 10 <= value <= 31):
                raise ValueError(f"parameter {key} out of bounds")
        dict_data = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        window = params.get(_ZSTD_WINDOW_LOG_MAX, 0)
        self.decompressor = zstandard.ZstdDecompressor(
            dict_data=dict_data, max_window_size=1 << window if window else 0
        )
        self.reset()

    def reset(self) -> Result:
        self.object: Any = self.decompressor.decompressobj(read_across_frames=False)
        self.pending = bytearray()
        self.started = False
        return []

    def write(self, flush: int, data: bytes, size: int) -> Result:
        rest = data
        try:
            while rest:
                if self.object.eof:
                    self.object = self.decompressor.decompressobj(read_across_frames=False)
                self.started = True
                self.pending += self.object.decompress(rest)
                rest = self.object.unused_data if self.object.eof else b""
        except zstandard.ZstdError as error:
            return [b"", 0, -1, "ERR_ZSTD_DECOMPRESSION_FAILED", f"Zstd decompression failed: {error}"]
        out = bytes(self.pending[:size])
        del self.pending[:size]
        if flush == ZSTD_END and not self.pending and self.started and not self.object.eof and len(out) < size:
            return [out, 0, Z_BUF_ERROR, "Z_BUF_ERROR", "unexpected end of file"]
        return [out, 0]

    def params(self, level: int, strategy: int) -> Result:
        return []

    def close(self) -> None:
        self.pending.clear()
