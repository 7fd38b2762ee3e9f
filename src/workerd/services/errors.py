"""From what went wrong in a service to what the asking Worker sees.

Two kinds reach users, as in the original: a peer that went away is "Network connection lost." (Workers retry on it),
anything else is "internal error; reference = ID", and the log has the details under the same ID. Details stay out of
the Worker's view: they would tell it about networks it may not reach.
"""

from __future__ import annotations

import logging
import secrets

from workerd.services.contract import Exchange

log = logging.getLogger("workerd.services")

NETWORK_CONNECTION_LOST = "Network connection lost."

_ID_LETTERS = "0123456789abcdefghijklmnopqrstuv"


class DisconnectedError(Exception):
    """The peer refused, went away or broke the protocol. The argument says what happened, for the log."""


class InternalError(Exception):
    """The request could not be carried out. The argument says why, for the log."""


class UserError(Exception):
    """The asker's mistake: the text is for it. `name` is the JavaScript class."""

    def __init__(self, message: str, name: str = "TypeError") -> None:
        super().__init__(message)
        self.name = name


_fixed_reference = False


def make_predictable() -> None:
    """For tests: references are all the same from here on."""
    global _fixed_reference
    _fixed_reference = True


def new_reference() -> str:
    """What ties a user's error to the log: 24 letters and digits."""
    if _fixed_reference:
        return _ID_LETTERS[:24]
    number = secrets.randbits(120)
    return "".join(_ID_LETTERS[(number >> shift) & 31] for shift in range(0, 120, 5))


def user_message(error: BaseException, what: str) -> tuple[str, str]:
    """(JavaScript error class, message) for `error`, which is logged. `what` says what was being done."""
    if isinstance(error, UserError):
        return error.name, str(error)
    if isinstance(error, (DisconnectedError, ConnectionError, TimeoutError)):
        log.info("%s: disconnected: %s", what, error)
        return "Error", NETWORK_CONNECTION_LOST
    reference = new_reference()
    expected = isinstance(error, (InternalError, OSError))
    log.error("%s: %s [reference = %s]", what, error or type(error).__name__, reference, exc_info=not expected)
    return "Error", f"internal error; reference = {reference}"


def fail(exchange: Exchange, error: BaseException, what: str) -> None:
    """Answers `exchange` with `error`."""
    exchange.fail(*user_message(error, what))
