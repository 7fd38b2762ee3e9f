"""`memoryCache`: a cache in this process's memory, shared by the bindings that name the same id. Experimental."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, BindingError, Descriptor
from workerd.config.bindings import MemoryCacheBinding
from workerd.platform.memory_cache import Limits, attach


def describe(name: str, value: MemoryCacheBinding, context: BindingContext) -> Descriptor:
    if not context.experimental:
        raise BindingError(
            "MemoryCache bindings are an experimental feature which may change or go away in the future. You must run "
            "workerd with `--experimental` to use this feature."
        )
    if not value.has_limits:
        raise BindingError(
            "MemoryCache bindings must specify limits. Please update the binding in the worker configuration and try "
            "again."
        )
    limits = Limits(value.max_keys, value.max_value_size, value.max_total_value_size)
    return {"name": name, "kind": "memoryCache", "cache": attach(value.id, limits)}
