"""From a socket of the config to a Listener."""

from __future__ import annotations

from typing import Any

from workerd.config.model import HttpSocket, HttpsSocket, Socket, TcpSocket, TcpTlsMode, UdpSocket
from workerd.config.network import HttpOptions, HttpStyle, TlsOptions
from workerd.config.options import ServeOptions
from workerd.engine.library import load
from workerd.services.tls import TlsConfigError, server_context
from workerd.sockets.address import AddressError, inherit, parse_listen_address
from workerd.sockets.listener import Listener


class SocketConfigError(ValueError):
    """A socket that cannot be served; the message names it."""


def http_options(options: HttpOptions, scheme: str) -> dict[str, object]:
    """What `_native.HttpOptions` takes."""
    return {
        "style": "proxy" if options.style == HttpStyle.PROXY else "host",
        "scheme": scheme,
        "forwarded_proto_header": options.forwarded_proto_header,
        "cf_blob_header": options.cf_blob_header,
        "inject_request_headers": tuple((h.name, h.value) for h in options.inject_request_headers),
        "inject_response_headers": tuple((h.name, h.value) for h in options.inject_response_headers),
    }


def make_listener(config: Socket, options: ServeOptions, target: Any) -> Listener:
    """A listener for `config` whose requests go to `target`, a `_native.Target`; start() makes it listen.

    Raises SocketConfigError.
    """
    native = load()
    protocol = config.protocol
    tls: TlsOptions | None = None
    raw = later = False
    if isinstance(protocol, HttpSocket):
        native_options, port = http_options(protocol.options, "http"), 80
        native_options["observe"] = options.observes
    elif isinstance(protocol, HttpsSocket):
        native_options, port = http_options(protocol.options, "https"), 443
        native_options["observe"] = options.observes
        tls = protocol.tls_options
    elif isinstance(protocol, TcpSocket):
        native_options, port, raw = {}, 0, True
        tls = protocol.tls_options
        later = protocol.tls_mode == TcpTlsMode.START_TLS
    elif isinstance(protocol, UdpSocket):
        raise SocketConfigError(f'socket "{config.name}": udp is not supported')
    else:
        raise SocketConfigError(f'socket "{config.name}": this release does not know its protocol')

    try:
        descriptor = options.socket_fds.get(config.name)
        inherited = inherit(descriptor) if descriptor is not None else None
        address = None
        if inherited is None:
            if config.address is None:
                raise AddressError("there is no address")
            address = parse_listen_address(config.address, port)
        context = server_context(tls, () if raw else ("h2", "http/1.1")) if tls is not None else None
        shared = native.HttpOptions(native_options)
    except (AddressError, TlsConfigError, ValueError) as error:
        raise SocketConfigError(f'socket "{config.name}": {error}') from error

    def connection(current: Any, owner: object) -> Any:
        return native.HttpConnection(current, shared, owner)

    def http2(current: Any, owner: Any) -> Any:
        from workerd.sockets.http2 import Http2Server  # when it is needed: it takes some time to load

        return Http2Server(native, current, shared, owner)

    return Listener(
        config.name,
        address,
        target,
        connection,
        inherited=inherited,
        tls=None if later else context,
        start_tls=context if later else None,
        make_http2=http2 if context is not None and not raw else None,
        raw_address=(config.address or "") if raw else None,
    )
