"""A server whose workers are looked at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from tests.observe.inspector.client import LIMIT, Debugger, fetch

SOURCE = str(Path(__file__).resolve().parents[3] / "src")

CONFIG = """
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ( name = "main", worker = (
      modules = [ (name = "main.js", esModule = embed "main.js"), (name = "lib.js", esModule = embed "lib.js") ],
      compatibilityDate = "2025-01-01", bindings = [ (name = "other", service = "other:side") ] ) ),
    ( name = "other:side", worker = (
      modules = [ (name = "other.js", esModule = embed "other.js") ],
      compatibilityDate = "2025-01-01", bindings = [ (name = "main", service = "main") ] ) ),
    ( name = "classic", worker = (
      serviceWorkerScript = "addEventListener('fetch', (e) => e.respondWith(new Response('classic')));",
      compatibilityDate = "2025-01-01" ) ),
  ],
  sockets = [
    ( name = "main", address = "127.0.0.1:0", service = "main" ),
    ( name = "other", address = "127.0.0.1:0", service = "other:side" ),
  ]
);
"""

MAIN = """\
import { twice } from './lib.js';
console.log('at startup', { a: 1 });

function burn(rounds) {
  let sum = 0;
  for (let i = 0; i < rounds; i++) sum += Math.sqrt(i);
  return sum;
}

globalThis.kept = undefined;
const routes = {
  '/stop'() {
    const local = twice(20);
    debugger;
    const answer = local + 1;
    return answer;
  },
  '/log'() { console.log('seen', [1, 2]); console.warn('careful'); return 'logged'; },
  '/throw'() { throw new RangeError('on purpose 💥'); },
  '/reject'() { Promise.reject(new TypeError('nobody cares')); return 'rejected'; },
  '/forever'() { for (;;) burn(1000); },
  '/hog'() { for (const all = []; ;) all.push({ some: [1, 2, 3], text: `${all.length}` }); },
  '/burn'() { return burn(2e7); },
  '/twice'() { return twice(21); },
  async '/timer'() { await new Promise((resolve) => setTimeout(function fired() { debugger; resolve(); }, 1)); return 'timer'; },
  async '/later'() { await new Promise((resolve) => setTimeout(resolve, 30)); kept = 'later'; return kept; },
};

export default {
  async fetch(request) {
    const route = routes[new URL(request.url).pathname];
    return new Response(String(route ? await route() : 'main'));
  },
};
"""

LIB = """\
export function twice(n) {
  const result = n * 2;
  return result;
}
//# sourceMappingURL=lib.js.map
"""

OTHER = """\
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/stop') { debugger; }
    if (pathname === '/main') return env.main.fetch('http://main/twice');
    return new Response('other');
  },
};
"""


def line_of(text: str) -> int:
    """The line of main.js that has it first, 0-based as in the protocol."""
    return MAIN[: MAIN.index(text)].count("\n")


class Server:
    """`workerd serve` with an inspector."""

    def __init__(self, process: subprocess.Popen[bytes], ports: dict[str, int]) -> None:
        self.process = process
        self.inspector = ports["inspector"]
        self.ports = ports

    def debugger(self, target: str = "main") -> Debugger:
        return Debugger(self.inspector, target)

    def fetch(self, path: str, socket: str = "main") -> str:
        return fetch(self.ports[socket], path)

    def begin(self, path: str, socket: str = "main") -> Future[str]:
        """A request whose answer is waited for elsewhere."""
        future: Future[str] = Future()

        def run() -> None:
            try:
                future.set_result(self.fetch(path, socket))
            except Exception as error:
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Server]:
    for name, text in (("config.capnp", CONFIG), ("main.js", MAIN), ("lib.js", LIB), ("other.js", OTHER)):
        (folder / name).write_text(text)
    read, write = os.pipe()
    command = [
        sys.executable,
        "-m",
        "workerd",
        "serve",
        "config.capnp",
        "-i127.0.0.1:0",
        f"--control-fd={write}",
        *arguments,
    ]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": SOURCE},
        pass_fds=(write,),
        stdout=(folder / "stdout").open("wb"),
        stderr=(folder / "stderr").open("wb"),
    )
    os.close(write)
    try:
        ports: dict[str, int] = {}
        with os.fdopen(read) as control:
            while len(ports) < 3:
                line = control.readline()
                assert line, (folder / "stderr").read_text()
                event = json.loads(line)
                ports["inspector" if event["event"] == "listen-inspector" else event["socket"]] = event["port"]
        yield Server(process, ports)
    finally:
        process.terminate()
        try:
            process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
