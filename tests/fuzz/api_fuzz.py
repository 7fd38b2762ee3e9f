"""Calls the whole API with arguments that nobody would give, seed after seed, each in a process of its own.

    python tests/fuzz/api_fuzz.py [SEEDS] [FIRST] [ROUNDS]

What the calls do is in tests/api/isolation/fuzzed.js. A process that dies of a signal, or does not end, is a find: its seed runs once more
with each call logged, and the last calls are printed. Exceptions are none.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "tests/api/isolation"
CALL = re.compile(r"^\s*(\d+ \d+ \S.*)$", re.MULTILINE)


def run_seed(seed: int, rounds: int, log: bool = False, timeout: float = 120) -> tuple[int | None, str]:
    """The process's exit code (None: it had to be killed) and what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("fuzzed.js", "crawler.js", "backend.js", "stores.js"):
            (Path(folder) / name).write_text((SOURCES / name).read_text("utf-8"), "utf-8")
        config = (SOURCES / "fuzz.wd-test").read_text("utf-8")
        (Path(folder) / "fuzz.wd-test").write_text(config, "utf-8")
        url = f"http://fuzzed/{seed}/{rounds}{'/log' if log else ''}"
        driver = (
            "export const run = { async test(_, env) { try { const r = await env.fuzzed.fetch("
            f"'{url}'); console.log('done', await r.text()); }} catch (e) {{ console.log('failed', `${{e}}`); }}\n"
            "  const alive = await (await env.backend.fetch('http://backend/')).text();\n"
            "  if (alive !== 'hello') throw new Error('the other worker does not answer'); } };\n"
        )
        (Path(folder) / "fuzz.js").write_text(driver, "utf-8")
        command = [sys.executable, "-m", "workerd", "test", "fuzz.wd-test", "--experimental"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        with subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            try:
                output, _ = process.communicate(timeout=timeout)
                code: int | None = process.returncode
            except subprocess.TimeoutExpired:
                process.kill()
                output, _ = process.communicate()
                code = None
        return code, output.decode("utf-8", "replace")


def fuzz(seeds: int, first: int = 1, rounds: int = 5000) -> list[int]:
    """The seeds that found something."""
    found = []
    for seed in range(first, first + seeds):
        code, output = run_seed(seed, rounds)
        if code in (0, 1) and "the other worker does not answer" not in output:
            outcome = re.findall(r"^\s*((?:done|failed) .*)$", output, re.MULTILINE)
            print(f"seed {seed}: {' '.join(outcome[:1])}", flush=True)
            continue
        found.append(seed)
        print(f"seed {seed}: exit code {code}\n{output[-3000:]}", flush=True)
        code, output = run_seed(seed, rounds, log=True)
        print(f"again: exit code {code}; the last calls:", *CALL.findall(output)[-20:], sep="\n  ", flush=True)
    return found


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(1 if fuzz(*(numbers or [100])) else 0)
