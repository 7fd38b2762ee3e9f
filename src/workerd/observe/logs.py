"""Where lines of output go: a worker's console, errors nobody caught, and the runtime's own messages.

Readable by default; with structured logging one JSON object a line, with the fields the reference has: timestamp, level, message.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TextIO

# console.log and friends go to standard output, warnings and errors to standard error, as in Node.
_TO_STDERR = frozenset({"warn", "error"})
_COLORS = {"error": "\x1b[31m", "warn": "\x1b[33m", "debug": "\x1b[2m"}


class Logs:
    """One for the process."""

    def __init__(
        self,
        *,
        structured: bool = False,
        verbose: bool = False,
        stdout_prefix: str = "",
        stderr_prefix: str = "",
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        self.structured = structured
        self.verbose = verbose
        self._prefixes = (stdout_prefix, stderr_prefix)
        self._stdout = stdout if stdout is not None else sys.stdout
        self._stderr = stderr if stderr is not None else sys.stderr

    def console(self, worker: str, level: str, text: str) -> None:
        """What a worker printed through `console`."""
        if self.structured:
            self._json(self._stdout, level, text)
        else:
            self._line(self._stderr if level in _TO_STDERR else self._stdout, text, level)

    def exception(self, worker: str, kind: str, name: str, message: str, stack: str) -> None:
        """An exception that user code did not catch, with its stack as V8 wrote it."""
        head = f"{name}: {message}" if name and message else name or message
        text = stack if stack and (head in stack or not message) else "\n".join(part for part in (head, stack) if part)
        how = (
            "Uncaught (in promise)"
            if kind == "promise"
            else f"Uncaught (in {kind})"
            if kind == "waitUntil"
            else "Uncaught"
        )
        self.message("error", f"worker {worker}: {how} {text}")

    def message(self, level: str, text: str) -> None:
        """A message of the runtime itself. `info` and `debug` show only when verbose."""
        if level in ("info", "debug") and not self.verbose:
            return
        if self.structured:
            self._json(self._stderr, level, text)
        else:
            self._line(self._stderr, text, level)

    def _line(self, stream: TextIO, text: str, level: str) -> None:
        if level in _COLORS and stream.isatty():
            text = f"{_COLORS[level]}{text}\x1b[0m"
        prefix = self._prefixes[1 if stream is self._stderr else 0]
        self._write(stream, f"{prefix}{text}\n")

    def _json(self, stream: TextIO, level: str, text: str) -> None:
        line = json.dumps(
            {"timestamp": str(int(time.time() * 1000)), "level": level, "message": text}, ensure_ascii=False
        )
        self._write(stream, line + "\n")

    @staticmethod
    def _write(stream: TextIO, text: str) -> None:
        # Lone surrogates cannot be encoded; a closed pipe must not take the server down.
        try:
            stream.write(text.encode("utf-8", "replace").decode("utf-8"))
            stream.flush()
        except (BrokenPipeError, ValueError):
            return
