"""One request on its way out, whatever protocol carries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from workerd.services import headers as blocks
from workerd.services import pipes
from workerd.services.contract import Body, ChannelEnd, Exchange
from workerd.services.errors import NETWORK_CONNECTION_LOST, fail
from workerd.services.http_options import OutgoingRequest

#: RFC 9110, 9.2.2: asking twice is the same as asking once.
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
#: RFC 9110, 8.6: the length is said for all other methods, even where there is no content.
_NO_CONTENT = frozenset({"GET", "HEAD"})


class Carrier(Protocol):
    """The connection that carries a request at the moment."""

    def cancel(self, request: ClientRequest) -> None:
        """The asker is gone."""
        ...


class ClientRequest:
    """A request, what goes on the wire for it, and the way back. Answers once; later answers are dropped."""

    __slots__ = (
        "answered",
        "authority",
        "body",
        "cancelled",
        "carrier",
        "edit_headers",
        "exchange",
        "headers",
        "method",
        "retried",
        "target",
        "wants_websocket",
    )

    def __init__(
        self, exchange: Exchange, outgoing: OutgoingRequest, edit_headers: Callable[[str], str] | None = None
    ) -> None:
        """`edit_headers` is applied to the response's headers."""
        self.exchange = exchange
        self.method = exchange.method
        self.target = outgoing.target
        self.authority = outgoing.authority
        self.headers = outgoing.headers
        self.body: Body = exchange.body
        self.wants_websocket = exchange.wants_websocket
        self.edit_headers = edit_headers
        self.carrier: Carrier | None = None
        self.answered = self.cancelled = self.retried = False
        exchange.on_cancel(self._cancelled)

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again after a connection broke without a sign of life."""
        return (
            not self.answered
            and not self.cancelled
            and not self.retried
            and self.method in _IDEMPOTENT
            and (self.body is None or isinstance(self.body, bytes))
        )

    def well_formed(self) -> bool:
        """Whether nothing in it can end a header or the request line early."""
        return (
            blocks.is_valid(self.headers)
            and blocks.is_valid_header(self.method, "")
            and blocks.is_valid_header("Host", self.authority)
            and blocks.is_valid_header("Target", self.target)
            and " " not in self.target
        )

    def content_length(self) -> int | None:
        """Bytes of content, -1 if unknown; None where the request has none and needs not say so."""
        if self.body is None:
            return None if self.method in _NO_CONTENT else 0
        return pipes.body_length(self.body)

    def respond(
        self, status: int, status_text: str, headers: str, body: Body, channel: ChannelEnd | None = None
    ) -> None:
        if self.answered or self.cancelled:
            pipes.drop(body, "the request was cancelled")
            if channel is not None:
                channel.abort(NETWORK_CONNECTION_LOST)
            return
        self.answered = True
        if self.edit_headers is not None:
            headers = self.edit_headers(headers)
        self.exchange.respond(status, status_text, headers, body, channel)

    def fail(self, error: BaseException) -> None:
        """Answers with an error, unless there is an answer already. Stops the upload in any case."""
        pipes.drop(self.body, NETWORK_CONNECTION_LOST)
        if not self.answered and not self.cancelled:
            self.answered = True
            fail(self.exchange, error, f"{self.method} {self.authority}{self.target.partition('?')[0]}")

    def _cancelled(self) -> None:
        self.cancelled = True
        # Neither the body nor a ring of references is to wait for the garbage collection.
        body, self.body = self.body, None
        carrier, self.carrier = self.carrier, None
        pipes.drop(body, "the request was cancelled")
        if carrier is not None:
            carrier.cancel(self)
