"""Addresses as configs and the command line write them.

Forms: `*:80`, `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]:80`, `example.com:80`, `unix:/path`, `unix-abstract:name`, and in
tests `loopback:name`.
"""

from __future__ import annotations

from workerd.config.record import Record


class Address(Record):
    """kind: 'ip' (host, port) | 'any' (port, on all interfaces) | 'dns' (host, port) | 'unix' (host: path) |
    'unix-abstract' (host: name without the NUL) | 'loopback' (host: name)."""

    kind: str
    host: str
    port: int = 0

    @property
    def is_stream_path(self) -> bool:
        return self.kind in ("unix", "unix-abstract")


def parse_address(text: str, default_port: int = 0) -> Address:
    """Parse an address. Raises ValueError with what is wrong. Names are not looked up."""
    for scheme in ("unix", "unix-abstract", "loopback"):
        if text.startswith(scheme + ":"):
            rest = text[len(scheme) + 1 :]
            if not rest:
                raise ValueError(f"There is nothing after '{scheme}:'.")
            return Address(scheme, rest)
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket:
            raise ValueError("Unclosed '['.")
        if rest and not rest.startswith(":"):
            raise ValueError("Expected a port suffix after ']'.")
        return Address("ip", _ipv6(host), _port(rest[1:], default_port if not rest else None))
    if text.count(":") > 1:
        return Address("ip", _ipv6(text), default_port)
    host, colon, port_text = text.partition(":")
    port = _port(port_text, None if colon else default_port)
    if host == "*":
        return Address("any", "*", port)
    if not host:
        raise ValueError("There is no host.")
    return Address("ip" if _is_ipv4(host) else "dns", host, port)


def _port(text: str, default: int | None) -> int:
    if default is not None and not text:
        return default
    if not text.isascii() or not text.isdigit():
        raise ValueError("Expected a port number.")
    if int(text) > 65535:
        raise ValueError("Port number too large.")
    return int(text)


def _is_ipv4(host: str) -> bool:
    import socket

    try:
        socket.inet_pton(socket.AF_INET, host)
    except OSError:
        return False
    return True


def _ipv6(host: str) -> str:
    import socket

    try:
        socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    except OSError:
        raise ValueError(f"Not an IPv6 address: {host}") from None
    return host


#: The words of `Network.allow` and `deny`.
NETWORK_WORDS = frozenset({"public", "private", "local", "network", "unix", "unix-abstract"})


def check_block(text: str) -> None:
    """Raises ValueError unless `text` may stand in `Network.allow`: one of the words, or a CIDR block."""
    if text in NETWORK_WORDS:
        return
    import ipaddress

    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"invalid CIDR: {text}") from None
    if "/" not in text:
        raise ValueError(f"invalid CIDR: {text}")
