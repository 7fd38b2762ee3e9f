"""The servers that are compared: how each is installed, configured and started."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
CACHE = BENCH / ".cache"
WORKERS = BENCH / "workers"
REFERENCE_VERSION = "1.20261117.1"

SERVER_CORE = "0"
LOAD_CORE = "1"


@dataclass(frozen=True)
class Contender:
    name: str
    command: tuple[str, ...]


def install_reference() -> Path:
    """The reference's binary, from npm."""
    binary = CACHE / "node_modules/.bin/workerd"
    if not binary.exists():
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("bench: npm is needed to install the reference")
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "package.json").write_text('{"private": true}')
        subprocess.run([npm, "install", "--silent", f"workerd@{REFERENCE_VERSION}"], cwd=CACHE, check=True)
    # The package's own launcher is a node script: measure the program itself.
    real = next(iter(CACHE.glob("node_modules/@cloudflare/workerd-*/bin/workerd")), None)
    return real or binary


def contenders() -> list[Contender]:
    python = ROOT / ".venv/bin/python"
    return [
        Contender("ours", (str(python), "-m", "workerd")),
        Contender("reference", (str(install_reference()),)),
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_listening(port: int, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"bench: server ended with status {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), 0.2):
                return
        except OSError:
            time.sleep(0.002)
    sys.exit("bench: server does not listen")


def cpu_clock(process_id: int) -> float:
    """CPU seconds of all threads of another process, in nanosecond steps (clock_getcpuclockid(3))."""
    return time.clock_gettime((~process_id << 3) | 2)


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    port: int

    def rss_mb(self) -> float:
        return _status(self.process.pid, "VmRSS") / 1024

    def cpu_seconds(self) -> float:
        return cpu_clock(self.process.pid)


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


@contextmanager
def serve(contender: Contender, config: str) -> Iterator[Running]:
    """Runs `workerd serve` on the server core until the block ends. `config`: a file of bench/workers with a socket named `http`."""
    port = free_port()
    arguments = ["serve", str(WORKERS / config), f"--socket-addr=http=127.0.0.1:{port}"]
    with start([*contender.command, *arguments]) as process:
        wait_listening(port, process)
        yield Running(process, port)


@contextmanager
def serve_node(script: str) -> Iterator[Running]:
    port = free_port()
    with start([shutil.which("node") or "node", str(WORKERS / script), str(port)]) as process:
        wait_listening(port, process)
        yield Running(process, port)


def _environment() -> dict[str, str]:
    """Bytecode may be kept, as that of an installed package is."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": ""}


@contextmanager
def start(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
