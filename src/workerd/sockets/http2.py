"""HTTP/2, the server's side (RFC 9113), over the h2 library: for `https` sockets whose clients ask for it by ALPN.

A client may send ahead of a request body's reader only as much as the stream's window: received data is acknowledged
when the reader has taken it. What clients can make us keep or do without end is bounded: streams, header bytes, resets,
and answers that they do not read.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame

from workerd.sockets.http2_stream import ServerStream
from workerd.sockets.owner import ConnectionOwner

#: Bytes a client may send ahead of the reader: on one stream, and on all streams together.
STREAM_WINDOW = 256 * 1024
CONNECTION_WINDOW = 4 * 1024 * 1024
MAX_STREAMS = 128
#: Streams a client may give up before it has had an answer; more than that is an attack (CVE-2023-44487).
MAX_RESETS = 1000
#: Most bytes that may wait for the client to read them. Responses' bodies stop long before.
MAX_UNSENT = 4 * 1024 * 1024


class Http2Server(asyncio.Protocol):
    """One connection. For its listener it is like a `_native.HttpConnection`."""

    def __init__(self, native: Any, target: Any, options: Any, owner: ConnectionOwner) -> None:
        """`options`: `_native.HttpOptions`."""
        self.native = native
        self.target = target
        self.options = options
        self.cf = ""
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self.h2.local_settings = Settings(
            client=False,
            initial_values={
                SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
                SettingCodes.MAX_CONCURRENT_STREAMS: MAX_STREAMS,
                SettingCodes.MAX_HEADER_LIST_SIZE: options.max_head,
            },
        )
        self.h2.decoder.max_header_list_size = options.max_head  # else only once the client has confirmed the settings
        self.streams: dict[int, ServerStream] = {}
        self.writing_paused = False
        self._resets = 0
        self._last_stream = 0
        self._leaving = False
        self._idle_since = time.monotonic()
        self._unsent = 0
        self._progress = 0.0

    # ---- what the listener does

    @property
    def closed(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    @property
    def idle(self) -> bool:
        return not self.streams

    def attach(self, transport: asyncio.Transport, cf: str = "") -> None:
        """Begins: the settings go out."""
        self._transport = transport
        self.cf = cf
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(CONNECTION_WINDOW - 65535)
        self.flush()

    def set_target(self, target: Any) -> None:
        self.target = target

    def shutdown(self) -> None:
        """No more streams; closes when those that are there have ended."""
        if self._leaving or self._transport is None:
            return
        self._leaving = True
        # Not h2's own close_connection(): it lets no stream finish.
        self._transport.write(GoAwayFrame(0, last_stream_id=self._last_stream).serialize())
        self._close_if_done()

    def check_timeout(self, now: float, unsent: int) -> None:
        if self._transport is None:
            return
        if unsent != self._unsent or not unsent:
            self._unsent, self._progress = unsent, now
        elif now - self._progress > self.options.body_timeout:
            self._transport.abort()
        elif not self.streams and now - self._idle_since > self.options.idle_timeout:
            self.shutdown()
        for stream in list(self.streams.values()):
            if stream.stalled(now, self.options.body_timeout):
                self.reset(stream, ErrorCodes.NO_ERROR)
        self.flush()

    # ---- what the transport tells

    def data_received(self, data: bytes) -> None:
        try:
            for event in self.h2.receive_data(data):
                self._handle(event)
        except ProtocolError:
            # h2 has its GOAWAY ready.
            self._end()
            return
        # h2 looks at a frame's length only when all of the frame is there, which can be 16 MiB.
        if len(self.h2.incoming_buffer._data) > self.h2.max_inbound_frame_size + 9:
            self.h2.close_connection(ErrorCodes.FRAME_SIZE_ERROR)
            self._end()
            return
        self.flush()
        if self._transport is not None and self._transport.get_write_buffer_size() > MAX_UNSENT:
            self._transport.abort()

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self.writing_paused = True

    def resume_writing(self) -> None:
        self.writing_paused = False
        self._pump_all()

    def tell(self, what: str, *facts: Any) -> None:
        """Calls a method of the owner's that it need not have."""
        method = getattr(self._owner, what, None)
        if method is not None:
            method(self, *facts)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        streams = list(self.streams.values())
        self.streams.clear()
        for stream in streams:
            stream.gone()
        self._owner.connection_lost(self)

    # ---- events

    def _handle(self, event: Event) -> None:
        stream = self.streams.get(getattr(event, "stream_id", None) or 0)
        if isinstance(event, RequestReceived):
            self._start(event)
        elif isinstance(event, DataReceived):
            if stream is None:
                self._acknowledge(event.flow_controlled_length, event.stream_id or 0)
            else:
                stream.received(event.data or b"", event.flow_controlled_length)
        elif isinstance(event, StreamEnded):
            if stream is not None:
                stream.request_ended()
        elif isinstance(event, StreamReset):
            self._resets += 1
            if stream is not None:
                self.forget(stream)
                stream.gone()
            if self._resets > MAX_RESETS:
                self.h2.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
                self._end()
        elif isinstance(event, (WindowUpdated, RemoteSettingsChanged)):
            if stream is not None:
                stream.pump()
            else:
                self._pump_all()

    def _start(self, event: RequestReceived) -> None:
        assert event.stream_id is not None
        self._last_stream = max(self._last_stream, event.stream_id)
        if self._leaving:
            self.h2.reset_stream(event.stream_id, ErrorCodes.REFUSED_STREAM)
            return
        stream = ServerStream(self, event.stream_id)
        self.streams[event.stream_id] = stream
        stream.start(event.headers or [], ended=event.stream_ended is not None)

    def _pump_all(self) -> None:
        for stream in list(self.streams.values()):
            if self.writing_paused:
                break
            stream.pump()
        self.flush()

    # ---- what streams do

    def flush(self) -> None:
        if self._transport is not None:
            data = self.h2.data_to_send()
            if data:
                self._transport.write(data)

    def _end(self) -> None:
        self.flush()
        if self._transport is not None:
            self._transport.close()

    def acknowledge(self, size: int, stream_id: int) -> None:
        """`size` bytes of the stream's body are used up: the client may send as many more."""
        self._acknowledge(size, stream_id)
        self.flush()

    def _acknowledge(self, size: int, stream_id: int) -> None:
        if size and self._transport is not None:
            with contextlib.suppress(ProtocolError):  # the stream, or all of it, has ended
                self.h2.acknowledge_received_data(size, stream_id)

    def reset(self, stream: ServerStream, code: ErrorCodes) -> None:
        """Ends a stream before its time."""
        if self._transport is not None and stream.stream_id in self.streams:
            with contextlib.suppress(ProtocolError):  # the client was faster
                self.h2.reset_stream(stream.stream_id, code)
        self.forget(stream)
        stream.gone()
        self.flush()

    def forget(self, stream: ServerStream) -> None:
        """Both directions have ended."""
        if self.streams.pop(stream.stream_id, None) is not None and not self.streams:
            self._idle_since = time.monotonic()
            self._close_if_done()

    def _close_if_done(self) -> None:
        if self._leaving and not self.streams and self._transport is not None:
            self.flush()
            self._transport.close()
