"""HTTP/2, the client's side (RFC 9113), over the h2 library: one connection, many requests at a time.

Received data is acknowledged (which lets the server send more) when the consumer of the body has taken it, so a slow
reader slows its own stream and no other.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Protocol, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

from workerd.services import headers as blocks
from workerd.services.contract import Body
from workerd.services.errors import NETWORK_CONNECTION_LOST, DisconnectedError
from workerd.sockets.client.http2_stream import Stream
from workerd.sockets.client.outgoing import ClientRequest

#: Bytes a server may send ahead of the reader: on one stream, and on all streams together.
STREAM_WINDOW = 512 * 1024
CONNECTION_WINDOW = 16 * 1024 * 1024
MAX_FRAME = 64 * 1024
#: Most bytes of a response's headers, decompressed.
MAX_HEADER_LIST = 256 * 1024
#: Most bytes that may wait for the server to read them. Requests' bodies stop long before.
MAX_UNSENT = 4 * 1024 * 1024
#: Frames that bring nothing (pings, settings, empty data, interim responses...) a server may send in a row, and how many
#: a second do not count.
MAX_IDLE_FRAMES = 10_000
IDLE_FRAMES_PER_SECOND = 100
#: Seconds without a stream before the connection is given up.
IDLE_TIMEOUT = 60.0


class Owner(Protocol):
    """The pool a connection belongs to."""

    def http2_ended(self, connection: Http2Connection) -> None: ...
    def retry(self, request: ClientRequest) -> None: ...


class Http2Connection(asyncio.Protocol):
    """`start()` opens a stream; the connection answers each request on its own."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self.h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None, validate_outbound_headers=False))
        self.h2.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
                SettingCodes.MAX_FRAME_SIZE: MAX_FRAME,
                SettingCodes.MAX_HEADER_LIST_SIZE: MAX_HEADER_LIST,
            },
        )
        self.h2.max_inbound_frame_size = MAX_FRAME
        self.streams: dict[int, Stream] = {}
        self.writing_paused = False
        #: Frames without content since content last went either way.
        self._idle_frames = 0.0
        self._counted_at = time.monotonic()
        self._ending = False
        self._idle_timer: asyncio.TimerHandle | None = None

    @property
    def has_room(self) -> bool:
        """Whether one more request may start now."""
        return not self._ending and len(self.streams) < min(self.h2.remote_settings.max_concurrent_streams, 1 << 16)

    def start(self, request: ClientRequest) -> None:
        """Opens a stream for `request`; `has_room` was true."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        stream_id = self.h2.get_next_available_stream_id()
        length = request.content_length()
        fields = [
            (b":method", request.method.encode("latin-1")),
            (b":scheme", b"https"),
            (b":authority", request.authority.encode("latin-1")),
            (b":path", request.target.encode("latin-1")),
        ]
        if length is not None and length >= 0:
            fields.append((b"content-length", str(length).encode()))
        for name, value in blocks.pairs(request.headers):
            fields.append((name.lower().encode("latin-1"), value.encode("latin-1")))
        body: Body = request.body if request.body != b"" else None
        request.carrier = self
        stream = Stream(self, stream_id, request)
        self.streams[stream_id] = stream
        try:
            self.h2.send_headers(stream_id, fields, end_stream=body is None)
        except ProtocolError as error:
            del self.streams[stream_id]
            request.fail(DisconnectedError(str(error)))
            return
        if body is not None:
            stream.upload(body)
        self.flush()

    def cancel(self, request: ClientRequest) -> None:
        for stream in list(self.streams.values()):
            if stream.request is request:
                self.reset(stream, ErrorCodes.CANCEL)

    def reset(self, stream: Stream, code: ErrorCodes) -> None:
        """Gives up `stream` and tells the server."""
        if self.streams.pop(stream.stream_id, None) is None:
            return
        stream.drop()
        with contextlib.suppress(ProtocolError):  # the server may have closed it in the same moment
            self.h2.reset_stream(stream.stream_id, code)
        self.flush()
        self._check_idle()

    def acknowledge(self, stream_id: int, size: int) -> None:
        """`size` bytes of the stream have left this machine's buffers."""
        if self._transport is None:
            return
        try:
            self.h2.acknowledge_received_data(size, stream_id)
        except ProtocolError:
            return
        self.flush()

    def flush(self) -> None:
        if self._transport is not None:
            data = self.h2.data_to_send()
            if data:
                self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # ---- transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not derive from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(CONNECTION_WINDOW - 65535)
        self.flush()
        self._check_idle()

    def data_received(self, data: bytes) -> None:
        try:
            events = self.h2.receive_data(data)
        except ProtocolError as error:
            self.flush()
            self._end(DisconnectedError(f"HTTP/2: {error or type(error).__name__}"))
            return
        self._idle_frames += len(events)
        for event in events:
            self._handle(event)
        self.flush()
        if self._idle_frames > MAX_IDLE_FRAMES and self._too_many():
            self._end(DisconnectedError("HTTP/2: the server sends frames without content"))
            return
        if self._transport is not None and self._transport.get_write_buffer_size() > MAX_UNSENT:
            # It asks (pings, settings) without reading the answers.
            self._end(DisconnectedError("HTTP/2: the server does not read"))

    def content_moved(self) -> None:
        """Part of a body or a head went one way or the other."""
        self._idle_frames = 0.0
        self._counted_at = time.monotonic()

    def _too_many(self) -> bool:
        now = time.monotonic()
        self._idle_frames = max(0.0, self._idle_frames - (now - self._counted_at) * IDLE_FRAMES_PER_SECOND)
        self._counted_at = now
        return self._idle_frames > MAX_IDLE_FRAMES

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._end(DisconnectedError(str(error or "connection closed before the response was complete")))

    def pause_writing(self) -> None:
        self.writing_paused = True

    def resume_writing(self) -> None:
        self.writing_paused = False
        for stream in list(self.streams.values()):
            stream.pump()
        self.flush()

    # ---- events

    def _handle(self, event: Event) -> None:
        if isinstance(event, DataReceived):
            if event.data:
                self.content_moved()
            stream = self.streams.get(event.stream_id)
            if stream is None:
                self.acknowledge(event.stream_id, event.flow_controlled_length)
            else:
                stream.received(event.data, event.flow_controlled_length)
        elif isinstance(event, ResponseReceived):
            self.content_moved()
            stream = self.streams.get(event.stream_id)
            if stream is not None:
                stream.head(event.headers, ended=event.stream_ended is not None)
        elif isinstance(event, StreamEnded):
            stream = self.streams.get(event.stream_id)
            if stream is not None and stream.ended():
                self.forget(stream)
        elif isinstance(event, StreamReset):
            self._stream_reset(event)
        elif isinstance(event, WindowUpdated):
            waiting = [self.streams.get(event.stream_id)] if event.stream_id else list(self.streams.values())
            for stream in waiting:
                if stream is not None:
                    stream.pump()
        elif isinstance(event, RemoteSettingsChanged):
            for stream in list(self.streams.values()):
                stream.pump()
        elif isinstance(event, ConnectionTerminated):
            self._going_away(event)

    def forget(self, stream: Stream) -> None:
        """`stream` is over on both sides, or its rest is of no interest."""
        self.streams.pop(stream.stream_id, None)
        self._check_idle()

    def _stream_reset(self, event: StreamReset) -> None:
        stream = self.streams.get(event.stream_id)
        if stream is None:
            return
        if event.error_code == ErrorCodes.NO_ERROR and stream.complete:
            # The server needs no more of the request's body (RFC 9113, 8.1).
            stream.drop()
        elif event.error_code == ErrorCodes.REFUSED_STREAM and stream.can_move:
            self.forget(stream)
            self._owner.retry(stream.request)
            return
        else:
            stream.broken(DisconnectedError(f"HTTP/2 stream reset by the server: {event.error_code!s}"))
        self.forget(stream)

    def _going_away(self, event: ConnectionTerminated) -> None:
        self._ending = True
        self._owner.http2_ended(self)
        last = event.last_stream_id or 0
        for stream in [stream for stream in self.streams.values() if stream.stream_id > last]:
            # The server has not looked at these: they may go elsewhere.
            self.streams.pop(stream.stream_id)
            if stream.can_move:
                self._owner.retry(stream.request)
            else:
                stream.broken(DisconnectedError("HTTP/2 server going away"))
        if not self.streams or event.error_code != ErrorCodes.NO_ERROR:
            self._end(DisconnectedError(f"HTTP/2 connection ended by the server: {event.error_code!s}"))

    def _end(self, error: Exception) -> None:
        self._ending = True
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        streams, self.streams = list(self.streams.values()), {}
        self._owner.http2_ended(self)
        for stream in streams:
            stream.broken(error)
        if self._transport is not None:
            self._transport.close()

    def _check_idle(self) -> None:
        if self.streams:
            return
        if self._ending:
            self._end(DisconnectedError(NETWORK_CONNECTION_LOST))
        elif self._idle_timer is None and self._transport is not None:
            self._idle_timer = asyncio.get_running_loop().call_later(IDLE_TIMEOUT, self._expire)

    def _expire(self) -> None:
        self._idle_timer = None
        if not self.streams:
            self._end(DisconnectedError("idle"))
