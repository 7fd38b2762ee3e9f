"""Lines on the process's standard streams, written whole and at once.

Written to the descriptor itself: nothing may stay in a buffer when the process is killed, and a reader that is slow or gone (a pipe
that is full, or closed) must neither raise into the server nor cut a line in two.
"""

from __future__ import annotations

import os
import select
from typing import Protocol, TextIO, runtime_checkable

#: Seconds to wait for a reader that takes nothing before its lines are dropped.
PATIENCE = 5.0


@runtime_checkable
class Sink(Protocol):
    """Where lines go."""

    @property
    def tty(self) -> bool: ...
    def write(self, text: str) -> None:
        """`text` as it is: whole lines. Never raises for what becomes of the reader."""
        ...


class DescriptorSink:
    """A descriptor of the process."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._gone = False
        self.tty = os.isatty(fd)

    def write(self, text: str) -> None:
        if self._gone:
            return
        try:
            rest = memoryview(text.encode())
        except UnicodeEncodeError:  # lone surrogates, which have no UTF-8
            rest = memoryview(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode())
        while rest:
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:
                if not select.select((), (self._fd,), (), PATIENCE)[1]:
                    return
            except OSError:
                self._gone = True
                return


class StreamSink:
    """A Python text stream: for tests, and for output that is collected."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.tty = stream.isatty()

    def write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def sink(stream: TextIO | Sink) -> Sink:
    """The descriptor behind a stream, after what the stream still holds; the stream itself if there is none."""
    if isinstance(stream, Sink):
        return stream
    try:
        fd = stream.fileno()
        stream.flush()
    except (OSError, ValueError, AttributeError):
        return StreamSink(stream)
    return DescriptorSink(fd)
