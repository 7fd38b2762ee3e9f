"""Responses that say their length more than once (RFC 9110, 8.6): the same one every time is no mistake that matters."""

from __future__ import annotations

import re

_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*([0-9 \t,]*?)[ \t]*\r?\n", re.IGNORECASE | re.MULTILINE)
_HEAD_END = re.compile(rb"\r?\n\r?\n")


def with_one_length(data: bytes) -> bytes | None:
    """`data`, which begins with a response's head, with one `Content-Length` where there are several of the same value.

    None where there are not: nothing said twice, or different values. b"" where the head is not complete yet.
    """
    end = _HEAD_END.search(data)
    # Heads of interim responses come before the one that matters.
    while end is not None and data.startswith(b"1", data.rfind(b"HTTP/1.1 ", 0, end.start()) + 9):
        end = _HEAD_END.search(data, end.end())
    if end is None:
        return b"" if _LENGTH.search(data) else None
    head = data[: end.end()]
    values = [value.strip() for found in _LENGTH.finditer(head) for value in found[1].split(b",")]
    if len(values) < 2 or len(set(values)) > 1 or not values[0].isdigit():
        return None
    line, place = b"Content-Length: %s\r\n" % values[0], _LENGTH.search(head)
    assert place is not None
    return head[: place.start()] + line + _LENGTH.sub(b"", head[place.end() :]) + data[end.end() :]
