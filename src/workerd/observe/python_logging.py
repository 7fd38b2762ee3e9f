"""Python's `logging`, which our services use for what no Worker may see, as lines of our own logs."""

from __future__ import annotations

import logging
import traceback

from workerd.observe.logs import Logs

_LEVELS = ((logging.ERROR, "error"), (logging.WARNING, "warn"), (logging.INFO, "info"))


class LogsHandler(logging.Handler):
    """Passes records on to Logs."""

    def __init__(self, logs: Logs) -> None:
        super().__init__()
        self._logs = logs

    def emit(self, record: logging.LogRecord) -> None:
        level = next((name for at_least, name in _LEVELS if record.levelno >= at_least), "debug")
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text = f"{text}\n{''.join(traceback.format_exception(record.exc_info[1])).rstrip()}"
        self._logs.message(level, text, source=record.name)


def install(logs: Logs) -> None:
    """From here on everything logged through `logging` goes to `logs`."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, LogsHandler):
            root.removeHandler(handler)
    root.addHandler(LogsHandler(logs))
    root.setLevel(logging.INFO if logs.verbose else logging.WARNING)
