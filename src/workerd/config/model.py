"""The configuration as the rest of workerd sees it: frozen dataclasses, no Cap'n Proto.

One class per struct of `workerd.capnp`, with the same field names in snake_case; a union becomes a field whose value
says by its type which member is set. Text is `str`, Data is `bytes`, lists are tuples. A Text field that was not set
is None where the schema gives "not set" a meaning of its own, else "".
"""

from __future__ import annotations

from enum import IntEnum

from workerd.config.bindings import Binding, CryptoKey
from workerd.config.network import HttpHeader, HttpOptions, HttpStyle, TlsKeypair, TlsOptions, TlsVersion
from workerd.config.record import Record

__all__ = [
    "AssetsService",
    "Binding",
    "ClusterBucket",
    "ClusterConfig",
    "Config",
    "ContainerDevice",
    "ContainerOptions",
    "CryptoKey",
    "DiskDirectory",
    "DockerConfiguration",
    "DurableObjectNamespace",
    "DurableObjectStorage",
    "Extension",
    "ExtensionModule",
    "ExternalServer",
    "HttpHeader",
    "HttpOptions",
    "HttpSocket",
    "HttpStyle",
    "HttpsSocket",
    "LoggingOptions",
    "Module",
    "Network",
    "Service",
    "ServiceDesignator",
    "Socket",
    "TcpSocket",
    "TcpTlsMode",
    "TlsKeypair",
    "TlsOptions",
    "TlsVersion",
    "UdpSocket",
    "Unknown",
    "Unspecified",
    "Worker",
    "Workflow",
    "WorkflowsEngine",
]


class Unspecified(Record):
    """A union of which no member was set (the schema's `unspecified`)."""


class Unknown(Record):
    """A union member that this release does not know: the config was made for a newer schema."""

    discriminant: int


class ServiceDesignator(Record):
    """Names a service, or one entrypoint of it."""

    name: str
    entrypoint: str | None = None
    #: JSON text for the target's `ctx.props`; None: an empty object.
    props_json: str | None = None


# ---- workers


class Module(Record):
    """One module of a Worker. `kind` says how to read `body`.

    kind: 'esModule' | 'commonJsModule' | 'text' | 'json' | 'pythonModule' | 'bundled' (body: str),
    'data' | 'wasm' (body: bytes), 'obsolete', or 'unknown' for one of a newer schema.
    """

    name: str
    kind: str
    body: str | bytes
    #: commonJsModule only: the names an importer may import besides `default`.
    named_exports: tuple[str, ...] = ()


class ContainerDevice(Record):
    path_on_host: str
    path_in_container: str
    cgroup_permissions: str


class ContainerOptions(Record):
    image_name: str
    capabilities: tuple[str, ...] = ()
    devices: tuple[ContainerDevice, ...] = ()
    security_opt: tuple[str, ...] = ()
    #: (name, image) pairs.
    images: tuple[tuple[str, str], ...] = ()


class DurableObjectNamespace(Record):
    """A Durable Object class of a Worker. `unique_key` None: `ephemeralLocal`."""

    class_name: str
    unique_key: str | None
    prevent_eviction: bool = False
    enable_sql: bool = False
    container: ContainerOptions | None = None


class DurableObjectStorage(Record):
    """Where Durable Objects live. kind: 'none' | 'inMemory' | 'localDisk' (`disk_service` names a disk) | 'unknown'."""

    kind: str = "none"
    disk_service: str | None = None


class DockerConfiguration(Record):
    socket_path: str
    egress_interceptor_image: str | None = None
    session_id: str | None = None


class Workflow(Record):
    class_name: str
    name: str
    binding_service: ServiceDesignator | None


class WorkflowsEngine(Record):
    actor_class: ServiceDesignator | None
    workflows: tuple[Workflow, ...] = ()


