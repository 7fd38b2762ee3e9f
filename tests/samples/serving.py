"""Starting a sample as a user does, on ports of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "samples"
#: Seconds a server may take to listen on all its sockets.
START_TIMEOUT = 30.0


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Sample:
    """A running server. `ports`: by the names of the config's sockets."""

    def __init__(self, process: subprocess.Popen[bytes], ports: dict[str, int], log: Path) -> None:
        self.process, self.ports, self._log = process, ports, log

    @property
    def log(self) -> str:
        """What it has written to stderr."""
        return self._log.read_text()

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        socket: str = "http",
    ) -> Answer:
        """One request on a connection of its own. `path` may be a whole URL."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[socket], timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()


def command() -> list[str]:
    """What starts the server: ours, or (to check the samples themselves) the program WORKERD_TEST_BINARY names."""
    other = os.environ.get("WORKERD_TEST_BINARY")
    return [other] if other else [sys.executable, "-m", "workerd"]


@contextlib.contextmanager
def running(name: str, log: Path, *options: str, sockets: tuple[str, ...] = ("http",)) -> Iterator[Sample]:
    """Serves samples/<name> until the block ends."""
    with serving(SAMPLES / name / "config.capnp", log, *options, sockets=sockets) as sample:
        yield sample


@contextlib.contextmanager
def serving(config: Path, log: Path, *options: str, sockets: tuple[str, ...] = ("http",)) -> Iterator[Sample]:
    """Serves `config` until the block ends; then it must stop by itself when asked to."""
    reading, writing = os.pipe()
    arguments = [*command(), "serve", str(config), f"--control-fd={writing}", *options]
    arguments += [f"--socket-addr={socket}=127.0.0.1:0" for socket in sockets]
    environment = {**os.environ, "PYTHONPATH": str(SAMPLES.parent / "src")}
    with log.open("wb") as stderr:
        process = subprocess.Popen(arguments, stderr=stderr, pass_fds=[writing], env=environment)
    os.close(writing)
    try:
        yield Sample(process, _ports(reading, set(sockets), process, log), log)
        process.terminate()
        assert process.wait(10) in (0, -15), log.read_text()
    finally:
        os.close(reading)
        if process.poll() is None:
            process.kill()
            process.wait()


def _ports(control: int, wanted: set[str], process: subprocess.Popen[bytes], log: Path) -> dict[str, int]:
    ports: dict[str, int] = {}
    received = b""
    deadline = time.monotonic() + START_TIMEOUT
    while not wanted <= ports.keys():
        ready, _, _ = select.select([control], [], [], max(0.0, deadline - time.monotonic()))
        data = os.read(control, 4096) if ready else b""
        if not data:
            raise AssertionError(f"the server does not listen (exit status {process.poll()}):\n{log.read_text()}")
        received += data
        *lines, received = received.split(b"\n")
        for line in lines:
            message = json.loads(line)
            if message["event"] == "listen":
                ports[message["socket"]] = message["port"]
    return ports
