"""Header blocks: one string, "Name: value\\r\\n" for each header, latin-1. What follows edits them as text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

#: The headers that say how a message is framed or how a connection is used: a client writes its own.
_CONNECTION = re.compile(
    r"^(?:connection|content-length|host|http2-settings|keep-alive|proxy-connection|te|trailer|transfer-encoding"
    r"|upgrade|sec-websocket-(?:key|version|accept))[ \t]*:[^\n]*\n",
    re.IGNORECASE | re.MULTILINE,
)
_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_VALUE = r"[^\r\n\0\u0100-\U0010ffff]*"
_BLOCK = re.compile(rf"(?:{_NAME}:{_VALUE}\r\n)*")
_HEADER = re.compile(rf"{_NAME}: {_VALUE}")


def is_valid(block: str) -> bool:
    """Whether every line is a header: nothing in a name or value can start a header of its own, or a request."""
    return _BLOCK.fullmatch(block) is not None


def is_valid_header(name: str, value: str) -> bool:
    return _HEADER.fullmatch(f"{name}: {value}") is not None


@lru_cache(maxsize=256)
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(name)}[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\r?\n", re.IGNORECASE | re.MULTILINE)


def get(block: str, name: str) -> str | None:
    """The first value of `name`."""
    found = _pattern(name).search(block)
    return None if found is None else found.group(1)


def get_all(block: str, name: str) -> list[str]:
    return [found.group(1) for found in _pattern(name).finditer(block)]


def remove(block: str, name: str) -> str:
    """`block` without `name`."""
    return _pattern(name).sub("", block)


def replace(block: str, name: str, value: str) -> str:
    """`block` with exactly one `name`. `value` is valid latin-1 without line breaks."""
    return f"{remove(block, name)}{name}: {value}\r\n"


def without_connection_headers(block: str) -> str:
    """`block` without what a client decides itself, and without what `Connection` names as hop-by-hop."""
    options = get(block, "connection")
    kept = _CONNECTION.sub("", block)
    if options:
        for option in options.split(","):
            name = option.strip()
            if name:
                kept = remove(kept, name)
    return kept


def pairs(block: str) -> list[tuple[str, str]]:
    """(name, value) in order."""
    found = []
    for line in block.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            found.append((name, value.strip(" \t")))
    return found


def join(items: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in items)
