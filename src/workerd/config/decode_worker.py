"""Decodes a Worker and its bindings, and the small values that all of decoding shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workerd.config import bindings as b
from workerd.config import model as m

#: pycapnp's view of a struct in a message: `_get(field)`, `_has(field)`, `_which_str()`.
Reader = Any


def which(struct: Reader) -> str | m.Unknown:
    """The member of a union that is set."""
    from capnp.lib.capnp import KjException

    try:
        name: str = struct._which_str()
        return name
    except KjException:
        return m.Unknown(-1)


def text(struct: Reader, field: str) -> str | None:
    """A Text field, None when it is not set."""
    if not struct._has(field):
        return None
    value: str = struct._get(field)
    return value


def texts(struct: Reader, field: str) -> tuple[str, ...]:
    return tuple(struct._get(field))


def designator(struct: Reader) -> m.ServiceDesignator:
    props = struct._get("props")
    return m.ServiceDesignator(
        struct._get("name"), text(struct, "entrypoint"), props._get("json") if which(props) == "json" else None
    )


def optional_designator(struct: Reader, field: str) -> m.ServiceDesignator | None:
    return designator(struct._get(field)) if struct._has(field) else None


def designators(struct: Reader, field: str) -> tuple[m.ServiceDesignator, ...]:
    return tuple(designator(item) for item in struct._get(field))


# ---- the worker


def decode_worker(worker: Reader) -> m.Worker:
    source = which(worker)
    return m.Worker(
        modules=tuple(_module(module) for module in worker._get("modules")) if source == "modules" else None,
        service_worker_script=worker._get("serviceWorkerScript") if source == "serviceWorkerScript" else None,
        inherit=worker._get("inherit") if source == "inherit" else None,
        compatibility_date=text(worker, "compatibilityDate"),
        compatibility_flags=texts(worker, "compatibilityFlags"),
        bindings=tuple(_binding(binding) for binding in worker._get("bindings")),
        global_outbound=designator(worker._get("globalOutbound")),
        cache_api_outbound=optional_designator(worker, "cacheApiOutbound"),
        durable_object_namespaces=tuple(_namespace(item) for item in worker._get("durableObjectNamespaces")),
        durable_object_unique_key_modifier=text(worker, "durableObjectUniqueKeyModifier"),
        durable_object_storage=_storage(worker._get("durableObjectStorage")),
        module_fallback=text(worker, "moduleFallback"),
        tails=designators(worker, "tails"),
        streaming_tails=designators(worker, "streamingTails"),
        container_engine=_container_engine(worker._get("containerEngine")),
        access_blob_header=text(worker, "accessBlobHeader"),
        access_binding_service=optional_designator(worker, "accessBindingService"),
        workflows_engine=_workflows(worker._get("workflowsEngine")) if worker._has("workflowsEngine") else None,
    )


def _module(module: Reader) -> m.Module:
    kind = which(module)
    name = module._get("name")
    if isinstance(kind, m.Unknown):
        return m.Module(name, "unknown", "")
    try:
        body = module._get(kind)
    except UnicodeDecodeError as error:
        # Files are embedded as they are: what is not UTF-8 in them is read as in any other place of the platform.
        body = bytes(error.object).decode("utf-8", "replace")
    if kind == "commonJsModule":
        return m.Module(name, kind, body, texts(module, "namedExports"))
    return m.Module(name, "obsolete" if kind.startswith("obsolete") else kind, body)


def _namespace(namespace: Reader) -> m.DurableObjectNamespace:
    kind = which(namespace)
    return m.DurableObjectNamespace(
        namespace._get("className"),
        namespace._get("uniqueKey") if kind == "uniqueKey" else None,
        namespace._get("preventEviction"),
        namespace._get("enableSql"),
        _container(namespace._get("container")) if namespace._has("container") else None,
    )


def _container(options: Reader) -> m.ContainerOptions:
    privileges = options._get("privileges")
    return m.ContainerOptions(
        options._get("imageName"),
        texts(privileges, "capabilities"),
        tuple(
            m.ContainerDevice(
                device._get("pathOnHost"), device._get("pathInContainer"), device._get("cgroupPermissions")
            )
            for device in privileges._get("devices")
        ),
        texts(privileges, "securityOpt"),
        tuple((image._get("name"), image._get("image")) for image in options._get("images")),
    )


def _storage(storage: Reader) -> m.DurableObjectStorage:
    kind = which(storage)
    if isinstance(kind, m.Unknown):
        return m.DurableObjectStorage("unknown")
    return m.DurableObjectStorage(kind, storage._get("localDisk") if kind == "localDisk" else None)


def _container_engine(engine: Reader) -> m.DockerConfiguration | None:
    if which(engine) != "localDocker":
        return None
    docker = engine._get("localDocker")
    return m.DockerConfiguration(
        docker._get("socketPath"), text(docker, "containerEgressInterceptorImage"), text(docker, "sessionId")
    )


def _workflows(engine: Reader) -> m.WorkflowsEngine:
    return m.WorkflowsEngine(
        optional_designator(engine, "actorClass"),
        tuple(
            m.Workflow(
                workflow._get("className"), workflow._get("name"), optional_designator(workflow, "bindingService")
            )
            for workflow in engine._get("workflows")
        ),
    )


# ---- bindings


def _binding(binding: Reader) -> b.Binding:
    kind = which(binding)
    name = binding._get("name")
    if isinstance(kind, m.Unknown):
        return b.Binding(name, kind)
    decoder = _BINDINGS.get(kind)
    return b.Binding(name, m.Unspecified() if decoder is None else decoder(binding._get(kind)))


def _crypto_key(key: Reader) -> b.CryptoKey:
    form = which(key)
    algorithm = key._get("algorithm")
    is_json = which(algorithm) == "json"
    return b.CryptoKey(
        "unknown" if isinstance(form, m.Unknown) else form,
        b"" if isinstance(form, m.Unknown) else key._get(form),
        algorithm._get("json" if is_json else "name"),
        is_json,
        key._get("extractable"),
        tuple(str(usage) for usage in key._get("usages")),
    )


def _namespace_binding(designator: Reader) -> b.DurableObjectNamespaceBinding:
    return b.DurableObjectNamespaceBinding(designator._get("className"), text(designator, "serviceName"))


def _hyperdrive(group: Reader) -> b.HyperdriveBinding:
    return b.HyperdriveBinding(
        designator(group._get("designator")),
        group._get("database"),
        group._get("user"),
        group._get("password"),
        group._get("scheme"),
    )


def _memory_cache(group: Reader) -> b.MemoryCacheBinding:
    cache_id = text(group, "id")
    if not group._has("limits"):
        return b.MemoryCacheBinding(cache_id)
    limits = group._get("limits")
    return b.MemoryCacheBinding(
        cache_id, True, limits._get("maxKeys"), limits._get("maxValueSize"), limits._get("maxTotalValueSize")
    )


def _wrapped(wrapped: Reader) -> b.WrappedBinding:
    return b.WrappedBinding(
        wrapped._get("moduleName"),
        wrapped._get("entrypoint"),
        tuple(_binding(inner) for inner in wrapped._get("innerBindings")),
    )


def _parameter(group: Reader) -> b.Parameter:
    kind = which(group._get("type"))
    return b.Parameter("unknown" if isinstance(kind, m.Unknown) else kind, group._get("optional"))


_BINDINGS: dict[str, Callable[[Any], b.BindingValue]] = {
    "parameter": _parameter,
    "text": b.TextBinding,
    "data": b.DataBinding,
    "json": b.JsonBinding,
    "wasmModule": b.WasmModuleBinding,
    "cryptoKey": _crypto_key,
    "service": lambda value: b.ServiceBinding(designator(value)),
    "durableObjectClass": lambda value: b.DurableObjectClassBinding(designator(value)),
    "durableObjectNamespace": _namespace_binding,
    "kvNamespace": lambda value: b.KvNamespaceBinding(designator(value)),
    "r2Bucket": lambda value: b.R2BucketBinding(designator(value)),
    "wrapped": _wrapped,
    "queue": lambda value: b.QueueBinding(designator(value)),
    "fromEnvironment": b.FromEnvironment,
    "analyticsEngine": lambda value: b.AnalyticsEngineBinding(designator(value)),
    "hyperdrive": _hyperdrive,
    "unsafeEval": lambda value: b.UnsafeEval(),
    "memoryCache": _memory_cache,
    "workerLoader": lambda group: b.WorkerLoaderBinding(text(group, "id")),
    "workerdDebugPort": lambda value: b.WorkerdDebugPort(),
    "obsolete0": lambda value: b.Obsolete(),
}
