"""Received bytes into a pipe, with the transport held back while its consumer is behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from workerd.services.contract import Pipe


class Download:
    """The producer's side of a response body."""

    __slots__ = ("_cancelled", "_held", "_pipe", "_transport", "finished")

    def __init__(self, pipe: Pipe, transport: asyncio.ReadTransport, cancelled: Callable[[], None]) -> None:
        """`cancelled()` is called, once, if the consumer leaves before the end."""
        self._pipe = pipe
        self._transport = transport
        self._cancelled = cancelled
        self._held = self.finished = False
        pipe.set_on_drain(self._drained)

    def write(self, data: bytes) -> None:
        # The consumer may have run inside write(), and have made room since it found the pipe full.
        if not self._pipe.write(data) and self._pipe.full and not self._held and not self.finished:
            self._held = True
            self._transport.pause_reading()

    def close(self) -> None:
        self._stop()
        self._pipe.close()

    def abort(self, message: str) -> None:
        self._stop()
        self._pipe.abort(message)

    def _stop(self) -> None:
        self.finished = True
        if self._held:
            self._held = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def _drained(self) -> None:
        if self.finished:
            return
        if self._pipe.cancelled:
            self.finished = True
            self._cancelled()
            return
        if self._held:
            self._held = False
            self._transport.resume_reading()
