"""Who may talk to the inspector: it can run code in every worker, so web pages must not reach it.

A page that has a name resolve to this machine (DNS rebinding) sends that name as Host; a page that connects straight to a local
address sends its own Origin. Node and Chrome protect their inspectors the same way.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

#: Schemes of the DevTools that come with browsers.
_DEVTOOLS_SCHEMES = frozenset({"devtools", "chrome-devtools"})
#: Where Cloudflare serves its build of the DevTools from.
_DEVTOOLS_HOSTS = ("devtools.devprod.cloudflare.dev", "cloudflare-devtools.pages.dev")


def host_is_allowed(host: str, own_name: str | None = None) -> bool:
    """Whether a Host header names this machine in a way no DNS server decides: an address, "localhost", or `own_name`,
    the name that was given to listen on."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return _is_local(name) or _is_address(name) or (own_name is not None and name == own_name.lower())


def origin_is_allowed(origin: str | None) -> bool:
    """Whether a connection with this Origin header may be made. None, from programs that are no browsers, may."""
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
        name = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme in _DEVTOOLS_SCHEMES:
        return True
    if parts.scheme not in ("http", "https"):
        return False
    if _is_local(name) or name in ("127.0.0.1", "::1"):
        return True
    return parts.scheme == "https" and any(name == host or name.endswith(f".{host}") for host in _DEVTOOLS_HOSTS)


def _is_local(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
