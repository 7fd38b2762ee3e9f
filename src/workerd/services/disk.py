"""`disk`: a directory, read and (if it is writable) changed over HTTP.

GET and HEAD: a file, or a directory as JSON `[{"name", "type"}]`. PUT replaces a file in one step and makes the
directories above it. DELETE removes a file, or a directory with all that is in it. Symbolic links are followed, out of
the directory, too: whoever can make one there is trusted with it.

All file system calls are made in threads.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from functools import lru_cache
from typing import TypeVar

from workerd.config.model import DiskDirectory
from workerd.services import disk_files, pipes
from workerd.services import headers as blocks
from workerd.services.byte_ranges import UnsatisfiableError, parse_range
from workerd.services.connect import Tasks
from workerd.services.contract import Exchange, Pipe
from workerd.services.disk_cached import open_cached
from workerd.services.disk_path import has_dotfile, path_of
from workerd.services.errors import fail

#: Files up to this size are answered in one piece; larger ones are streamed in pieces of it.
CHUNK = 256 * 1024
#: Files up to this size are read on the loop's thread, if they are in memory.
SMALL = 64 * 1024

_STATUS_TEXT = {
    403: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    416: "Range Not Satisfiable",
    501: "Not Implemented",
}

T = TypeVar("T")
Closeable = TypeVar("Closeable", disk_files.Node, disk_files.Replacement)
_threads: ThreadPoolExecutor | None = None


def _start(function: Callable[..., T], *args: object) -> asyncio.Future[T]:
    global _threads
    if _threads is None:
        _threads = ThreadPoolExecutor(4, thread_name_prefix="workerd-disk")
    return asyncio.get_running_loop().run_in_executor(_threads, function, *args)


async def _acquire(function: Callable[..., Closeable], *args: object) -> Closeable:
    """What `function` opens in a thread; closed if this task is cancelled in the meantime."""
    future = _start(function, *args)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        future.add_done_callback(_close_result)
        raise


async def _run(function: Callable[..., T], *args: object) -> T:
    """Runs in a thread. If this task is cancelled, the thread still ends first: it uses descriptors of this task."""
    future = _start(function, *args)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise


def _close_result(future: asyncio.Future[Closeable]) -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().close()


class DiskService:
    """One `disk` service."""

    def __init__(self, config: DiskDirectory) -> None:
        """`config.path` is relative to the working directory. Raises OSError if it is no directory one can open."""
        if config.path is None:
            raise ValueError("no path")
        self.path = os.path.abspath(config.path)
        self.writable = config.writable
        self._dotfiles = config.allow_dotfiles
        self._root = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._tasks = Tasks()

    def request(self, exchange: Exchange) -> None:
        if exchange.method in ("GET", "HEAD") and self._serve_cached(exchange):
            return
        self._tasks.spawn(self._serve(exchange))

    def close(self) -> None:
        self._tasks.close()
        os.close(self._root)

    def _parts(self, exchange: Exchange) -> list[bytes] | None:
        """The path asked for, as `path_of` has it; None also for hidden files."""
        parts = path_of(exchange.url)
        if parts is not None and not self._dotfiles and has_dotfile(parts):
            return None
        return parts

    def _serve_cached(self, exchange: Exchange) -> bool:
        """Answers with a file that can be read without waiting for the disk. False: it cannot."""
        parts = self._parts(exchange)
        if not parts:
            return False
        node = open_cached(self._root, b"/".join(parts), SMALL)
        if node is None:
            return False
        pipes.drop(exchange.body, "the request is over")
        _answer_file(exchange, node)
        return True

    async def _serve(self, exchange: Exchange) -> None:
        task = asyncio.current_task()
        assert task is not None
        exchange.on_cancel(lambda: task.cancel())
        try:
            parts = self._parts(exchange)
            match exchange.method:
                case "GET" | "HEAD":
                    await self._get(exchange, parts)
                case "PUT":
                    await self._put(exchange, parts)
                case "DELETE":
                    await self._delete(exchange, parts)
                case _:
                    _refuse(exchange, 501)
        except Exception as error:  # reported to the asker, whatever it is
            fail(exchange, error, f"disk {self.path}: {exchange.method}")
        finally:
            pipes.drop(exchange.body, "the request is over")

    # ---- reading

    async def _get(self, exchange: Exchange, parts: list[bytes] | None) -> None:
        if parts is None:
            _refuse(exchange, 404)
            return
        try:
            node = await _acquire(disk_files.open_node, self._root, parts, self._dotfiles, CHUNK)
        except disk_files.MissingError:
            _refuse(exchange, 404)
            return
        try:
            if node.kind == "directory":
                body = None if exchange.method == "HEAD" else node.content
                headers = f"Content-Type: application/json\r\nLast-Modified: {_http_date(int(node.modified))}\r\n"
                exchange.respond(200, "OK", headers, body)
            elif node.kind == "file":
                streamed = _answer_file(exchange, node)
                if streamed is not None:
                    pipe, first, length = streamed
                    assert node.descriptor is not None
                    await self._stream(pipe, node.descriptor, first, length)
            else:
                _refuse(exchange, 406)
        finally:
            node.close()

    async def _stream(self, pipe: Pipe, descriptor: int, offset: int, left: int) -> None:
        try:
            while left > 0:
                chunk = await _run(os.pread, descriptor, min(left, CHUNK), offset)
                if not chunk:
                    raise OSError("the file became shorter while it was read")
                offset += len(chunk)
                left -= len(chunk)
                await pipes.write(pipe, chunk)
            pipe.close()
        except pipes.PipeCancelledError:
            return
        except OSError as error:
            pipe.abort(str(error))

    # ---- writing

    async def _put(self, exchange: Exchange, parts: list[bytes] | None) -> None:
        if not self.writable:
            _refuse(exchange, 405)
        elif not parts:
            _refuse(exchange, 403)
        else:
            replacement = await _acquire(disk_files.Replacement, self._root, parts)
            try:
                body = exchange.body
                if isinstance(body, bytes):
                    await _run(replacement.write, body)
                elif body is not None:
                    while chunk := await pipes.read(body, CHUNK):
                        await _run(replacement.write, chunk)
                await _run(replacement.commit)
            finally:
                await _run(replacement.close)
            exchange.respond(204, "No Content", "", None)

    async def _delete(self, exchange: Exchange, parts: list[bytes] | None) -> None:
        if not self.writable:
            _refuse(exchange, 405)
        elif not parts:
            _refuse(exchange, 403)
        elif await _run(disk_files.remove, self._root, parts):
            exchange.respond(204, "No Content", "", None)
        else:
            _refuse(exchange, 404)


@lru_cache(maxsize=512)
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def _answer_file(exchange: Exchange, node: disk_files.Node) -> tuple[Pipe, int, int] | None:
    """Answers with a file. What it gives back is still to be done: a pipe for so many bytes from an offset on."""
    first, length = 0, node.size
    status, text, more = 200, "OK", ""
    wanted = blocks.get(exchange.headers, "range") if exchange.method == "GET" else None
    if wanted is not None:
        try:
            span = parse_range(wanted, node.size)
        except UnsatisfiableError:
            _refuse(exchange, 416, f"Content-Range: bytes */{node.size}\r\n")
            return None
        if span is not None:
            first, length = span[0], span[1] - span[0] + 1
            status, text = 206, "Partial Content"
            more = f"Content-Range: bytes {span[0]}-{span[1]}/{node.size}\r\n"
    headers = (
        f"Content-Length: {length}\r\nContent-Type: application/octet-stream\r\n{more}"
        f"Last-Modified: {_http_date(int(node.modified))}\r\n"
    )
    if exchange.method == "HEAD":
        exchange.respond(status, text, headers, None)
    elif node.content is not None:
        content = node.content if length == node.size else node.content[first : first + length]
        exchange.respond(status, text, headers, content)
    else:
        pipe = pipes.new_pipe(length, 2 * CHUNK)
        exchange.respond(status, text, headers, pipe)
        return pipe, first, length
    return None


def _refuse(exchange: Exchange, status: int, headers: str = "") -> None:
    text = _STATUS_TEXT[status]
    body = None if exchange.method == "HEAD" else text.encode()
    exchange.respond(status, text, headers, body)
