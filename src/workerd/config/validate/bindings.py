"""Checks a Worker's bindings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workerd.config import bindings as b
from workerd.config import model as m
from workerd.config.validate.designators import Services, check_class_designator, check_designator, check_json
from workerd.config.validate.report import Path, Report

if TYPE_CHECKING:
    from workerd.config.validate import Permissions

_GATE = "You must run workerd with `--experimental` to use this feature."
_MAY_CHANGE = f"are an experimental feature which may change or go away in the future. {_GATE}"

#: Bindings that need --experimental: what the reference says of them.
_GATED: dict[type, str] = {
    b.AnalyticsEngineBinding: f"AnalyticsEngine bindings {_MAY_CHANGE}",
    b.UnsafeEval: f"Unsafe eval is an experimental feature. {_GATE}",
    b.MemoryCacheBinding: f"MemoryCache bindings {_MAY_CHANGE}",
    b.DurableObjectClassBinding: f"Durable Object class bindings {_MAY_CHANGE}",
    b.WorkerLoaderBinding: f"Worker loader bindings {_MAY_CHANGE}",
    b.WorkerdDebugPort: f"workerdDebugPort bindings {_MAY_CHANGE}",
}

_PEM = re.compile(r"-----BEGIN ([^-]+)-----[^-]+-----END \1-----")


def check_bindings(
    report: Report, path: Path, name: str, worker: m.Worker, services: Services, permissions: Permissions
) -> None:
    for index, binding in enumerate(worker.bindings):
        _check(report, (*path, index), name, worker, binding, services, permissions)


def _check(
    report: Report,
    path: Path,
    name: str,
    worker: m.Worker,
    binding: b.Binding,
    services: Services,
    permissions: Permissions,
) -> None:
    prefix = f"service {name}: "
    context = f'Worker "{name}"\'s binding "{binding.name}"'
    gate = _GATED.get(type(binding.value))
    if gate is not None and not permissions.experimental:
        report.error(path, f"{prefix}{gate} (binding {binding.name!r})")
        return
    match binding.value:
        case m.Unspecified():
            report.error(path, f"{prefix}{context} does not specify any binding value.")
        case m.Unknown():
            report.error(
                path,
                f"{prefix}{context} has unrecognized type. Was the config compiled with a newer version of the schema?",
            )
        case b.Obsolete():
            report.error(path, f"{prefix}{context} uses an obsolete binding type.")
        case b.Parameter():
            report.error(path, f"{prefix}{context} is a parameter; parameters are not supported.")
        case b.JsonBinding(json=text):
            check_json(report, path, text, f"{prefix}{context} has a value")
        case b.WasmModuleBinding() if worker.modules is not None:
            report.error(
                path,
                f"{prefix}{context} is a Wasm binding, but Wasm bindings are not allowed in modules-based scripts. Use "
                "Wasm modules instead.",
            )
        case b.CryptoKey() as key:
            _check_crypto_key(report, path, prefix, binding.name, key)
        case b.DurableObjectNamespaceBinding() as target:
            _check_namespace(report, path, prefix + context, worker, target, services)
        case b.DurableObjectClassBinding(designator=designator):
            check_class_designator(report, path, designator, context, services)
        case (
            b.ServiceBinding(designator=designator)
            | b.KvNamespaceBinding(designator=designator)
            | b.R2BucketBinding(designator=designator)
            | b.QueueBinding(designator=designator)
            | b.AnalyticsEngineBinding(designator=designator)
            | b.HyperdriveBinding(designator=designator)
        ):
            check_designator(report, path, designator, context, services)
        case b.MemoryCacheBinding(has_limits=False):
            report.error(
                path,
                f"{prefix}MemoryCache bindings must specify limits. Please update the binding in the worker "
                f"configuration and try again. (binding {binding.name!r})",
            )
        case b.WrappedBinding() as wrapped:
            if not wrapped.module_name:
                report.error(path, f"{prefix}{context} is a wrapped binding without a moduleName.")
            for index, inner in enumerate(wrapped.inner_bindings):
                _check(
                    report,
                    (*path, "wrapped", "innerBindings", index),
                    name,
                    worker,
                    inner,
                    services,
                    permissions,
                )


def _check_namespace(
    report: Report,
    path: Path,
    context: str,
    worker: m.Worker,
    target: b.DurableObjectNamespaceBinding,
    services: Services,
) -> None:
    if target.service_name is None:
        if not _implements(worker, target.class_name):
            report.error(
                path,
                f'{context} refers to a Durable Object namespace named "{target.class_name}", but no such Durable '
                "Object namespace is defined by this Worker.",
            )
        return
    other = services.get(target.service_name)
    if not isinstance(other, m.Worker):
        report.error(path, f'{context} refers to a service "{target.service_name}", but no such service is defined.')
    elif not _implements(other, target.class_name):
        report.error(
            path,
            f'{context} refers to a Durable Object namespace named "{target.class_name}" in service '
            f'"{target.service_name}", but no such Durable Object namespace is defined by that service.',
        )


def _implements(worker: m.Worker, class_name: str) -> bool:
    return any(namespace.class_name == class_name for namespace in worker.durable_object_namespaces)


def _check_crypto_key(report: Report, path: Path, prefix: str, name: str, key: b.CryptoKey) -> None:
    subject = f'{prefix}CryptoKey binding "{name}"'
    data = key.data if isinstance(key.data, str) else ""
    if key.format == "unknown":
        report.error(
            path,
            f'{prefix}Encountered unknown CryptoKey type for binding "{name}". Was the config compiled with a newer '
            "version of the schema?",
        )
    elif key.format == "hex" and not re.fullmatch(r"(?:[0-9a-fA-F]{2})*", data):
        report.error(path, f"{subject} contained invalid hex.")
    elif key.format == "base64" and not re.fullmatch(r"[A-Za-z0-9+/_\s-]*={0,2}\s*", data):
        report.error(path, f"{subject} contained invalid base64.")
    elif key.format in ("pkcs8", "spki"):
        expected = "PRIVATE KEY" if key.format == "pkcs8" else "PUBLIC KEY"
        match = _PEM.search(data)
        if match is None:
            report.error(path, f"{subject} contained invalid PEM format.")
        elif match[1] != expected:
            report.error(path, f'{subject} contained wrong PEM type, expected "{expected}" but got "{match[1]}".')
    elif key.format == "jwk":
        check_json(report, path, data, f"{subject} has a key")
    if key.algorithm_is_json:
        check_json(report, path, key.algorithm, f"{subject} has an algorithm")


def check_local_disk(
    report: Report, path: Path, prefix: str, storage: m.DurableObjectStorage, services: Services
) -> None:
    """`durableObjectStorage.localDisk` must name a writable disk service."""
    disk = storage.disk_service or ""
    body = services.get(disk)
    if body is None:
        report.error(
            path,
            f'{prefix}durableObjectStorage config refers to a service "{disk}", but no such service is defined.',
        )
    elif not isinstance(body, m.DiskDirectory):
        report.error(
            path,
            f'{prefix}durableObjectStorage config refers to the service "{disk}", but that service is not a local disk '
            "service.",
        )
    elif not body.writable:
        report.error(
            path,
            f'{prefix}durableObjectStorage config refers to the disk service "{disk}", but that service is defined '
            "read-only.",
        )
