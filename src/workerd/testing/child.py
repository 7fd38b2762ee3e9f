"""One of the processes of `workerd test -j`: runs the tests of the services that parallel.py names on standard input.

What happens is told on standard output, a line of JSON each: {"begin": [service, entrypoint]}, {"end": [outcome's values]},
{"text": [1 or 2, text]} for output, {"done": service}, {"failed": [messages]} when the config cannot start.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import struct
import sys
from typing import Any

from workerd.config.model import Config
from workerd.config.options import TestOptions
from workerd.engine.library import EngineError, load
from workerd.observe import crash, python_logging
from workerd.observe.logs import Logs
from workerd.platform.bundles import BundleError
from workerd.runtime.graph import StartError
from workerd.runtime.server import run as run_loop
from workerd.testing.outcome import Outcome
from workerd.testing.session import open_session, run_tests

HEADER = struct.Struct("<Q")


class _Events:
    def __init__(self, fd: int) -> None:
        self._file = os.fdopen(fd, "w", encoding="utf-8", errors="surrogatepass", buffering=1)

    def tell(self, **event: Any) -> None:
        self._file.write(json.dumps(event) + "\n")
        self._file.flush()


class _Output:
    """A Sink that tells what is written to it."""

    def __init__(self, events: _Events, number: int, terminal: bool) -> None:
        self._events = events
        self._number = number
        self.tty = terminal

    def write(self, text: str) -> None:
        self._events.tell(text=[self._number, text])


async def _serve(config: Config, options: TestOptions, logs: Logs, events: _Events) -> None:
    def begin(service: str, entrypoint: str) -> None:
        events.tell(begin=[service, entrypoint])

    def end(outcome: Outcome) -> None:
        events.tell(end=list(outcome._values()))

    loop = asyncio.get_running_loop()
    async with open_session(config, options, logs) as session:
        # Not left out of what may still happen: see monitor.py.
        while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
            service, skip = json.loads(line)
            await run_tests(session, session.tests(service)[skip:], begin, end)
            events.tell(done=service)


def main() -> int:
    # Standard output is for events alone; what else writes there goes to standard error.
    events = _Events(os.dup(1))
    os.dup2(2, 1)
    (size,) = HEADER.unpack(sys.stdin.buffer.read(HEADER.size))
    config, options, terminals = pickle.loads(sys.stdin.buffer.read(size))
    logging = config.logging
    logs = Logs(
        structured=logging.structured,
        verbose=options.verbose,
        stdout_prefix=logging.stdout_prefix,
        stderr_prefix=logging.stderr_prefix,
        log_uncaught=options.verbose,
        stdout=_Output(events, 1, terminals[0]),
        stderr=_Output(events, 2, terminals[1]),
    )
    python_logging.install(logs)
    try:
        crash.install(logs, load())
        run_loop(_serve(config, options, logs, events))
    except StartError as error:
        events.tell(failed=error.messages)
        return 1
    except (EngineError, BundleError, OSError, ValueError) as error:
        events.tell(failed=[str(error)])
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
