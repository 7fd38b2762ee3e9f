"""Which addresses a network service may connect to: `allow` and `deny` of the config's `Network`.

The check is made on the address that is then connected to, never on a name, so a name that resolves to one thing now
and to another a moment later gains nothing. IPv6 addresses that carry an IPv4 address (mapped, NAT64, 6to4, Teredo,
IPv4-compatible) must pass as what they carry, too: such an address reaches the IPv4 host through a translator.

Rules, most specific first: an address matched by `allow` passes unless a `deny` block that is at least as narrow
matches it as well. `public` and `network` are wider than any block.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

IPv4 = ipaddress.IPv4Address
IPv6 = ipaddress.IPv6Address
Address = IPv4 | IPv6
Block = ipaddress.IPv4Network | ipaddress.IPv6Network


def _blocks(*texts: str) -> tuple[Block, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


#: This machine. 0.0.0.0 and :: are here because connecting to them reaches it.
LOCAL = _blocks("127.0.0.0/8", "0.0.0.0/8", "::1/128", "::/128")
#: Networks that are not the public internet (RFC 1918, 6598, 3927, 4193, 4291).
PRIVATE = _blocks(
    "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"
)
#: Not for hosts at all (IANA special-purpose registries). Reached only where a block names them.
RESERVED = _blocks(
    "192.0.0.0/24",
    "192.0.2.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "64:ff9b:1::/48",
    "100::/64",
    "2001:db8::/32",
    "fec0::/10",
    "ff00::/8",
)

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_ISATAP_LOW = 0x00005EFE


class FilterError(ValueError):
    """A rule of `allow` or `deny` cannot be read. The message names it."""


def embedded_ipv4(address: IPv6) -> IPv4 | None:
    """The IPv4 address that a packet to `address` may end up at, or None."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return IPv4(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if (int(address) >> 32) & 0xFFFFFFFF & ~0x02000000 == _ISATAP_LOW:
        return IPv4(int(address) & 0xFFFFFFFF)
    return None


def _in(address: Address, blocks: Iterable[Block]) -> bool:
    return any(address.version == block.version and address in block for block in blocks)


def _narrowest(address: Address, blocks: Iterable[Block]) -> int:
    """Prefix length of the narrowest block with `address` in it, -1 if none has. IPv4 is counted in IPv6's bits."""
    best = -1
    for block in blocks:
        if address.version == block.version and address in block:
            best = max(best, block.prefixlen + (96 if block.version == 4 else 0))
    return best


class NetworkFilter:
    """Decides by address. Immutable."""

    def __init__(self, allow: Iterable[str] = ("public",), deny: Iterable[str] = ()) -> None:
        """Raises FilterError, naming the rule, for anything that is neither a known word nor a CIDR block."""
        allowed: list[Block] = []
        denied: list[Block] = []
        self._public = self._network = self.unix = self.unix_abstract = False
        for rule in allow:
            match rule:
                case "public":
                    self._public = True
                case "network":
                    self._network = True
                case "private":
                    allowed += [*PRIVATE, *LOCAL]
                case "local":
                    allowed += LOCAL
                case "unix":
                    self.unix = True
                case "unix-abstract":
                    self.unix_abstract = True
                case _:
                    allowed.append(_parse(rule))
        for rule in deny:
            match rule:
                case "public" | "network":
                    other = "private" if rule == "public" else "local"
                    raise FilterError(f'"{rule}" cannot be denied; allow "{other}" instead.')
                case "private":
                    denied += [*PRIVATE, *LOCAL]
                case "local":
                    denied += LOCAL
                case "unix":
                    self.unix = False
                case "unix-abstract":
                    self.unix_abstract = False
                case _:
                    denied.append(_parse(rule))
        self._allowed = tuple(allowed)
        self._denied = tuple(denied)
        self.allows = lru_cache(maxsize=1024)(self._allows)

    def _allows(self, host: str) -> bool:
        """Whether `host`, an IP address in text form (a zone, "%eth0", is ignored), may be connected to."""
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, IPv6):
            inner = embedded_ipv4(address)
            if inner is not None:
                if address.ipv4_mapped is not None:
                    return self._passes(inner)
                return self._passes(inner) and self._passes(address)
        return self._passes(address)

    def _passes(self, address: Address) -> bool:
        specificity = _narrowest(address, self._allowed)
        if specificity < 0:
            wide = (self._public and not _in(address, PRIVATE + LOCAL + RESERVED)) or (
                self._network and not _in(address, LOCAL + RESERVED)
            )
            if not wide:
                return False
        denied = _narrowest(address, self._denied)
        return denied < 0 or denied < specificity


def _parse(rule: str) -> Block:
    try:
        block = ipaddress.ip_network(rule, strict=False)
    except ValueError:
        raise FilterError(
            f'"{rule}" is neither a CIDR block nor one of public, private, local, network, unix, unix-abstract.'
        ) from None
    # A block of mapped addresses is a block of IPv4.
    if isinstance(block, ipaddress.IPv6Network) and block.prefixlen >= 96:
        mapped = block.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.IPv4Network((int(mapped), block.prefixlen - 96))
    return block
