"""Python stand-ins for the native classes that services meet, and a client for calling services from tests."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any


class Pipe:
    """As native/flow/pipe.h: bounded, one producer, one consumer, callbacks from inside the other side's calls."""

    def __init__(self, high_water: int = 65536, length: int = -1) -> None:
        self.length = length
        self.cancelled = False
        self._high_water = high_water
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._ended = False
        self._error: str | None = None
        self._was_full = False
        self._on_drain: Callable[[], object] | None = None
        self._on_readable: Callable[[], object] | None = None
        #: Most bytes ever waiting: what tests of backpressure look at.
        self.peak = 0

    def write(self, data: bytes) -> bool:
        if self.cancelled or self._ended:
            return False
        self._queue.append(bytes(data))
        self._queued += len(data)
        self.peak = max(self.peak, self._queued)
        if self._queued >= self._high_water:
            self._was_full = True
        self._wake_reader()
        return self._queued < self._high_water

    def set_on_drain(self, callback: Callable[[], object] | None) -> None:
        self._on_drain = callback

    def close(self) -> None:
        self._ended = True
        self._on_drain = None
        self._wake_reader()

    def abort(self, message: str) -> None:
        if not self._ended:
            self._ended = True
            self._on_drain = None
            self._error = message
            self._wake_reader()

    def try_read(self, max_bytes: int) -> Any:
        if self._queue:
            chunk = self._queue.popleft()
            if len(chunk) > max_bytes:
                self._queue.appendleft(chunk[max_bytes:])
                chunk = chunk[:max_bytes]
            self._queued -= len(chunk)
            if self._was_full and self._queued < self._high_water:
                self._was_full = False
                self._wake_writer()
            return chunk
        if self._error is not None:
            raise ConnectionError(self._error)
        return None if self._ended else NotImplemented

    def set_on_readable(self, callback: Callable[[], object] | None) -> None:
        self._on_readable = callback
        if callback is not None and (self._queue or self._ended):
            self._wake_reader()

    def cancel(self, message: str) -> None:
        if self.cancelled or (self._ended and not self._queue):
            return
        self.cancelled = True
        self._queue.clear()
        self._queued = 0
        self._on_readable = None
        self._wake_writer()
        self._on_drain = None

    def _wake_reader(self) -> None:
        if self._on_readable is not None:
            self._on_readable()

    def _wake_writer(self) -> None:
        if self._on_drain is not None:
            self._on_drain()


class ChannelEnd:
    """As native/flow/channel.h."""

    def __init__(self) -> None:
        self.peer: ChannelEnd
        self._listener: Callable[..., object] | None = None
        self._held: list[tuple[Any, ...]] = []

    def _deliver(self, *message: Any) -> None:
        if self._listener is None:
            self._held.append(message)
        else:
            self._listener(*message)

    def send_text(self, text: str) -> None:
        self.peer._deliver("text", text, "")

    def send_binary(self, data: bytes) -> None:
        self.peer._deliver("binary", data, "")

    def close(self, code: int, reason: str) -> None:
        self.peer._deliver("close", code, reason)

    def abort(self, message: str) -> None:
        self.peer._deliver("error", message, "")

    def disconnect(self) -> None:
        self._listener = None

    def listen(self, callback: Callable[..., object]) -> None:
        self._listener = callback
        held, self._held = self._held, []
        for message in held:
            callback(*message)


def channel_pair() -> tuple[ChannelEnd, ChannelEnd]:
    one, other = ChannelEnd(), ChannelEnd()
    one.peer, other.peer = other, one
    return one, other


class FailedError(Exception):
    """The service answered with an error."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


class Response:
    def __init__(self, status: int, status_text: str, headers: str, body: Any, channel: Any) -> None:
        self.status = status
        self.status_text = status_text
        self.raw_headers = headers
        self.pipe = body
        self.channel = channel

    @property
    def headers(self) -> dict[str, str]:
        found = {}
        for line in self.raw_headers.split("\r\n")[:-1]:
            name, _, value = line.partition(": ")
            found[name.lower()] = value
        return found

    async def read(self) -> bytes:
        """The whole body. Raises what it was aborted with."""
        from workerd.services import pipes

        if self.pipe is None:
            return b""
        if isinstance(self.pipe, bytes):
            return self.pipe
        chunks = []
        while chunk := await pipes.read(self.pipe):
            chunks.append(chunk)
        return b"".join(chunks)


class Exchange:
    """A request for a service, with its answer as a future."""

    def __init__(
        self,
        method: str,
        url: str,
        headers: str = "",
        body: Any = None,
        cf: str | None = None,
        wants_websocket: bool = False,
    ) -> None:
        self.method, self.url, self.headers, self.body, self.cf = method, url, headers, body, cf
        self.wants_websocket = wants_websocket
        self.answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._on_cancel: Callable[[], object] | None = None
        self._cancelled = False

    def respond(self, status: int, status_text: str, headers: str, body: Any, channel: Any = None) -> None:
        assert not self.answer.done(), "answered twice"
        self._on_cancel = None
        self.answer.set_result(Response(status, status_text, headers, body, channel))

    def fail(self, name: str, message: str) -> None:
        assert not self.answer.done(), "answered twice"
        self._on_cancel = None
        self.answer.set_exception(FailedError(name, message))

    def on_cancel(self, callback: Callable[[], object]) -> None:
        if self._cancelled:
            callback()
        else:
            self._on_cancel = callback

    def cancel(self) -> None:
        self._cancelled = True
        callback, self._on_cancel = self._on_cancel, None
        if callback is not None:
            callback()


async def fetch(service: Any, method: str, url: str, headers: str = "", body: Any = None, **more: Any) -> Response:
    """Sends a request to `service`. Raises FailedError; fails a test that would wait for more than 10 s."""
    exchange = Exchange(method, url, headers, body, **more)
    service.request(exchange)
    async with asyncio.timeout(10):
        return await exchange.answer
