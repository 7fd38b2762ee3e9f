"""`workerd test` as users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"

CONFIG = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [%s]);
"""
SERVICE = """(name = "%s", worker = (compatibilityDate = "2026-01-01", compatibilityFlags = ["nodejs_compat"],
  bindings = [(name = "SELF", service = "%s")], modules = [(name = "%s.js", esModule = embed "%s.js")%s]))"""


@dataclass
class Run:
    """What a run said and did."""

    status: int
    stdout: str
    stderr: str

    @property
    def results(self) -> dict[str, str]:
        """Test name -> PASS or FAIL."""
        found = {}
        for line in self.stderr.splitlines():
            if line.startswith(("[ PASS ] ", "[ FAIL ] ")):
                found[line[9:].rpartition(" (")[0]] = line[2:6]
        return found


def write_config(folder: Path, modules: str | dict[str, str], *, more_modules: str = "") -> Path:
    """A config with one service for each module, named like it."""
    sources = {"main": modules} if isinstance(modules, str) else modules
    for name, text in sources.items():
        (folder / f"{name}.js").write_text(text)
    services = [SERVICE % (name, name, name, name, more_modules) for name in sources]
    config = folder / "config.wd-test"
    config.write_text(CONFIG % ", ".join(services))
    return config


def run_tests(
    folder: Path, modules: str | dict[str, str], *options: str, environment: dict[str, str] | None = None, **more: str
) -> Run:
    return run_config(write_config(folder, modules, **more), *options, environment=environment)


def run_config(config: Path, *options: str, environment: dict[str, str] | None = None) -> Run:
    env = {**os.environ, "PYTHONPATH": str(SOURCE), **(environment or {})}
    command = [sys.executable, "-m", "workerd", "test", str(config), *options]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=config.parent, timeout=60)
    return Run(done.returncode, done.stdout, done.stderr)