class Worker(Record):
    """Exactly one of `modules` (first: the main one), `service_worker_script` and `inherit` is not None."""

    modules: tuple[Module, ...] | None = None
    service_worker_script: str | None = None
    inherit: str | None = None
    compatibility_date: str | None = None
    compatibility_flags: tuple[str, ...] = ()
    bindings: tuple[Binding, ...] = ()
    global_outbound: ServiceDesignator = ServiceDesignator("internet")
    cache_api_outbound: ServiceDesignator | None = None
    durable_object_namespaces: tuple[DurableObjectNamespace, ...] = ()
    durable_object_unique_key_modifier: str | None = None
    durable_object_storage: DurableObjectStorage = DurableObjectStorage()
    #: "host:port" of the module fallback service.
    module_fallback: str | None = None
    tails: tuple[ServiceDesignator, ...] = ()
    streaming_tails: tuple[ServiceDesignator, ...] = ()
    container_engine: DockerConfiguration | None = None
    access_blob_header: str | None = None
    access_binding_service: ServiceDesignator | None = None
    workflows_engine: WorkflowsEngine | None = None


# ---- other services


class ExternalServer(Record):
    """kind: 'http' | 'https' | 'tcp' | 'unknown'. `tls_options` set for a 'tcp' one: TLS on the connection."""

    address: str | None
    kind: str = "http"
    options: HttpOptions = HttpOptions()
    tls_options: TlsOptions | None = None
    certificate_host: str | None = None


class Network(Record):
    """Blocks are CIDR text or the words public, private, local, network, unix, unix-abstract."""

    allow: tuple[str, ...] = ("public",)
    deny: tuple[str, ...] = ()
    #: None: no https.
    tls_options: TlsOptions | None = None


class DiskDirectory(Record):
    path: str | None
    writable: bool = False
    allow_dotfiles: bool = False


class ClusterBucket(Record):
    path: str


class AssetsService(Record):
    path: str
    config: str | None = None
    user_worker: ServiceDesignator | None = None
    compatibility_date: str | None = None
    compatibility_flags: tuple[str, ...] = ()


ServiceBody = Worker | Network | ExternalServer | DiskDirectory | ClusterBucket | AssetsService | Unspecified | Unknown


class Service(Record):
    name: str
    body: ServiceBody


# ---- sockets


class HttpSocket(Record):
    options: HttpOptions = HttpOptions()


class HttpsSocket(Record):
    options: HttpOptions
    tls_options: TlsOptions


class TcpTlsMode(IntEnum):
    IMPLICIT = 0
    START_TLS = 1


class TcpSocket(Record):
    tls_options: TlsOptions | None = None
    tls_mode: TcpTlsMode = TcpTlsMode.IMPLICIT


class UdpSocket(Record):
    idle_timeout_ms: int = 30000
    max_pending_bytes: int = 262144


class Socket(Record):
    """`address` is None when only an override can say it; after validation one of the two is there."""

    name: str
    address: str | None
    protocol: HttpSocket | HttpsSocket | TcpSocket | UdpSocket | Unknown
    service: ServiceDesignator


# ---- the whole


class ExtensionModule(Record):
    name: str
    es_module: str
    internal: bool = False


class Extension(Record):
    modules: tuple[ExtensionModule, ...] = ()


class LoggingOptions(Record):
    structured: bool = False
    stdout_prefix: str = "stdout: "
    stderr_prefix: str = "stderr: "


class ClusterConfig(Record):
    bucket: str
    bucket_options: tuple[str, ...] = ()
    address: str | None = None
    advertise: str | None = None
    key: str | None = None
    unsafe_public_address: bool = False
    stop_timeout_ms: int = 8000
    unsafe_time_divisor: int = 1


class Config(Record):
    """A whole configuration, with the command line's overrides already applied when it comes out of `load`."""

    services: tuple[Service, ...] = ()
    sockets: tuple[Socket, ...] = ()
    v8_flags: tuple[str, ...] = ()
    extensions: tuple[Extension, ...] = ()
    autogates: tuple[str, ...] = ()
    #: `logging` wins over the older `structuredLogging` field; both are folded into this.
    logging: LoggingOptions = LoggingOptions()
    cluster: ClusterConfig | None = None
