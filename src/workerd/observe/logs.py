"""Where lines of output go: a worker's console, errors nobody caught, and the runtime's own messages.

Readable by default; with structured logging one JSON object a line. Shapes, as the reference has them: what Workers print is
`{"timestamp":<ms>,"level":"log","message":"..."}`, what the runtime says
`{"timestamp":"<ms>","level":"error","source":"workerd","message":"...","context_depth":0}`. docs/logs.md has the rest.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import TextIO

from workerd.observe.lines import Sink, sink
from workerd.observe.stacks import Find, describe, readable

# console.log and friends go to standard output, warnings and errors to standard error, as in Node.
_TO_STDERR = frozenset({"warn", "error"})
_COLORS = {"error": "\x1b[31m", "warn": "\x1b[33m", "debug": "\x1b[2m", "info": "\x1b[2m"}
_RESET = "\x1b[0m"
_LABELS = {"warn": "warning: ", "info": "info: ", "debug": "debug: "}
# Line ends to some readers of lines, that JSON may hold as they are.
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
#: How a kind of event is called when its error is logged.
_KINDS = {"promise": "Uncaught (in promise)", "waitUntil": "Uncaught (in waitUntil)"}


def wants_color(terminal: bool) -> bool:
    """Whether output is coloured: https://no-color.org, FORCE_COLOR as Node reads it, else on terminals."""
    if os.environ.get("NO_COLOR"):
        return False
    force = os.environ.get("FORCE_COLOR")
    return terminal if force is None else force not in ("0", "false")


