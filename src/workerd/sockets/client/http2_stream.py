"""One request and its response on an HTTP/2 connection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError

from workerd.services.contract import Body, Pipe
from workerd.services.errors import NETWORK_CONNECTION_LOST, DisconnectedError
from workerd.services.pipes import new_pipe
from workerd.sockets.client.outgoing import ClientRequest

if TYPE_CHECKING:
    from workerd.sockets.client.http2 import Http2Connection


class Stream:
    """Has the request's body on its way out and the response's on its way in."""

    __slots__ = (
        "_body",
        "_connection",
        "_left",
        "_listening",
        "_pipe",
        "_pumping",
        "_sent_end",
        "_unacknowledged",
        "_waiting",
        "complete",
        "request",
        "stream_id",
    )

    def __init__(self, connection: Http2Connection, stream_id: int, request: ClientRequest) -> None:
        self._connection = connection
        self.stream_id = stream_id
        self.request = request
        #: The response has come to its end.
        self.complete = False
        self._pipe: Pipe | None = None
        self._unacknowledged = 0
        self._body: Body = None
        self._left = -1
        #: Part of the body that is out of its pipe but not yet in a frame.
        self._waiting = memoryview(b"")
        self._sent_end = True
        self._pumping = self._listening = False

    @property
    def can_move(self) -> bool:
        """Whether the request can be sent again elsewhere: it was not looked at, and its body is still whole."""
        request = self.request
        whole = request.body is None or isinstance(request.body, bytes)
        return whole and not request.answered and not request.retried and not request.cancelled

    # ---- the request's body

    def upload(self, body: bytes | Pipe) -> None:
        self._sent_end = False
        self._body = body
        if isinstance(body, bytes):
            self._waiting = memoryview(body)
        else:
            self._left = body.length
        self.pump()

    def pump(self) -> None:
        """Sends what there is and what the windows allow."""
        if self._pumping or self._sent_end:
            return
        self._pumping = True
        try:
            while not self._sent_end and not self._connection.writing_paused:
                if not self._waiting and not self._next_chunk():
                    break
                if self._sent_end or not self._send_some():
                    break
        except ProtocolError as error:
            self.give_up(DisconnectedError(str(error)))
        except Exception as error:  # the producer's own error, of any class
            self.give_up(DisconnectedError(f"request body: {error}"))
        finally:
            self._pumping = False
        self._connection.flush()

    def _next_chunk(self) -> bool:
        """Fills `_waiting`. False: nothing there yet."""
        body = self._body
        if body is None or isinstance(body, bytes):
            self._finish_upload()
            return True
        chunk = body.try_read(256 * 1024)
        if chunk is NotImplemented:
            if self._listening:
                return False
            self._listening = True
            body.set_on_readable(self.pump)  # which may see what came in the meantime, or this loop does
            return self._next_chunk()
        if chunk is None:
            if self._left > 0:
                raise ValueError("shorter than its Content-Length")
            self._finish_upload()
            return True
        data = cast(bytes, chunk)
        if self._left >= 0:
            self._left -= len(data)
            if self._left < 0:
                raise ValueError("longer than its Content-Length")
        self._waiting = memoryview(data)
        return True

    def _send_some(self) -> bool:
        """One DATA frame. False: the windows are shut."""
        h2 = self._connection.h2
        size = min(h2.local_flow_control_window(self.stream_id), h2.max_outbound_frame_size, len(self._waiting))
        if size <= 0:
            return not self._waiting
        h2.send_data(self.stream_id, bytes(self._waiting[:size]))
        self._connection.content_moved()
        self._waiting = self._waiting[size:]
        if not self._waiting and isinstance(self._body, bytes):
            self._finish_upload()
        self._connection.flush()
        return True

    def _finish_upload(self) -> None:
        self._connection.h2.end_stream(self.stream_id)
        self._sent_end = True
        body, self._body = self._body, None
        if body is not None and not isinstance(body, bytes):
            body.set_on_readable(None)
        if self.complete:
            self._connection.forget(self)

    # ---- the response

    def head(self, fields: Iterable[tuple[bytes, bytes]], *, ended: bool) -> None:
        status = 0
        length = -1
        lines: list[bytes] = []
        for name, value in fields:
            if name == b":status":
                status = int(value) if len(value) == 3 and value.isdigit() else 0
            elif not name.startswith(b":"):
                if name == b"content-length" and value.isdigit():
                    length = int(value)
                lines += (name, b": ", value, b"\r\n")
        if status < 200:
            connection, request = self._connection, self.request
            connection.reset(self, ErrorCodes.PROTOCOL_ERROR)
            request.fail(DisconnectedError("HTTP/2: the server's response has no status"))
            return
        headers = b"".join(lines).decode("latin-1")
        no_body = self.request.method == "HEAD" or status in (204, 304)
        if ended or no_body:
            self.request.respond(status, "", headers, None if no_body else b"")
            return
        self._pipe = pipe = new_pipe(length)
        pipe.set_on_drain(self._drained)
        self.request.respond(status, "", headers, pipe)

    def received(self, data: bytes, flow_size: int) -> None:
        if self._pipe is None or self._pipe.cancelled:
            self._connection.acknowledge(self.stream_id, flow_size)
            return
        self._unacknowledged += flow_size
        if self._pipe.write(data):
            self._acknowledge()

    def _acknowledge(self) -> None:
        size, self._unacknowledged = self._unacknowledged, 0
        if size:
            self._connection.acknowledge(self.stream_id, size)

    def _drained(self) -> None:
        pipe = self._pipe
        if pipe is None or self.complete:
            return
        if pipe.cancelled:
            self._pipe = None
            self._connection.reset(self, ErrorCodes.CANCEL)
            return
        self._acknowledge()

    def ended(self) -> bool:
        """The server has said all. True if the stream is over with that."""
        self.complete = True
        self._acknowledge()
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
        return self._sent_end

    # ---- ends before the end

    def give_up(self, error: Exception) -> None:
        """This side cannot go on."""
        self._sent_end = True
        request, connection = self.request, self._connection
        connection.reset(self, ErrorCodes.CANCEL)
        request.fail(error)

    def drop(self) -> None:
        """Stops both bodies without a word to the asker of a complete response."""
        self._sent_end = True
        body, self._body = self._body, None
        if body is not None and not isinstance(body, bytes):
            body.cancel(NETWORK_CONNECTION_LOST)
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.abort(NETWORK_CONNECTION_LOST)

    def broken(self, error: Exception) -> None:
        """The connection or the stream is no more."""
        self.drop()
        self.request.fail(error)
