"""`workerd test --coverage`."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from tests.cli.running import workerd

CONFIG = """
using Workerd = import "/workerd/workerd.capnp";
const unitTests :Workerd.Config = ( services = [
  ( name = "one", worker = (
    modules = [ (name = "worker", esModule = embed "src/main.js"), (name = "lib.js", esModule = embed "src/lib.js") ],
    compatibilityDate = "2025-01-01" ) ),
  ( name = "two", worker = (
    modules = [ (name = "entry.js", esModule = embed "src/two.js"), (name = "lib.js", esModule = embed "src/lib.js") ],
    compatibilityDate = "2025-01-01" ) ),
] );
"""
FILES = {
    "main.js": "import { parity } from './lib.js';\nexport default {\n  test() {\n    debugger;\n    parity(1);\n  },\n};\n",
    "two.js": "import { parity } from './lib.js';\nexport default { test() { parity(3); parity(5); } };\n",
    "lib.js": (
        "export function parity(n) {\n  if (n % 2) return 'odd';\n  return 'even';\n}\n"
        "export function unused() {\n  return 1;\n}\n"
    ),
}


def records(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in text.split("end_of_record\n")[:-1]:
        lines = record.split("\n")
        found[lines[1].removeprefix("SF:")] = lines[2:]
    return found


def write(folder: Path, files: dict[str, str], config: str = CONFIG) -> None:
    (folder / "src").mkdir()
    for name, text in files.items():
        (folder / "src" / name).write_text(text, encoding="utf-8")
    (folder / "all.wd-test").write_text(config)


def test_lines_functions_and_branches_of_all_workers(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    status, _, errors = workerd("test", "all.wd-test", "--coverage", "out.info", cwd=tmp_path)
    assert status == 0, errors
    found = records((tmp_path / "out.info").read_text())
    assert set(found) == {"src/main.js", "src/two.js", "src/lib.js"}
    lib = found["src/lib.js"]
    assert [line for line in lib if line.startswith("DA:")] == [
        "DA:1,3",
        "DA:2,3",
        "DA:3,0",
        "DA:4,3",
        "DA:5,2",
        "DA:6,0",
        "DA:7,0",
    ]
    assert "FNDA:3,parity" in lib and "FNDA:0,unused" in lib and "BRDA:2,0,26,0" in lib
    assert "LF:7" in found["src/main.js"] and "LH:7" in found["src/main.js"]


def test_through_a_source_map(tmp_path: Path) -> None:
    # Line 3 of the code comes from line 2 of the original, line 4 from line 7.
    mapping = json.dumps({"version": 3, "sources": ["original.ts"], "names": [], "mappings": ";;AACA;AAKA"})
    inline = base64.b64encode(mapping.encode()).decode()
    code = "export default {\n  test() { if (this === 1)\n    never();\n    (() => {})(); },\n};\n"
    code += f"//# sourceMappingURL=data:application/json;base64,{inline}\n"
    write(tmp_path, {**FILES, "main.js": code})
    assert workerd("test", "all.wd-test", "one", "--coverage", "out.info", cwd=tmp_path)[0] == 0
    found = records((tmp_path / "out.info").read_text())
    assert [line for line in found["src/original.ts"] if line.startswith("DA:")] == ["DA:2,0", "DA:7,1"]
    assert "src/main.js" not in found


def test_a_broken_source_map_is_told_and_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "two.js": FILES["two.js"] + "//# sourceMappingURL=missing.map\n"})
    status, _, errors = workerd("test", "all.wd-test", "--coverage", "out.info", cwd=tmp_path)
    assert status == 0
    assert "coverage of entry.js counts the generated code" in errors and "missing.map" in errors
    assert "src/two.js" in records((tmp_path / "out.info").read_text())


def test_a_file_that_cannot_be_written_is_found_before_the_tests_run(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    status, _, errors = workerd("test", "all.wd-test", "--coverage", "no/such/folder.info", cwd=tmp_path)
    assert status == 1 and "no/such/folder.info" in errors and "[ TEST ]" not in errors
