"""The Range header (RFC 9110, 14), as far as the disk service serves it: one range."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*bytes\s*=(.*)", re.IGNORECASE | re.DOTALL)
_RANGE = re.compile(r"\s*([0-9]*)\s*-\s*([0-9]*)\s*")

#: More digits than any file has bytes; Python is slow with very long numbers.
_MAX_DIGITS = 19


class UnsatisfiableError(ValueError):
    """No byte of the file is in what was asked for, or what was asked for cannot be read: 416."""


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """(first, last) byte of a file of `size` bytes; None for the whole of it.

    Several ranges, and one that covers everything, give None: serving everything is always right. Unreadable headers
    are unsatisfiable, as in the original (the RFC would ignore them).
    """
    found = _HEADER.fullmatch(header)
    if found is None:
        raise UnsatisfiableError(header)
    specs = [spec for spec in found[1].split(",") if spec.strip()]
    ranges = [satisfied for spec in specs if (satisfied := _one(spec, size)) is not None]
    if not ranges:
        raise UnsatisfiableError(header)
    if len(specs) > 1 or found[1].rstrip().endswith(",") or ranges[0] == (0, size - 1):
        return None
    return ranges[0]


def _one(spec: str, size: int) -> tuple[int, int] | None:
    found = _RANGE.fullmatch(spec)
    if found is None or max(len(found[1]), len(found[2])) > _MAX_DIGITS:
        raise UnsatisfiableError(spec)
    first, last = found[1], found[2]
    if not first:
        if not last:
            raise UnsatisfiableError(spec)
        length = min(int(last), size)
        return (size - length, size - 1) if length else None
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    return (start, end) if start <= end else None
