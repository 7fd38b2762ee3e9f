"""A connection without a network: bytes in, what it writes and does out. Requests are answered by Python functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workerd.engine.library import load

HOST = b"Host: a.test\r\n"


def request(path: str = "/", *headers: str, method: str = "GET", body: bytes = b"", version: str = "1.1") -> bytes:
    """Raw bytes of a request. A Host is added, and a Content-Length where there is a body."""
    lines = [f"{method} {path} HTTP/{version}", "Host: a.test", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class Transport:
    """Records what an asyncio transport would be told."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.events: list[str] = []
        #: Called at each write, as a transport calls its protocol from inside.
        self.on_write: Callable[[], None] = lambda: None
        #: Bytes that it says it could not send yet.
        self.unsent = 0

    def write(self, data: bytes) -> None:
        assert type(data) is bytes
        self.written.append(data)
        self.on_write()

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def pause_reading(self) -> None:
        self.events.append("pause")

    def resume_reading(self) -> None:
        self.events.append("resume")

    def abort(self) -> None:
        self.events.append("abort")

    def take(self) -> bytes:
        out = b"".join(self.written)
        self.written.clear()
        return out


class Service:
    """Answers through `answer`, which gets each exchange; keeps them all."""

    def __init__(self, answer: Callable[[Any], None] | None = None) -> None:
        self.exchanges: list[Any] = []
        self.answer = answer or hello

    def request(self, exchange: Any) -> None:
        self.exchanges.append(exchange)
        self.answer(exchange)


def hello(exchange: Any) -> None:
    exchange.respond(200, "", "Content-Type: text/plain\r\n", b"hello")


def wait(exchange: Any) -> None:
    """Leaves the answer to the test."""


class Client:
    """One HttpConnection with a transport and a service of the test's."""

    def __init__(self, answer: Callable[[Any], None] | None = None, cf: str = "", **options: Any) -> None:
        native = load()
        self.service = Service(answer)
        self.transport = Transport()
        self.upgraded: tuple[Any, bytes, str, str] | None = None
        self.lost = False
        self.connection = native.HttpConnection(native.service_target(self.service), native.HttpOptions(options), self)
        self._cf = cf
        self.connection.connection_made(self.transport)

    # what the connection tells its owner
    def connection_made(self, connection: Any, transport: Any) -> None:
        connection.attach(transport, self._cf)

    def connection_closing(self, connection: Any, linger: bool) -> None:
        self.transport.events.append("linger" if linger else "close")

    def connection_upgraded(self, connection: Any, websocket: Any, rest: bytes, asked: str, answered: str) -> None:
        self.upgraded = websocket, rest, asked, answered

    def connection_lost(self, connection: Any) -> None:
        self.lost = True

    # what a test does
    def send(self, *parts: bytes) -> bytes:
        """Feeds each part as one read of the socket; gives all that was written."""
        for part in parts:
            self.connection.data_received(part)
        return self.transport.take()

    @property
    def exchange(self) -> Any:
        return self.service.exchanges[-1]

    @property
    def events(self) -> list[str]:
        return self.transport.events

    @property
    def closed(self) -> bool:
        return "close" in self.events or "linger" in self.events


def pipe(length: int = -1, high_water: int = 65536) -> Any:
    return load().Pipe(high_water, length)


def read_all(source: Any) -> bytes:
    """What is in a pipe now, up to its end if it is there."""
    parts = []
    while isinstance(part := source.try_read(1 << 20), bytes):
        parts.append(part)
    return b"".join(parts)
