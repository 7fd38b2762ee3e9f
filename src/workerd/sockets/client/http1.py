"""HTTP/1.1, the client's side: one connection, one request at a time.

httptools (llhttp) parses heads and chunked bodies. Bodies with a length, or up to the end of the connection, go past
the parser: what the socket gave is what the pipe gets, without a copy.
"""

from __future__ import annotations

import asyncio
import select
from typing import Protocol, cast

import httptools

from workerd.services.contract import Pipe
from workerd.services.errors import NETWORK_CONNECTION_LOST, DisconnectedError
from workerd.services.pipes import new_pipe
from workerd.sockets.client import websocket
from workerd.sockets.client.download import Download
from workerd.sockets.client.lengths import with_one_length
from workerd.sockets.client.outgoing import ClientRequest
from workerd.sockets.client.upload import Upload

#: Most bytes of a response's head, interim responses and trailers included.
MAX_HEAD = 512 * 1024
#: Only Linux tells that the peer sends no more; elsewhere its end can be read, which is as good without TLS.
_HALF_CLOSED: int = getattr(select, "POLLRDHUP", 0)
_ENDED = _HALF_CLOSED | select.POLLHUP | select.POLLERR | select.POLLNVAL
#: Most bytes of a head that is looked at again and again while it comes in.
_MENDABLE = 32 * 1024
_JOIN = 32 * 1024


class Owner(Protocol):
    """The pool a connection belongs to."""

    def idle(self, connection: Http1Connection) -> None: ...
    def closed(self, connection: Http1Connection) -> None: ...
    def retry(self, request: ClientRequest) -> None: ...


