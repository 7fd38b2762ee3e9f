"""Metrics in Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats/), served at /metrics."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from workerd.observe.requests import Request
from workerd.version import RELEASE_DATE

if TYPE_CHECKING:
    from workerd.runtime.worker import Worker

#: Upper bounds of the histogram of durations, in seconds.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Methods that get a label of their own; clients could otherwise make up as many as they like.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT"})
_MAX_HEAD = 16 * 1024
_PATIENCE = 10.0

Labels = tuple[tuple[str, str], ...]


class _Durations:
    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.sum = 0.0


class Metrics:
    """Counts; `text()` is what /metrics answers. `workers()` gives the running workers, `connections()` connections by socket."""

    def __init__(
        self, workers: Callable[[], Iterable[Worker]], connections: Callable[[], Iterable[tuple[str, int]]]
    ) -> None:
        self._workers = workers
        self._connections = connections
        self._started = time.time()
        self._requests: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._durations: defaultdict[str, _Durations] = defaultdict(_Durations)
        self._bytes: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._exceptions: defaultdict[tuple[str, str], int] = defaultdict(int)

    def request(self, request: Request) -> None:
        method = request.method if request.method in _METHODS else "other"
        self._requests[request.worker, method, request.status] += 1
        durations = self._durations[request.worker]
        durations.counts[bisect_left(BUCKETS, request.seconds)] += 1
        durations.sum += request.seconds
        self._bytes[request.worker, "received"] += request.received
        self._bytes[request.worker, "sent"] += request.sent

    def exception(self, worker: str, kind: str) -> None:
        self._exceptions[worker, kind] += 1

    def text(self) -> str:
        out: list[str] = []
        _family(
            out,
            "workerd_info",
            "gauge",
            "The release, always 1.",
            [((("version", RELEASE_DATE), ("python", sys.version.split()[0])), 1)],
        )
        requests = [
            ((("worker", worker), ("method", method), ("code", str(status or "aborted"))), count)
            for (worker, method, status), count in self._requests.items()
        ]
        _family(out, "workerd_requests_total", "counter", "Requests that sockets served.", requests)
        self._histogram(out)
        for what in ("received", "sent"):
            values = [((("worker", w),), count) for (w, kind), count in self._bytes.items() if kind == what]
            _family(out, f"workerd_body_bytes_{what}_total", "counter", f"Bytes of bodies {what}.", values)
        exceptions = [((("worker", w), ("kind", kind)), count) for (w, kind), count in self._exceptions.items()]
        _family(out, "workerd_uncaught_exceptions_total", "counter", "Exceptions that no user code caught.", exceptions)
        connections = [((("socket", name),), count) for name, count in self._connections()]
        _family(out, "workerd_connections", "gauge", "Open connections.", connections)
        self._isolates(out)
        self._process(out)
        return "\n".join(out) + "\n"

    def _histogram(self, out: list[str]) -> None:
        name = "workerd_request_duration_seconds"
        out += [f"# HELP {name} From the request's head to the end of the answer.", f"# TYPE {name} histogram"]
        for worker, durations in self._durations.items():
            total = 0
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), durations.counts, strict=True):
                total += count
                out.append(f"{name}_bucket{_labels((('worker', worker), ('le', bound)))} {total}")
            out.append(f"{name}_sum{_labels((('worker', worker),))} {durations.sum:.9g}")
            out.append(f"{name}_count{_labels((('worker', worker),))} {total}")

    def _isolates(self, out: list[str]) -> None:
        heap: list[tuple[Labels, float]] = []
        turns: list[tuple[Labels, float]] = []
        waiting: list[tuple[Labels, float]] = []
        for worker in self._workers():
            label: Labels = (("worker", worker.name),)
            for kind, value in worker.isolate.heap_statistics().items():
                heap.append(((*label, ("kind", kind)), value))
            turns.append((label, worker.isolate.turns))
            waiting.append((label, worker.realm.inflight))
        _family(out, "workerd_isolate_memory_bytes", "gauge", "Memory of a worker's isolate, as V8 counts it.", heap)
        _family(out, "workerd_isolate_turns_total", "counter", "How often a worker's code was entered.", turns)
        _family(out, "workerd_requests_in_flight", "gauge", "Requests that a worker has not answered yet.", waiting)

    def _process(self, out: list[str]) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _family(out, "process_cpu_seconds_total", "counter", "CPU time.", [((), usage.ru_utime + usage.ru_stime)])
        _family(out, "process_start_time_seconds", "gauge", "When the process started.", [((), self._started)])
        try:
            with open("/proc/self/statm") as file:
                pages = int(file.read().split()[1])
            _family(
                out,
                "process_resident_memory_bytes",
                "gauge",
                "Memory in use.",
                [((), pages * resource.getpagesize())],
            )
            _family(out, "process_open_fds", "gauge", "Open descriptors.", [((), len(os.listdir("/proc/self/fd")))])
        except OSError:
            return  # not on this system


def _family(out: list[str], name: str, kind: str, help_text: str, values: Sequence[tuple[Labels, float]]) -> None:
    out += [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]
    out += [f"{name}{_labels(labels)} {value:.15g}" for labels, value in values]


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


class MetricsServer:
    """Serves /metrics on sockets of its own."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._servers: list[asyncio.Server] = []
        self.port = 0

    async def start(self, address: str) -> None:
        """Raises AddressError or OSError."""
        from workerd.sockets.address import bind, parse_listen_address

        for sock in await bind(parse_listen_address(address, 9464)):
            server = await asyncio.start_server(self._serve, sock=sock, limit=_MAX_HEAD)
            self._servers.append(server)
            self.port = self.port or int(sock.getsockname()[1])

    def close(self) -> None:
        for server in self._servers:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE)
            line = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
            writer.write(self._answer(line[0], line[1] if len(line) == 3 else ""))
            await asyncio.wait_for(writer.drain(), _PATIENCE)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ConnectionError):
            return
        finally:
            writer.close()

    def _answer(self, method: str, target: str) -> bytes:
        path = target.partition("?")[0]
        if method not in ("GET", "HEAD"):
            status, body = "405 Method Not Allowed", "Only GET.\n"
        elif path != "/metrics":
            status, body = "404 Not Found", "Metrics are at /metrics.\n"
        else:
            status, body = "200 OK", self._metrics.text()
        data = body.encode()
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: {_CONTENT_TYPE}\r\nContent-Length: {len(data)}\r\n"
            "Connection: close\r\n\r\n"
        )
        return head.encode() + (data if method != "HEAD" else b"")
