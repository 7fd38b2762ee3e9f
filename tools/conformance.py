"""Runs the reference's own tests against this build and compares with the committed expectations.

    python tools/conformance.py SRC [--jobs N] [--only GLOB] [--update] [--binary PATH] [--failures]

SRC is a checkout of the reference's repository, kept outside of this one. Every `*.wd-test` file that needs no sidecar process, Docker
or Pyodide is run at two compatibility dates. tests/conformance/expectations.txt holds names and states only.
Exit status 1 on a regression: a case that is expected to pass and did not.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXPECTATIONS = ROOT / "tests/conformance/expectations.txt"
VARIANTS = {"old": "2000-01-01", "new": "2999-12-31"}
FILE_SECONDS = 60
#: Helper processes, Docker, the internet or Pyodide.
NEEDS_MORE = re.compile(r"SIDECAR_|localDocker|python_workers|pythonModule|PYTHON_FEATURE_FLAGS|WPT|_PORT\b")
#: Not tests of the macro the reference runs this way (see shared/BEHAVIOUR.md, "Tests").
SKIP = re.compile(
    r"src/wpt/|src/pyodide/|server/tests/python/|server/tests/container-client/|fuzzilli|server/tests/compile-tests/"
)
#: Files whose meaning is one variant only.
ONE_VARIANT = {"autogate", "compat-flag-enabled", "compat-flag-disabled", "no-to-string-tag"}
#: Run without --predictable in the reference.
UNPREDICTABLE = re.compile(r"streams-consumer-reentry-gc|streams-byob-close-reentry")
RESULT = re.compile(r"\[ (PASS|FAIL) \] (.+?) \([\d.]+ ?(?:ns|us|µs|μs|ms|s)\)")


def overlay(source: Path, target: Path) -> None:
    """A copy of the parts that tests read, with TypeScript compiled where a config embeds the .js of a .ts file, and .wat files."""
    shutil.copytree(
        source / "src", target / "src", symlinks=True, ignore=shutil.ignore_patterns("*.c++", "*.h", "*.rs")
    )
    javascript = ROOT / "src/workerd/platform/js"
    esbuild = javascript / "node_modules/.bin/esbuild"
    texts = [path for path in target.rglob("*.wat") if not path.with_suffix(".wasm").exists()]
    if texts:
        subprocess.run(["node", str(ROOT / "tools/wat.mjs"), str(javascript), *map(str, texts)], check=True)
    todo: dict[Path, list[Path]] = defaultdict(list)
    for config in [*target.rglob("*.wd-test"), *target.rglob("*.ts-wd-test")]:
        for name in re.findall(r'embed\s+"([^"]+\.m?js)"', config.read_text(errors="replace")):
            script = config.parent / name
            typescript = script.with_suffix(".ts")
            if not script.exists() and typescript.exists():
                todo[script.parent].append(typescript)
    for folder, files in todo.items():
        command = [str(esbuild), *map(str, sorted(set(files))), f"--outdir={folder}", "--format=esm", "--target=es2024"]
        subprocess.run([*command, "--log-level=error"], check=True)


def test_files(tree: Path) -> list[Path]:
    files = []
    for path in sorted([*tree.rglob("*.wd-test"), *tree.rglob("*.ts-wd-test")]):
        relative = str(path.relative_to(tree))
        if not SKIP.search(relative) and not NEEDS_MORE.search(path.read_text(errors="replace")):
            files.append(path)
    return files


def run_file(tree: Path, path: Path, variant: str, binary: list[str]) -> tuple[dict[str, str], str]:
    """{case: PASS or FAIL}, and the output. A file that cannot run at all is one failed case named '*'."""
    relative = str(path.relative_to(tree))
    with tempfile.TemporaryDirectory(prefix="wd-test-") as scratch:
        command = [
            *binary,
            "test",
            *([] if UNPREDICTABLE.search(relative) else ["--predictable"]),
            relative,
            "--experimental",
        ]
        command += [f"--compat-date={VARIANTS[variant]}", f"-dTEST_TMPDIR={scratch}"]
        environment = {**os.environ, "TEST_TMPDIR": scratch}
        process = subprocess.Popen(
            command,
            cwd=tree,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            raw, _ = process.communicate(timeout=FILE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            raw, _ = process.communicate()
    text = raw.decode(errors="replace")
    cases = {name: state for state, name in RESULT.findall(text)}
    if process.returncode != 0 and "FAIL" not in cases.values():
        cases["*"] = "FAIL"
    return cases, text


def read_expectations() -> dict[str, str]:
    if not EXPECTATIONS.exists():
        return {}
    expected = {}
    for line in EXPECTATIONS.read_text().splitlines():
        if line and not line.startswith("#"):
            name, state = line.rsplit(" ", 1)
            expected[name] = state
    return expected


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="*", help="glob over file paths")
    parser.add_argument("--variant", choices=sorted(VARIANTS), help="one of the two dates only")
    parser.add_argument("--update", action="store_true", help="write the expectations anew")
    parser.add_argument("--binary", help="another workerd to run, for instance the reference's")
    parser.add_argument("--failures", action="store_true", help="show the output of files that fail")
    parser.add_argument("--json", type=Path, help="write all results to this file")
    args = parser.parse_args()
    if not (args.source / "src/workerd").is_dir():
        parser.error(f"{args.source} is not a checkout of the reference's repository (no src/workerd in it)")
    binary = [args.binary] if args.binary else [sys.executable, "-m", "workerd"]
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    started = time.monotonic()
    results: dict[str, str] = {}
    per_directory: dict[str, Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory(prefix="conformance-") as name:
        tree = Path(name)
        overlay(args.source, tree)
        jobs = [
            (path, variant)
            for path in test_files(tree)
            for variant in VARIANTS
            if fnmatch.fnmatch(str(path.relative_to(tree)), args.only) and args.variant in (None, variant)
        ]
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            futures = [(path, variant, pool.submit(run_file, tree, path, variant, binary)) for path, variant in jobs]
            for path, variant, future in futures:
                cases, text = future.result()
                relative = path.relative_to(tree)
                whole = bool(cases) and set(cases.values()) == {"PASS"}
                per_directory[str(relative.parent)]["files"] += 1
                per_directory[str(relative.parent)]["files_passed"] += whole
                for case, state in cases.items():
                    results[f"{relative}@{variant} {case}"] = state
                    per_directory[str(relative.parent)][state] += 1
                if args.failures and not whole:
                    print(f"==== {relative}@{variant}\n{text[-6000:]}\n")
    report(per_directory, time.monotonic() - started)
    if args.json:
        args.json.write_text(json.dumps(results, indent=0, sort_keys=True))
    return compare(results, args.update, args.only == "*" and args.variant is None)


def report(per_directory: dict[str, Counter[str]], seconds: float) -> None:
    total: Counter[str] = Counter()
    width = max((len(name) for name in per_directory), default=10)

    def row(name: str, counts: Counter[str]) -> str:
        cases = counts["PASS"] + counts["FAIL"]
        return f"{name:{width}}  {counts['files_passed']:4} of {counts['files']:4}   {counts['PASS']:5} of {cases:5}"

    print(f"{'directory':{width}}  files passed   cases passed")
    for name, counts in sorted(per_directory.items()):
        total.update(counts)
        print(row(name, counts))
    print(f"{row('all', total)}   in {seconds:.0f} s")


def compare(results: dict[str, str], update: bool, complete: bool) -> int:
    expected = read_expectations()
    ran = {name.split(" ", 1)[0] for name in results}
    if update:
        kept = {} if complete else {name: state for name, state in expected.items() if name.split(" ", 1)[0] not in ran}
        merged = {**kept, **results}
        lines = [f"{name} {state}" for name, state in sorted(merged.items())]
        EXPECTATIONS.parent.mkdir(parents=True, exist_ok=True)
        EXPECTATIONS.write_text(
            "# Written by tools/conformance.py --update: file@variant, case, state.\n" + "\n".join(lines) + "\n"
        )
        print(f"{len(merged)} expectations written")
        return 0
    worse = [
        name
        for name, state in expected.items()
        if state == "PASS" and name.split(" ", 1)[0] in ran and results.get(name) != "PASS"
    ]
    better = [name for name, state in results.items() if state == "PASS" and expected.get(name) == "FAIL"]
    for name in sorted(worse):
        print(f"REGRESSION {name}")
    if better:
        print(f"{len(better)} cases pass that were expected to fail: record them with --update")
    if not expected:
        print("no expectations recorded yet: write them with --update")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
