"""Where the code of a worker was written, by the source maps that its modules carry."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from workerd.observe.source_map import SourceMap

#: Characters of a map that are read: about two seconds' work, once for a worker.
MAX_MAP = 32_000_000

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Place(NamedTuple):
    """1-based line and column in an original file."""

    source: str
    line: int
    column: int


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
        """The original of a place (1-based) in the script of that name; None if no map says."""
        if self._names is None:
            self._names = self._read()
        name = self._names.get(script)
        if name is None:
            return None
        if name not in self._maps:
            self._maps[name] = self._load(name)
        found = self._maps[name]
        segment = found.lookup(line - 1, column - 1) if found is not None else None
        if found is None or segment is None:
            return None
        return Place(_resolve(script, found.sources[segment.source]), segment.line + 1, segment.original_column + 1)

    def _read(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for name, body in self._modules():
            self._texts.setdefault(name, body)
            if isinstance(body, str):
                names.setdefault(name, name)
                url = _last("sourceURL", body)
                if url is not None:
                    names.setdefault(url, name)
        return names

    def _load(self, name: str) -> SourceMap | None:
        from workerd.observe.source_map import SourceMapError, inline_text, parse

        body = self._texts[name]
        url = _last("sourceMappingURL", body) if isinstance(body, str) else None
        if url is None:
            return None
        try:
            text = inline_text(url) if url.startswith("data:") else self._module_text(name, url)
            return parse(text) if text is not None and len(text) <= MAX_MAP else None
        except SourceMapError:
            return None  # a map that is broken is as good as none: the stack is shown as it is

    def _module_text(self, name: str, url: str) -> str | None:
        from urllib.parse import unquote

        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(url)))
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


def _resolve(script: str, source: str) -> str:
    """A source's name as seen from the script's."""
    if source.startswith("/") or _SCHEME.match(source):
        return source
    scheme = _SCHEME.match(script)
    if scheme is not None and script.startswith("//", scheme.end()):
        from urllib.parse import urljoin

        return urljoin(script, source)
    return posixpath.normpath(posixpath.join(posixpath.dirname(script), source))
