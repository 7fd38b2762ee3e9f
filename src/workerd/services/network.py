"""`network`: requests and connections to where their URL says, as far as `allow` and `deny` let them."""

from __future__ import annotations

from workerd.config.model import Network
from workerd.services import headers as blocks
from workerd.services.connect import Tasks, connect
from workerd.services.contract import Exchange
from workerd.services.errors import InternalError, UserError, fail
from workerd.services.filter import NetworkFilter
from workerd.services.http_options import OutgoingRequest, RequestUrl, parse_url
from workerd.services.tls import client_context
from workerd.sockets.client.address import TcpAddress, parse_address
from workerd.sockets.client.outgoing import ClientRequest
from workerd.sockets.client.pool import Origin, TlsContexts

#: Places remembered before those without a connection are forgotten.
_MANY_ORIGINS = 256


class NetworkService:
    """One `network` service. Connections are pooled by scheme, host and port, and never shared with another service."""

    def __init__(self, config: Network) -> None:
        """Raises ValueError (FilterError, TlsConfigError) for a config that cannot be used."""
        self.filter = NetworkFilter(config.allow, config.deny)
        options = config.tls_options
        self.tls = None if options is None else TlsContexts(lambda alpn: client_context(options, alpn))
        self._origins: dict[tuple[str, str, int], Origin] = {}
        self._tasks = Tasks()

    def request(self, exchange: Exchange) -> None:
        """Answers over the network. CONNECT opens a raw connection to the URL's host and port."""
        try:
            if exchange.method == "CONNECT":
                address = parse_address(exchange.url, 0)
                tls = None if self.tls is None else self.tls.raw
                self._tasks.spawn(connect(exchange, address, allowed=self.filter, on_demand=tls))
                return
            url = parse_url(exchange.url)
            origin = self._origin(url)
            headers = blocks.without_connection_headers(exchange.headers)
            request = ClientRequest(exchange, OutgoingRequest(url.target, url.authority, headers))
        except ValueError as error:
            fail(exchange, UserError(str(error)), exchange.method)
        except (UserError, InternalError) as error:
            fail(exchange, error, f"{exchange.method} {exchange.url.partition('?')[0]}")
        else:
            origin.send(request)

    def close(self) -> None:
        """Ends all connections."""
        self._tasks.close()
        for origin in self._origins.values():
            origin.close()

    def _origin(self, url: RequestUrl) -> Origin:
        key = (url.scheme, url.host, url.port)
        origin = self._origins.get(key)
        if origin is None:
            if url.scheme == "https" and self.tls is None:
                raise InternalError("this network service has no tlsOptions, so it cannot do https")
            if len(self._origins) >= _MANY_ORIGINS:
                self._origins = {key: origin for key, origin in self._origins.items() if not origin.unused}
            origin = self._origins[key] = Origin(
                TcpAddress(url.host, url.port),
                allowed=self.filter,
                tls=self.tls if url.scheme == "https" else None,
            )
        return origin
