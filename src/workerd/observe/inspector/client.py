"""A debugger's WebSocket and its session with one worker: between the inspector's thread and the worker's."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from workerd.observe.inspector import messages, websocket
from workerd.observe.inspector.stepping import Stepping

if TYPE_CHECKING:
    from workerd.observe.inspector.target import Target

#: Bytes that may wait for a client that does not read; a heap snapshot has a few hundred megabytes at most.
MAX_UNSENT = 1024 * 1024 * 1024


class Client:
    """On the inspector's thread but for `_from_worker`."""

    def __init__(self, target: Target, transport: asyncio.Transport) -> None:
        """Raises RuntimeError if the worker is gone."""
        self._target = target
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._parser = websocket.Parser()
        self._stepping = Stepping(messages.OWN_ID)
        #: What the worker's thread has for us, None as the last.
        self._outbox: deque[str | None] = deque()
        self._flush_pending = False
        self._closed = False
        self._session = target.connect(self._from_worker)

    # ---- from the worker

    def _from_worker(self, message: str | None) -> None:
        self._outbox.append(message)
        if not self._flush_pending:
            self._flush_pending = True
            try:
                self._loop.call_soon_threadsafe(self._flush)
            except RuntimeError:  # the inspector has ended
                self._outbox.clear()

    def _flush(self) -> None:
        self._flush_pending = False
        frames: list[bytes] = []
        while self._outbox:
            message = self._outbox.popleft()
            if message is None:
                self._write(frames)
                self.close(1001, "the worker has ended")
                return
            text = messages.for_client(message)
            if text is not None:
                text, step = self._stepping.event(text)
                if step is not None:
                    self._session.post(step)
                    self._target.wake()
            if text is not None:
                frames.append(websocket.encode_text(text))
        self._write(frames)

    def _write(self, frames: list[bytes]) -> None:
        if self._closed or not frames:
            return
        self._transport.write(b"".join(frames))
        if self._transport.get_write_buffer_size() > MAX_UNSENT:
            self._transport.abort()

    # ---- from the client

    def received(self, data: bytes) -> None:
        if self._closed:
            return
        try:
            for message in self._parser.feed(data):
                self._take(message)
        except websocket.ProtocolError as error:
            self.close(error.code, str(error))

    def _take(self, message: websocket.Message) -> None:
        if self._closed:
            return
        if message.kind == "text" and isinstance(message.data, str):
            own = messages.answer(message.data)
            if own is not None:
                self._from_worker(own)  # in the order of answers that are on their way
                return
            self._stepping.command(message.data)
            for each in messages.for_worker(message.data):
                self._session.post(each)
            self._target.wake()
        elif message.kind == "ping" and isinstance(message.data, bytes):
            self._transport.write(websocket.encode_pong(message.data))
        elif message.kind == "close":
            self.close(message.code)

    # ---- the end

    def close(self, code: int, reason: str = "") -> None:
        """Sends a close frame and ends the session."""
        if self._closed:
            return
        self._closed = True
        if not self._transport.is_closing():
            self._transport.write(websocket.encode_close(code, reason))
            self._transport.close()
        self._leave()

    def lost(self) -> None:
        if not self._closed:
            self._closed = True
            self._leave()

    def _leave(self) -> None:
        self._session.post_close()
        self._target.wake()
