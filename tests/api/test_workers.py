"""Runs each .wd-test file of the folders below through `workerd test`, one pytest case a file.

A folder with a test_*.py of its own runs its files itself. Files run ahead of their cases, as many at a time as there are processors.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HERE.parents[1] / "src")}
FILES = sorted(path for path in HERE.glob("*/*.wd-test") if not any(path.parent.glob("test_*.py")))


def run(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "workerd", "test", str(file), "--experimental", "--predictable"]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=120)


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[Path, Future[subprocess.CompletedProcess[str]]]]:
    """The runs of all selected files."""
    wanted = [item.callspec.params["file"] for item in request.session.items if item.path == Path(__file__)]  # type: ignore[attr-defined]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        futures = {file: pool.submit(run, file) for file in wanted}
        yield futures
        for future in futures.values():
            future.cancel()


@pytest.mark.parametrize("file", FILES, ids=[str(path.relative_to(HERE)) for path in FILES])
def test_worker(file: Path, runs: dict[Path, Future[subprocess.CompletedProcess[str]]]) -> None:
    result = runs[file].result()
    assert result.returncode == 0, result.stdout + result.stderr
    assert "[ PASS ]" in result.stdout + result.stderr
