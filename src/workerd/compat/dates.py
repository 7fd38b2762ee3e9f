"""Compatibility dates: what counts as one, and which are acceptable today."""

from __future__ import annotations

import re
import time

from workerd.version import RELEASE_DATE

#: What a Worker with an unreadable date is checked against, so that its flags are reported on too.
FALLBACK_DATE = "2021-05-01"

_DATE = re.compile(r"2\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)


def is_date(text: str) -> bool:
    """Whether `text` is YYYY-MM-DD in the years 2000 to 2999. Like the reference, takes 2022-02-30 for a date."""
    return _DATE.fullmatch(text) is not None


def today() -> str:
    """Today in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def newest() -> str:
    """The newest acceptable date. Tools ask for today's, whatever the release, so it is never behind today."""
    return max(RELEASE_DATE, today())
