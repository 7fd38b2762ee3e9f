"""One request and its answer on an HTTP/2 server connection."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError

if TYPE_CHECKING:
    from workerd.sockets.http2 import Http2Server

#: Bytes of a request's body that wait for the worker before the client must.
_HIGH_WATER = 64 * 1024
#: Seconds a client may go on sending a request that is answered.
_GRACE = 2.0
_LOST = "Network connection lost."
_REFUSED = {400: b"Bad Request", 414: b"URI too long", 500: b"Internal Server Error", 501: b"Not Implemented"}


class _Observed:
    """See workerd.sockets.owner: request_finished()."""

    __slots__ = ("received", "sent", "started", "status", "trace")

    def __init__(self, trace: str) -> None:
        self.trace = trace
        self.started = time.monotonic()
        self.status = self.received = self.sent = 0


class ServerStream:
    __slots__ = (
        "_answered",
        "_bodiless",
        "_body",
        "_connection",
        "_exchange",
        "_left",
        "_observed",
        "_pending",
        "_pipe",
        "_pumping",
        "_received_at",
        "_request_ended",
        "_sent_end",
        "_unacknowledged",
        "_what",
        "stream_id",
    )

    def __init__(self, connection: Http2Server, stream_id: int) -> None:
        self._connection = connection
        self.stream_id = stream_id
        self._exchange: Any = None
        #: Method and URL, for logs; and what else is told of the request when it is over, if anything is.
        self._what = ("", "")
        self._observed: _Observed | None = None
        #: The request's body.
        self._pipe: Any = None
        self._unacknowledged = 0
        self._request_ended = False
        self._received_at = time.monotonic()
        #: The response's body: a pipe, and what is out of it but not sent.
        self._body: Any = None
        self._pending = memoryview(b"")
        self._left = -1
        self._bodiless = self._answered = self._sent_end = self._pumping = False

    # ---- the request

    def start(self, fields: Iterable[tuple[bytes, bytes]], *, ended: bool) -> None:
        """`fields`: the request's headers as h2 gives them, checked by it. `ended`: there is no body."""
        self._request_ended = ended
        pseudo: dict[str, str] = {}
        lines: list[str] = []
        cookies: list[str] = []
        length = -1
        for raw_name, raw_value in fields:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            if name.startswith(":"):
                pseudo[name] = value
            elif name == "cookie":
                cookies.append(value)  # may come in pieces (RFC 9113, 8.2.3)
            elif name != "host":
                if name == "content-length" and value.isdigit():
                    length = int(value)
                lines.append(f"{name}: {value}\r\n")
        method, target = pseudo.get(":method", ""), pseudo.get(":path", "")
        host = pseudo.get(":authority") or dict(fields).get(b"host", b"").decode("latin-1")
        self._bodiless = method == "HEAD"
        if method == "CONNECT":
            self._refuse(501)
            return
        options = self._connection.options
        if len(target) > options.max_url:
            self._refuse(414)
            return
        if cookies:
            lines.append(f"cookie: {'; '.join(cookies)}\r\n")
        block = f"Host: {host}\r\n{''.join(lines)}"
        rewritten = None
        if all("\x21" <= c <= "\x7e" for c in target):
            if options.proxy_style:
                target = f"{pseudo.get(':scheme', '')}://{host}{target}"
            rewritten = options.rewrite_request(target, host, block)
        if rewritten is None:
            self._refuse(400)
            return
        url, headers, cf = rewritten
        if cf is None and not options.has_cf_blob:
            cf = self._connection.cf or None
        self._what = (method, url)
        if options.observe:
            self._observed = _Observed(next((v for k, v in fields if k == b"traceparent"), b"").decode("latin-1"))
        native = self._connection.native
        if not ended:
            self._pipe = native.Pipe(_HIGH_WATER, length)
            self._pipe.set_on_drain(self._drained)
        self._exchange = native.request(
            self._connection.target, method, url, headers, self._pipe, cf, False, self._respond, self._fail
        )
        if self._answered:
            self._exchange = None

    def received(self, data: bytes, size: int) -> None:
        """A part of the body. `size`: what it counts for the window."""
        if not self._sent_end:
            self._received_at = time.monotonic()
        if self._observed is not None:
            self._observed.received += len(data)
        if self._pipe is None or self._pipe.cancelled:
            self._connection.acknowledge(size, self.stream_id)
            return
        self._unacknowledged += size
        if self._pipe.write(data):
            self._drained()

    def _drained(self) -> None:
        size, self._unacknowledged = self._unacknowledged, 0
        self._connection.acknowledge(size, self.stream_id)

    def request_ended(self) -> None:
        self._request_ended = True
        if self._pipe is not None:
            self._pipe.close()
        self._forget_if_done()

    def stalled(self, now: float, seconds: float) -> bool:
        """Whether the client has owed the rest of the body for so long, or sends on though it has its answer."""
        if self._request_ended or self._unacknowledged:
            return False
        return now - self._received_at > (_GRACE if self._sent_end else seconds)

    def gone(self) -> None:
        """The client does not want the answer, or cannot get it."""
        self._over(False)
        self._abort_request()
        exchange, self._exchange = self._exchange, None
        if exchange is not None and not self._answered:
            exchange.cancel()
        self._drop_body()

    def _abort_request(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.set_on_drain(None)
            if not self._request_ended:
                pipe.abort(_LOST)

    def _drop_body(self) -> None:
        body, self._body = self._body, None
        if body is not None:
            body.set_on_readable(None)
            body.cancel(_LOST)

    # ---- the response

    def _refuse(self, status: int) -> None:
        self._respond(status, "", "", _REFUSED[status], None)

    def _fail(self, name: str, message: str, stack: str) -> None:
        self._connection.tell("request_failed", *self._what, name, message, stack)
        self._send(500, "", _REFUSED[500])

    def _respond(self, status: int, text: str, headers: str, body: Any, channel: Any) -> None:
        if channel is not None:
            channel.abort(_LOST)
            channel.disconnect()
        if channel is not None or not 200 <= status <= 999:
            self._send(500, "", _REFUSED[500])
            return
        self._send(status, self._connection.options.rewrite_response(headers), body)

    def _send(self, status: int, headers: str, body: Any) -> None:
        self._answered = True
        self._exchange = None
        if self.stream_id not in self._connection.streams:
            if body is not None and not isinstance(body, bytes):
                body.cancel(_LOST)
            return
        fields = [(":status", str(status))]
        no_body = self._bodiless or status in (204, 205, 304)
        length = 0 if body is None else len(body) if isinstance(body, bytes) else body.length
        if length >= 0 and status not in (204, 304) and not (self._bodiless and body is None):
            fields.append(("content-length", "0" if status == 205 else str(length)))
        for line in headers.split("\r\n")[:-1]:
            name, _, value = line.partition(": ")
            fields.append((name.lower(), value))
        end = no_body or length == 0
        if body is not None and not isinstance(body, bytes):
            if end:
                body.cancel("The response has no body.")
            else:
                self._body = body
                self._left = length
        elif body and not end:
            self._pending = memoryview(body)
        self._sent_end = end
        if self._observed is not None:
            self._observed.status = status
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        try:
            self._connection.h2.send_headers(self.stream_id, encoded, end_stream=end)
        except ProtocolError:
            # Headers that HTTP/2 does not allow.
            self._connection.reset(self, ErrorCodes.INTERNAL_ERROR)
            return
        if end:
            self._over(True)
            self._forget_if_done()
        else:
            if self._body is not None:
                self._body.set_on_readable(self.pump)
            self.pump()
        self._connection.flush()

    def pump(self) -> None:
        """Sends as much of the body as there is, and the windows and the socket allow."""
        if self._pumping or self._sent_end or not self._answered:
            return
        self._pumping = True
        try:
            while not self._connection.writing_paused and not self._sent_end and self._step():
                pass
        except ConnectionError:
            # The body's producer failed: the client must see that it is not complete.
            self._connection.reset(self, ErrorCodes.INTERNAL_ERROR)
        except ProtocolError:
            self._connection.forget(self)
            self.gone()
        finally:
            self._pumping = False
        self._connection.flush()

    def _step(self) -> bool:
        h2 = self._connection.h2
        if not self._pending:
            data = None if self._body is None else self._body.try_read(65536)
            if data is NotImplemented:
                return False
            if data is None:
                if self._left > 0:
                    raise ConnectionError("the response is shorter than it said")
                h2.end_stream(self.stream_id)
                self._finish()
                return False
            self._pending = memoryview(data)
            if self._left >= 0:
                self._left -= len(data)
                if self._left < 0:
                    raise ConnectionError("the response is longer than it said")
        room = min(h2.local_flow_control_window(self.stream_id), h2.max_outbound_frame_size)
        if room <= 0:
            return False
        part, self._pending = self._pending[:room], self._pending[room:]
        last = not self._pending and (self._body is None or self._left == 0)
        h2.send_data(self.stream_id, bytes(part), end_stream=last)
        if self._observed is not None:
            self._observed.sent += len(part)
        if last:
            self._finish()
        self._connection.flush()
        return not last

    def _finish(self) -> None:
        self._sent_end = True
        self._over(True)
        body, self._body = self._body, None
        if body is not None:
            body.set_on_readable(None)
        self._forget_if_done()

    def _over(self, complete: bool) -> None:
        seen, self._observed = self._observed, None
        if seen is not None:
            seconds = time.monotonic() - seen.started
            facts = (seen.status, complete, seconds, seen.received, seen.sent, -1.0, seen.trace)
            self._connection.tell("request_finished", *self._what, *facts)

    def _forget_if_done(self) -> None:
        if not self._sent_end:
            return
        if self._request_ended:
            self._connection.forget(self)
        else:
            # The rest of the request is of no use any more. It could be refused (RFC 9113, 8.1), but clients are known to
            # lose the answer then: for a while it is taken and dropped.
            self._abort_request()
            self._connection.acknowledge(self._unacknowledged, self.stream_id)
            self._unacknowledged = 0
            self._received_at = time.monotonic()
