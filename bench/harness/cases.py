"""What is measured. Each case gives {metric: value} for one server and one round."""

from __future__ import annotations

import statistics
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.load import download, upload, wrk
from harness.servers import CACHE, WORKERS, Contender, cpu_clock, free_port, serve, serve_node, start

Measure = Callable[[Contender, float], dict[str, float]]
ISOLATES = 100


def hello(contender: Contender, seconds: float) -> dict[str, float]:
    with serve(contender, "hello.capnp") as server:
        wrk(server, seconds=1)
        rate = wrk(server, seconds=seconds)
        return {
            "hello req/s": rate.per_second,
            "hello p99 ms": rate.p99_ms,
            "hello CPU us": rate.cpu_us,
            "RSS after hello MB": server.rss_mb(),
            "errors": rate.errors,
        }


def hello_node(seconds: float) -> dict[str, float]:
    with serve_node("hello-node.cjs") as server:
        wrk(server, seconds=1)
        rate = wrk(server, seconds=seconds)
        return {
            "hello req/s": rate.per_second,
            "hello p99 ms": rate.p99_ms,
            "hello CPU us": rate.cpu_us,
            "RSS after hello MB": server.rss_mb(),
        }


def chain(contender: Contender, seconds: float) -> dict[str, float]:
    with serve(contender, "chain.capnp") as server:
        wrk(server, seconds=1)
        rate = wrk(server, seconds=seconds)
        return {"10-hop chain req/s": rate.per_second, "10-hop chain CPU us": rate.cpu_us, "errors": rate.errors}


def generate(contender: Contender, seconds: float) -> dict[str, float]:
    with serve(contender, "bodies.capnp") as server:
        download(server, "/generate?mb=10")
        return {
            "100 MB generated in JS MB/s": statistics.median(download(server, "/generate?mb=100") for _ in range(3))
        }


def receive(contender: Contender, seconds: float) -> dict[str, float]:
    file = CACHE / "upload.bin"
    if not file.exists():
        file.write_bytes(bytes(100_000_000))
    with serve(contender, "bodies.capnp") as server:
        return {"100 MB read in JS MB/s": statistics.median(upload(server, "/read", str(file)) for _ in range(3))}


@dataclass
class Started:
    """A server at its first response."""

    ms: float
    cpu_ms: float
    rss_mb: float


def _first_response(contender: Contender, config: Path) -> Started:
    port = free_port()
    began = time.perf_counter()
    with start([*contender.command, "serve", str(config), f"--socket-addr=http=127.0.0.1:{port}"]) as process:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as response:
                    response.read()
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit("bench: server ended while starting") from None
                time.sleep(0.001)
        took = (time.perf_counter() - began) * 1000
        return Started(took, cpu_clock(process.pid) * 1000, _rss(process))


def isolates(contender: Contender, seconds: float) -> dict[str, float]:
    """A config with many workers against one with a single one."""
    config = CACHE / "isolates.capnp"
    workers = "\n".join(
        f'    (name = "w{i}", worker = (modules = [(name = "m.js", esModule = '
        f'"export default {{ fetch() {{ return new Response(\'{i}\') }} }}")], compatibilityDate = "2026-01-01")),'
        for i in range(ISOLATES)
    )
    config.write_text(
        'using Workerd = import "/workerd/workerd.capnp";\n'
        "const config :Workerd.Config = (\n  services = [\n" + workers + "\n  ],\n"
        '  sockets = [(name = "http", address = "*:8080", http = (), service = "w0")],\n);\n'
    )
    singles = [_first_response(contender, WORKERS / "hello.capnp") for _ in range(5)]
    ms, cpu, rss = (statistics.median(getattr(each, name) for each in singles) for name in ("ms", "cpu_ms", "rss_mb"))
    many = _first_response(contender, config)
    extra = ISOLATES - 1
    return {
        "start to first response ms": ms,
        "start to first response CPU ms": cpu,
        "RSS at start MB": rss,
        "isolate ms": (many.ms - ms) / extra,
        "isolate CPU ms": (many.cpu_ms - cpu) / extra,
        "isolate RSS MB": (many.rss_mb - rss) / extra,
    }


def _rss(process: subprocess.Popen[bytes]) -> float:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


CASES: dict[str, Measure] = {
    "hello": hello,
    "chain": chain,
    "generate": generate,
    "read": receive,
    "isolates": isolates,
}
#: Metrics of which less is better.
LESS = ("ms", "us", "MB")
