"""The committed table of what passes, and the comparison with it.

    == url
    url-constructor.any.js 873
      FAIL "Parsing: <http://a.b.c> without base"
    urlsearchparams-x.any.js ERROR 0
      FAIL * 12

A file's line holds its name (as JSON if it has a space), its state if not OK, and how many subtests pass; below it, one line for each
subtest that does not. `*`: all of them. A subtest marked FLAKY (by hand) may have any state; the mark outlives --update.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from wpt_runner.results import FileResult

HEADER = "# Written by tools/wpt.py --update; read by every run. See docs/wpt.md.\n"
FILE_LINE = re.compile(r"(\"(?:[^\"\\]|\\.)*\"|\S+) (?:([A-Z_]+) )?(\d+)$")
SUBTEST_LINE = re.compile(r"  ([A-Z_]+) (\* \d+|\".*\")$")


@dataclass
class Expected:
    """`all_of`: (state, count) when no subtest passes and all have one state; `others`: {name: state} otherwise."""

    state: str = "OK"
    passed: int = 0
    all_of: tuple[str, int] | None = None
    others: dict[str, str] = field(default_factory=dict)

    def allows(self, name: str, state: str) -> bool:
        if state == "PASS" or self.others.get(name) == "FLAKY":
            return True
        return self.all_of is not None or name in self.others


Table = dict[str, dict[str, Expected]]


def read(path: Path) -> Table:
    """{suite: {file: Expected}}. Raises ValueError for a line that is not of the form."""
    table: Table = {}
    files: dict[str, Expected] = {}
    expected = Expected()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("== "):
            files = table.setdefault(line[3:], {})
        elif match := SUBTEST_LINE.match(line):
            state, name = match.groups()
            if name.startswith("*"):
                expected.all_of = (state, int(name[2:]))
            else:
                expected.others[json.loads(name)] = state
        elif match := FILE_LINE.match(line):
            name, state, passed = match.groups()
            expected = Expected(state or "OK", int(passed))
            files[json.loads(name) if name.startswith('"') else name] = expected
        else:
            raise ValueError(f"{path}, line {number}: neither a suite, nor a file, nor a subtest: {line}")
    return table


def expectation_of(result: FileResult, before: Expected | None) -> Expected:
    others = {name: state for name, state in result.subtests.items() if state != "PASS"}
    flaky = [] if before is None else [name for name, state in before.others.items() if state == "FLAKY"]
    expected = Expected(result.state, result.passed)
    if len(others) > 1 and not flaky and result.passed == 0 and len(set(others.values())) == 1:
        expected.all_of = (next(iter(others.values())), len(others))
        return expected
    for name in flaky:
        others[name] = "FLAKY"
        expected.passed -= result.subtests.get(name) == "PASS"
    expected.others = others
    return expected


def write(path: Path, table: Table) -> None:
    lines = [HEADER]
    for suite in sorted(table):
        lines.append(f"== {suite}\n")
        for name, expected in sorted(table[suite].items()):
            shown = json.dumps(name) if " " in name else name
            state = "" if expected.state == "OK" else f"{expected.state} "
            lines.append(f"{shown} {state}{expected.passed}\n")
            if expected.all_of is not None:
                lines.append(f"  {expected.all_of[0]} * {expected.all_of[1]}\n")
            lines += [f"  {state} {json.dumps(sub)}\n" for sub, state in sorted(expected.others.items())]
    path.write_text("".join(lines))


def regressions(expected: Expected, result: FileResult) -> list[str]:
    """What is worse than expected, in words; empty if nothing is."""
    worse = []
    if result.state != "OK" and result.state != expected.state:
        worse.append(f"the file is {result.state}, not {expected.state}")
    worse += [
        f"{state} {json.dumps(name)}" for name, state in result.subtests.items() if not expected.allows(name, state)
    ]
    steady = sum(state == "PASS" and expected.others.get(name) != "FLAKY" for name, state in result.subtests.items())
    if steady < expected.passed and not worse:
        worse.append(f"{steady} subtests pass, not {expected.passed}")
    return worse


def improvements(expected: Expected, result: FileResult) -> int:
    """How many subtests pass that were not expected to."""
    return sum(
        state == "PASS" and (expected.all_of is not None or expected.others.get(name, "FLAKY") != "FLAKY")
        for name, state in result.subtests.items()
    )
