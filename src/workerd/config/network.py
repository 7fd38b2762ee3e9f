"""HTTP and TLS options, as used by sockets and by external and network services."""

from __future__ import annotations

from enum import IntEnum

from workerd.config.record import Record


class HttpStyle(IntEnum):
    HOST = 0
    PROXY = 1


class HttpHeader(Record):
    """`value` None: remove the header."""

    name: str
    value: str | None


class HttpOptions(Record):
    style: HttpStyle = HttpStyle.HOST
    forwarded_proto_header: str | None = None
    cf_blob_header: str | None = None
    inject_request_headers: tuple[HttpHeader, ...] = ()
    inject_response_headers: tuple[HttpHeader, ...] = ()
    capnp_connect_host: str | None = None


class TlsVersion(IntEnum):
    GOOD_DEFAULT = 0
    SSL3 = 1
    TLS1_0 = 2
    TLS1_1 = 3
    TLS1_2 = 4
    TLS1_3 = 5


class TlsKeypair(Record):
    """Both in PEM."""

    private_key: str
    certificate_chain: str


class TlsOptions(Record):
    keypair: TlsKeypair | None = None
    require_client_certs: bool = False
    trust_browser_cas: bool = False
    #: PEM certificates.
    trusted_certificates: tuple[str, ...] = ()
    min_version: TlsVersion = TlsVersion.GOOD_DEFAULT
    cipher_list: str | None = None