def json_line(record: dict[str, object]) -> str:
    """One line of JSON, whatever is in it."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # lone surrogates: only an escape can hold them
        text = json.dumps(record, separators=(",", ":"))
    return text.translate(_LINE_ENDS) + "\n"


class Logs:
    """One for the process."""

    def __init__(
        self,
        *,
        structured: bool = False,
        verbose: bool = False,
        stdout_prefix: str = "stdout: ",
        stderr_prefix: str = "stderr: ",
        log_uncaught: bool = True,
        stdout: TextIO | Sink | None = None,
        stderr: TextIO | Sink | None = None,
    ) -> None:
        """`log_uncaught`: whether errors that nobody caught are logged at all, apart from those that are a request's answer."""
        self.structured = structured
        self.verbose = verbose
        self._log_uncaught = log_uncaught
        self._prefixes = (stdout_prefix, stderr_prefix)
        self._stdout = sink(stdout if stdout is not None else sys.stdout)
        self._stderr = sink(stderr if stderr is not None else sys.stderr)
        self._color = (wants_color(self._stdout.tty), wants_color(self._stderr.tty))
        #: Lines of Workers say on a terminal which one they are from.
        self.name_workers = False
        #: Errors that were logged where they were thrown, so that whoever gets them as an answer need not log them again.
        self._seen: deque[tuple[str, str]] = deque(maxlen=64)
        #: Told worker and kind of each exception that nobody caught.
        self.on_exception: Callable[[str, str], None] | None = None
        #: Gets each text: `workerd test` keeps what a test printed.
        self.tap: list[str] | None = None
        #: A line without end is on the terminal, which whatever comes next replaces.
        self._status = False

    @property
    def colors(self) -> bool:
        """Whether values that Workers print are coloured."""
        return self._color[0]

    # ---- what Workers say

    def console(self, worker: str, level: str, text: str, find: Find | None = None) -> None:
        """What a worker printed through `console`. `find`: see stacks.readable()."""
        if "\n    at " in text:
            text = readable(text, None if self.structured else find)
        if self.tap is not None:
            self.tap.append(text)
        if self.structured:
            self._stdout.write(json_line({"timestamp": time.time_ns() // 1_000_000, "level": level, "message": text}))
            return
        error = level in _TO_STDERR
        stream = self._stderr if error else self._stdout
        if self._status:
            self.status("")
        if self._color[error]:
            color = _COLORS.get(level, "") if level != "info" else ""
            name = f"\x1b[2m{worker} |{_RESET} " if self.name_workers else ""
            text = f"{name}{color}{text}{_RESET if color else ''}"
        stream.write(f"{text}\n")

    def inspector_only(self, worker: str, level: str, text: str) -> None:
        """What a script in service-worker syntax printed: shown in the inspector, and here when verbose."""
        self.message("info", f"worker {worker}: console.{level}(): {text}")

    def stdio(self, worker: str, fd: int, text: str) -> None:
        """Whole lines that a worker wrote to process.stdout (1) or process.stderr (2)."""
        prefix = self.stdio_prefix(fd)
        for line in text.removesuffix("\n").split("\n"):
            self.console(worker, "log", f"{prefix}{line}" if line else prefix.rstrip())

    def stdio_prefix(self, fd: int) -> str:
        """What comes before each line that a worker writes to process.stdout (1) or process.stderr (2)."""
        prefix = self._prefixes[fd - 1]
        return prefix if not prefix or prefix.endswith(" ") else f"{prefix} "

    def exception(
        self,
        worker: str,
        kind: str,
        name: str,
        message: str,
        stack: str,
        *,
        request: str = "",
        find: Find | None = None,
    ) -> None:
        """An exception that user code did not catch. `kind`: what was running ('fetch', 'promise', 'callback'...)."""
        self._seen.append((name, message))
        if self.on_exception is not None:
            self.on_exception(worker, kind)
        if not self._log_uncaught:
            return
        how = _KINDS.get(kind, "Uncaught")
        text = describe(name, message, stack)
        if self.structured:
            # Whoever reads these gets the same error as the answer to a request, or from the inspector.
            self.message("info", f"uncaught exception; source = {how}; stack = {readable(text)}")
            return
        where = f"worker {worker}: request {request}: " if request else f"worker {worker}: "
        self.message("error", f"{where}{how} {readable(text, find)}")

    def seen(self, name: str, message: str) -> bool:
        """Whether such an error was logged a short while ago."""
        return (name, message) in self._seen

    def remember(self, name: str, message: str) -> None:
        """Such an error is, or will be, logged where it comes from."""
        if (name, message) not in self._seen:
            self._seen.append((name, message))

    def forget(self) -> None:
        self._seen.clear()

    def request_failed(self, where: str, name: str, message: str, stack: str) -> None:
        """A socket's client got a 500 for this error. `where`: the request, for people."""
        if self.structured:
            self.message("error", f"Uncaught exception: {readable(describe(name, message, stack))}")
        elif (name, message) not in self._seen:
            self.message("error", f"{where}: {readable(describe(name, message, stack))}")

    # ---- what the runtime says

    def message(self, level: str, text: str, source: str = "workerd") -> None:
        """A message of the runtime itself. `info` and `debug` show only when verbose."""
        if level in ("info", "debug") and not self.verbose:
            return
        if self.tap is not None:
            self.tap.append(text)
        if self.structured:
            self._stdout.write(_runtime_line(level, text, source))
        else:
            self._say(level, text)

    def failure(self, text: str) -> None:
        """Why the process will not start: on standard error in any case."""
        if self.structured:
            self._stderr.write(_runtime_line("error", text, "workerd"))
        else:
            self._say("error", text)

    def line(self, text: str) -> None:
        """A whole line for standard output as it is: the access log."""
        if self._status:
            self.status("")
        self._stdout.write(text)

    def raw(self, text: str) -> None:
        """Text for standard error as it is: reports of tests."""
        if self._status:
            self.status("")
        self._stderr.write(text)

    def forward(self, number: int, text: str) -> None:
        """What another process's Logs wrote to standard output (1) or error (2)."""
        if self._status:
            self.status("")
        (self._stdout if number == 1 else self._stderr).write(text)

    def status(self, text: str) -> None:
        """For a terminal: a line that stays until something else is written."""
        self._status = text != ""
        self._stderr.write(f"\r\x1b[K{text}")

    @property
    def terminal(self) -> bool:
        """Whether standard error is a terminal that shows colours."""
        return self._stderr.tty and self._color[1]

    def _say(self, level: str, text: str) -> None:
        if self._status:
            self.status("")
        text = f"{_LABELS.get(level, '')}{text}"
        color = _COLORS.get(level) if self._color[1] else None
        self._stderr.write(f"{color}{text}{_RESET}\n" if color else f"{text}\n")


def _runtime_line(level: str, text: str, source: str) -> str:
    # The timestamp is text here, and a number in what Workers log.
    return json_line(
        {
            "timestamp": str(time.time_ns() // 1_000_000),
            "level": level,
            "source": source,
            "message": text,
            "context_depth": 0,
        }
    )
