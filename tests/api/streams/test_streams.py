"""The stream tests proper are workers: each .wd-test file here is run by `workerd test`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCE = HERE.parents[2] / "src"


@pytest.mark.parametrize("config", sorted(HERE.glob("*.wd-test")), ids=lambda path: path.stem)
@pytest.mark.parametrize("date", ["2024-01-01", "2026-10-01"])
def test_worker(config: Path, date: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "workerd", "test", str(config), "--experimental", f"--compat-date={date}"]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "[ PASS ]" in result.stdout + result.stderr
