"""The types at the edge of a service: how requests come in and how bytes flow.

Structural types, so that services run against the native classes of `workerd._native` and, in tests, against
stand-ins. All of it belongs to the loop's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Pipe(Protocol):
    """A bounded byte stream with one producer and one consumer. Callbacks come from inside the other side's calls."""

    #: Bytes in all, as its producer promised, or -1.
    @property
    def length(self) -> int: ...
    #: More is waiting in it than it should hold.
    @property
    def full(self) -> bool: ...
    #: The consumer has gone: what is written is dropped.
    @property
    def cancelled(self) -> bool: ...

    # -- producer
    def write(self, data: bytes, /) -> bool:
        """False: it was full, or cancelled. The data was taken all the same. The consumer may have run in the meantime:
        look at `full` before waiting for on_drain.
        """
        ...

    def set_on_drain(self, callback: Callable[[], object] | None, /) -> None:
        """Called when there is room again after it was full, and when the consumer cancels. Stays set."""
        ...

    def close(self) -> None: ...
    def abort(self, message: str, /) -> None:
        """Ends the stream with an error for its consumer, after what was written."""
        ...

    # -- consumer
    def try_read(self, max_bytes: int, /) -> object:
        """bytes; None at the end; NotImplemented if nothing is there yet. Raises ConnectionError if aborted."""
        ...

    def set_on_readable(self, callback: Callable[[], object] | None, /) -> None:
        """Called at each arrival of data, the end or an error; at once if there is something now. Stays set: take it
        back (None) when done, or what it holds lives as long as the pipe."""
        ...

    def cancel(self, message: str, /) -> None: ...


class ChannelEnd(Protocol):
    """One end of a message pipe: what a WebSocket is without its protocol."""

    def send_text(self, text: str, /) -> None: ...
    def send_binary(self, data: bytes, /) -> None: ...
    def close(self, code: int, reason: str, /) -> None: ...
    def abort(self, message: str, /) -> None: ...
    def listen(self, callback: Callable[..., object], /) -> None:
        """Starts delivery: callback('text', str, '') | ('binary', bytes, '') | ('close', code, reason) |
        ('error', message, '')."""
        ...

    def disconnect(self) -> None:
        """Lets go of the other end, which keeps what was sent to it."""
        ...


Body = None | bytes | Pipe


class Exchange(Protocol):
    """One request, and the place for its one answer."""

    @property
    def method(self) -> str: ...
    #: Absolute; for CONNECT "host:port".
    @property
    def url(self) -> str: ...
    #: "Name: value\r\n" for each header, latin-1.
    @property
    def headers(self) -> str: ...
    #: `request.cf` as JSON text.
    @property
    def cf(self) -> str | None: ...
    @property
    def body(self) -> Body: ...
    @property
    def wants_websocket(self) -> bool: ...

    def respond(
        self, status: int, status_text: str, headers: str, body: Body, channel: ChannelEnd | None = None, /
    ) -> None: ...
    def fail(self, name: str, message: str, /) -> None: ...
    def on_cancel(self, callback: Callable[[], object], /) -> None: ...


class Service(Protocol):
    """What can answer requests: a worker, the network, an external server, a directory."""

    def request(self, exchange: Exchange, /) -> None:
        """Takes the request; answers now or later, exactly once. Does not block and does not raise."""
        ...
