"""`HttpOptions` as the client side applies them: what an external service makes of a request and of its response.

(The server side is in native/http: the same options, the other way round.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workerd.config.network import HttpHeader, HttpOptions, HttpStyle
from workerd.services import headers as blocks
from workerd.services.errors import UserError

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://(?:[^/?#@]*@)?(?P<host>\[[^\]]*\]|[^/?#:@\[\]]*)(?::(?P<port>[0-9]*))?"
    r"(?P<target>[/?][^#]*)?(?:#.*)?",
    re.DOTALL,
)
#: Anything that must not stand in a request line.
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\U0010ffff\ud800-\udfff]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(slots=True, frozen=True)
class RequestUrl:
    """An absolute URL in the parts a request needs."""

    scheme: str
    #: Without brackets.
    host: str
    port: int
    #: Path and query, as it stands in a request line.
    target: str
    #: host, and port where it is not the scheme's own: the Host header.
    authority: str


def _percent_encode(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found.group().encode("utf-8", "surrogatepass"))


def parse_url(url: str) -> RequestUrl:
    """Raises UserError for what is no absolute http(s) URL with a host."""
    found = _URL.fullmatch(url)
    if found is None or not found["host"]:
        raise UserError(f"Invalid URL: {url}")
    scheme = found["scheme"].lower()
    default_port = _DEFAULT_PORTS.get(scheme)
    if default_port is None:
        raise UserError(f"Fetch API cannot load: {url}")
    host = found["host"]
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise UserError(f"Invalid URL: {url}") from None
    if _UNSAFE.search(host):
        raise UserError(f"Invalid URL: {url}")
    port = int(found["port"]) if found["port"] else default_port
    if not 0 < port < 65536:
        raise UserError(f"Invalid URL: {url}")
    target = found["target"] or "/"
    if target[0] == "?":
        target = "/" + target
    if _UNSAFE.search(target):
        target = _UNSAFE.sub(_percent_encode, target)
    authority = host if port == default_port else f"{host}:{port}"
    return RequestUrl(scheme, host.strip("[]"), port, target, authority)


def header_text(text: str) -> str:
    """`text` as UTF-8 in a latin-1 header, with line breaks (which JSON only has between tokens) as spaces."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1").translate({10: 32, 13: 32})


Injection = tuple[tuple[str, str | None], ...]


def prepare_injection(headers: tuple[HttpHeader, ...]) -> Injection:
    """The config's headers, ready to use. Raises ValueError for one that cannot be a header."""
    prepared = []
    for header in headers:
        value = None if header.value is None else header.value.encode().decode("latin-1")
        if not blocks.is_valid_header(header.name, value or ""):
            raise ValueError(f"{header.name!r}: {header.value!r} is not a valid HTTP header")
        prepared.append((header.name, value))
    return tuple(prepared)


def inject(block: str, injection: Injection) -> str:
    """`block` with the headers set, or removed where their value is None."""
    for name, value in injection:
        block = blocks.remove(block, name) if value is None else blocks.replace(block, name, value)
    return block


@dataclass(slots=True, frozen=True)
class OutgoingRequest:
    """What goes on the wire, apart from framing and body."""

    target: str
    authority: str
    headers: str


class ClientRewriter:
    """Applies one service's options."""

    def __init__(self, options: HttpOptions) -> None:
        """Raises ValueError for an injected header that cannot be one."""
        self._proxy = options.style == HttpStyle.PROXY
        self._proto_header = options.forwarded_proto_header
        self._cf_header = options.cf_blob_header
        self._into_request = prepare_injection(options.inject_request_headers)
        self._into_response = prepare_injection(options.inject_response_headers)
        for name in (self._proto_header, self._cf_header):
            if name is not None and not blocks.is_valid_header(name, ""):
                raise ValueError(f"{name!r} is not a valid HTTP header name")

    @property
    def proxy(self) -> bool:
        """Whether requests carry the whole URL."""
        return self._proxy

    @property
    def changes_response(self) -> bool:
        return bool(self._into_response)

    def request(self, url: str, headers: str, cf: str | None) -> OutgoingRequest:
        """`headers` still has the asker's Host, if it had one. Raises UserError for a URL that cannot be sent."""
        parsed = parse_url(url)
        host = blocks.get(headers, "host") if self._proxy else None
        block = blocks.without_connection_headers(headers)
        if self._proxy:
            # The URL says where the request goes; the asker's Host header is passed on as it is.
            target = f"{parsed.scheme}://{parsed.authority}{parsed.target}"
        else:
            target = parsed.target
            if self._proto_header:
                block = blocks.replace(block, self._proto_header, parsed.scheme)
        if self._cf_header:
            if cf is None:
                block = blocks.remove(block, self._cf_header)
            else:
                block = blocks.replace(block, self._cf_header, header_text(cf))
        if self._into_request:
            block = inject(block, self._into_request)
            injected = blocks.get(block, "host")
            if injected is not None:
                host, block = injected, blocks.remove(block, "host")
        return OutgoingRequest(target, parsed.authority if host is None else host, block)

    def response(self, headers: str) -> str:
        return inject(headers, self._into_response)
