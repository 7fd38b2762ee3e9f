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


def bind_failure(address: str, reason: str) -> str:
    """What to say when a socket cannot listen. Tools look for these very words when a port is taken.

    address: as `host:port`, resolved. reason: the system's text, e.g. "Address already in use".
    """
    return (
        "*** Fatal uncaught kj::Exception: kj/async-io-unix.c++:941: failed: ::bind(sockfd, &addr.generic, addrlen): "
        f"{reason}; toString() = {address}"
    )
