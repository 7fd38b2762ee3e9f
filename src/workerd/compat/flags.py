"""The table of compatibility flags, parsed."""

from __future__ import annotations

from workerd.compat.table import ROWS
from workerd.config.record import Record


class Flag(Record):
    """One row of `table.ROWS`. Dates are "YYYY-MM-DD" or None."""

    field: str
    enable: str
    disable: str | None
    date: str | None
    implied_by: tuple[str, ...]
    implied_from: str | None
    experimental: bool
    all_dates: bool
    python_release: bool
    area: str
    state: str


def _parse(line: str) -> Flag:
    field, enable, disable, date, implied, marks, area, state = (cell.strip() for cell in line.split("|"))
    implied_by: tuple[str, ...] = ()
    implied_from = None
    if implied != "-":
        fields, implied_from = implied.rsplit(" ", 1)
        implied_by = tuple(name.strip() for name in fields.split(","))
    return Flag(
        field,
        enable,
        None if disable == "-" else disable,
        None if date == "-" else date,
        implied_by,
        implied_from,
        "experimental" in marks,
        "all-dates" in marks,
        "python-release" in marks,
        area,
        state,
    )


FLAGS: tuple[Flag, ...] = tuple(_parse(line) for line in ROWS.strip().splitlines())
"""Every flag, in the order of the table (implications are resolved in it, once)."""
