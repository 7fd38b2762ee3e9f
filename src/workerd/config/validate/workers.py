"""Checks Workers: code, dates and flags, Durable Object namespaces, and what they refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workerd import compat
from workerd.config import model as m
from workerd.config.validate.bindings import check_bindings, check_local_disk
from workerd.config.validate.designators import Services, check_designator
from workerd.config.validate.report import Path, Report
from workerd.config.validate.sockets import check_address

if TYPE_CHECKING:
    from workerd.config.validate import Permissions

#: Module kinds that this release has no use for: kind -> how it is named in messages.
_UNSUPPORTED_MODULES = {"pythonModule": "a Python module", "bundled": "a module bundled with the reference"}


def check_worker(
    report: Report, path: Path, name: str, worker: m.Worker, services: Services, permissions: Permissions
) -> None:
    prefix = f"service {name}: "
    if worker.inherit is not None:
        report.error((*path, "inherit"), f"{prefix}Worker inheritance (`inherit`) is not supported.")
        return
    _check_code(report, path, prefix, worker)
    _check_compatibility(report, path, prefix, worker, permissions)
    check_bindings(report, (*path, "bindings"), name, worker, services, permissions)
    _check_outbounds(report, path, name, worker, services)
    _check_durable_objects(report, path, name, worker, services, permissions)
    for field in _without_effect(worker):
        report.warn(
            (*path, field), f"{prefix}`{field}` has no effect: this release of workerd does not support it yet."
        )
    if worker.workflows_engine is not None:
        report.error(
            (*path, "workflowsEngine"), f"{prefix}`workflowsEngine` is not supported by this release of workerd."
        )
    if worker.module_fallback is not None and not permissions.experimental:
        report.error(
            (*path, "moduleFallback"),
            f"{prefix}The module fallback service is an experimental feature. You must run workerd with "
            "`--experimental` to use the module fallback service.",
        )
    if worker.module_fallback is not None:
        subject = f'{prefix}Worker "{name}"\'s moduleFallback'
        if worker.module_fallback.startswith("loopback:"):
            report.error((*path, "moduleFallback"), f"{subject} cannot have a `loopback:` address.")
        else:
            check_address(report, (*path, "moduleFallback"), subject, worker.module_fallback, permissions)
    if worker.access_blob_header is not None and not permissions.experimental:
        report.error(
            (*path, "accessBlobHeader"),
            f'{prefix}Worker "{name}" has accessBlobHeader configured but this is an experimental feature. You must '
            "run workerd with `--experimental` to use this feature.",
        )


#: Fields of a Worker that are read and checked, and do nothing in this release: (capnp name, whether it is set).
def _without_effect(worker: m.Worker) -> list[str]:
    return [
        name
        for name, is_set in (
            ("tails", bool(worker.tails)),
            ("streamingTails", bool(worker.streaming_tails)),
            ("durableObjectNamespaces", bool(worker.durable_object_namespaces)),
            ("accessBlobHeader", worker.access_blob_header is not None),
            ("accessBindingService", worker.access_binding_service is not None),
        )
        if is_set
    ]


def _check_code(report: Report, path: Path, prefix: str, worker: m.Worker) -> None:
    if worker.modules is None:
        if worker.service_worker_script is None:
            report.error(
                path,
                f"{prefix}Encountered unknown Worker code type. Was the config compiled with a newer version of the "
                "schema?",
            )
        return
    if not worker.modules:
        # An untouched union reads as its first member, an empty list: this also is "forgot to give any code".
        report.error((*path, "modules"), f"{prefix}Modules list cannot be empty.")
    seen: set[str] = set()
    for index, module in enumerate(worker.modules):
        place = (*path, "modules", index)
        if module.name in seen:
            report.error((*place, "name"), f'{prefix}Uncaught Error: Module "{module.name}" already added to bundle')
        seen.add(module.name)
        if module.kind in _UNSUPPORTED_MODULES:
            report.error(
                place,
                f'{prefix}Module "{module.name}" is {_UNSUPPORTED_MODULES[module.kind]}, which is not supported by '
                "this release of workerd.",
            )
        elif module.kind in ("obsolete", "unknown"):
            report.error(
                place,
                f"{prefix}Encountered unknown Worker.Module type. Was the config compiled with a newer version of the "
                f'schema? (module "{module.name}")',
            )


def _check_compatibility(report: Report, path: Path, prefix: str, worker: m.Worker, permissions: Permissions) -> None:
    date = worker.compatibility_date
    if permissions.compat_date is not None:
        if date is not None:
            report.error(
                (*path, "compatibilityDate"),
                f"{prefix}Worker specifies compatibilityDate but --compat-date was provided. When using --compat-date, "
                "workers must not specify compatibilityDate in the config. Use compatibilityFlags to enable/disable "
                "specific flags if needed.",
            )
        date = permissions.compat_date
    if date is None:
        report.error(path, f"{prefix}Worker must specify compatibilityDate.")
        return
    result = compat.compute(
        date,
        worker.compatibility_flags,
        experimental=permissions.experimental,
        any_date=permissions.compat_date is not None,
    )
    for message in result.errors:
        field = "compatibilityDate" if "date" in message else "compatibilityFlags"
        report.error((*path, field), prefix + message)
    for message in result.warnings:
        report.warn((*path, "compatibilityFlags"), prefix + message)


def _check_outbounds(report: Report, path: Path, name: str, worker: m.Worker, services: Services) -> None:
    subject = f'Worker "{name}"\'s'
    check_designator(report, (*path, "globalOutbound"), worker.global_outbound, f"{subject} globalOutbound", services)
    if worker.cache_api_outbound is not None:
        check_designator(
            report, (*path, "cacheApiOutbound"), worker.cache_api_outbound, f"{subject} cacheApiOutbound", services
        )
    for field, label, tails in (
        ("tails", "tails", worker.tails),
        ("streamingTails", "streaming tails", worker.streaming_tails),
    ):
        for index, tail in enumerate(tails):
            check_designator(report, (*path, field, index), tail, f"{subject} {label}", services)
    if worker.access_binding_service is not None:
        target = worker.access_binding_service.name
        place = (*path, "accessBindingService")
        if target not in services:
            report.error(
                place,
                f'Worker accessBindingService refers to a service "{target}", but no such service is defined.',
            )
        elif not isinstance(services[target], m.Worker):
            report.error(place, f'Worker accessBindingService refers to service "{target}", but it is not a Worker.')


def _check_durable_objects(
    report: Report, path: Path, name: str, worker: m.Worker, services: Services, permissions: Permissions
) -> None:
    prefix = f"service {name}: "
    if worker.durable_object_unique_key_modifier is not None:
        report.error(
            (*path, "durableObjectUniqueKeyModifier"), f"{prefix}durableObjectUniqueKeyModifier is not implemented yet"
        )
    durable = False
    for index, namespace in enumerate(worker.durable_object_namespaces):
        place = (*path, "durableObjectNamespaces", index)
        if namespace.unique_key is not None:
            durable = True
            if worker.durable_object_storage.kind == "localDisk" and not _is_file_name(namespace.unique_key):
                report.error(
                    (*place, "uniqueKey"),
                    f'{prefix}The uniqueKey of the Durable Object class "{namespace.class_name}" cannot name a '
                    f"directory on disk: {namespace.unique_key!r}",
                )
        elif not permissions.experimental:
            report.error(
                place,
                "Ephemeral objects (Durable Object namespaces with type 'ephemeralLocal') are an experimental feature "
                "which may change or go away in the future. You must run workerd with `--experimental` to use this "
                "feature.",
            )
    storage = worker.durable_object_storage
    if storage.kind == "none" and durable:
        report.error(
            (*path, "durableObjectNamespaces"),
            f'Worker service "{name}" implements durable object classes but has `durableObjectStorage` set to `none`.',
        )
    elif storage.kind == "unknown":
        report.error(
            path,
            f'Encountered unknown durableObjectStorage type in service "{name}". Was the config compiled with a newer '
            "version of the schema?",
        )
    elif storage.kind == "localDisk":
        check_local_disk(report, (*path, "durableObjectStorage", "localDisk"), prefix, storage, services)


def _is_file_name(key: str) -> bool:
    return key not in ("", ".", "..") and "/" not in key and "\0" not in key
