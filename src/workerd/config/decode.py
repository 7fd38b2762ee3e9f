"""From an encoded `Config` message to the model. The only place that knows what a decoded message looks like."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from workerd.config import model as m
from workerd.config.decode_worker import Reader, decode_worker, designator, optional_designator, text, texts, which
from workerd.config.errors import ConfigError
from workerd.config.textfiles import SCHEMA_PATH

T = TypeVar("T")

#: How many words may be read, for each word there is. Each is read once or twice, unless a damaged message points many
#: times to the same place or has lists of billions of empty elements; KJ's fixed limit would stop big configs instead.
_READS = 8


@cache
def _config_struct() -> tuple[Any, Any]:
    import capnp

    # capnp.load() would make Python classes for all of the schema; this is the cheap half of what it does.
    parser = capnp.SchemaParser()
    schema = parser._parse_disk_file("workerd.capnp", SCHEMA_PATH, [])
    return capnp._StructModule(schema.get_nested("Config").as_struct(), "Config"), parser


def decode(data: bytes) -> m.Config:
    """Decode a message (unpacked, with its segment table). Fields of newer schemas are skipped.

    Raises ConfigError when `data` is no such message.
    """
    from capnp.lib.capnp import KjException

    size = check_framing(data)
    try:
        with _config_struct()[0].from_bytes(
            data if len(data) == size else data[:size],
            traversal_limit_in_words=size * _READS // 8 + 65536,
            nesting_limit=64,
        ) as root:
            return decode_config(root)
    except KjException as error:
        raise ConfigError(f"The binary config is damaged: {error.description}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"The config has a Text value that is not UTF-8 (byte {error.start} of {len(error.object)}); binary data "
            "needs a Data field."
        ) from None


def check_framing(data: bytes) -> int:
    """The size of the message in `data`, in bytes, by its segment table. ConfigError when there is less."""
    if len(data) < 8:
        raise ConfigError(f"The binary config is cut short: {len(data)} bytes are less than a message header.")
    segments = int.from_bytes(data[:4], "little") + 1
    table = (segments // 2 + 1) * 8
    if segments > 512 or len(data) < table:
        raise ConfigError("The file is not a binary config (it does not start with a Cap'n Proto segment table).")
    words = sum(int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "little") for i in range(segments))
    if len(data) < table + words * 8:
        raise ConfigError(
            f"The binary config is cut short, or is none: its header announces {table + words * 8} bytes, there are "
            f"{len(data)}."
        )
    return table + words * 8


def decode_config(config: Reader) -> m.Config:
    logging = m.LoggingOptions(structured=config._get("structuredLogging"))
    if config._has("logging"):
        options = config._get("logging")
        logging = m.LoggingOptions(
            options._get("structuredLogging"),
            options._get("stdoutPrefix") if options._has("stdoutPrefix") else "stdout: ",
            options._get("stderrPrefix") if options._has("stderrPrefix") else "stderr: ",
        )
    return m.Config(
        services=tuple(_service(service) for service in config._get("services")),
        sockets=tuple(_socket(socket) for socket in config._get("sockets")),
        v8_flags=texts(config, "v8Flags"),
        extensions=tuple(_extension(extension) for extension in config._get("extensions")),
        autogates=texts(config, "autogates"),
        logging=logging,
        cluster=_cluster(config._get("cluster")) if config._has("cluster") else None,
    )


def _cluster(cluster: Reader) -> m.ClusterConfig:
    return m.ClusterConfig(
        cluster._get("bucket"),
        texts(cluster, "bucketOptions"),
        text(cluster, "address"),
        text(cluster, "advertise"),
        text(cluster, "key"),
        cluster._get("unsafePublicAddress"),
        cluster._get("stopTimeoutMs"),
        cluster._get("unsafeTimeDivisor"),
    )


def _extension(extension: Reader) -> m.Extension:
    return m.Extension(
        tuple(
            m.ExtensionModule(module._get("name"), module._get("esModule"), module._get("internal"))
            for module in extension._get("modules")
        )
    )


# ---- services


def _service(service: Reader) -> m.Service:
    member = which(service)
    name = service._get("name")
    if isinstance(member, m.Unknown):
        return m.Service(name, member)
    decoder = _SERVICES.get(member)
    return m.Service(name, m.Unspecified() if decoder is None else decoder(service._get(member)))


def _network(network: Reader) -> m.Network:
    return m.Network(texts(network, "allow"), texts(network, "deny"), _optional(network, "tlsOptions", _tls))


def _external(external: Reader) -> m.ExternalServer:
    address = text(external, "address")
    member = which(external)
    if member == "http":
        return m.ExternalServer(address, "http", _http(external._get("http")))
    if member == "https":
        https = external._get("https")
        return m.ExternalServer(
            address,
            "https",
            _http(https._get("options")),
            _tls(https._get("tlsOptions")),
            text(https, "certificateHost"),
        )
    if member == "tcp":
        tcp = external._get("tcp")
        return m.ExternalServer(
            address, "tcp", m.HttpOptions(), _optional(tcp, "tlsOptions", _tls), text(tcp, "certificateHost")
        )
    return m.ExternalServer(address, "unknown")


def _disk(disk: Reader) -> m.DiskDirectory:
    return m.DiskDirectory(text(disk, "path"), disk._get("writable"), disk._get("allowDotfiles"))


def _assets(assets: Reader) -> m.AssetsService:
    return m.AssetsService(
        assets._get("path"),
        text(assets, "config"),
        optional_designator(assets, "userWorker"),
        text(assets, "compatibilityDate"),
        texts(assets, "compatibilityFlags"),
    )


_SERVICES: dict[str, Callable[[Reader], Any]] = {
    "worker": decode_worker,
    "network": _network,
    "external": _external,
    "disk": _disk,
    "bucket": lambda bucket: m.ClusterBucket(bucket._get("path")),
    "assets": _assets,
}

# ---- sockets


def _socket(socket: Reader) -> m.Socket:
    return m.Socket(socket._get("name"), text(socket, "address"), _protocol(socket), designator(socket._get("service")))


def _protocol(socket: Reader) -> m.HttpSocket | m.HttpsSocket | m.TcpSocket | m.UdpSocket | m.Unknown:
    member = which(socket)
    if member == "http":
        return m.HttpSocket(_http(socket._get("http")))
    if member == "https":
        https = socket._get("https")
        return m.HttpsSocket(_http(https._get("options")), _tls(https._get("tlsOptions")))
    if member == "tcp":
        tcp = socket._get("tcp")
        return m.TcpSocket(_optional(tcp, "tlsOptions", _tls), _enum(m.TcpTlsMode, tcp._get("tlsMode")))
    if member == "udp":
        udp = socket._get("udp")
        return m.UdpSocket(udp._get("idleTimeoutMs"), udp._get("maxPendingBytes"))
    return member if isinstance(member, m.Unknown) else m.Unknown(-1)


# ---- protocol options


def _http(options: Reader) -> m.HttpOptions:
    return m.HttpOptions(
        _enum(m.HttpStyle, options._get("style")),
        text(options, "forwardedProtoHeader"),
        text(options, "cfBlobHeader"),
        _headers(options, "injectRequestHeaders"),
        _headers(options, "injectResponseHeaders"),
        text(options, "capnpConnectHost"),
    )


def _headers(options: Reader, field: str) -> tuple[m.HttpHeader, ...]:
    return tuple(m.HttpHeader(header._get("name"), text(header, "value")) for header in options._get(field))


def _tls(options: Reader) -> m.TlsOptions:
    keypair = None
    if options._has("keypair"):
        pair = options._get("keypair")
        keypair = m.TlsKeypair(pair._get("privateKey"), pair._get("certificateChain"))
    return m.TlsOptions(
        keypair,
        options._get("requireClientCerts"),
        options._get("trustBrowserCas"),
        texts(options, "trustedCertificates"),
        _enum(m.TlsVersion, options._get("minVersion")),
        text(options, "cipherList"),
    )


def _enum(kind: Callable[[int], T], value: Any) -> T:
    """`value`: pycapnp's enum. Raises ConfigError for one of a newer schema, whose meaning is not known."""
    raw = value.raw
    try:
        return kind(raw)
    except ValueError:
        name = getattr(kind, "__name__", "enum")
        raise ConfigError(
            f"Encountered unknown {name} setting ({raw}). Was the config compiled with a newer version of the schema?"
        ) from None


def _optional(struct: Reader, field: str, decoder: Callable[[Reader], T]) -> T | None:
    return decoder(struct._get(field)) if struct._has(field) else None
