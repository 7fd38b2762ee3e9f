"""Errors between Python and JavaScript. The C++ binding looks these classes up by name."""

from __future__ import annotations

from typing import Any


class JSError(Exception):
    """An exception thrown in JavaScript.

    `position` is (script name, line from 1, start column from 0, end column, source line) or None.
    """

    def __init__(
        self, name: str, message: str, stack: str, value: Any, position: tuple[str, int, int, int, str] | None
    ) -> None:
        super().__init__(f"{name}: {message}" if name else message)
        self.name = name
        self.message = message
        self.stack = stack
        self.value = value
        self.position = position

    @classmethod
    def of(cls, value: Any, position: tuple[str, int, int, int, str] | None = None) -> JSError:
        """The error for a thrown value (a JSValue) that was not caught as an exception."""

        def text(name: str) -> str:
            try:
                found = value.get(name)
            except (JSError, TypeError):
                return ""
            return found if isinstance(found, str) else ""

        message = text("message")
        kind = value.typeof()
        if kind == "object" and value.to_python() is None:
            message = "null"
        elif kind not in ("object", "function", "promise"):
            message = str(value) if kind == "symbol" else _shown(value.to_python(), kind)
        elif not message:
            message = "#<Object>"
        return cls(text("name"), message, text("stack"), value, position)

    def describe(self) -> str:
        """Message, position with the source line and a caret, and stack, for a log."""
        lines = [str(self)]
        if self.position and self.position[1]:
            script, line, start, end, source = self.position
            if len(source) > 160:  # minified code: the part around the place
                left = max(0, start - 60)
                source, start, end = source[left : left + 160], start - left, end - left
            if source.strip():
                lines.append(f"  at {script}:{line}:{start + 1}")
                lines.append(f"    {source}")
                marker = "^" * max(1, min(end, len(source)) - start)
                lines.append("    " + "".join(c if c == "\t" else " " for c in source[:start]) + marker)
        frames = [frame for frame in self.stack.splitlines() if frame.lstrip().startswith("at ")]
        for frame in frames:
            if f"  {frame.strip()}" not in lines:
                lines.append(f"  {frame.strip()}")
        return "\n".join(lines)


class JSTerminated(Exception):
    """The JavaScript was ended from outside: CPU time limit, memory limit, or the host's wish."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"JavaScript was terminated: {reason}")
        self.reason = reason


class DOMException(Exception):
    """Raised by a Python operation, seen in JavaScript as a DOMException."""

    def __init__(self, message: str, name: str = "Error") -> None:
        super().__init__(message)
        self.message = message
        self.name = name


class RangeError(Exception):
    """Raised by a Python operation, seen in JavaScript as a RangeError."""


class JSSyntaxError(Exception):
    """Raised by a Python operation, seen in JavaScript as a SyntaxError."""


class PublicError(Exception):
    """Raised by a Python operation, seen in JavaScript as an Error with this message (other exceptions become "internal error")."""


class NamedError(Exception):
    """Seen in JavaScript as an error class by that name, with `code` as Node has it where given."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


def _shown(value: Any, kind: str) -> str:
    return kind if value is None else str(value).lower() if isinstance(value, bool) else str(value)
