"""What is said when something goes wrong inside workerd itself: where, in which versions, and what to do about it."""

from __future__ import annotations

import faulthandler
import os
import sys
import traceback
from typing import Any

from workerd.observe.logs import Logs
from workerd.version import RELEASE_DATE


def versions(native: Any) -> str:
    system = os.uname()
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"workerd {RELEASE_DATE}, Python {python}, V8 {native.v8_version()}, "
        f"{system.sysname} {system.release} {system.machine}"
    )


def advice(native: Any) -> str:
    return (
        "This is an error in workerd, not in a Worker. Please report it where you got workerd from, with what is printed here, "
        "the output of `workerd doctor`, and the configuration and code that lead to it.\n"
        f"{versions(native)}\n"
    )


def install(logs: Logs, native: Any) -> None:
    """From here on crashes and errors inside are reported in full: signals on standard error, exceptions through `logs`."""
    if not faulthandler.is_enabled():
        faulthandler.enable(all_threads=True)
    native.set_crash_advice(advice(native))

    def unraisable(what: Any) -> None:
        # Of a callback from C++, which has nobody to raise to. The process goes on.
        lines = traceback.format_exception(what.exc_type, what.exc_value, what.exc_traceback)
        where = what.err_msg or f"internal error in {what.object!r}"
        logs.message("error", f"{where}\n{''.join(lines).rstrip()}\n{advice(native).rstrip()}")

    def uncaught(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        if not issubclass(kind, Exception):
            sys.__excepthook__(kind, error, trace)
            return
        text = "".join(traceback.format_exception(kind, error, trace)).rstrip()
        logs.failure(f"*** Fatal uncaught exception\n{text}\n{advice(native).rstrip()}")

    sys.unraisablehook = unraisable
    sys.excepthook = uncaught
