"""Where to connect: the addresses that configs and URLs name."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HOST_PORT = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^:\[\]]*))(?::(?P<port>[0-9]{1,5}))?")


@dataclass(slots=True, frozen=True)
class TcpAddress:
    """`host`: a name or an IP address without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(slots=True, frozen=True)
class UnixAddress:
    """`path` of a Unix socket; a leading NUL: an abstract one."""

    path: str

    def __str__(self) -> str:
        return f"unix-abstract:{self.path[1:]}" if self.path.startswith("\0") else f"unix:{self.path}"


Address = TcpAddress | UnixAddress


def parse_address(text: str, default_port: int) -> Address:
    """Reads "host", "host:port", "1.2.3.4:port", "[v6]:port", a bare IPv6 address, "unix:path" and
    "unix-abstract:name". Raises ValueError.
    """
    if text.startswith("unix:"):
        return UnixAddress(text[5:])
    if text.startswith("unix-abstract:"):
        return UnixAddress("\0" + text[14:])
    if text.count(":") > 1 and "[" not in text:
        return TcpAddress(text, default_port)
    found = _HOST_PORT.fullmatch(text)
    host = found and (found["v6"] if found["v6"] is not None else found["host"])
    if not found or not host or host == "*":
        raise ValueError(f'"{text}" is not an address to connect to')
    port = int(found["port"]) if found["port"] else default_port
    if not 0 < port < 65536:
        raise ValueError(f'"{text}" has no port that one can connect to')
    return TcpAddress(host, port)