class Http1Connection(asyncio.Protocol):
    """`start()` sends a request; the owner hears `idle` when the next one may come, or `closed`."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._request: ClientRequest | None = None
        self._used = False
        self.idle_since = 0.0
        self._writing_paused = False
        self._upload: Upload | None = None
        self._reset_response()

    def _reset_response(self) -> None:
        self._parser: httptools.HttpResponseParser | None = None
        self._head: list[bytes] = []
        self._head_bytes = 0
        self._head_tail = b""
        #: What the head came in, until it is complete; None once it was mended.
        self._raw_head: list[bytes] | None = []
        self._mending = False
        self._status = 0
        self._reason = b""
        self._length = -1
        self._chunked = False
        self._keep = False
        self._head_done = self._no_body = self._complete = self._extra = False
        self._interim = False
        self._chunks: list[bytes] = []
        self._download: Download | None = None
        #: Bytes still to come past the parser: -1 up to the end of the connection; None: through the parser.
        self._raw_left: int | None = None

    # ---- the owner's side

    @property
    def usable(self) -> bool:
        return self._request is None and self._transport is not None and not self._transport.is_closing()

    def still_open(self) -> bool:
        """Whether nothing has come from the peer, its end least of all, that the loop has not told of yet. For requests
        that cannot be sent again: most servers that end idle connections do it without a word.
        """
        transport = self._transport
        descriptor = -1 if transport is None else transport.get_extra_info("socket").fileno()
        if descriptor < 0 or transport is None:
            return False
        # What waits on a TLS connection may be of no consequence, such as a ticket.
        fatal = _ENDED if transport.get_extra_info("ssl_object") is not None else _ENDED | select.POLLIN
        poll = select.poll()
        poll.register(descriptor, select.POLLIN | _HALF_CLOSED)
        return not any(events & fatal for _, events in poll.poll(0))

    def start(self, request: ClientRequest) -> None:
        """Sends `request`. The connection must be usable."""
        transport = self._transport
        assert transport is not None
        self._request = request
        request.carrier = self
        self._reset_response()
        self._parser = _new_parser(self)
        length = request.content_length()
        head = [f"{request.method} {request.target} HTTP/1.1\r\n"]
        if request.wants_websocket:
            self._websocket_key = websocket.new_key()
            head.append(websocket.request_headers(self._websocket_key))
        elif length == -1:
            head.append("Transfer-Encoding: chunked\r\n")
        elif length is not None:
            head.append(f"Content-Length: {length}\r\n")
        head += (f"Host: {request.authority}\r\n", request.headers, "\r\n")
        data = "".join(head).encode("latin-1")
        body = request.body
        if body is None or request.wants_websocket:
            transport.write(data)
        elif isinstance(body, bytes):
            transport.write(data + body) if len(body) < _JOIN else transport.writelines((data, body))
        else:
            transport.write(data)
            self._upload = Upload(body, transport, self._uploaded, chunked=length == -1, length=body.length)
            if self._writing_paused:
                self._upload.pause()
            self._upload.pump()

    def cancel(self, request: ClientRequest) -> None:
        if self._request is request:
            self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # ---- transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not derive from asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._raw_left is not None:
            self._raw_data(data)
            return
        if self._parser is None:
            # Nothing was asked: the peer gives up the connection, or breaks the protocol.
            self.close()
            return
        if not self._head_done:
            self._head_bytes += len(data)
            if self._folds(data):
                self._break("bad response: a header that goes on in a second line")
                return
            if self._raw_head is not None:
                self._raw_head.append(data)
            if self._mending:
                if not self._mend():
                    self._break("bad response: more than one length")
                return
        self._feed(data)

    def _feed(self, data: bytes) -> None:
        assert self._parser is not None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgraded(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            cause = error.__context__ or error
            if not self._head_done and self._mend():
                return
            if not self._complete:
                if self._head_done and self._download is None:
                    self._begin_body()
                self._break(f"bad response: {cause}")
                return
            self._extra = True
        self._after_feed()

    def _mend(self) -> bool:
        """Reads a head again, once it is there, in which the parser does not like that the length is said twice. False:
        that was not it, or there is too much of it.
        """
        if self._raw_head is None or self._head_bytes > _MENDABLE:
            return False
        raw = b"".join(self._raw_head)
        mended = with_one_length(raw)
        if mended is None:
            return False
        if not mended:
            self._mending = True
            self._raw_head = [raw]
            return True
        size = self._head_bytes
        self._reset_response()
        self._raw_head, self._head_bytes = None, size
        self._parser = _new_parser(self)
        self._feed(mended)
        return True

    def _folds(self, data: bytes) -> bool:
        """Whether a header's value goes on in the next line, which the parser lets pass when it is lenient."""
        text = self._head_tail + data  # line ends come in pieces too
        self._head_tail = text[-3:]
        places = [place for place in (text.find(b"\n "), text.find(b"\n\t")) if place >= 0]
        if not places:
            return False
        # Behind the head's end it is the body's matter.
        head = min(places) + 1
        return text.find(b"\n\r\n", 0, head) < 0 and text.find(b"\n\n", 0, head) < 0

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        request, self._request = self._request, None
        upload, self._upload = self._upload, None
        self._parser = None
        if upload is not None:
            upload.stop(NETWORK_CONNECTION_LOST)
        self._owner.closed(self)
        if request is None:
            return
        download, self._download = self._download, None
        if download is not None:
            if download.finished:
                return
            if self._raw_left == -1 and error is None:
                download.close()
            else:
                download.abort(NETWORK_CONNECTION_LOST)
        elif self._used and self._head_bytes == 0 and request.replayable:
            self._owner.retry(request)
        else:
            request.fail(DisconnectedError(str(error or "connection closed before the response was complete")))

    def pause_writing(self) -> None:
        self._writing_paused = True
        if self._upload is not None:
            self._upload.pause()

    def resume_writing(self) -> None:
        self._writing_paused = False
        if self._upload is not None:
            self._upload.resume()

    # ---- parser

    def on_message_begin(self) -> None:
        if self._complete:
            self._extra = True

    def on_status(self, reason: bytes) -> None:
        if not self._complete:
            self._reason += reason  # it comes in the pieces that the socket gave

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._complete:
            return
        if self._head_done:  # a trailer: nobody reads it
            self._head_bytes += len(name) + len(value)
            if self._head_bytes > MAX_HEAD:
                raise ValueError(f"trailers over {MAX_HEAD} bytes")
            return
        if b"\0" in value:
            raise ValueError("a NUL in a header's value")
        if len(name) == 14 and name.lower() == b"content-length":
            self._length = int(value)
        elif len(name) == 17 and name.lower() == b"transfer-encoding":
            self._chunked = value.lower().rstrip().endswith(b"chunked")
        self._head += (name, b": ", value, b"\r\n")

    def on_headers_complete(self) -> None:
        if self._complete:
            return
        assert self._parser is not None and self._request is not None
        status = self._parser.get_status_code()
        if status < 100:
            raise ValueError(f"status {status}")
        if self._parser.get_http_version() not in ("1.1", "1.0"):
            raise ValueError(f"HTTP/{self._parser.get_http_version()}")
        if status < 200 and status != 101:
            self._interim = True
            self._head.clear()
            self._length, self._chunked, self._reason = -1, False, b""
            return
        self._status = status
        self._head_done = True
        self._raw_head = None
        self._keep = self._parser.should_keep_alive()
        self._no_body = self._request.method == "HEAD" or status in (204, 304)
        if self._no_body:
            # llhttp cannot know of HEAD: it is left behind here.
            self._complete = True
            if status in (204, 304) and (self._length > 0 or self._chunked):
                self._keep = False  # servers that say so tend to send that content, which the next request would take for its answer

    def on_body(self, chunk: bytes) -> None:
        if self._complete:
            self._extra = True
        elif self._download is not None:
            self._download.write(chunk)
        else:
            self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        if self._interim:
            self._interim = False
        elif self._head_done:
            self._complete = True

    # ---- the response

    def _after_feed(self) -> None:
        if not self._head_done:
            if self._head_bytes > MAX_HEAD:
                self._break(f"the head of the response is over {MAX_HEAD} bytes")
            return
        if self._request is None:
            return
        if self._status == 101:
            self._refuse_upgrade("no Connection: Upgrade header")
        elif self._complete:
            self._finish()
        elif self._download is None:
            self._begin_body()

    def _begin_body(self) -> None:
        """The head is there and the body has begun, but not ended."""
        request, transport = self._request, self._transport
        assert request is not None and transport is not None
        length = -1 if self._chunked else self._length
        pipe: Pipe = new_pipe(length)
        self._download = download = Download(pipe, transport, self.close)
        received = 0
        for chunk in self._chunks:
            received += len(chunk)
            download.write(chunk)
        self._chunks = []
        if not self._chunked:
            self._raw_left = length - received if length >= 0 else -1
            self._parser = None
        self._respond(request, pipe)

    def _respond(self, request: ClientRequest, body: Pipe | bytes | None) -> None:
        headers = b"".join(self._head).decode("latin-1")
        self._head = []
        request.respond(self._status, self._reason.decode("latin-1"), headers, body)

    def _raw_data(self, data: bytes) -> None:
        left = self._raw_left
        download = self._download
        assert left is not None and download is not None
        if left < 0:
            download.write(data)
            return
        if len(data) > left:
            self._extra = True
            data = data[:left]
        self._raw_left = left = left - len(data)
        download.write(data)
        if left == 0:
            self._finish()

    def _finish(self) -> None:
        """The response is complete: the connection is free before anybody hears of it."""
        request, download = self._request, self._download
        assert request is not None
        body = None if self._no_body else b"".join(self._chunks)
        self._chunks = []
        self._request = self._download = self._parser = self._raw_left = None
        self._used = True
        uploading = self._upload is not None and not self._upload.finished
        if download is not None:
            download.close()
        if self._keep and not self._extra and not uploading and self.usable:
            self._upload = None
            self._owner.idle(self)
        else:
            self.close()
        if download is None:
            self._respond(request, body)

    def _upgraded(self, rest: bytes) -> None:
        request, transport = self._request, self._transport
        assert request is not None and transport is not None
        headers = b"".join(self._head).decode("latin-1")
        if not request.wants_websocket:
            self._refuse_upgrade("nobody asked for one")
            return
        try:
            extension = websocket.check_response(request.headers, headers, self._websocket_key)
        except ValueError as error:
            self._refuse_upgrade(str(error))
            return
        self._request = self._transport = request.carrier = None
        self._owner.closed(self)
        connection = websocket.ClientWebSocket(transport, extension)
        request.respond(101, self._reason.decode("latin-1"), headers, None, connection.channel)
        connection.begin(rest)

    def _refuse_upgrade(self, why: str) -> None:
        """A 101 that is none."""
        request = self._request
        if request is None or not request.wants_websocket:
            self._break(f"101: {why}")
            return
        self._request = None
        self.close()
        request.respond(502, "Bad Gateway", "", f"Server failed WebSocket handshake: {why}".encode())

    def _uploaded(self, error: Exception | None) -> None:
        if error is not None:
            request = self._request
            if request is not None:
                request.fail(error)
            self.close()

    def _break(self, why: str) -> None:
        """The peer does not speak HTTP."""
        request, self._request = self._request, None
        download, self._download = self._download, None
        self.close()
        if download is not None:
            download.abort(NETWORK_CONNECTION_LOST)
        if request is not None:
            request.fail(DisconnectedError(why))


def _new_parser(connection: Http1Connection) -> httptools.HttpResponseParser:
    parser = httptools.HttpResponseParser(connection)
    # Servers that end lines with a bare LF, send a length beside chunks (chunks win) or control characters in values (on_header sees to
    # the one that nobody may send) are read as the original does.
    parser.set_dangerous_leniencies(
        lenient_optional_cr_before_lf=True, lenient_chunked_length=True, lenient_headers=True
    )
    return parser
