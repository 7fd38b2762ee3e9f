"""Noticing that files changed, for `--watch`: inotify on the directories they are in, so that files which an editor
replaces, or which do not exist yet, are noticed too. Elsewhere than on Linux, their times are looked at twice a second.
"""

from __future__ import annotations

import os
import select
import struct
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING

from workerd.config.errors import ConfigError
from workerd.config.filestate import FileState, FileStates, state

if TYPE_CHECKING:
    import asyncio
    import threading

    from workerd.config.load import Loaded

#: Editors write a file in several steps, and build tools write several: wait until nothing happened for this long.
SETTLE_SECONDS = 0.05
#: But not longer than this after the first change, when something writes all the time.
SETTLE_AT_MOST = 1.0
_POLL_SECONDS = 0.5

_IN_CLOSE_WRITE, _IN_MOVED_FROM, _IN_MOVED_TO, _IN_CREATE, _IN_DELETE = 0x08, 0x40, 0x80, 0x100, 0x200
_IN_DELETE_SELF, _IN_MOVE_SELF, _IN_ATTRIB, _IN_ONLYDIR = 0x400, 0x800, 0x04, 0x01000000
_MASK = (
    _IN_CLOSE_WRITE
    | _IN_MOVED_FROM
    | _IN_MOVED_TO
    | _IN_CREATE
    | _IN_DELETE
    | _IN_DELETE_SELF
    | _IN_MOVE_SELF
    | _IN_ATTRIB
    | _IN_ONLYDIR
)
_EVENT = struct.Struct("iIII")


class _Inotify:
    """Tells that something happened in the directories of some files."""

    def __init__(self, paths: Iterable[str]) -> None:
        import ctypes

        self._libc = ctypes.CDLL(None, use_errno=True)
        self._errno = ctypes.get_errno
        self.fd: int = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0:
            raise OSError(self._errno(), f"inotify: {os.strerror(self._errno())}")
        for directory in {_existing(os.path.dirname(os.path.abspath(path))) for path in paths}:
            if self._libc.inotify_add_watch(self.fd, os.fsencode(directory), _MASK) < 0:
                error = self._errno()
                os.close(self.fd)
                raise OSError(error, f"cannot watch {directory}: {os.strerror(error)}")

    def wait(self, seconds: float | None) -> bool:
        """Whether something happened before `seconds` were over."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if ready:
            self.drain()
        return bool(ready)

    def drain(self) -> None:
        while True:
            try:
                if not os.read(self.fd, 65536):
                    return
            except BlockingIOError:
                return

    def close(self) -> None:
        os.close(self.fd)


class _Polling:
    """The same without the system's help: always says that something may have happened."""

    fd = -1

    def wait(self, seconds: float | None) -> bool:
        time.sleep(_POLL_SECONDS if seconds is None else min(seconds, _POLL_SECONDS))
        return seconds is None

    def close(self) -> None:
        """Nothing to give back."""


def _existing(directory: str) -> str:
    """The nearest directory above that is there: it sees a missing one come back."""
    while not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    return directory


def _watcher(paths: Iterable[str]) -> _Inotify | _Polling:
    return _Inotify(paths) if sys.platform == "linux" else _Polling()


def states(paths: Iterable[str]) -> dict[str, FileState]:
    return {path: state(path) for path in paths}


def changed(before: FileStates, cancelled: Callable[[], bool] | None = None) -> bool:
    """Wait until one of the files is not what it was `before`, and things have settled.

    With `cancelled`, gives False soon after that says so.
    """
    watcher = _watcher(before)
    try:
        while states(before) == before:
            watcher.wait(_POLL_SECONDS if cancelled is not None else None)
            if cancelled is not None and cancelled():
                return False
            if isinstance(watcher, _Inotify) and any(not os.path.isdir(os.path.dirname(path)) for path in before):
                # A watched directory went away: watch the one above, for its return.
                watcher.close()
                watcher = _watcher(before)
        first = time.monotonic()
        while watcher.wait(SETTLE_SECONDS) and time.monotonic() - first < SETTLE_AT_MOST:
            pass
        return True
    finally:
        watcher.close()


def wait_for_valid(read: Callable[[], Loaded], watched: FileStates, tell: Callable[[ConfigError], None]) -> Loaded:
    """Try `read` again after each change, until it succeeds. `tell` gets the errors of each failure."""
    while True:
        changed(watched)
        try:
            return read()
        except ConfigError as error:
            tell(error)
            watched = error.watched or states(watched)


async def changes(
    read: Callable[[], Loaded], watched: FileStates, tell: Callable[[ConfigError], None]
) -> AsyncIterator[Loaded]:
    """After each change, the config as `read` reads it now. One that is wrong is told, not given.

    Neither watching nor reading is done in the event loop's thread: requests go on meanwhile.
    """
    import asyncio
    import threading

    loop = asyncio.get_running_loop()
    over = threading.Event()
    try:
        while True:
            # A thread of its own, not the executor's: waiting for a change must not take a worker from others, nor
            # keep the process from ending.
            future: asyncio.Future[None] = loop.create_future()
            threading.Thread(
                target=_wait_in_thread, args=(loop, future, watched, over), name="watch", daemon=True
            ).start()
            await future
            try:
                loaded = await loop.run_in_executor(None, read)
                watched = loaded.watched
            except ConfigError as error:
                tell(error)
                watched = error.watched or states(watched)
                continue
            yield loaded
    finally:
        over.set()


def _wait_in_thread(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[None],
    watched: FileStates,
    over: threading.Event,
) -> None:
    def settle(error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(None)

    failure: Exception | None = None
    try:
        if not changed(watched, over.is_set):
            return
    except Exception as error:
        failure = error
    if not loop.is_closed():
        loop.call_soon_threadsafe(settle, failure)
