"""Collects what validation finds, and gives each finding its place in the text."""

from __future__ import annotations

from collections.abc import Callable

from workerd.config.record import Record

Path = tuple[str | int, ...]


class Problem(Record):
    """`path`: the value in the config that is wrong, e.g. ("services", 2, "disk", "path"); empty: nowhere in it."""

    path: Path
    message: str


class Report:
    """What was found. Warnings do not keep the server from starting."""

    def __init__(self) -> None:
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def error(self, path: Path, message: str) -> None:
        self.errors.append(Problem(path, message))

    def warn(self, path: Path, message: str) -> None:
        self.warnings.append(Problem(path, message))


def lines(problems: list[Problem], where: Callable[[Path], str | None]) -> list[str]:
    """The messages, with `file:line:column: ` in front where `where` knows the place. Each once."""
    out: dict[str, None] = {}
    for problem in problems:
        place = where(problem.path) if problem.path else None
        out[f"{place}: {problem.message}" if place else problem.message] = None
    return list(out)
