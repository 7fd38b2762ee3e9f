"""From a URL to a path inside a directory."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^/?#]*([^?#]*)")
_DOT = re.compile(r"\.|%2e", re.IGNORECASE)


def path_of(url: str) -> list[bytes] | None:
    """The path's parts, decoded; [] for the directory itself. None for what can be no path inside it.

    "." and ".." (also percent-encoded) are resolved as URLs do it: never above the root. An encoded "/" or NUL, and an
    empty part anywhere but at the end, have no meaning as a file name.
    """
    found = _PATH.match(url)
    if found is None:
        return None
    parts: list[bytes] = []
    segments = found[1].split("/")[1:]
    for position, segment in enumerate(segments):
        dots = _DOT.sub(".", segment) if len(segment) <= 6 else segment
        if dots == "..":
            if parts:
                parts.pop()
        elif dots == ".":
            continue
        elif not segment:
            if position < len(segments) - 1:
                return None
        else:
            part = unquote_to_bytes(segment)
            if b"/" in part or b"\0" in part:
                return None
            parts.append(part)
    return parts


def has_dotfile(parts: list[bytes]) -> bool:
    return any(part.startswith(b".") for part in parts)
