"""A server that says exactly what a test wants it to say."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from ssl import SSLContext


class Peer:
    """One accepted connection, as seen by the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def head(self) -> str:
        """The next request's head, as text, without the empty line."""
        return (await self.reader.readuntil(b"\r\n\r\n"))[:-4].decode("latin-1")

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def closed(self) -> bool:
        """Waits for the client to end the connection."""
        try:
            return await self.reader.read(1) == b""
        except ConnectionError:
            return True


class Server:
    def __init__(self, port: int) -> None:
        self.port = port
        self.connections = 0
        #: Heads of all requests that `simple` handlers saw.
        self.heads: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


Handler = Callable[[Peer], Awaitable[None]]


@contextlib.asynccontextmanager
async def serve(handler: Handler, ssl: SSLContext | None = None) -> AsyncIterator[Server]:
    """Calls `handler` for each connection, closes the connection when it returns. Errors in it fail the test."""
    errors: list[BaseException] = []
    tasks: set[asyncio.Task[None]] = set()

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.connections += 1
        try:
            await handler(Peer(reader, writer))
            with contextlib.suppress(ConnectionError):
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client left, or the test is over
        except BaseException as error:
            errors.append(error)
        finally:
            writer.close()
            tasks.discard(task)

    listener = await asyncio.start_server(accepted, "127.0.0.1", 0, ssl=ssl)
    server = Server(listener.sockets[0].getsockname()[1])
    try:
        yield server
    except BaseException as failure:
        for error in errors:
            failure.add_note(f"the server failed first: {error!r}")
        raise
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.sleep(0)
    if errors:
        raise errors[0]


def answer(server_says: bytes) -> Handler:
    """Answers each request's head with the same bytes, then closes."""

    async def handler(peer: Peer) -> None:
        await peer.head()
        peer.send(server_says)

    return handler
