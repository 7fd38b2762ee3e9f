"""A pipe's bytes onto a transport, as fast as both sides go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from workerd.services.contract import Pipe
from workerd.services.errors import DisconnectedError

#: Most bytes taken from the pipe at a time.
_CHUNK = 256 * 1024


class Upload:
    """Runs by callbacks, without a task. `done(error)` is called once, with None after the last byte was written."""

    __slots__ = ("_chunked", "_done", "_left", "_listening", "_paused", "_pipe", "_pumping", "_transport", "finished")

    def __init__(
        self,
        pipe: Pipe,
        transport: asyncio.WriteTransport,
        done: Callable[[Exception | None], None],
        *,
        chunked: bool = False,
        length: int = -1,
    ) -> None:
        """`chunked`: in HTTP's chunked coding. `length`: the bytes that must come, -1 for any number."""
        self._pipe = pipe
        self._transport = transport
        self._done = done
        self._chunked = chunked
        self._left = length
        self._paused = self._pumping = self._listening = self.finished = False

    def pump(self) -> None:
        """Moves what is there. Also the pipe's callback, which may come from inside the loop below (and then needs
        to do nothing: the loop looks again)."""
        if self._pumping or self._paused or self.finished:
            return
        self._pumping = True
        try:
            while not self._paused and not self.finished:
                chunk = self._pipe.try_read(_CHUNK)
                if chunk is NotImplemented:
                    if self._listening:
                        break
                    self._listening = True
                    self._pipe.set_on_readable(self.pump)
                elif chunk is None:
                    self._end()
                else:
                    self._write(cast(bytes, chunk))
        except Exception as error:  # the producer's own error, of any class
            self._finish(DisconnectedError(f"request body: {error}"))
        finally:
            self._pumping = False

    def move(self, transport: asyncio.WriteTransport) -> None:
        """Goes on over another transport."""
        self._transport = transport

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self.pump()

    def stop(self, message: str) -> None:
        """Nobody wants the rest."""
        if not self.finished:
            self.finished = True
            self._pipe.cancel(message)

    def _write(self, chunk: bytes) -> None:
        if not chunk:
            return
        if self._left >= 0:
            self._left -= len(chunk)
            if self._left < 0:
                self._pipe.cancel("more bytes than promised")
                self._finish(DisconnectedError("the request body is longer than its Content-Length"))
                return
        if self._chunked:
            self._transport.writelines((b"%x\r\n" % len(chunk), chunk, b"\r\n"))
        else:
            self._transport.write(chunk)

    def _end(self) -> None:
        if self._left > 0:
            self._finish(DisconnectedError("the request body is shorter than its Content-Length"))
            return
        if self._chunked:
            self._transport.write(b"0\r\n\r\n")
        self._finish(None)

    def _finish(self, error: Exception | None) -> None:
        self.finished = True
        self._pipe.set_on_readable(None)
        self._done(error)
