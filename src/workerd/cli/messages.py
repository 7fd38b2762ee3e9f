"""What the command says on standard error: plain lines, or lines of JSON when the config asks for structured logs."""

from __future__ import annotations

import sys
import time


def say(message: str, level: str = "error", *, structured: bool = False) -> None:
    """One message. level: 'error' | 'warning' | 'info'."""
    if structured:
        import json

        # The timestamp is text here, and a number in what Workers log: as the reference has it.
        record = {
            "timestamp": str(time.time_ns() // 1_000_000),
            "level": "warn" if level == "warning" else level,
            "source": "workerd",
            "message": message,
            "context_depth": 0,
        }
        line = json.dumps(record, separators=(",", ":"))
    else:
        line = message if level == "error" else f"{level}: {message}"
    print(line, file=sys.stderr, flush=True)
