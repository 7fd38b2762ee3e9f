"""Who is told of the requests that sockets served: the access log, metrics, traces, and the log of failures."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from workerd.observe.logs import Logs, json_line


class Request(NamedTuple):
    """A request that is over."""

    socket: str
    #: The service that the socket leads to.
    worker: str
    method: str
    url: str
    #: 0: the client went away before there was an answer.
    status: int
    #: False: the answer broke off.
    complete: bool
    seconds: float
    #: Bytes of the bodies.
    received: int
    sent: int
    #: As the worker's own log lines have it; "" where no worker was asked.
    request_id: str
    #: The client's address, or "".
    client: str
    #: The request's traceparent header (https://www.w3.org/TR/trace-context/), or "".
    trace: str


Observer = Callable[[Request], None]

# Nothing in a URL or method may look like the end of a line or move a terminal's cursor.
_CONTROLS = {code: f"%{code:02X}" for code in (*range(32), 127, *range(128, 160), 0x2028, 0x2029)}


def access_log(logs: Logs) -> Observer:
    """Writes a line for each request to standard output."""

    def observe(request: Request) -> None:
        logs.line(_structured(request) if logs.structured else _readable(request))

    return observe


def _readable(request: Request) -> str:
    now = time.time()
    stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now * 1000) % 1000:03d}Z"
    status = str(request.status or "-") + ("" if request.complete else " aborted")
    where = f"{request.worker} {request.request_id}" if request.request_id else request.worker
    text = (
        f"{stamp} {request.client or '-'} {request.method} {request.url} {status} {request.sent} B "
        f"{request.seconds * 1000:.2f} ms {where}"
    )
    return text.translate(_CONTROLS) + "\n"


def _structured(request: Request) -> str:
    return json_line(
        {
            "timestamp": str(time.time_ns() // 1_000_000),
            "level": "info",
            "source": "access",
            "message": f"{request.method} {request.url} {request.status}",
            "method": request.method,
            "url": request.url,
            "status": request.status,
            "complete": request.complete,
            "bytes": request.sent,
            "bytes_received": request.received,
            "duration_ms": round(request.seconds * 1000, 3),
            "worker": request.worker,
            "request": request.request_id,
            "client": request.client,
            "socket": request.socket,
        }
    )
