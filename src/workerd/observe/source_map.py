"""Source maps (https://tc39.es/ecma426/): from places in generated code to places in what it was made from."""

from __future__ import annotations

import base64
import binascii
import json
import posixpath
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

_DIGITS = {c: i for i, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
_URL = re.compile(r"^[ \t]*//[#@][ \t]*sourceMappingURL=([^\s'\"]+)[ \t]*$", re.M)


class SourceMapError(ValueError):
    """A source map that is malformed."""


@dataclass(frozen=True, slots=True)
class Segment:
    """From `column` (0-based, in UTF-16 units) of a generated line on: `line` and `original_column` (0-based) of source number
    `source`; -1: of nothing."""

    column: int
    source: int
    line: int
    original_column: int = 0


class SourceMap:
    """`lines`: the segments of each generated line, by column."""

    def __init__(self, sources: list[str], contents: list[str | None], lines: list[list[Segment]]) -> None:
        self.sources = sources
        self.contents = contents
        self.lines = lines

    def lookup(self, line: int, column: int) -> Segment | None:
        """The segment that a place in the generated code (both 0-based) lies in."""
        if line >= len(self.lines):
            return None
        segments = self.lines[line]
        at = bisect_right(segments, column, key=lambda segment: segment.column) - 1
        return segments[at] if at >= 0 and segments[at].source >= 0 else None


def url_of(text: str) -> str | None:
    """What the last `//# sourceMappingURL=` comment of a script names."""
    found = _URL.findall(text)
    return found[-1] if found else None


def inline_text(url: str) -> str | None:
    """The map inside a data: URL; None for another URL. Raises SourceMapError."""
    if not url.startswith("data:"):
        return None
    head, _, data = url[5:].partition(",")
    try:
        raw = unquote_to_bytes(data)
        return (base64.b64decode(raw) if head.endswith(";base64") else raw).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SourceMapError(f"source map in a data: URL: {error}") from None


def parse(text: str) -> SourceMap:
    """Reads a map; those with `sections` too. Raises SourceMapError."""
    try:
        data = json.loads(text.removeprefix(")]}'"))
        if "sections" in data:
            return _join(data["sections"])
        return _parse_plain(data)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise SourceMapError(f"source map: {error}") from None


def _parse_plain(data: dict[str, Any]) -> SourceMap:
    root = data.get("sourceRoot") or ""
    sources = [posixpath.join(root, name) if name is not None else "" for name in data["sources"]]
    contents = list(data.get("sourcesContent") or [])
    contents += [None] * (len(sources) - len(contents))
    return SourceMap(sources, contents, _decode(data["mappings"], len(sources)))


def _decode(mappings: str, sources: int) -> list[list[Segment]]:
    lines: list[list[Segment]] = []
    source = line = original = 0
    for group in mappings.split(";"):
        segments: list[Segment] = []
        column = 0
        for part in group.split(","):
            numbers = _vlq(part)
            if not numbers:
                continue
            column += numbers[0]
            if len(numbers) == 1:
                segments.append(Segment(column, -1, 0))
                continue
            source += numbers[1]
            line += numbers[2]
            if not 0 <= source < sources or line < 0:
                raise ValueError("a mapping points outside of its sources")
            original += numbers[3]
            segments.append(Segment(column, source, line, max(0, original)))
        segments.sort(key=lambda segment: segment.column)
        lines.append(segments)
    return lines


def _vlq(text: str) -> list[int]:
    numbers: list[int] = []
    value = shift = 0
    for char in text:
        digit = _DIGITS[char]
        value |= (digit & 31) << shift
        if digit & 32:
            shift += 5
            continue
        numbers.append(-(value >> 1) if value & 1 else value >> 1)
        value = shift = 0
    return numbers


def _join(sections: list[dict[str, Any]]) -> SourceMap:
    whole = SourceMap([], [], [])
    for section in sections:
        part = _parse_plain(section["map"])
        first, column = section["offset"]["line"], section["offset"]["column"]
        shift = len(whole.sources)
        whole.sources += part.sources
        whole.contents += part.contents
        while len(whole.lines) < first + len(part.lines):
            whole.lines.append([])
        for number, segments in enumerate(part.lines):
            right = column if number == 0 else 0
            whole.lines[first + number] += [
                Segment(
                    each.column + right,
                    each.source + shift if each.source >= 0 else -1,
                    each.line,
                    each.original_column,
                )
                for each in segments
            ]
    return whole
