"""-j: several processes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from tests.testing.running import run_config, run_tests, write_config

SERVICE = """
let count = 0;
export const a = { async test() { count++; await scheduler.wait(%d); console.log('%s a'); } };
export const b = { test() { if (count !== 1) throw new Error('not after a, in the same process'); console.log('%s b'); } };
export const c = { test() { throw new Error('%s'); } };
"""


def test_order_and_results(tmp_path: Path) -> None:
    # The first service takes longest.
    names = {"one": 120, "two": 1, "three": 1}
    modules = {name: SERVICE % (ms, name, name, name) for name, ms in names.items()}
    run = run_tests(tmp_path, modules, "-j", "3", "--no-verbose", "--junit", "out.xml")
    assert run.status == 1
    assert list(run.results) == [f"{name}:{test}" for name in names for test in "abc"]
    assert run.stdout == "".join(f"{name} {test}\n" for name in names for test in "ab")
    assert "3 of 9 tests failed" in run.stderr
    assert "two:c\n  Error: two\n      at Object.test (two.js:5:35)\n" in run.stderr
    assert ElementTree.parse(tmp_path / "out.xml").getroot().get("tests") == "9"


def test_a_process_that_dies(tmp_path: Path) -> None:
    modules = {
        "bad": """
export const a = { test() {} };
export const b = { async test() { console.log('die'); %AbortJS('as the test wants it'); } };
export const c = { test() {} };
""",
        "good": "export default { test() {} }",
    }
    config = write_config(tmp_path, modules)
    config.write_text(config.read_text().replace("(services", '(v8Flags = ["--allow-natives-syntax"], services'))
    run = run_config(config, "-j", "2", "--experimental")
    assert run.results == {"bad:a": "PASS", "bad:b": "FAIL", "bad:c": "PASS", "good": "PASS"}
    assert run.stdout == "die\n"
    assert re.search(r"\nbad:b\n  The test process was ended by SIG[A-Z]+ while it ran bad:b.\n", run.stderr)
    assert "This is an error in workerd, not in a Worker. Please report it" in run.stderr


def test_config_that_cannot_start(tmp_path: Path) -> None:
    modules = {"one": "export default { test() {} }", "two": "throw new Error('top level')"}
    run = run_tests(tmp_path, modules, "-j", "2")
    assert run.status == 1
    assert run.stderr.count("top level") >= 1
    assert "[ TEST ]" not in run.stderr
