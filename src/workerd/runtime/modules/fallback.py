"""The module fallback service (`moduleFallback`): an HTTP server that is asked for modules that a worker does not have.

Tools for local development are at the other end. Two protocols: with the first registry GET with a query (names are paths), with the newer
one POST with JSON (names are URLs). Both are answered with a module of the config in JSON (200), another name for it (301 with
`Location`), or anything else: there is no such module.

Imports cannot wait for the loop: require() is synchronous, and V8 links modules in one go. So the process waits while it asks.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from workerd.config.addresses import Address, parse_address
from workerd.runtime.modules.registry import Source
from workerd.runtime.modules.typescript import TypeScriptError, strip

#: How long the service may take for one module, in seconds: it may have to compile it first.
PATIENCE = 120.0
_TEXTS = ("esModule", "commonJsModule", "text", "json")
_BYTES = ("data", "wasm")
_PREFIXES = ("node:", "cloudflare:", "workerd:")


class ModuleFallback:
    """One worker's connection to its service. `say` gets what is wrong with answers; `native`: to strip types, or None."""

    def __init__(self, address: str, say: Callable[[str], None], native: Any = None) -> None:
        self._address = parse_address(address, 80)
        self._say = say
        self._native = native
        self._connection: http.client.HTTPConnection | None = None

    def by_path(self, method: str, specifier: str, referrer: str, raw: str) -> Source | str | None:
        """Protocol 1. `method`: "import" or "require"; `specifier`, `referrer`: absolute paths; `raw`: as written. A str: another name."""
        segment = specifier.rpartition("/")[2]
        asked = segment if segment.startswith(_PREFIXES) else specifier
        query = urlencode({"specifier": asked, "referrer": referrer, "rawSpecifier": raw}, errors="replace")
        return self._ask("GET", f"/?{query}", None, {"x-resolve-method": method}, asked.removeprefix("/"))

    def by_url(
        self, method: str, specifier: str, referrer: str, raw: str, attributes: Mapping[str, str]
    ) -> Source | str | None:
        """Protocol 2: the same with URLs and import attributes."""
        question: dict[str, Any] = {"type": method, "specifier": specifier, "rawSpecifier": raw, "referrer": referrer}
        if attributes:
            question["attributes"] = [{"name": name, "value": value} for name, value in attributes.items()]
        body = json.dumps(question, ensure_ascii=True).encode()
        return self._ask("POST", "/", body, {"Content-Type": "application/json"}, specifier)

    def _ask(
        self, verb: str, target: str, body: bytes | None, headers: dict[str, str], name: str
    ) -> Source | str | None:
        try:
            status, location, text = self._exchange(verb, target, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            self._say(f'Fallback service failed to fetch module "{name}": {error or type(error).__name__}')
            return None
        if status == 301:
            if not location:
                self._say(f'Fallback service returned a redirect with no location for "{name}"')
            return location or None
        if status != 200:
            self._say(f'Fallback service failed to fetch module "{name}": {status} {_shown(text)}')
            return None
        if not text:
            return None
        return self._module(text, name)

    def _exchange(
        self, verb: str, target: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str | None, bytes]:
        """(Status, Location, body). A kept connection that the service has closed meanwhile is opened anew, once."""
        while True:
            kept = self._connection is not None
            if self._connection is None:
                self._connection = _Connection(self._address)
            try:
                self._connection.request(verb, target, body, {"Host": "localhost", **headers})
                response = self._connection.getresponse()
                # Header values are bytes; where a name has letters beyond ASCII they are UTF-8.
                location = response.headers.get("Location")
                return response.status, _utf8(location), response.read()
            except (ConnectionError, http.client.BadStatusLine):
                self.close()
                if not kept:
                    raise

    def _module(self, text: bytes, name: str) -> Source | None:
        try:
            module = json.loads(text)
            if not isinstance(module, dict):
                raise ValueError("not an object")
            source = _source(module, name)
        except (ValueError, TypeError, RecursionError) as error:
            self._say(f'Fallback service failed to fetch module "{name}": its answer is no module: {error}')
            return None
        if source.name != name:
            self._say(
                "Fallback service failed to fetch module: returned module name does not match specifier: "
                f'"{source.name}" for "{name}"'
            )
            return None
        if source.kind == "pythonModule":
            self._say(f'Fallback service returned a Python module for "{name}", which this release does not support')
            return None
        if self._native is not None and source.kind == "esModule":
            try:
                return replace(source, body=strip(self._native, name, str(source.body)))
            except TypeScriptError as error:
                self._say(str(error))
                return None
        return source

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Connection(http.client.HTTPConnection):
    """To an address as configs have it."""

    def __init__(self, address: Address) -> None:
        host = "127.0.0.1" if address.kind == "any" else address.host
        super().__init__("localhost" if address.is_stream_path else host, address.port or 80, timeout=PATIENCE)
        self._to = address

    def connect(self) -> None:
        if not self._to.is_stream_path:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(("\0" if self._to.kind == "unix-abstract" else "") + self._to.host)


def _source(module: dict[str, Any], name: str) -> Source:
    """Raises ValueError or TypeError for what is not a module."""
    given = module.get("name") or name
    names = module.get("namedExports") or []
    kinds = [kind for kind in module if kind in (*_TEXTS, *_BYTES, "pythonModule")]
    if not kinds:
        raise ValueError("it has none of the fields that say what kind of module it is")
    # Of several the last one counts, as in the reference's reader of JSON.
    kind = kinds[-1]
    body = module[kind]
    if not isinstance(given, str) or not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise ValueError("`name` or `namedExports` is of the wrong type")
    if kind in _BYTES:
        body = bytes(body) if isinstance(body, list) else None
        if body is None:
            raise ValueError(f"`{kind}` is not a list of bytes")
    elif not isinstance(body, str):
        raise ValueError(f"`{kind}` is not a string")
    return Source(given, kind, body, tuple(names))


def _utf8(value: str | None) -> str | None:
    return value.encode("latin-1", "replace").decode("utf-8", "replace") if value is not None else None


def _shown(text: bytes) -> str:
    shown = text[:500].decode("utf-8", "replace")
    return shown if len(text) <= 500 else f"{shown}..."
