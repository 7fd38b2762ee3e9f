"""A Worker's bindings. `Binding.value` says by its type which kind it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workerd.config.record import Record

if TYPE_CHECKING:
    from workerd.config.model import ServiceDesignator, Unknown, Unspecified


class Parameter(Record):
    """A binding to be filled in by an inheriting Worker. `type` is the member name of `Binding.Type`."""

    type: str
    optional: bool = False


class TextBinding(Record):
    text: str


class DataBinding(Record):
    data: bytes


class JsonBinding(Record):
    json: str


class WasmModuleBinding(Record):
    data: bytes


class CryptoKey(Record):
    """format: 'raw' (data: bytes) | 'hex' | 'base64' | 'pkcs8' | 'spki' | 'jwk' (data: str) | 'unknown'.

    `algorithm` is a name, or JSON text when `algorithm_is_json`. `usages` are WebCrypto's names.
    """

    format: str
    data: str | bytes
    algorithm: str
    algorithm_is_json: bool = False
    extractable: bool = False
    usages: tuple[str, ...] = ()


class ServiceBinding(Record):
    designator: ServiceDesignator


class DurableObjectClassBinding(Record):
    designator: ServiceDesignator


class DurableObjectNamespaceBinding(Record):
    class_name: str
    #: None: the class is in the same Worker.
    service_name: str | None = None


class KvNamespaceBinding(Record):
    designator: ServiceDesignator


class R2BucketBinding(Record):
    designator: ServiceDesignator


class QueueBinding(Record):
    designator: ServiceDesignator


class AnalyticsEngineBinding(Record):
    designator: ServiceDesignator


class WrappedBinding(Record):
    module_name: str
    entrypoint: str = "default"
    inner_bindings: tuple[Binding, ...] = ()


class FromEnvironment(Record):
    variable: str


class HyperdriveBinding(Record):
    designator: ServiceDesignator
    database: str
    user: str
    password: str
    scheme: str


class UnsafeEval(Record):
    pass


class MemoryCacheBinding(Record):
    """Workers naming the same `id` share the cache; None: a cache of its own. Sizes in bytes.

    `has_limits` False: the config gave none.
    """

    id: str | None
    has_limits: bool = False
    max_keys: int = 0
    max_value_size: int = 0
    max_total_value_size: int = 0


class WorkerLoaderBinding(Record):
    """Workers naming the same `id` share the loader; None: a loader of its own."""

    id: str | None


class WorkerdDebugPort(Record):
    pass


class Obsolete(Record):
    """A member that no release uses any more."""


BindingValue = (
    Parameter
    | TextBinding
    | DataBinding
    | JsonBinding
    | WasmModuleBinding
    | CryptoKey
    | ServiceBinding
    | DurableObjectClassBinding
    | DurableObjectNamespaceBinding
    | KvNamespaceBinding
    | R2BucketBinding
    | QueueBinding
    | AnalyticsEngineBinding
    | WrappedBinding
    | FromEnvironment
    | HyperdriveBinding
    | UnsafeEval
    | MemoryCacheBinding
    | WorkerLoaderBinding
    | WorkerdDebugPort
    | Obsolete
)


class Binding(Record):
    name: str
    value: BindingValue | Unspecified | Unknown
