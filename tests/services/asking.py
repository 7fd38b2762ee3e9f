"""Asking a service as the rest of workerd does it: through native exchanges."""

from __future__ import annotations

import asyncio
from typing import Any

from workerd.engine.library import load
from workerd.services import pipes


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
        if self.pipe is None:
            return b""
        if isinstance(self.pipe, bytes):
            return self.pipe
        chunks = []
        while chunk := await pipes.read(self.pipe):
            chunks.append(chunk)
        return b"".join(chunks)


class Exchange:
    """A request to `service`, with its answer as a future."""

    def __init__(
        self,
        service: Any,
        method: str,
        url: str,
        headers: str = "",
        body: Any = None,
        cf: str | None = None,
        wants_websocket: bool = False,
    ) -> None:
        self.answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        native = load()
        target = native.service_target(service)
        self._native = native.request(
            target, method, url, headers, body, cf, wants_websocket, self._responded, self._failed
        )

    def _responded(self, status: int, status_text: str, headers: str, body: Any, channel: Any) -> None:
        self.answer.set_result(Response(status, status_text, headers, body, channel))

    def _failed(self, name: str, message: str, stack: str) -> None:
        self.answer.set_exception(FailedError(name, message))

    def cancel(self) -> None:
        """The asker leaves."""
        self._native.cancel()


async def fetch(service: Any, method: str, url: str, headers: str = "", body: Any = None, **more: Any) -> Response:
    """Sends a request to `service`. Raises FailedError; fails a test that would wait for more than 10 s."""
    exchange = Exchange(service, method, url, headers, body, **more)
    async with asyncio.timeout(10):
        return await exchange.answer
