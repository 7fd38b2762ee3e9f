"""Source maps (https://tc39.es/ecma426/): from a place in generated code to the place it was written at."""

from __future__ import annotations

import base64
import binascii
import json
import posixpath
import re
import urllib.parse
from bisect import bisect_right
from collections.abc import Callable
from typing import Any, NamedTuple

#: Characters of `mappings` that are decoded, about a second's work: the map of a bundle with a few MB of source.
MAX_MAPPINGS = 16_000_000

_DIGITS = {ord(c): n for n, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class SourceMapError(ValueError):
    """The map cannot be used; the message says why."""


class Place(NamedTuple):
    """1-based line and column in an original file."""

    source: str
    line: int
    column: int


class SourceMap:
    """One decoded map. Raises SourceMapError for what is not a map of version 3."""

    def __init__(self, text: str) -> None:
        #: Of each generated line, from its first column on: columns, and beside them (source, line, column), all 0-based.
        self._lines: dict[int, tuple[list[int], list[tuple[int, int, int] | None]]] = {}
        self.sources: list[str] = []
        try:
            # Before the JSON there may be a line that protects it from being run as a script.
            data = json.loads(text.partition("\n")[2] if text.startswith(")]}") else text)
        except ValueError as error:
            raise SourceMapError(f"not JSON: {error}") from None
        if not isinstance(data, dict) or data.get("version") != 3:
            raise SourceMapError("not a source map of version 3")
        if "sections" in data:
            for section in _list(data["sections"]):
                offset = section["offset"] if isinstance(section, dict) else {}
                self._add(section.get("map"), int(offset["line"]), int(offset["column"]))
        else:
            self._add(data, 0, 0)

    def _add(self, data: Any, line: int, column: int) -> None:
        if not isinstance(data, dict) or not isinstance(data.get("mappings"), str):
            raise SourceMapError("no mappings")
        mappings: str = data["mappings"]
        if len(mappings) > MAX_MAPPINGS:
            raise SourceMapError(f"too large: {len(mappings)} characters of mappings")
        first = len(self.sources)
        root = data.get("sourceRoot")
        for source in _list(data.get("sources")):
            name = source if isinstance(source, str) else "<unknown>"
            absolute = not isinstance(root, str) or not root or name.startswith("/") or _SCHEME.match(name)
            self.sources.append(name if absolute else f"{str(root).rstrip('/')}/{name}")
        self._decode(mappings, first, line, column)

    def _decode(self, mappings: str, first: int, line: int, offset: int) -> None:
        source = original_line = original_column = 0
        for text in mappings.split(";"):
            columns, places = self._lines.setdefault(line, ([], []))
            column = offset
            offset = 0
            line += 1
            for segment in text.split(","):
                if not segment:
                    continue
                fields = _vlq(segment)
                column += fields[0]
                if len(fields) >= 4:
                    source += fields[1]
                    original_line += fields[2]
                    original_column += fields[3]
                    place = (first + source, original_line, original_column)
                    places.append(place if 0 <= first + source < len(self.sources) else None)
                else:
                    places.append(None)
                columns.append(column)

    def find(self, line: int, column: int) -> Place | None:
        """Where the code at a generated line and column (1-based) was written; None if the map does not say."""
        columns, places = self._lines.get(line - 1, ([], []))
        index = bisect_right(columns, column - 1) - 1
        place = places[index] if index >= 0 else None
        return None if place is None else Place(self.sources[place[0]], place[1] + 1, place[2] + 1)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _vlq(segment: str) -> list[int]:
    fields = []
    value = shift = 0
    for code in segment.encode("ascii", "replace"):
        digit = _DIGITS.get(code)
        if digit is None or shift > 30:
            raise SourceMapError(f"bad mapping {segment[:20]!r}")
        value |= (digit & 31) << shift
        if digit & 32:
            shift += 5
        else:
            fields.append(-(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    if shift or not fields:
        raise SourceMapError(f"bad mapping {segment[:20]!r}")
    return fields


class SourceMaps:
    """The maps of one worker's modules, decoded when a stack first needs them.

    `modules()`: names with texts, as in the config; read once. A module's map is what its last `sourceMappingURL` comment says: a data:
    URL, or the name, relative to the module's, of another module that holds the map as text, JSON or data.
    """

    def __init__(self, modules: Callable[[], list[tuple[str, str | bytes]]]) -> None:
        self._modules = modules
        self._texts: dict[str, str | bytes] = {}
        #: Name in stacks -> the module's name; they differ where the code has a sourceURL comment.
        self._names: dict[str, str] | None = None
        self._maps: dict[str, SourceMap | None] = {}

    def find(self, script: str, line: int, column: int) -> Place | None:
        """The original of a place in the script of that name."""
        if self._names is None:
            self._read()
        assert self._names is not None
        name = self._names.get(script)
        if name is None:
            return None
        if name not in self._maps:
            self._maps[name] = self._load(name)
        found = self._maps[name]
        place = found.find(line, column) if found is not None else None
        return None if place is None else place._replace(source=_resolve(script, place.source))

    def _read(self) -> None:
        names: dict[str, str] = {}
        for name, body in self._modules():
            self._texts.setdefault(name, body)
            if isinstance(body, str):
                names.setdefault(name, name)
                url = _last("sourceURL", body)
                if url is not None:
                    names.setdefault(url, name)
        self._names = names

    def _load(self, name: str) -> SourceMap | None:
        body = self._texts[name]
        url = _last("sourceMappingURL", body) if isinstance(body, str) else None
        if url is None:
            return None
        try:
            text = _from_data_url(url) if url.startswith("data:") else self._module_text(name, url)
            return None if text is None else SourceMap(text)
        except (SourceMapError, KeyError, TypeError, AttributeError, OverflowError):
            # A map that is broken is as good as none: the stack is shown as it is.
            return None

    def _module_text(self, name: str, url: str) -> str | None:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), urllib.parse.unquote(url)))
        for candidate in (path, url):
            body = self._texts.get(candidate)
            if body is not None:
                return body if isinstance(body, str) else body.decode("utf-8", "replace")
        return None


def _last(key: str, text: str) -> str | None:
    """The value of the last comment `//# key=value`; such comments are at the end, so the search begins there."""
    end = len(text)
    while (at := text.rfind(f"{key}=", 0, end)) >= 0:
        before = text[max(0, at - 80) : at].rstrip()
        line = text[at + len(key) + 1 :].partition("\n")[0].strip()
        if before.endswith(("//#", "//@")) and line and not line.count(" "):
            return line
        end = at
    return None


def _from_data_url(url: str) -> str:
    header, comma, body = url.partition(",")
    if not comma:
        raise SourceMapError("bad data: URL")
    if not header.endswith(";base64"):
        return urllib.parse.unquote(body)
    try:
        return base64.b64decode(body).decode("utf-8", "replace")
    except binascii.Error as error:
        raise SourceMapError(f"bad data: URL: {error}") from None


def _resolve(script: str, source: str) -> str:
    """A source's name as seen from the script's."""
    if source.startswith("/") or _SCHEME.match(source):
        return source
    scheme = _SCHEME.match(script)
    if scheme is not None and script.startswith("//", scheme.end()):
        return urllib.parse.urljoin(script, source)
    return posixpath.normpath(posixpath.join(posixpath.dirname(script), source))
