"""JavaScript stacks as people want to read them: places in the code they wrote, and none of the runtime's own frames."""

from __future__ import annotations

import re
from collections.abc import Callable

from workerd.observe.sourcemaps import Place

Find = Callable[[str, int, int], Place | None]

# "    at f (script:1:2)", "    at async script:1:2".
_FRAME = re.compile(r"^(\s+at (?:.*?\()?(?:async )?)(\S.*?):(\d+):(\d+)(\)?(?: \{)?)$", re.MULTILINE)
# Frames of the platform layer and of the node: bundle, which are ours, not the user's. The console begins an error's properties with " {".
_OWN = re.compile(
    r"\n\s+at (?:[^\n]*\()?(?:async )?(?:workerd:platform|workerd:bootstrap|node:internal)[^\n:]*:\d+:\d+\)?( \{)?(?=\n|$)"
)


def readable(text: str, find: Find | None = None) -> str:
    """`text` with each stack in it cleaned; `find` maps script, line and column (1-based) to where it was written."""
    if "\n" not in text or " at " not in text:
        return text
    cleaned = _OWN.sub(r"\1", text)
    if find is None:
        return cleaned

    def original(match: re.Match[str]) -> str:
        place = find(match[2], int(match[3]), int(match[4]))
        return match[0] if place is None else f"{match[1]}{place.source}:{place.line}:{place.column}{match[5]}"

    return _FRAME.sub(original, cleaned)


def describe(name: str, message: str, stack: str) -> str:
    """An error in one text: its stack, which begins with name and message as they were when it was made, or these and the frames."""
    head = f"{name}: {message}" if name and message else name or message
    if stack and message in stack:
        return stack
    frames = stack[stack.find("\n    at ") + 1 :] if "\n    at " in stack else stack
    return f"{head}\n{frames}" if frames.lstrip().startswith("at ") else head or stack
