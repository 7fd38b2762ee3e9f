"""Opening connections: names to addresses, addresses past the filter, the first that answers wins.

The socket is connected to the very address that the filter has seen; no name is resolved twice.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import TypeVar

from workerd.services.errors import DisconnectedError, InternalError
from workerd.services.filter import NetworkFilter
from workerd.sockets.client.address import Address, TcpAddress, UnixAddress

#: Seconds for a connection to come about, all addresses together, and for a TLS handshake after that.
CONNECT_TIMEOUT = 30.0
HANDSHAKE_TIMEOUT = 30.0
#: Seconds after which the next address is tried beside the one that has not answered (RFC 8305).
ATTEMPT_DELAY = 0.25

_Info = tuple[int, tuple[object, ...] | str]
P = TypeVar("P", bound=asyncio.BaseProtocol)


async def _look_up(host: str, port: int) -> list[_Info]:
    """All addresses of `host`, which may be one itself. Raises OSError, UnicodeError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [(int(family), where) for family, _, _, _, where in found]


async def resolve(address: Address, allowed: NetworkFilter | None) -> Sequence[_Info]:
    """(family, socket address) pairs in the order to try. Raises InternalError if there are none."""
    if isinstance(address, UnixAddress):
        if allowed is not None and not (allowed.unix_abstract if address.path.startswith("\0") else allowed.unix):
            raise InternalError(f"connecting to {address} is not allowed")
        return [(socket.AF_UNIX, address.path)]
    try:
        found = await _look_up(address.host, address.port)
    except (OSError, UnicodeError) as error:
        raise InternalError(f"DNS lookup failed. host = {address.host}; {error}") from error
    infos: list[_Info] = []
    for family, where in found:
        if allowed is None or allowed.allows(str(where[0])):
            infos.append((family, where))
    if not infos:
        raise InternalError(f"connecting to {address} is not allowed")
    return _interleaved(infos)


def _interleaved(infos: list[_Info]) -> list[_Info]:
    """By turns from each family, beginning with the resolver's first choice."""
    first = infos[0][0]
    one = [info for info in infos if info[0] == first]
    other = [info for info in infos if info[0] != first]
    mixed: list[_Info] = []
    for position in range(max(len(one), len(other))):
        mixed += one[position : position + 1] + other[position : position + 1]
    return mixed


async def _connect_one(info: _Info) -> socket.socket:
    family, where = info
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        if family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, where)
    except BaseException:
        sock.close()
        raise
    return sock


async def _connect_any(infos: Sequence[_Info]) -> socket.socket:
    """The first connection to come about. Raises the first OSError if all fail."""
    if len(infos) == 1:
        return await _connect_one(infos[0])
    waiting = list(infos)
    running: set[asyncio.Task[socket.socket]] = set()
    first_error: OSError | None = None
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.ensure_future(_connect_one(waiting.pop(0))))
            timeout = ATTEMPT_DELAY if waiting else None
            done, running = await asyncio.wait(running, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            winner: socket.socket | None = None
            for task in done:
                error = task.exception()
                if error is None:
                    if winner is None:
                        winner = task.result()
                    else:
                        task.result().close()
                elif isinstance(error, OSError):
                    first_error = first_error or error
                else:
                    raise error
            if winner is not None:
                return winner
        raise first_error or OSError("no address")
    finally:
        for task in running:
            task.cancel()
            task.add_done_callback(_close_late)


def _close_late(task: asyncio.Task[socket.socket]) -> None:
    # Connected in the same moment as another one.
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def dial(
    address: Address,
    make_protocol: Callable[[], P],
    *,
    allowed: NetworkFilter | None = None,
    tls: ssl.SSLContext | None = None,
    server_name: str | None = None,
    timeout: float = CONNECT_TIMEOUT,
) -> tuple[asyncio.Transport, P]:
    """A connection with `make_protocol()`'s protocol on it. `server_name` is what the certificate must be for.

    Raises InternalError (not allowed, no such name, TLS refused) or DisconnectedError (nobody answers).
    """
    try:
        async with asyncio.timeout(timeout):
            sock = await _connect_any(await resolve(address, allowed))
    except TimeoutError as error:
        raise DisconnectedError(f"{address}: no connection within {timeout:g} s") from error
    except OSError as error:
        raise DisconnectedError(f"{address}: {error}") from error
    if server_name is None and isinstance(address, TcpAddress):
        server_name = address.host
    if tls is not None and not server_name:
        raise InternalError(f"{address}: TLS needs the name that the certificate is for")
    loop = asyncio.get_running_loop()
    try:
        if tls is None:
            return await loop.create_connection(make_protocol, sock=sock)
        return await loop.create_connection(
            make_protocol,
            sock=sock,
            ssl=tls,
            server_hostname=server_name or "",
            ssl_handshake_timeout=HANDSHAKE_TIMEOUT,
        )
    except (ssl.SSLError, ssl.CertificateError) as error:
        sock.close()
        raise InternalError(f"{address}: TLS handshake failed: {error}") from error
    except (OSError, TimeoutError) as error:
        sock.close()
        message = f"{address}: TLS handshake failed: {error}" if tls is not None else f"{address}: {error}"
        raise (InternalError if tls is not None else DisconnectedError)(message) from error
