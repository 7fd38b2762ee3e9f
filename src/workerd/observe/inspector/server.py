"""One connection of a debugger: HTTP to find the workers, then a WebSocket to one of them. All on the inspector's thread."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

from workerd.observe.inspector import websocket
from workerd.observe.inspector.access import host_is_allowed, origin_is_allowed
from workerd.observe.inspector.client import Client

if TYPE_CHECKING:
    from workerd.observe.inspector.service import Inspectors
    from workerd.observe.inspector.target import Target

#: Bytes of a request's head.
MAX_HEAD = 64 * 1024
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    426: "Upgrade Required",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
}
_FRONTEND = "devtools://devtools/bundled/{page}.html?experiments=true&v8only=true&ws={host}/"


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Connection(asyncio.Protocol):
    """HTTP/1.1 with persistent connections until one of the requests asks for a WebSocket."""

    def __init__(self, owner: Inspectors) -> None:
        self._owner = owner
        self._buffer = bytearray()
        self._client: Client | None = None
        self._transport: asyncio.Transport

    # ---- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._owner.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._owner.lost(self)
        if self._client is not None:
            self._client.lost()

    def data_received(self, data: bytes) -> None:
        if self._client is not None:
            self._client.received(data)
            return
        self._buffer += data
        while (
            self._client is None and not self._transport.is_closing() and (end := self._buffer.find(b"\r\n\r\n")) >= 0
        ):
            head = bytes(self._buffer[:end])
            del self._buffer[: end + 4]
            self._request(head)
        if self._client is not None and self._buffer:
            rest, self._buffer = bytes(self._buffer), bytearray()
            self._client.received(rest)
        elif len(self._buffer) > MAX_HEAD:
            self._refuse(Refused(431, "Request head is too large"))

    def close(self, code: int, reason: str) -> None:
        if self._client is not None:
            self._client.close(code, reason)
        self._transport.close()

    # ---- HTTP

    def _request(self, head: bytes) -> None:
        try:
            method, target, headers = _parse(head)
            host = headers.get("host")
            if host is None:
                raise Refused(400, "Bad Request")
            if not host_is_allowed(host, self._owner.own_name):
                raise Refused(403, "The Host header must be an IP address or localhost")
            if not origin_is_allowed(headers.get("origin")):
                raise Refused(403, "This Origin may not use the inspector")
            if headers.get("upgrade", "").lower() == "websocket":
                self._upgrade(target, headers)
            elif method != "GET":
                raise Refused(501, "Unsupported Operation")
            else:
                self._respond(
                    200,
                    self._document(target, host),
                    "application/json",
                    "close" in headers.get("connection", "").lower(),
                )
        except Refused as refusal:
            self._refuse(refusal)

    def _document(self, target: str, host: str) -> str:
        path, _, query = target.partition("?")
        if path == "/json/version" and not query:
            return '{"Browser": "workerd", "Protocol-Version": "1.3" }'
        if path in ("/json", "/json/list") and query in ("", "for_tab"):
            return json.dumps([_describe(name, host) for name in self._owner.targets()], separators=(",", ":"))
        raise Refused(500, "Not yet implemented")

    def _upgrade(self, target: str, headers: dict[str, str]) -> None:
        worker = self._find(target)
        if worker is None:
            raise Refused(404, "Unknown worker session")
        key = headers.get("sec-websocket-key")
        if headers.get("sec-websocket-version") != "13":
            raise Refused(426, "Only version 13 of WebSocket is supported")
        if not key:
            raise Refused(400, "Sec-WebSocket-Key is missing")
        try:
            self._client = Client(worker, self._transport)
        except RuntimeError:  # it ended just now
            raise Refused(404, "Unknown worker session") from None
        accept = websocket.accept_key(key)
        self._transport.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode("latin-1")
        )

    def _find(self, target: str) -> Target | None:
        targets = self._owner.targets()
        path = target.partition("?")[0].removeprefix("/")
        for name in (path, unquote(path), path.rpartition("/")[2], unquote(path.rpartition("/")[2])):
            if name in targets:
                return targets[name]
        return None

    def _refuse(self, refusal: Refused) -> None:
        self._respond(refusal.status, str(refusal), "text/plain", True)

    def _respond(self, status: int, text: str, kind: str, close: bool) -> None:
        body = text.encode()
        head = f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        if status == 426:
            head += "Sec-WebSocket-Version: 13\r\n"
        self._transport.write((head + ("Connection: close\r\n\r\n" if close else "\r\n")).encode("latin-1") + body)
        if close:
            self._transport.close()


def _parse(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Method, target and headers (lower-case names) of a request without a body. Raises Refused."""
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[1].startswith("/"):
        raise Refused(400, "Invalid request")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or not name or name != name.strip() or (name in headers and name in ("host", "origin")):
            raise Refused(400, "Invalid request")
        headers[name] = value.strip(" \t")
    if words[2] == "HTTP/1.0":
        headers["connection"] = "close"
    if words[0] != "GET" or headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        raise Refused(501, "Unsupported Operation")
    return words[0], words[1], headers


def _describe(name: str, host: str) -> dict[str, str]:
    return {
        "id": name,
        "title": f"workerd: worker {name}",
        "type": "node",
        "description": "workerd worker",
        "webSocketDebuggerUrl": f"ws://{host}/{name}",
        "devtoolsFrontendUrl": _FRONTEND.format(page="js_app", host=host) + name,
        "devtoolsFrontendUrlCompat": _FRONTEND.format(page="inspector", host=host) + name,
        "faviconUrl": "https://workers.cloudflare.com/favicon.ico",
        "url": "https://workers.dev",
    }
