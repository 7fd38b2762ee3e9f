"""Load generators: wrk for requests, curl for big bodies."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

from harness.servers import LOAD_CORE, Running

_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass
class Rate:
    per_second: float
    p99_ms: float
    cpu_us: float
    errors: int


def wrk(server: Running, path: str = "/", seconds: float = 5, connections: int = 64) -> Rate:
    """Requests a second over keep-alive connections, and the server's CPU time for each."""
    before = server.cpu_seconds()
    command = [
        "taskset",
        "-c",
        LOAD_CORE,
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds:g}s",
        "--latency",
        f"http://127.0.0.1:{server.port}{path}",
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = server.cpu_seconds() - before
    total = int(_find(r"(\d+) requests in", text))
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", text)
    bad = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout) (\d+)", text))
    non_2xx = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return Rate(
        float(_find(r"Requests/sec:\s+([\d.]+)", text)),
        float(p99.group(1)) * _UNITS[p99.group(2)] if p99 else 0.0,
        used / max(total, 1) * 1e6,
        bad + (int(non_2xx.group(1)) if non_2xx else 0),
    )


def _find(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"bench: cannot read wrk's output:\n{text}")
    return match.group(1)


def download(server: Running, path: str) -> float:
    """MB/s of a response body."""
    return _curl(server, path, "speed_download")


def upload(server: Running, path: str, file: str) -> float:
    """MB/s of a request body."""
    return _curl(server, path, "speed_upload", "-X", "POST", "-H", "Expect:", "--data-binary", f"@{file}")


def _curl(server: Running, path: str, what: str, *extra: str) -> float:
    command = ["taskset", "-c", LOAD_CORE, "curl", "-sS", "--fail", "-o", "/dev/null", "-w", f"%{{{what}}}", *extra]
    out = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}{path}"], check=True, capture_output=True, text=True
    ).stdout
    return float(out) / 1e6
