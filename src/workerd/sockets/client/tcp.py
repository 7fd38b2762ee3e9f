"""Raw connections: bytes both ways through pipes, TLS from the start or later."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from workerd.services.contract import Pipe
from workerd.services.errors import NETWORK_CONNECTION_LOST, InternalError
from workerd.services.filter import NetworkFilter
from workerd.services.pipes import new_pipe
from workerd.sockets.client.address import Address
from workerd.sockets.client.dial import HANDSHAKE_TIMEOUT, dial
from workerd.sockets.client.download import Download
from workerd.sockets.client.upload import Upload


class TcpStream(asyncio.Protocol):
    """One connection. `incoming` has what the peer sends; `send()` takes the pipe with what it is to get.

    Half-open is allowed: the end of the outgoing pipe ends only that direction.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self.incoming: Pipe = new_pipe()
        self._download: Download | None = None
        self._upload: Upload | None = None
        self._paused = False
        self._sent = self._received = False
        #: Called once, when the connection is gone: with None after both sides ended it in order.
        self.on_closed: Callable[[Exception | None], None] | None = None

    def send(self, outgoing: Pipe) -> None:
        """Begins to send what comes out of `outgoing`."""
        transport = self._transport
        if transport is None:
            outgoing.cancel(NETWORK_CONNECTION_LOST)
            return
        self._upload = Upload(outgoing, transport, self._uploaded)
        if self._paused:
            self._upload.pause()
        self._upload.pump()

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> None:
        """Turns to TLS: what `send()`'s pipe gives from now on is encrypted. Raises InternalError, and then the
        connection is gone.
        """
        transport = self._transport
        if transport is None:
            raise InternalError("the connection is closed")
        if self._upload is not None:
            self._upload.pause()
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport, self, _half_open(context), server_hostname=server_name, ssl_handshake_timeout=HANDSHAKE_TIMEOUT
            )
        except (OSError, ssl.CertificateError, TimeoutError) as error:
            transport.abort()
            raise InternalError(f"TLS handshake failed: {error}") from error
        if secured is None or self._transport is None:
            raise InternalError("TLS handshake failed: the connection is closed")
        self.connection_made(secured)
        if self._upload is not None:
            self._upload.move(secured)
            if not self._paused:
                self._upload.resume()

    def close(self) -> None:
        """Ends both directions at once."""
        if self._transport is not None:
            self._transport.close()

    # ---- transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not derive from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._download = Download(self.incoming, self._transport, self._unwanted)

    def data_received(self, data: bytes) -> None:
        if self._download is not None and not self._download.finished:
            self._download.write(data)

    def eof_received(self) -> bool:
        self._received = True
        if self._download is not None and not self._download.finished:
            self._download.close()
        # True keeps the connection for what is still to be sent; TLS has no half-open state.
        return not self._sent and self._transport is not None and self._transport.get_extra_info("ssl_object") is None

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._upload is not None:
            self._upload.stop(NETWORK_CONNECTION_LOST)
        if self._download is not None and not self._download.finished:
            if error is None:
                self._download.close()
            else:
                self._download.abort(NETWORK_CONNECTION_LOST)
        if self.on_closed is not None:
            self.on_closed(error)

    def pause_writing(self) -> None:
        self._paused = True
        if self._upload is not None:
            self._upload.pause()

    def resume_writing(self) -> None:
        self._paused = False
        if self._upload is not None:
            self._upload.resume()

    def _uploaded(self, error: Exception | None) -> None:
        self._sent = True
        transport = self._transport
        if transport is None:
            return
        if error is not None:
            transport.abort()
        elif self._received:
            transport.close()
        elif transport.can_write_eof():
            transport.write_eof()
        else:
            _end_tls_output(transport)

    def _unwanted(self) -> None:
        # Nobody reads: what the peer still sends is thrown away, as TCP itself would not.
        self._received = True
        if self._sent and self._transport is not None:
            self._transport.close()


class _TlsObject(ssl.SSLObject):
    """Reads the peer's end as an end also after our own, where OpenSSL calls it an error, which loses what came before it."""

    def read(self, len: int = 1024, buffer: Any = None) -> Any:
        try:
            return super().read(len, buffer)
        except ssl.SSLZeroReturnError:
            return b"" if buffer is None else 0


def _half_open(context: ssl.SSLContext) -> ssl.SSLContext:
    context.sslobject_class = _TlsObject
    return context


def _end_tls_output(transport: asyncio.Transport) -> None:
    """Tells the peer that no more comes (close_notify). Transports cannot, and would stop receiving; TLS itself goes on."""
    secured = transport.get_extra_info("ssl_object")
    if isinstance(secured, ssl.SSLObject):
        with suppress(ssl.SSLError):
            secured.unwrap()  # wants to read the peer's end, which comes in its own time
        transport.writelines([])  # sends what that made


async def open_tcp(
    address: Address,
    *,
    allowed: NetworkFilter | None = None,
    tls: ssl.SSLContext | None = None,
    server_name: str | None = None,
) -> TcpStream:
    """A connection to `address`, with TLS from the start if `tls` is given. Raises as `dial` does."""
    if tls is not None:
        _half_open(tls)
    _, stream = await dial(address, TcpStream, allowed=allowed, tls=tls, server_name=server_name)
    return stream
