"""A graph of workers in this process, asked directly: no sockets, no config text."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workerd.config.bindings import Binding, ServiceBinding, TextBinding
from workerd.config.model import Config, Module, Service, ServiceDesignator, Worker
from workerd.observe.logs import Logs
from workerd.runtime.graph import Graph
from workerd.runtime.limits import Limits
from workerd.runtime.pump import Pump
from workerd.runtime.server import run

DATE = "2026-06-01"


@dataclass
class Answer:
    status: int
    headers: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Failure:
    name: str
    message: str


def worker(
    source: str | Mapping[str, str | bytes | tuple[str, str | bytes]],
    *,
    bindings: Mapping[str, str | ServiceDesignator] | None = None,
    flags: tuple[str, ...] = (),
    date: str = DATE,
) -> Worker:
    """An ES module worker. Modules: name -> source, or name -> (kind, body). A designator binds a service, a str a text."""
    modules = {"main.js": source} if isinstance(source, str) else source
    listed = []
    for name, body in modules.items():
        kind, text = body if isinstance(body, tuple) else ("esModule", body)
        listed.append(Module(name, kind, text))
    bound = tuple(
        Binding(name, TextBinding(value) if isinstance(value, str) else ServiceBinding(value))
        for name, value in (bindings or {}).items()
    )
    return Worker(modules=tuple(listed), compatibility_date=date, compatibility_flags=flags, bindings=bound)


def script(source: str, date: str = DATE) -> Worker:
    """A worker in the service-worker syntax."""
    return Worker(service_worker_script=source, compatibility_date=date)


class World:
    """The running graph of one test."""

    def __init__(self, graph: Graph, log: io.StringIO) -> None:
        self.graph = graph
        self._log = log

    @property
    def log(self) -> str:
        return self._log.getvalue()

    async def ask(
        self,
        service: str = "main",
        path: str = "/",
        *,
        method: str = "GET",
        headers: str = "",
        body: Any = None,
        entrypoint: str | None = None,
    ) -> Answer | Failure:
        """The answer, its body read to the end; or how the worker failed."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        target = self.graph.target(ServiceDesignator(service, entrypoint), "test")

        def answered(status: int, _: str, block: str, body: Any, channel: Any) -> None:
            done.set_result((status, block, body))

        def failed(name: str, message: str, _: str) -> None:
            done.set_result(Failure(name, message))

        self.graph.native.request(
            target, method, f"http://test.example{path}", headers, body, None, False, answered, failed
        )
        result = await asyncio.wait_for(done, 20)
        if isinstance(result, Failure):
            return result
        status, block, stream = result
        return Answer(status, block, await _read(stream))


async def _read(stream: Any) -> bytes:
    if stream is None or isinstance(stream, bytes):
        return stream or b""
    parts: list[bytes] = []
    while True:
        chunk = stream.try_read()
        if chunk is None:
            return b"".join(parts)
        if chunk is NotImplemented:
            ready = asyncio.get_running_loop().create_future()
            stream.set_on_readable(lambda ready=ready: ready.done() or ready.set_result(None))
            await asyncio.wait_for(ready, 20)
            stream.set_on_readable(None)
        else:
            parts.append(chunk)


def with_workers(
    workers: Mapping[str, Worker], test: Callable[[World], Awaitable[None]], limits: Limits | None = None
) -> None:
    """Runs `test` against these workers. Raises StartError if they do not start."""
    services = tuple(Service(name, body) for name, body in workers.items())

    async def main() -> None:
        log = io.StringIO()
        logs = Logs(verbose=True, stdout=log, stderr=log)
        graph = Graph(Config(services=services), logs=logs, limits=limits or Limits(), experimental=True)
        pump = Pump(graph.native)
        try:
            await test(World(graph, log))
        finally:
            pump.close()
            graph.close()

    run(main())
