"""Where to listen: the address forms of a socket's config, and bound sockets for them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import os
import re
import socket
import stat
from dataclasses import dataclass

_HOST_PORT = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^:\[\]]*))(?::(?P<port>[0-9]{1,5}))?")

#: Connections the kernel may hold until they are accepted; it caps this at net.core.somaxconn.
BACKLOG = 4096


class AddressError(ValueError):
    """An address that cannot be listened on; the message names it and says why."""


class ListenError(OSError):
    """An address that the system does not give, most often because another process has it."""

    def __init__(self, error: OSError, where: tuple[object, ...] | str) -> None:
        super().__init__(error.errno, error.strerror or str(error))
        if isinstance(where, str):
            self.address = f"unix-abstract:{where[1:]}" if where.startswith("\0") else f"unix:{where}"
        else:
            host, port = str(where[0]), where[1]
            self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def __str__(self) -> str:
        # These very words are what tools look for to tell a taken port from other failures.
        return (
            "*** Fatal uncaught kj::Exception: kj/async-io-unix.c++:941: failed: ::bind(sockfd, &addr.generic, "
            f"addrlen): {self.strerror}; toString() = {self.address}"
        )


@dataclass(slots=True, frozen=True)
class ListenAddress:
    """`host` "*": all interfaces. `unix`: path of a Unix socket (leading NUL: an abstract one) in place of both."""

    host: str = "*"
    port: int = 0
    unix: str | None = None


def parse_listen_address(text: str, default_port: int) -> ListenAddress:
    """Reads "*:port", "host:port", "1.2.3.4", "[v6]:port", a bare IPv6 address, "unix:path" and "unix-abstract:name".

    Port 0 asks for any free one. Raises AddressError.
    """
    if text.startswith("unix:"):
        return ListenAddress(unix=text[5:])
    if text.startswith("unix-abstract:"):
        return ListenAddress(unix="\0" + text[14:])
    if text.count(":") > 1 and "[" not in text:
        try:
            ipaddress.IPv6Address(text)
        except ValueError as error:
            raise AddressError(f'"{text}" is not an address to listen on: {error}') from error
        return ListenAddress(text, default_port)
    found = _HOST_PORT.fullmatch(text)
    host = found and (found["v6"] if found["v6"] is not None else found["host"])
    if not found or not host:
        raise AddressError(f'"{text}" is not an address to listen on')
    port = int(found["port"]) if found["port"] else default_port
    if port > 65535:
        raise AddressError(f'"{text}": there is no port {port}')
    return ListenAddress(host, port)


async def bind(address: ListenAddress) -> list[socket.socket]:
    """One bound socket for each address the host stands for; not listening yet. Raises AddressError, OSError."""
    if address.unix is not None:
        return [_bind_unix(address.unix)]
    if address.host == "*":
        return [_bind_any(address.port)]
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise AddressError(f'"{address.host}" cannot be resolved: {error.strerror}') from error
    sockets: list[socket.socket] = []
    try:
        for family, _, _, _, where in dict.fromkeys(found):
            if family not in (socket.AF_INET, socket.AF_INET6):
                continue
            # All of them should have the same port, also when it is the system's choice.
            port = where[1] or (sockets[0].getsockname()[1] if sockets else 0)
            sockets.append(_bind_tcp(family, (where[0], port, *where[2:])))
    except BaseException:
        for each in sockets:
            each.close()
        raise
    return sockets


def _bind_tcp(family: int, where: tuple[object, ...], dual: bool = False) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if dual else 1)
        bound.bind(where)
    except OSError as error:
        bound.close()
        raise ListenError(error, where) from error
    return bound


def _bind_any(port: int) -> socket.socket:
    if socket.has_ipv6:
        try:
            return _bind_tcp(socket.AF_INET6, ("::", port), dual=True)
        except OSError as error:
            if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                raise
    return _bind_tcp(socket.AF_INET, ("0.0.0.0", port))  # a machine without IPv6


def _bind_unix(path: str) -> socket.socket:
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.setblocking(False)
        try:
            bound.bind(path)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or path.startswith("\0") or not _is_stale(path):
                raise
            os.unlink(path)
            bound.bind(path)
    except OSError as error:
        bound.close()
        raise ListenError(error, path) from error
    return bound


def _is_stale(path: str) -> bool:
    """Whether nobody listens on the socket file there: left by a server that was killed."""
    with contextlib.suppress(OSError):
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(path) == errno.ECONNREFUSED
    return False


def inherit(descriptor: int) -> socket.socket:
    """The listening socket that was inherited as `descriptor`. Raises AddressError when it is not one."""
    try:
        inherited = socket.socket(fileno=descriptor)
    except OSError as error:
        raise AddressError(f"file descriptor {descriptor} is not a socket: {error.strerror}") from error
    try:
        listening = inherited.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError:
        listening = 0
    if not listening:
        inherited.detach()
        raise AddressError(f"file descriptor {descriptor} is not a listening socket")
    inherited.setblocking(False)
    return inherited
