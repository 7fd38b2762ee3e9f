"""Runs each .wd-test file of the folders below through `workerd test`, one pytest case a file.

A folder with a test_*.py of its own runs its files itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HERE.parents[1] / "src")}
FILES = sorted(path for path in HERE.glob("*/*.wd-test") if not any(path.parent.glob("test_*.py")))


@pytest.mark.parametrize("file", FILES, ids=[str(path.relative_to(HERE)) for path in FILES])
def test_worker(file: Path) -> None:
    command = [sys.executable, "-m", "workerd", "test", str(file), "--experimental", "--predictable"]
    result = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "[ PASS ]" in result.stdout + result.stderr
