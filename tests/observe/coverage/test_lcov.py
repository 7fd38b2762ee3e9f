"""Counts of characters as counts of lines."""

from __future__ import annotations

from typing import Any

from workerd.observe.lcov import FileCoverage, Script, write_lcov
from workerd.observe.source_map import Segment, SourceMap


def function(name: str, *ranges: tuple[int, int, int]) -> dict[str, Any]:
    return {
        "functionName": name,
        "ranges": [{"startOffset": start, "endOffset": end, "count": count} for start, end, count in ranges],
    }


TEXT = """\
function a(x) {
  if (x) {
    b();
  }

  // after
  return x;
}
a(1); a(2);
"""


def ranges(part: str) -> tuple[int, int]:
    start = TEXT.index(part)
    return start, start + len(part)


def counted() -> FileCoverage:
    whole = function("", (0, len(TEXT), 1))
    block = ranges("{\n    b();\n  }")
    a = function("a", (*ranges(TEXT[: TEXT.index("\na(1)")]), 2), (*block, 0))
    file = FileCoverage()
    Script(TEXT, [whole, a]).add_to(file)
    return file


def test_the_innermost_range_decides() -> None:
    file = counted()
    assert file.lines == {1: 2, 2: 2, 3: 0, 4: 0, 7: 2, 8: 2, 9: 1}
    assert file.functions == {(1, "a"): 2}
    assert file.branches == {(2, 9): 0}


def test_counts_of_several_workers_add_up() -> None:
    file = FileCoverage()
    once = Script("x();\n", [function("", (0, 5, 1)), function("x", (0, 1, 3))])
    once.add_to(file)
    once.add_to(file)
    assert file.lines == {1: 6} and file.functions == {(1, "x"): 6}


def test_offsets_are_utf16_units() -> None:
    text = "'💥💥';\nnever();\nafter();\n"
    start = len("'💥💥';\n") + 2
    file = FileCoverage()
    Script(text, [function("", (0, 40, 1)), function("f", (start, start + len("never();"), 0))]).add_to(file)
    assert file.lines == {1: 1, 2: 0, 3: 1}


def test_mapped_lines() -> None:
    text = "one();two();\nthree();\n"
    mapped = SourceMap(
        ["a.ts", "lib.ts"],
        [None, None],
        [[Segment(0, 0, 4), Segment(6, 0, 9)], [Segment(0, 1, 0), Segment(5, -1, 0)]],
    )
    files = {0: FileCoverage()}
    Script(text, [function("", (0, 22, 1)), function("two", (6, 12, 0))]).add_mapped(files, mapped)
    assert files[0].lines == {5: 1, 10: 0}
    assert files[0].functions == {(10, "two"): 0}


def test_the_tracefile() -> None:
    file = counted()
    file.functions[9, "a"] = 0
    assert write_lcov({"src/x.js": file}).splitlines() == [
        "TN:",
        "SF:src/x.js",
        "FN:1,a",
        "FN:9,a:9",
        "FNDA:2,a",
        "FNDA:0,a:9",
        "FNF:2",
        "FNH:1",
        "BRDA:2,0,9,0",
        "BRF:1",
        "BRH:0",
        *(f"DA:{line},{count}" for line, count in [(1, 2), (2, 2), (3, 0), (4, 0), (7, 2), (8, 2), (9, 1)]),
        "LF:7",
        "LH:5",
        "end_of_record",
    ]
