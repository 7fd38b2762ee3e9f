"""Runs Web Platform Tests against this build and compares with the committed expectations.

    python tools/wpt.py SRC [--only GLOB] [--jobs N] [--update] [--failures]

SRC is a folder laid out as the web-platform-tests repository is, kept outside of this one (docs/wpt.md). Exit status 1 on a regression: a
subtest that does not pass though the table (tests/wpt/expectations.txt) has it passing, or a file that no longer ends as it should.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import fnmatch
import json
import os
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from wpt_runner import expectations, report, server
from wpt_runner.batch import Setting, run_all, stop_all
from wpt_runner.files import HARNESS, TestFile, discover
from wpt_runner.results import FileResult
from wpt_runner.suites import SUITES

ROOT = Path(__file__).resolve().parent.parent.parent
EXPECTATIONS = ROOT / "tests/wpt/expectations.txt"
BATCH_FILES = 12


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="wpt.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument(
        "--only", action="append", metavar="GLOB", help="suites or suite/file; may be given more than once"
    )
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes at once (default: 1)")
    parser.add_argument("--update", action="store_true", help="write what was run into the table")
    parser.add_argument("--failures", action="store_true", help="show what does not pass, with the reason")
    parser.add_argument("--patience", type=float, default=2.0, help="factor of the tests' own time limits (default: 2)")
    parser.add_argument("--no-server", action="store_true", help="do not start the tests' own HTTP server")
    parser.add_argument("--binary", help="another workerd to run, for instance the reference's")
    parser.add_argument("--json", type=Path, help="write all results to this file")
    parser.add_argument(
        "--compare", type=Path, metavar="JSON", help="list what passed in that run and does not in this one"
    )
    parser.add_argument("--expectations", type=Path, default=EXPECTATIONS, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if not (args.source / HARNESS.lstrip("/")).is_file():
        parser.error(f"{args.source} does not hold the Web Platform Tests (no {HARNESS.lstrip('/')} in it)")
    return args


def select(root: Path, patterns: list[str] | None) -> list[TestFile]:
    """The files of all suites whose suite or suite/file matches one of the patterns."""
    found = []
    for suite in SUITES:
        for file in discover(root, suite):
            names = (suite.name, f"{suite.name}/{file.name}", f"{suite.name}/{file.name.split('?')[0]}")
            if patterns is None or any(fnmatch.fnmatchcase(name, p) for name in names for p in patterns):
                found.append(file)
    return found


def batches(files: list[TestFile]) -> list[list[TestFile]]:
    """Files of one suite each: names are unique only within it."""
    result: list[list[TestFile]] = []
    for file in files:
        if result and len(result[-1]) < BATCH_FILES and result[-1][0].suite == file.suite:
            result[-1].append(file)
        else:
            result.append([file])
    return result


def run(files: list[TestFile], setting: Setting, jobs: int) -> report.Results:
    results: report.Results = {file.suite.name: {} for file in files}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        pending = [(batch[0].suite.name, pool.submit(run_all, batch, setting)) for batch in batches(files)]
        try:
            for suite, future in pending:
                results[suite].update(future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop_all()
            raise
    return results


def compare(results: report.Results, table: expectations.Table) -> int:
    """The number of files with a regression."""
    worse = better = unknown = 0
    for suite, files in results.items():
        for name, result in files.items():
            expected = table.get(suite, {}).get(name)
            if expected is None:
                unknown += 1
                continue
            better += expectations.improvements(expected, result)
            found = expectations.regressions(expected, result)
            worse += bool(found)
            for line in found:
                print(f"REGRESSION {suite}: {name}: {line}")
    if better:
        print(f"{better} subtests pass that were expected to fail: record them with --update")
    if unknown:
        print(f"{unknown} files are not in the table: record them with --update")
    return worse


def update(path: Path, results: report.Results) -> None:
    table = expectations.read(path) if path.exists() else {}
    for suite, files in results.items():
        known = table.setdefault(suite, {})
        for name, result in files.items():
            known[name] = expectations.expectation_of(result, known.get(name))
    expectations.write(path, table)


def load(path: Path) -> report.Results:
    data = json.loads(path.read_text())
    return {suite: {name: FileResult(**value) for name, value in files.items()} for suite, files in data.items()}


def main(argv: list[str] | None = None) -> int:
    args = arguments(argv)
    files = select(args.source, args.only)
    if not files:
        print("no test file matches")
        return 1
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    setting = Setting(
        root=args.source.resolve(),
        binary=(args.binary,) if args.binary else (sys.executable, "-m", "workerd"),
        own_binary=args.binary is None,
        patience=args.patience,
    )
    started = time.monotonic()
    with ExitStack() as stack:
        if not args.no_server and any(file.suite.server for file in files):
            if server.available(args.source):
                setting = stack.enter_context(server.running(setting))
            else:
                print("the tests' own HTTP server is not among the files: tests that ask it fail")
        results = run(files, setting, args.jobs)
    if args.failures:
        print(report.failures(results))
    if args.json:
        plain = {suite: {name: asdict(result) for name, result in runs.items()} for suite, runs in results.items()}
        args.json.write_text(json.dumps(plain, indent=0))
    print(f"{report.table(results)}\nin {time.monotonic() - started:.0f} s")
    if args.compare:
        lines = report.behind(results, load(args.compare))
        print("\n".join([f"{len(lines)} pass there and not here", *lines]))
    if args.update:
        update(args.expectations, results)
        print(f"{args.expectations.name} written")
        return 0
    if not args.expectations.exists():
        print("no expectations recorded yet: write them with --update")
        return 0
    return 1 if compare(results, expectations.read(args.expectations)) else 0
