"""`wasmModule`: a WebAssembly.Module, for service-worker syntax only (ES modules import theirs)."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, BindingError, Descriptor
from workerd.config.bindings import WasmModuleBinding


def describe(name: str, value: WasmModuleBinding, context: BindingContext) -> Descriptor:
    if not context.service_worker_syntax:
        raise BindingError(
            f"{context.where(name)} is a Wasm binding, but Wasm bindings are not allowed in modules-based scripts. "
            "Use Wasm modules instead."
        )
    return {"name": name, "kind": "wasmModule", "value": bytes(value.data)}
