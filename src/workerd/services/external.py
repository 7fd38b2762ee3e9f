"""`external`: one server, whatever the URL says, over HTTP, HTTPS or raw TCP."""

from __future__ import annotations

from workerd.config.model import ExternalServer
from workerd.config.network import TlsOptions
from workerd.services import pipes
from workerd.services.connect import Tasks, connect
from workerd.services.contract import Exchange
from workerd.services.errors import NETWORK_CONNECTION_LOST, UserError, fail
from workerd.services.http_options import ClientRewriter
from workerd.services.tls import client_context
from workerd.sockets.client.address import Address, TcpAddress, parse_address
from workerd.sockets.client.outgoing import ClientRequest
from workerd.sockets.client.pool import Origin, TlsContexts


def _server_name(address: Address, certificate_host: str | None) -> str | None:
    """What the server's certificate is checked against: `certificateHost`, else the host of the address."""
    if certificate_host:
        return certificate_host
    if isinstance(address, TcpAddress):
        return address.host
    raise ValueError(f"TLS to {address} needs a certificateHost")


class ExternalHttpService:
    """Requests go to one HTTP or HTTPS server, edited as its HttpOptions say."""

    def __init__(self, config: ExternalServer) -> None:
        """Raises ValueError for a config that cannot be used."""
        secure = config.kind == "https"
        address = parse_address(config.address or "", 443 if secure else 80)
        self._rewriter = ClientRewriter(config.options)
        tls = None
        name = None
        if secure:
            options = config.tls_options or TlsOptions()
            name = _server_name(address, config.certificate_host)
            # A request line with a whole URL in it is a thing of HTTP/1.1.
            tls = TlsContexts(lambda alpn: client_context(options, alpn), http2=not self._rewriter.proxy)
        self._origin = Origin(address, tls=tls, server_name=name)

    def request(self, exchange: Exchange) -> None:
        if exchange.method == "CONNECT":
            pipes.drop(exchange.body, NETWORK_CONNECTION_LOST)
            fail(exchange, UserError("External HTTP servers don't support this event type.", "Error"), "connect")
            return
        try:
            outgoing = self._rewriter.request(exchange.url, exchange.headers, exchange.cf)
        except UserError as error:
            fail(exchange, error, f"{exchange.method} {exchange.url.partition('?')[0]}")
            return
        edit = self._rewriter.response if self._rewriter.changes_response else None
        self._origin.send(ClientRequest(exchange, outgoing, edit))

    def close(self) -> None:
        """Ends all connections."""
        self._origin.close()


class ExternalTcpService:
    """Connections go to one TCP server. There is nothing else one can ask it."""

    def __init__(self, config: ExternalServer) -> None:
        """Raises ValueError for a config that cannot be used."""
        self._address = parse_address(config.address or "", 0)
        self._tls = None
        self._server_name: str | None = None
        if config.tls_options is not None:
            self._server_name = _server_name(self._address, config.certificate_host)
            self._tls = client_context(config.tls_options)
        self._tasks = Tasks()

    def request(self, exchange: Exchange) -> None:
        if exchange.method != "CONNECT":
            pipes.drop(exchange.body, NETWORK_CONNECTION_LOST)
            fail(exchange, UserError("External TCP servers don't support this event type.", "Error"), exchange.method)
            return
        self._tasks.spawn(connect(exchange, self._address, tls=self._tls, server_name=self._server_name))

    def close(self) -> None:
        self._tasks.close()


def make_external(config: ExternalServer) -> ExternalHttpService | ExternalTcpService:
    """Raises ValueError for a config that cannot be used."""
    if config.kind in ("http", "https"):
        return ExternalHttpService(config)
    if config.kind == "tcp":
        return ExternalTcpService(config)
    raise ValueError("unrecognized protocol. Was the config compiled with a newer version of the schema?")
