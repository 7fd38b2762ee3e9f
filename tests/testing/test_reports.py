"""What `workerd test` prints, and its exit status."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from tests.testing.running import run_config, run_tests

from workerd.testing.junit import write
from workerd.testing.outcome import Outcome, duration

MIXED = """
export default { test() { console.log('to stdout', { a: 1 }); console.error('to stderr'); } };
export const alpha = { test() { function inner() { throw new TypeError('boom'); } inner(); } };
export const object = { test() { throw { code: 7 }; } };
export const nothing = { test() { throw null; } };
export const cause = { async test() { throw new Error('outer', { cause: new RangeError('the reason') }); } };
export const until = { test(controller, env, ctx) { ctx.waitUntil(Promise.reject(new Error('later'))); } };
export const hostile = { test() { throw { get message() { throw 1; }, get stack() { throw 2; }, toString() { throw 3; } }; } };
export const unhandled = { test() { Promise.reject(new Error('nobody')); } };
export const noTest = { fetch() {} };
"""


def test_lines_and_summary(tmp_path: Path) -> None:
    run = run_tests(tmp_path, MIXED)
    assert run.status == 1
    assert list(run.results.items()) == [
        ("main", "PASS"),  # the default entrypoint first
        ("main:alpha", "FAIL"),
        ("main:cause", "FAIL"),
        ("main:hostile", "FAIL"),
        ("main:nothing", "FAIL"),
        ("main:object", "FAIL"),
        ("main:unhandled", "PASS"),
        ("main:until", "FAIL"),
    ]
    assert run.stdout == "to stdout { a: 1 }\n"
    assert "[ TEST ] main:alpha\nworker main: Uncaught TypeError: boom\n    at inner (main.js:3:58)\n" in run.stderr
    before, _, summary = run.stderr.partition("6 of 8 tests failed in ")
    assert (
        "main:alpha\n  TypeError: boom\n      at inner (main.js:3:58)\n      at Object.test (main.js:3:83)\n" in summary
    )
    assert "main:object\n  { code: 7 }\n" in summary
    assert "main:nothing\n  null\n" in summary
    assert "[cause]: RangeError: the reason" in summary
    assert "main:until\n  Error: later\n" in summary
    assert summary.endswith("\nTests failed!\n")
    assert "Uncaught (in promise) Error: nobody" in before
    assert before.count("later") == 1  # logged where it happened, and not once more
    assert "workerd:platform" not in run.stderr


def test_quiet(tmp_path: Path) -> None:
    run = run_tests(tmp_path, MIXED, "--no-verbose")
    assert run.stdout == "to stdout { a: 1 }\n"
    before, _, summary = run.stderr.partition("6 of 8 tests failed in ")
    assert "Uncaught" not in before
    assert "to stderr\n" in before
    assert "TypeError: boom" in summary


def test_all_pass_in_few_words(tmp_path: Path) -> None:
    run = run_tests(tmp_path, "export default { test() {} }")
    assert (run.status, run.stdout) == (0, "")
    lines = run.stderr.splitlines()
    assert lines[0] == "[ TEST ] main"
    assert lines[1].startswith("[ PASS ] main (")
    assert len(lines) == 2


def test_no_tests(tmp_path: Path) -> None:
    run = run_tests(tmp_path, "export default { fetch() {} }")
    assert run.status == 1
    assert run.stderr == "No tests found!\nTests failed!\n"


def test_filter_and_keyword(tmp_path: Path) -> None:
    module = "".join(f"export const {name} = {{ test() {{}} }};" for name in ("getOne", "getTwo", "putOne"))
    modules = {"first": module, "second": module}
    assert set(run_tests(tmp_path, modules, "f*:get*").results) == {"first:getOne", "first:getTwo"}
    assert set(run_tests(tmp_path, modules, "-k", "second and not get").results) == {"second:putOne"}


def test_stack_shows_the_source(tmp_path: Path) -> None:
    # One line of generated code; its map says that column 34 is line 3, column 5 of ../src/app.ts.
    source_map = {"version": 3, "sources": ["../src/app.ts"], "names": [], "mappings": "kCAEI"}
    code = "export default{test(){/*       */throw new Error('mapped')}}\n//# sourceMappingURL=main.js.map\n"
    more = f', (name = "main.js.map", json = {json.dumps(json.dumps(source_map))})'
    run = run_tests(tmp_path, code, more_modules=more)
    assert "Error: mapped\n    at Object.test (../src/app.ts:3:5)\n" in run.stderr


def test_structured(tmp_path: Path) -> None:
    folder = tmp_path
    (folder / "main.js").write_text("export default { test() { console.log('x\\u2028\\ny'); throw new Error('no'); } }")
    config = folder / "config.wd-test"
    config.write_text(
        'using Workerd = import "/workerd/workerd.capnp"; const config :Workerd.Config = (structuredLogging = true, '
        'services = [(name = "main", worker = (compatibilityDate = "2026-01-01", '
        'modules = [(name = "main.js", esModule = embed "main.js")]))]);'
    )
    run = run_config(config)
    lines = [json.loads(line) for line in (run.stdout + run.stderr).split("\n") if line]
    messages = [line["message"] for line in lines]
    assert "x\u2028\ny" in messages
    assert "[ TEST ] main" in messages
    assert messages[-1] == "Tests failed!"
    console = next(line for line in lines if line["message"] == "x\u2028\ny")
    assert set(console) == {"timestamp", "level", "message"} and isinstance(console["timestamp"], int)


def test_junit_file(tmp_path: Path) -> None:
    run = run_tests(tmp_path, MIXED, "--no-verbose", "--junit", "out.xml")
    assert run.status == 1
    root = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert (root.get("tests"), root.get("failures")) == ("8", "6")
    cases = {case.get("name"): case for case in root.iter("testcase")}
    failure = cases["alpha"].find("failure")
    assert failure is not None and failure.get("message") == "TypeError: boom"
    output = cases["default"].find("system-out")
    assert output is not None and output.text == "to stdout { a: 1 }\nto stderr"


def test_junit_holds_any_text(tmp_path: Path) -> None:
    path = tmp_path / "out.xml"
    write(str(path), [Outcome("s<&>", "e", 0.5, "bad \x00\x1b[31m\ud800\ufffe]]>\nstack", "\x07")])
    failure = next(ElementTree.parse(path).getroot().iter("failure"))
    assert failure.text == "bad \ufffd\ufffd\ufffd]]>\nstack"


def test_junit_that_cannot_be_written(tmp_path: Path) -> None:
    run = run_tests(tmp_path, "export default { test() {} }", "--junit", "no/such/folder.xml")
    assert run.status == 1
    assert "folder.xml" in run.stderr and "[ TEST ]" not in run.stderr


def test_names_that_are_no_identifiers(tmp_path: Path) -> None:
    code = 'const t = { test() { throw 1; } }; export { t as "a\\n[ PASS ] \\x1b[2Jb" };'
    run = run_tests(tmp_path, code, "--no-verbose")
    assert run.results == {"main:a\\x0a[ PASS ] \\x1b[2Jb": "FAIL"}


def test_durations() -> None:
    assert (duration(0.00123), duration(1.5)) == ("1.2 ms", "1.50 s")
