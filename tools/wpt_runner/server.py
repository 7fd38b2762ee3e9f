"""The tests' own HTTP server (wptserve), which comes with their files."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from wpt_runner.batch import Setting

ADDRESS = "127.0.0.1"
#: Tests that need a second host take the address itself when the first is this one (common/get-host-info.sub.js).
HOST = "localhost"
KINDS = {
    "http": 2, "https": 2, "http-public": 1, "https-public": 1, "http-local": 1, "https-local": 1, "ws": 1, "wss": 1,
}  # fmt: skip
START_SECONDS = 60
CA = "tools/certs/cacert.pem"


def available(root: Path) -> bool:
    return (root / "wpt.py").is_file() and (root / "tools/serve").is_dir()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((ADDRESS, 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _ports() -> dict[str, list[int]]:
    free = _free_ports(sum(KINDS.values()))
    return {kind: [free.pop() for _ in range(count)] for kind, count in KINDS.items()}


def substitutions(ports: dict[str, list[int]]) -> dict[str, str]:
    """What wptserve would put into files with `.sub.` in their names; here there are two hosts, and no others below them."""
    table = {"host": HOST, "domains[]": HOST, "hosts[][]": HOST, "hosts[alt][]": ADDRESS}
    for name in ("www", "www1", "www2"):
        table[f"domains[{name}]"] = table[f"hosts[][{name}]"] = table[f"hosts[alt][{name}]"] = ADDRESS
    for kind, numbers in ports.items():
        for index, number in enumerate(numbers):
            table[f"ports[{kind}][{index}]"] = str(number)
    table["ports[h2][0]"] = table["ports[https][0]"]
    return table


@contextmanager
def running(setting: Setting) -> Iterator[Setting]:
    """Starts it; the setting in which tests reach it. Raises RuntimeError if it does not start."""
    ports = _ports()
    config = {"server_host": ADDRESS, "browser_host": HOST, "check_subdomains": False, "ports": ports}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file, tempfile.TemporaryFile() as log:
        json.dump(config, file)
        file.flush()
        process = subprocess.Popen(
            [sys.executable, "wpt.py", "serve", "--no-h2", "--config", file.name],
            cwd=setting.root,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        )
        try:
            if not _wait(process, [ports["http"][0], ports["ws"][0]]):
                log.seek(0)
                raise RuntimeError(f"wptserve did not start: {log.read().decode(errors='replace')[-2000:]}")
            certificate = setting.root / CA
            yield replace(
                setting,
                server=True,
                origin=f"http://{HOST}:{ports['http'][0]}",
                substitutions=substitutions(ports),
                port_names={
                    number: f"{kind}{index}" for kind, numbers in ports.items() for index, number in enumerate(numbers)
                },
                ca_certificate=certificate if certificate.is_file() else None,
            )
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """The server, with the processes it started."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, kind)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)


def _wait(process: subprocess.Popen[bytes], ports: list[int]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    left = list(ports)
    while left and process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((ADDRESS, left[0])) == 0:
                left.pop(0)
            else:
                time.sleep(0.2)
    return not left
