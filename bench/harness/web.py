"""The "Web APIs" table: bench/workers/web.js does an operation N times in a handler, and its process' CPU time is read from outside."""

from __future__ import annotations

import statistics
import time
import urllib.request
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass

from harness import websocket
from harness.servers import LOAD_CORE, Running, contenders, cpu_clock, serve


@dataclass(frozen=True)
class WebCase:
    """`count` operations are measured after `count // 2` (at least one) to warm up. `unit`: what one operation is."""

    name: str
    count: int
    unit: str


CASES = (
    WebCase("url-parse", 60_000, "new URL, pathname"),
    WebCase("url-search-params", 30_000, "URL, searchParams set and get, href"),
    WebCase("headers", 20_000, "Headers of two, set, append, get, has, iteration"),
    WebCase("request", 20_000, "new Request with method, header, body; url"),
    WebCase("response", 30_000, "new Response with status and two headers"),
    WebCase("response-plain", 100_000, "new Response(text)"),
    WebCase("text-1k", 40_000, "Response.text() of 1 kB"),
    WebCase("json-1k", 20_000, "Response.json() of 1 kB"),
    WebCase("text-1m", 100, "Response.text() of 1 MB"),
    WebCase("json-1m", 16, "Response.json() of 1 MB"),
    WebCase("json-parse-1m", 16, "JSON.parse of 1 MB (V8 alone)"),
    WebCase("text-bytes-1k", 20_000, "Response.text() of 1 kB of bytes"),
    WebCase("text-bytes-1m", 100, "Response.text() of 1 MB of bytes"),
    WebCase("json-bytes-1m", 16, "Response.json() of 1 MB of bytes"),
    WebCase("text-stream-1m", 60, "Response.text() of a 1 MB stream in 64 KB chunks"),
    WebCase("sha256-64m", 4, "SHA-256 of 64 MB through DigestStream"),
    WebCase("digest-1k", 30_000, "subtle.digest SHA-256 of 1 kB"),
    WebCase("aes-gcm-64k", 4_000, "AES-GCM encrypt of 64 KB"),
    WebCase("gzip-10m", 4, "gzip of 10 MB through CompressionStream"),
    WebCase("transform-100m", 4, "100 MB in 64 KB chunks through a TransformStream"),
    WebCase("identity-100m", 2, "100 MB in 64 KB chunks through an IdentityTransformStream"),
    WebCase("html-rewriter-1m", 4, "HTMLRewriter, 1 MB page, 19,000 elements changed"),
    WebCase("html-rewriter-unmatched-1m", 10, "HTMLRewriter, 1 MB page, nothing matches"),
    WebCase("structured-clone", 50_000, "structuredClone of a small object"),
    WebCase("encode-200", 200_000, "TextEncoder.encode, 200 characters"),
    WebCase("encode-into-200", 200_000, "TextEncoder.encodeInto, 200 characters"),
    WebCase("decode-200", 100_000, "TextDecoder.decode, 200 characters"),
    WebCase("atob", 200_000, "atob to 200 characters"),
    WebCase("btoa", 200_000, "btoa of 200 characters"),
    WebCase("url-pattern", 20_000, "URLPattern.exec"),
    WebCase("random-uuid", 200_000, "crypto.randomUUID"),
    WebCase("async-local-storage", 500_000, "AsyncLocalStorage.run, getStore"),
    WebCase("async-local-storage-await", 100_000, "AsyncLocalStorage.run with an await"),
)


@dataclass(frozen=True)
class Echo:
    name: str
    connections: int
    messages: int
    size: int  # bytes
    compressed: bool
    unit: str


ECHOES = (
    Echo("websocket-echo", 32, 30_000, 64, False, "WebSocket echo, 32 connections, 64 bytes"),
    Echo("websocket-echo-64k", 4, 4_000, 1 << 16, False, "WebSocket echo, 4 connections, 64 KB"),
    Echo("websocket-echo-1m", 2, 400, 1 << 20, False, "WebSocket echo, 2 connections, 1 MB"),
    Echo("websocket-echo-deflate", 32, 15_000, 64, True, "WebSocket echo, compressed, 32 connections, 64 bytes"),
    Echo("websocket-echo-64k-deflate", 4, 1_000, 1 << 16, True, "WebSocket echo, compressed, 4 connections, 64 KB"),
    Echo("websocket-echo-1m-deflate", 2, 60, 1 << 20, True, "WebSocket echo, compressed, 2 connections, 1 MB"),
)
NAMES = (*(case.name for case in CASES), *(each.name for each in ECHOES))


@dataclass
class Sample:
    """Microseconds for one operation."""

    cpu: float
    wall: float


def ask(server: Running, case: WebCase, count: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/{case.name}?n={count}", timeout=120) as response:
        response.read()


def sample(server: Running, case: WebCase) -> Sample:
    cpu, wall = cpu_clock(server.process.pid), time.perf_counter()
    ask(server, case, case.count)
    wall, cpu = time.perf_counter() - wall, cpu_clock(server.process.pid) - cpu
    return Sample(cpu / case.count * 1e6, wall / case.count * 1e6)


def echo(server: Running, case: Echo, messages: int) -> Sample:
    cpu = cpu_clock(server.process.pid)
    wall = websocket.measure(server.port, case.connections, messages, case.size, case.compressed, LOAD_CORE)
    cpu = cpu_clock(server.process.pid) - cpu
    return Sample(cpu / messages * 1e6, wall / messages * 1e6)


def run(rounds: int, only: list[str] | None) -> str:
    """The table, as Markdown."""
    results: dict[str, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        servers = {each.name: stack.enter_context(serve(each, "web.capnp")) for each in contenders()}
        for case in CASES:
            if only and case.name not in only:
                continue
            print(f"web: {case.name}", flush=True)
            for server in servers.values():
                ask(server, case, max(case.count // 2, 1))
            for _ in range(rounds):
                for name, server in servers.items():
                    results[case.unit][name].append(sample(server, case))
        for each in ECHOES:
            if only and each.name not in only:
                continue
            print(f"web: {each.name}", flush=True)
            for server in servers.values():
                echo(server, each, each.messages // 4)
            for _ in range(rounds):
                for name, server in servers.items():
                    results[each.unit][name].append(echo(server, each, each.messages))
    return render(results)


def render(results: dict[str, dict[str, list[Sample]]]) -> str:
    lines = [
        "| one operation | ours CPU us | reference CPU us | CPU ratio | ours wall us | reference wall us | wall ratio |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for unit, samples in results.items():
        cells = [unit]
        for middle in (
            {name: statistics.median(each.cpu for each in values) for name, values in samples.items()},
            {name: statistics.median(each.wall for each in values) for name, values in samples.items()},
        ):
            ours, reference = middle["ours"], middle["reference"]
            cells += [f"{ours:,.2f}", f"{reference:,.2f}", f"{reference / ours:.2f}x"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
