"""Readable stacks, and the source maps behind them."""

from __future__ import annotations

import base64
import json
from typing import Any

from workerd.observe.sourcemaps import Place, SourceMaps
from workerd.observe.stacks import describe, readable

MAP: dict[str, Any] = {"version": 3, "sources": ["../src/app.ts"], "names": [], "mappings": "AACA;;KAEIA"}


def find(name: str, code: str, *more: tuple[str, str | bytes]) -> SourceMaps:
    return SourceMaps(lambda: [(name, code), *more])


def inline(data: dict[str, Any]) -> str:
    return f"//# sourceMappingURL=data:application/json;base64,{base64.b64encode(json.dumps(data).encode()).decode()}"


def test_inline_map() -> None:
    maps = find("dist/app.js", f"code\n{inline(MAP)}\n")
    assert maps.find("dist/app.js", 1, 1) == Place("src/app.ts", 2, 1)
    assert maps.find("dist/app.js", 3, 6) == Place("src/app.ts", 4, 5)
    assert maps.find("dist/app.js", 3, 3) is None  # before the line's first mapping
    assert maps.find("dist/app.js", 2, 1) is None
    assert maps.find("other.js", 1, 1) is None


def test_percent_encoded_map() -> None:
    from urllib.parse import quote

    maps = find("a.js", f"//# sourceMappingURL=data:application/json,{quote(json.dumps(MAP))}")
    assert maps.find("a.js", 1, 1) == Place("../src/app.ts", 2, 1)


def test_map_in_another_module() -> None:
    code = "x\n//# sourceMappingURL=app.js.map\n"
    assert find("d/app.js", code, ("d/app.js.map", json.dumps(MAP))).find("d/app.js", 1, 1) == Place("src/app.ts", 2, 1)
    assert find("d/app.js", code, ("d/app.js.map", json.dumps(MAP).encode())).find("d/app.js", 1, 1) is not None
    assert find("d/app.js", code, ("app.js.map", json.dumps(MAP))).find("d/app.js", 1, 1) is not None
    assert find("d/app.js", code).find("d/app.js", 1, 1) is None


def test_named_by_source_url() -> None:
    maps = find("script-0.mjs", f"x\n{inline(MAP)}\n//# sourceURL=file:///home/me/dist/app.js\n")
    assert maps.find("file:///home/me/dist/app.js", 1, 1) == Place("file:///home/me/src/app.ts", 2, 1)


def test_root_and_sections() -> None:
    rooted = {**MAP, "sourceRoot": "webpack://app", "sources": ["x.ts"]}
    assert find("a.js", inline(rooted)).find("a.js", 1, 1) == Place("webpack://app/x.ts", 2, 1)
    sections = {"version": 3, "sections": [{"offset": {"line": 4, "column": 10}, "map": MAP}]}
    maps = find("a.js", inline(sections))
    assert maps.find("a.js", 5, 11) == Place("../src/app.ts", 2, 1)
    assert maps.find("a.js", 5, 10) is None
    assert maps.find("a.js", 7, 6) == Place("../src/app.ts", 4, 5)


def test_broken_maps_change_nothing() -> None:
    for bad in (
        "//# sourceMappingURL=data:application/json;base64,!!!!",
        "//# sourceMappingURL=data:application/json,{",
        "//# sourceMappingURL=data:application/json,[]",
        inline({"version": 3, "sources": [], "mappings": "AAAA"}),
        inline({"version": 3, "sources": ["a"], "mappings": "~~~"}),
        inline({"version": 3, "sources": ["a"], "mappings": "AAgggggggggggggggggggA"}),
        "//# sourceMappingURL=",
        "const s = 'sourceMappingURL=nothing';",
    ):
        assert find("a.js", f"x\n{bad}").find("a.js", 1, 1) is None, bad


def test_the_last_comment_counts() -> None:
    code = f"{inline({**MAP, 'sources': ['old.ts']})}\n{inline({**MAP, 'sources': ['new.ts']})}\n"
    assert find("a.js", code).find("a.js", 1, 1) == Place("new.ts", 2, 1)


def test_frames() -> None:
    stack = (
        "TypeError: x at y\n"
        "    at new Thing (a.js:1:2)\n"
        "    at async f (a.js:3:4)\n"
        "    at strictEqual (node:internal:1:2)\n"
        "    at async Promise.all (index 0)\n"
        "    at file:///w/b.mjs:5:6\n"
        "    at dispatchFetch (workerd:platform:113:4) {\n"
        "  code: 'X',\n"
        "  [cause]: Error: c\n"
        "      at g (a.js:7:8)\n"
        "      at workerd:platform:1:1\n"
        "}"
    )
    moved = readable(
        stack, lambda name, line, column: Place(f"src/{name}", line * 10, column) if name == "a.js" else None
    )
    assert moved == (
        "TypeError: x at y\n"
        "    at new Thing (src/a.js:10:2)\n"
        "    at async f (src/a.js:30:4)\n"
        "    at async Promise.all (index 0)\n"
        "    at file:///w/b.mjs:5:6 {\n"
        "  code: 'X',\n"
        "  [cause]: Error: c\n"
        "      at g (src/a.js:70:8)\n"
        "}"
    )


def test_describe() -> None:
    assert describe("Error", "m", "Error: m\n    at f (a:1:1)") == "Error: m\n    at f (a:1:1)"
    # The message was changed after the error was made.
    assert describe("Error", "new", "Error: old\n    at f (a:1:1)") == "Error: new\n    at f (a:1:1)"
    assert describe("E", "two\nlines", "E [CODE]: two\nlines\n    at f (a:1:1)").startswith("E [CODE]: two")
    assert describe("", "'text'", "") == "'text'"
    assert describe("Error", "m", "") == "Error: m"
    assert describe("", "", "{ a: 1 }") == "{ a: 1 }"
