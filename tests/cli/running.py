"""Helpers: the command as a process, and in this process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

SOURCE = str(Path(__file__).resolve().parents[2] / "src")
ENVIRONMENT = {**os.environ, "PYTHONPATH": SOURCE}


def workerd(*arguments: str, cwd: Path | None = None, timeout: float = 60, stdin: bytes = b"") -> tuple[int, str, str]:
    """Run the command to its end: exit status, standard output, standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "workerd", *arguments],
        cwd=cwd,
        env=ENVIRONMENT,
        input=stdin,
        capture_output=True,
        timeout=timeout,
    )
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def start(
    *arguments: str, cwd: Path | None = None, pass_fds: tuple[int, ...] = (), stdin: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """Start the command."""
    return subprocess.Popen(
        [sys.executable, "-m", "workerd", *arguments],
        cwd=cwd,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=pass_fds,
    )
