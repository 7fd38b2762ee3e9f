"""Coverage as V8 counts it (ranges of characters with counts) turned into lines, functions and branches of files, and those into lcov's
format (https://github.com/linux-test-project/lcov, man geninfo), which most tools read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workerd.observe.source_map import SourceMap


@dataclass
class FileCoverage:
    """Counts of one file, over everything that ran it. Lines are 1-based."""

    lines: dict[int, int] = field(default_factory=dict)
    #: (line, name) -> calls.
    functions: dict[tuple[int, str], int] = field(default_factory=dict)
    #: (line, column of its start) -> times taken.
    branches: dict[tuple[int, int], int] = field(default_factory=dict)


class Script:
    """The text of one script, with V8's counts. Places are offsets in UTF-16 units."""

    def __init__(self, text: str, functions: Sequence[Mapping[str, Any]]) -> None:
        self._functions = functions
        #: Offset of each line's start, then one past the end; and of each line's first and last visible character.
        self._starts: list[int] = [0]
        self._visible: list[tuple[int, int] | None] = []
        for line in text.split("\n"):
            start = self._starts[-1]
            stripped = line.strip()
            indent = _units(line[: len(line) - len(line.lstrip())])
            comment = not stripped or stripped.startswith("//")
            self._visible.append(None if comment else (start + indent, start + indent + _units(stripped)))
            self._starts.append(start + _units(line) + 1)
        self._edges, self._counts = _paint(functions)

    def _place(self, offset: int) -> tuple[int, int]:
        """(line, column), 0-based."""
        line = min(bisect_right(self._starts, offset), len(self._starts) - 1) - 1
        return line, offset - self._starts[line]

    def _count(self, start: int, end: int) -> int:
        """The highest count between two offsets."""
        first = max(bisect_right(self._edges, start) - 1, 0)
        last = max(bisect_right(self._edges, end - 1), first + 1)
        return max(self._counts[first:last], default=0)

    def add_to(self, file: FileCoverage) -> None:
        """As lines of this very text."""
        for number, visible in enumerate(self._visible, 1):
            if visible is not None:
                _add(file.lines, number, self._count(*visible))

        def place(offset: int) -> tuple[FileCoverage, int, int]:
            line, column = self._place(offset)
            return file, line + 1, column

        self._add_functions(place)

    def add_mapped(self, files: Mapping[int, FileCoverage], source_map: SourceMap) -> None:
        """As lines of the sources it was made from; `files` by the map's source numbers."""
        for number, segments in enumerate(source_map.lines[: len(self._visible)]):
            visible = self._visible[number]
            if visible is None:
                continue
            highest: dict[tuple[int, int], int] = {}
            for index, segment in enumerate(segments):
                if segment.source not in files:
                    continue
                start = max(self._starts[number] + segment.column, visible[0])
                following = segments[index + 1].column if index + 1 < len(segments) else None
                end = min(self._starts[number] + following, visible[1]) if following is not None else visible[1]
                key = (segment.source, segment.line + 1)
                highest[key] = max(highest.get(key, 0), self._count(start, max(end, start + 1)))
            for (source, line), count in highest.items():
                lines = files[source].lines
                lines[line] = max(lines.get(line, 0), count)

        def place(offset: int) -> tuple[FileCoverage, int, int] | None:
            segment = source_map.lookup(*self._place(offset))
            if segment is None or segment.source not in files:
                return None
            return files[segment.source], segment.line + 1, segment.original_column

        self._add_functions(place)

    def _add_functions(self, place: Any) -> None:
        end = self._starts[-1] - 1
        for function in self._functions:
            first, *blocks = function["ranges"]
            where = place(first["startOffset"])
            whole_script = not function["functionName"] and first["startOffset"] == 0 and first["endOffset"] >= end
            if where is not None and not whole_script:
                file, line, _ = where
                _add(file.functions, (line, function["functionName"] or "(anonymous)"), first["count"])
            for block in blocks:
                where = place(block["startOffset"])
                if where is not None:
                    file, line, column = where
                    _add(file.branches, (line, column), block["count"])


def _add(counts: dict[Any, int], key: Any, count: int) -> None:
    counts[key] = counts.get(key, 0) + count


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text) + sum(c > "\uffff" for c in text)


def _paint(functions: Iterable[Mapping[str, Any]]) -> tuple[list[int], list[int]]:
    """Where counts change, and the counts from there on: the innermost range decides. V8's ranges lie within each other."""
    ranges = [(r["startOffset"], -r["endOffset"], r["count"]) for function in functions for r in function["ranges"]]
    ranges.sort(key=lambda r: r[:2])
    edges: list[int] = [0]
    counts: list[int] = [0]
    stack: list[tuple[int, int]] = []  # (end, count)

    def edge(offset: int, count: int) -> None:
        if edges[-1] == offset:
            counts[-1] = count
        else:
            edges.append(offset)
            counts.append(count)

    def pop_until(offset: int | None) -> None:
        while stack and (offset is None or stack[-1][0] <= offset):
            end, _ = stack.pop()
            edge(end, stack[-1][1] if stack else 0)

    for start, negative_end, count in ranges:
        pop_until(start)
        stack.append((-negative_end, count))
        edge(start, count)
    pop_until(None)
    return edges, counts


def write_lcov(files: Mapping[str, FileCoverage]) -> str:
    """The text of a tracefile."""
    out: list[str] = []
    for path, file in sorted(files.items()):
        out += ["TN:", f"SF:{path}"]
        names: set[str] = set()
        calls: list[str] = []
        for (line, name), count in sorted(file.functions.items()):
            unique = name if name not in names else f"{name}:{line}"
            names.add(unique)
            out.append(f"FN:{line},{unique}")
            calls.append(f"FNDA:{count},{unique}")
        out += calls
        out += [f"FNF:{len(calls)}", f"FNH:{sum(count > 0 for count in file.functions.values())}"]
        out += [f"BRDA:{line},0,{column},{count}" for (line, column), count in sorted(file.branches.items())]
        out += [f"BRF:{len(file.branches)}", f"BRH:{sum(count > 0 for count in file.branches.values())}"]
        out += [f"DA:{line},{count}" for line, count in sorted(file.lines.items())]
        out += [f"LF:{len(file.lines)}", f"LH:{sum(count > 0 for count in file.lines.values())}", "end_of_record"]
    return "".join(f"{line}\n" for line in out)
