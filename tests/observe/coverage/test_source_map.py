"""Source maps."""

from __future__ import annotations

import base64
import json

import pytest

from workerd.observe.source_map import SourceMapError, inline_text, parse, url_of


def test_mappings() -> None:
    # Line 1: column 0 -> a:1, column 4 -> b:3. Line 2: nothing. Line 3: column 2 -> nothing, column 6 -> b:2.
    mapped = parse(json.dumps({"version": 3, "sources": ["a", "b"], "names": [], "mappings": "AAAA,ICEA;;E,IADA"}))
    found = [[(s.column, s.source, s.line) for s in line] for line in mapped.lines]
    assert found == [[(0, 0, 0), (4, 1, 2)], [], [(2, -1, 0), (6, 1, 1)]]


def test_lookup() -> None:
    mapped = parse(json.dumps({"version": 3, "sources": ["a", "b"], "mappings": "EAAA,ICEA;;E,IADA"}))

    def line(generated: int, column: int) -> tuple[int, int] | None:
        segment = mapped.lookup(generated, column)
        return None if segment is None else (segment.source, segment.line)

    assert line(0, 0) is None
    assert (line(0, 2), line(0, 5), line(0, 6), line(0, 999)) == ((0, 0), (0, 0), (1, 2), (1, 2))
    assert (line(1, 0), line(2, 3), line(2, 6), line(9, 0)) == (None, None, (1, 1), None)


def test_large_numbers() -> None:
    assert parse(json.dumps({"sources": ["a"], "mappings": "AAgggBA"})).lines[0][0].line == 0x4000
    assert parse(json.dumps({"sources": ["a"], "mappings": "gqjGAAA"})).lines[0][0].column == 100_000


def test_sections() -> None:
    part = {"sources": ["x"], "mappings": "AAAA;AACA"}
    sections = [{"offset": {"line": 0, "column": 0}, "map": part}, {"offset": {"line": 3, "column": 5}, "map": part}]
    mapped = parse(json.dumps({"version": 3, "sections": sections}))
    assert mapped.sources == ["x", "x"]
    assert [(len(line), line and line[0].column) for line in mapped.lines] == [(1, 0), (1, 0), (0, []), (1, 5), (1, 0)]
    assert mapped.lines[4][0].source == 1


def test_source_root() -> None:
    assert parse(json.dumps({"sources": ["a.ts"], "sourceRoot": "../src", "mappings": ""})).sources == ["../src/a.ts"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"sources": []}',
        '{"sources": ["a"], "mappings": "AA%A"}',
        '{"sources": ["a"], "mappings": "ACAA"}',
        '{"sources": ["a"], "mappings": "AADA"}',
        '{"sources": 5, "mappings": ""}',
        '{"sections": [{"offset": {}}]}',
    ],
)
def test_malformed_maps(text: str) -> None:
    with pytest.raises(SourceMapError):
        parse(text)


def test_urls() -> None:
    assert url_of("x\n//# sourceMappingURL=a.map\n//# sourceMappingURL=b.map\n") == "b.map"
    assert url_of("x\n//@ sourceMappingURL=old.map") == "old.map"
    assert url_of("const s = '//# sourceMappingURL=no.map'; f()") is None
    encoded = base64.b64encode("{é}".encode()).decode()
    assert inline_text(f"data:application/json;base64,{encoded}") == "{é}"
    assert inline_text("data:application/json,%7B%7D") == "{}"
    assert inline_text("a.map") is None
    with pytest.raises(SourceMapError):
        inline_text("data:application/json;base64,x")
