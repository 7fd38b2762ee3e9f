"""Runs the cases in alternating rounds and reports medians and ratios."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import shutil
import statistics
import subprocess
from collections import defaultdict
from pathlib import Path

from harness import web
from harness.cases import CASES, LESS, hello_node
from harness.servers import BENCH, REFERENCE_VERSION, contenders

WEB_NOTE = (
    "Each operation runs in a loop in a handler of `bench/workers/web.js`, after half as many to warm up; time is read from outside: the "
    "CPU time of the whole process, and from request to response.\n\n"
)

Results = dict[str, dict[str, list[float]]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/run")
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--only", choices=[*CASES, *web.NAMES], action="append")
    parser.add_argument("--no-write", action="store_true", help="leave bench/RESULTS.md alone")
    args = parser.parse_args()
    for tool in ("wrk", "curl", "taskset"):
        if shutil.which(tool) is None:
            parser.error(f"{tool} is needed")
    rounds, seconds = (1, 2.0) if args.quick else (3, 5.0)
    results: Results = defaultdict(lambda: defaultdict(list))
    for number in range(rounds):
        for name, measure in CASES.items():
            if args.only and name not in args.only:
                continue
            for contender in contenders():
                print(f"round {number + 1}: {name}: {contender.name}", flush=True)
                for metric, value in measure(contender, seconds).items():
                    results[metric][contender.name].append(value)
            if name == "hello" and shutil.which("node"):
                for metric, value in hello_node(seconds).items():
                    results[metric]["node:http"].append(value)
    report = ""
    if results:
        report += "## Server\n\n" + render(results)
    only = [name for name in args.only or () if name in web.NAMES]
    if only or not args.only:
        report += "\n## Web APIs\n\n" + WEB_NOTE + web.run(rounds, only or None)
    print(report)
    if not args.no_write and not args.quick and not args.only:
        (BENCH / "RESULTS.md").write_text(header(rounds, seconds) + report)
    return 0


def ratio(metric: str, ours: float, other: float) -> str:
    better = other / ours if metric.endswith(LESS) and not metric.endswith("MB/s") else ours / other
    return f"{better:.2f}x"


def render(results: Results) -> str:
    lines = ["| metric | ours | reference | ratio | node:http | ratio |", "|---|---:|---:|---:|---:|---:|"]
    for metric, values in results.items():
        if metric == "errors":
            continue
        middle = {name: statistics.median(list(numbers)) for name, numbers in values.items()}
        ours, reference, node = middle.get("ours", 0.0), middle.get("reference"), middle.get("node:http")
        cells = [metric, f"{ours:,.2f}"]
        for other in (reference, node):
            cells += (
                ["", ""] if other is None else [f"{other:,.2f}", ratio(metric, ours, other) if ours and other else ""]
            )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def header(rounds: int, seconds: float) -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    node = "none"
    if shutil.which("node"):
        node = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    facts = [
        str(datetime.date.today()),
        cpu,
        f"Linux {platform.release()}",
        f"Python {platform.python_version()}",
        f"reference {REFERENCE_VERSION}",
        f"node {node}",
        f"server on one core, load on another; medians of {rounds} alternating rounds of {seconds:g} s",
        f"load average of the machine at the end {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores (with more than 1 or so of it somebody "
        "else's, believe CPU times rather than others)",
    ]
    return (
        "# Results\n\nWritten by `bench/run`. A ratio above 1 means that this build is better, whichever way the metric "
        "goes.\n\n" + ", ".join(facts) + ".\n\n"
    )
