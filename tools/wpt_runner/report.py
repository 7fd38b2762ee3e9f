"""The table that a run prints, and the comparison of two runs."""

from __future__ import annotations

from wpt_runner.results import FileResult

Results = dict[str, dict[str, FileResult]]


def table(results: Results) -> str:
    """A line for each suite: files, those that ended as they should, subtests, those that passed."""
    rows: list[tuple[str, ...]] = [("suite", "files", "ended well", "subtests", "passed")]
    total = [0, 0, 0, 0]
    for suite, files in results.items():
        counts = [
            len(files),
            sum(result.state == "OK" for result in files.values()),
            sum(len(result.subtests) for result in files.values()),
            sum(result.passed for result in files.values()),
        ]
        total = [have + more for have, more in zip(total, counts, strict=True)]
        rows.append((suite, *map(str, counts)))
    rows.append(("all", *map(str, total)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        row[0].ljust(widths[0]) + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    )


def failures(results: Results) -> str:
    lines = []
    for suite, files in results.items():
        for name, result in files.items():
            bad = {sub: state for sub, state in result.subtests.items() if state != "PASS"}
            if not bad and result.state == "OK":
                continue
            lines.append(f"{suite}: {name} {result.state} ({result.passed} of {len(result.subtests)} pass)")
            if "" in result.messages:
                lines.append(f"    {result.messages['']}")
            lines += [f"  {state} {sub}: {result.messages.get(sub, '')}" for sub, state in bad.items()]
    return "\n".join(lines)


def behind(results: Results, other: Results) -> list[str]:
    """What passes in `other` and not here, a line each; files that only one of them ran do not count."""
    lines = []
    for suite, files in results.items():
        for name, result in files.items():
            theirs = other.get(suite, {}).get(name)
            if theirs is None:
                continue
            for sub, state in theirs.subtests.items():
                ours = result.subtests.get(sub, "absent")
                if state == "PASS" and ours != "PASS":
                    lines.append(f"{suite}: {name}: {ours} {sub}: {result.messages.get(sub, '')}")
            if theirs.state == "OK" and result.state != "OK":
                lines.append(f"{suite}: {name}: {result.state}: {result.messages.get('', '')}")
    return lines
