"""`workerd serve` with its output in files."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[2] / "src"

CONFIG = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (compatibilityDate = "2026-01-01", compatibilityFlags = ["nodejs_compat"],
      modules = [(name = "main.js", esModule = embed "main.js")])),
    (name = "script", worker = (compatibilityDate = "2026-01-01", serviceWorkerScript = embed "script.js"))],
  sockets = [
    (name = "main", address = "127.0.0.1:0", http = (), service = "main"),
    (name = "script", address = "127.0.0.1:0", http = (), service = "script")]%s);
"""
SCRIPT = "addEventListener('fetch', (e) => { console.log('from the script'); e.respondWith(new Response('ok')); });"


class Served:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], ports: dict[str, int], folder: Path) -> None:
        self.process = process
        self.ports = ports
        self._folder = folder

    @property
    def stdout(self) -> str:
        return (self._folder / "stdout").read_text(errors="replace")

    @property
    def stderr(self) -> str:
        return (self._folder / "stderr").read_text(errors="replace")

    def get(self, path: str, socket: str = "main", data: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports[socket]}{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def wait(self, condition: Callable[[], Any], seconds: float = 10.0) -> None:
        """Until the condition holds: output may come a little after the answer."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{self.stdout}\n--\n{self.stderr}"
            time.sleep(0.01)


@contextlib.contextmanager
def serving(
    folder: Path, module: str, *options: str, config: str = "", environment: dict[str, str] | None = None
) -> Iterator[Served]:
    """`config`: more fields of the config."""
    (folder / "main.js").write_text(module)
    (folder / "script.js").write_text(SCRIPT)
    (folder / "config.capnp").write_text(CONFIG % (f", {config}" if config else ""))
    read, write = os.pipe()
    with (
        open(folder / "stdout", "wb") as out,
        open(folder / "stderr", "wb") as err,
        os.fdopen(read) as control,
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "workerd", "serve", "config.capnp", f"--control-fd={write}", *options],
            stdout=out,
            stderr=err,
            cwd=folder,
            pass_fds=[write],
            env={**os.environ, "PYTHONPATH": str(SOURCE), **(environment or {})},
        )
        os.close(write)
        try:
            ports: dict[str, int] = {}
            while len(ports) < 2:
                line = control.readline()
                assert line, (folder / "stderr").read_text()
                message = json.loads(line)
                ports[message["socket"]] = message["port"]
            yield Served(process, ports, folder)
        finally:
            process.terminate()
            process.wait(20)
