"""The Python side of what `workerd._native` calls: the types of its connection objects and of their owner."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol


class Connection(Protocol):
    """`_native.HttpConnection` or `_native.WebSocketConnection`: an asyncio protocol in C++."""

    @property
    def closed(self) -> bool: ...
    def attach(self, transport: asyncio.Transport, cf: str = "", /) -> None: ...
    def data_received(self, data: bytes, /) -> None: ...
    def eof_received(self) -> bool | None: ...
    def connection_lost(self, error: Exception | None, /) -> None: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...
    def shutdown(self) -> None:
        """Finish what is under way, then close; close now if there is nothing."""
        ...

    def check_timeout(self, now: float, unsent: int, /) -> None:
        """`now`: monotonic seconds. `unsent`: bytes in the transport's buffer."""
        ...


class HttpConnection(Connection, Protocol):
    def start_raw(self, address: str, headers: str = "", /) -> None: ...
    def set_target(self, target: Any, /) -> None:
        """Who is asked from the next request on."""
        ...


class ConnectionOwner(Protocol):
    """What a listener is for its connections."""

    def connection_made(self, connection: Any, transport: asyncio.Transport) -> None: ...
    def connection_closing(self, connection: Any, linger: bool) -> None:
        """`linger`: the client may still be sending; a plain close could destroy what it was sent."""
        ...

    def connection_upgraded(
        self, connection: Any, websocket: Any, rest: bytes, request_headers: str, response_headers: str
    ) -> None: ...
    def connection_control(self, connection: Any, channel: Any) -> None:
        """A raw connection's worker may ask for TLS on `channel`, a `_native.ChannelEnd`."""
        ...

    def connection_lost(self, connection: Any) -> None: ...

    # The owner may have these as well:

    def request_failed(self, connection: Any, method: str, url: str, name: str, message: str, stack: str) -> None:
        """A request was answered with 500, for this error."""
        ...

    def request_finished(
        self,
        connection: Any,
        method: str,
        url: str,
        status: int,
        complete: bool,
        seconds: float,
        received: int,
        sent: int,
        number: float,
        trace: str,
    ) -> None:
        """With the HTTP option `observe`: a request is over. `status` 0: there was no answer. `received`, `sent`: bytes of the
        bodies. `number`: of the request in the worker that took it, or -1. `trace`: its traceparent header."""
        ...
