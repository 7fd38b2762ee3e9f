"""OpenTelemetry traces: a span for each request that a socket served, sent in batches as OTLP/HTTP with JSON
(https://opentelemetry.io/docs/specs/otlp/#otlphttp). A traceparent header of the client's continues its trace.

Of OpenTelemetry's variables these count: OTEL_SERVICE_NAME (default: workerd), OTEL_EXPORTER_OTLP_HEADERS.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from typing import Any

from workerd.observe.logs import Logs
from workerd.observe.requests import Request
from workerd.version import RELEASE_DATE

#: Seconds between batches, spans in one, and spans kept while the collector does not answer.
PERIOD = 1.0
BATCH = 512
MAX_WAITING = 8192
_TIMEOUT = 10.0
_SERVER = 2  # SPAN_KIND_SERVER
_ERROR = 2  # STATUS_CODE_ERROR
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")


class Traces:
    """Collects spans and sends them while it is open. `endpoint`: as OTEL_EXPORTER_OTLP_ENDPOINT, e.g. http://localhost:4318."""

    def __init__(self, endpoint: str, logs: Logs) -> None:
        parts = urllib.parse.urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"--otlp-endpoint: not an http or https URL: {endpoint!r}")
        path = parts.path.rstrip("/")
        self._url = parts._replace(path=path if path.endswith("/v1/traces") else f"{path}/v1/traces").geturl()
        self._headers = {"Content-Type": "application/json", **_headers()}
        self._logs = logs
        self._waiting: deque[dict[str, Any]] = deque(maxlen=MAX_WAITING)
        self._resource = {
            "attributes": [
                _attribute("service.name", os.environ.get("OTEL_SERVICE_NAME") or "workerd"),
                _attribute("service.version", RELEASE_DATE),
                _attribute("process.pid", os.getpid()),
            ]
        }
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Sends what is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            while self._waiting and await self._send():
                pass

    def request(self, request: Request) -> None:
        match = _TRACEPARENT.fullmatch(request.trace)
        if match is not None and int(match[3], 16) & 1 == 0:
            return  # whoever began the trace does not want it recorded
        end = time.time_ns()
        url = urllib.parse.urlsplit(request.url)
        attributes = [
            _attribute("http.request.method", request.method),
            _attribute("url.full", request.url),
            _attribute("url.path", url.path),
            _attribute("url.scheme", url.scheme),
            _attribute("server.address", url.hostname or ""),
            _attribute("http.request.body.size", request.received),
            _attribute("http.response.body.size", request.sent),
            _attribute("workerd.worker", request.worker),
            _attribute("workerd.request", request.request_id),
        ]
        if request.client:
            attributes.append(_attribute("client.address", request.client))
        if request.status:
            attributes.append(_attribute("http.response.status_code", request.status))
        span: dict[str, Any] = {
            "traceId": match[1] if match else secrets.token_hex(16),
            "spanId": secrets.token_hex(8),
            "name": request.method,
            "kind": _SERVER,
            "startTimeUnixNano": str(end - int(request.seconds * 1e9)),
            "endTimeUnixNano": str(end),
            "attributes": attributes,
        }
        if match:
            span["parentSpanId"] = match[2]
        if request.status >= 500 or not request.complete:
            span["status"] = {"code": _ERROR}
        self._waiting.append(span)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            while self._waiting and await self._send():
                pass

    async def _send(self) -> bool:
        """Sends one batch. False: the collector does not take it; it is kept."""
        spans = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        body = {
            "resourceSpans": [
                {
                    "resource": self._resource,
                    "scopeSpans": [{"scope": {"name": "workerd", "version": RELEASE_DATE}, "spans": spans}],
                }
            ]
        }
        data = json.dumps(body).encode()
        problem = await asyncio.get_running_loop().run_in_executor(None, self._post, data)
        if problem is None:
            self._failing = False
            return True
        if not self._failing:  # once, not at every try
            self._logs.message("warn", f"--otlp-endpoint: {self._url}: {problem}")
        self._failing = True
        room = MAX_WAITING - len(self._waiting)
        self._waiting.extendleft(reversed(spans[-room:] if room else []))
        return False

    def _post(self, data: bytes) -> str | None:
        """Why it could not be sent."""
        request = urllib.request.Request(self._url, data, self._headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
                response.read()
        except (OSError, ValueError) as error:
            return str(error)
        return None


def _attribute(name: str, value: str | int) -> dict[str, Any]:
    return {"key": name, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}


def _headers() -> dict[str, str]:
    """OTEL_EXPORTER_OTLP_HEADERS: name=value,name=value, percent-encoded."""
    headers = {}
    for pair in os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", "").split(","):
        name, equals, value = pair.partition("=")
        if equals:
            headers[urllib.parse.unquote(name.strip())] = urllib.parse.unquote(value.strip())
    return headers
