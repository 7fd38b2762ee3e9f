"""The Web Platform Tests runner, on a small tree of our own (sample/) in their layout."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = Path(__file__).with_name("sample")
sys.path.insert(0, str(ROOT / "tools"))

from wpt_runner import batch, expectations, main, report  # noqa: E402
from wpt_runner.files import discover  # noqa: E402
from wpt_runner.results import FileResult  # noqa: E402
from wpt_runner.suites import SUITES, Suite  # noqa: E402

URL = next(suite for suite in SUITES if suite.name == "url")


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "SLACK", 1)


def run(tmp_path: Path, *arguments: str, status: int = 0) -> Any:
    """All results of a run over the sample, as JSON has them."""
    output = tmp_path / "results.json"
    words = [
        str(SAMPLE),
        "--patience",
        "0.1",
        "--json",
        str(output),
        "--expectations",
        str(tmp_path / "table"),
        *arguments,
    ]
    assert main.main(words) == status
    return json.loads(output.read_text())["url"]


def test_discovery() -> None:
    found = {file.name: file for file in discover(SAMPLE, URL)}
    assert set(found) == {
        "passes.any.js?one", "passes.any.js?two", "fails.any.js", "throws.any.js", "waits.any.js", "spins.any.js"
    }  # fmt: skip
    assert found["passes.any.js?one"].scripts == ("/common/helper.js",)
    tentative = discover(SAMPLE, replace(URL, tentative=True))
    assert "proposal.tentative.any.js" in {file.name for file in tentative}
    assert discover(SAMPLE, Suite("none", "none")) == []


def test_states(tmp_path: Path) -> None:
    results = run(tmp_path)
    for query in ("one", "two"):
        passes = results[f"passes.any.js?{query}"]
        assert passes["state"] == "OK"
        assert passes["subtests"] == {f"/url/passes.any.js with ?{query}": "PASS", "lone surrogate \ud800": "PASS"}
    assert results["fails.any.js"]["subtests"] == {"same name": "FAIL", "same name (2)": "PASS"}
    assert results["fails.any.js"]["messages"] == {"same name": "expected 2, got 1"}
    assert results["throws.any.js"]["state"] == "ERROR"
    assert results["throws.any.js"]["subtests"] == {"before": "PASS"}
    assert "undefinedFunction" in results["throws.any.js"]["messages"][""]
    assert results["waits.any.js"]["state"] == "TIMEOUT"
    assert results["waits.any.js"]["subtests"] == {"never settles": "TIMEOUT", "never begins": "NOTRUN"}
    assert results["spins.any.js"]["state"] == "HANG"


def test_regressions_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    only = ("--only", "url/fails*", "--only", "url/passes*")
    run(tmp_path, *only, "--update")
    run(tmp_path, *only)
    table = tmp_path / "table"
    text = table.read_text()
    assert 'fails.any.js 1\n  FAIL "same name"\n' in text
    table.write_text(text.replace('fails.any.js 1\n  FAIL "same name"\n', "fails.any.js 2\n"))
    capsys.readouterr()
    run(tmp_path, *only, status=1)
    assert 'REGRESSION url: fails.any.js: FAIL "same name"' in capsys.readouterr().out


@pytest.mark.parametrize("death", ["kill -SEGV $$", "exit 3"])
def test_a_crash_is_the_running_files_result(tmp_path: Path, death: str) -> None:
    # A stand-in for workerd that dies in the second file it is given and runs the others.
    binary = tmp_path / "workerd"
    binary.write_text(
        f"""#!/bin/sh
for path in $(grep -o 'path.": ."[^,]*' config.capnp | tr -d '\\\\" ' | cut -d: -f2); do
  echo '@@wpt {{"start":"'$path'"}}'
  if [ $path = /url/spins.any.js ]; then echo 'the reason'; {death}; fi
  echo '@@wpt {{"subtests":[["a",0,""]]}}'
  echo '@@wpt {{"status":0,"message":""}}'
done
"""
    )
    binary.chmod(0o755)
    files = [file for file in discover(SAMPLE, URL) if not file.query]
    setting = batch.Setting(root=SAMPLE, binary=(str(binary),), own_binary=False)
    results = batch.run_all(files, setting)
    assert {name for name, result in results.items() if result.state == "OK"} == {
        file.name for file in files if file.name != "spins.any.js"
    }
    assert results["spins.any.js"].state == "CRASH"
    assert "the reason" in results["spins.any.js"].messages[""]


def test_a_binary_that_cannot_start_ends(tmp_path: Path) -> None:
    binary = tmp_path / "workerd"
    binary.write_text("#!/bin/sh\necho no such option\nexit 1\n")
    binary.chmod(0o755)
    files = discover(SAMPLE, URL)
    results = batch.run_all(files, batch.Setting(root=SAMPLE, binary=(str(binary),), own_binary=False))
    assert len(results) == len(files)
    assert all(result.state == "CRASH" and "no such option" in result.messages[""] for result in results.values())


def result(state: str = "OK", **subtests: str) -> FileResult:
    made = FileResult(state)
    for name, each in subtests.items():
        made.add(name, each, "")
    return made


def test_table_round_trip(tmp_path: Path) -> None:
    results = {
        "a b.any.js": result(x="PASS", y="FAIL", **{'"quoted" \ud800\n': "TIMEOUT"}),
        "all.any.js?1-2": result("TIMEOUT", x="NOTRUN", y="NOTRUN"),
        "good.any.js": result(x="PASS"),
        "crash.any.js": result("CRASH"),
    }
    table = {"url": {name: expectations.expectation_of(each, None) for name, each in results.items()}}
    path = tmp_path / "table"
    expectations.write(path, table)
    assert expectations.read(path) == table
    assert table["url"]["all.any.js?1-2"].all_of == ("NOTRUN", 2)
    for name, each in results.items():
        assert expectations.regressions(table["url"][name], each) == []
    path.write_text("== url\nnonsense here\n")
    with pytest.raises(ValueError, match="line 2"):
        expectations.read(path)


def test_regression_rules() -> None:
    expected = expectations.Expected("OK", 2, others={"f": "FAIL", "flaky": "FLAKY"})
    assert expectations.regressions(expected, result(a="PASS", b="PASS", f="TIMEOUT", flaky="FAIL")) == []
    assert expectations.improvements(expected, result(a="PASS", b="PASS", f="PASS", flaky="PASS")) == 1
    assert expectations.regressions(expected, result(a="PASS", b="FAIL", f="FAIL")) == ['FAIL "b"']
    assert expectations.regressions(expected, result(a="PASS", f="FAIL", flaky="PASS")) == ["1 subtests pass, not 2"]
    assert expectations.regressions(expected, result("CRASH")) == ["the file is CRASH, not OK"]
    kept = expectations.expectation_of(result(a="PASS", f="FAIL", flaky="PASS"), expected)
    assert kept == expectations.Expected("OK", 1, others={"f": "FAIL", "flaky": "FLAKY"})


def test_behind() -> None:
    ours = {"url": {"x": result(a="PASS", b="FAIL", c="FAIL")}}
    theirs = {"url": {"x": result(a="PASS", b="PASS", c="FAIL"), "y": result(a="PASS")}}
    assert report.behind(ours, theirs) == ["url: x: FAIL b: "]
    assert report.table(ours).splitlines()[-1].split() == ["all", "1", "1", "3", "1"]
