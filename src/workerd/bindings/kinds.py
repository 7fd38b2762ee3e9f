"""Which file describes which kind."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable

from workerd.bindings.context import BindingContext, BindingError, Descriptor
from workerd.bindings.unsupported import refuse
from workerd.config import bindings as config

Describe = Callable[[str, object, BindingContext], Descriptor]

#: config class -> module of this package with `describe(name, value, context)`. Imported at first use: most Workers
#: have few kinds, and the server's start counts in milliseconds.
_MODULES: dict[type, str] = {
    config.TextBinding: "text",
    config.DataBinding: "data",
    config.JsonBinding: "json_value",
    config.WasmModuleBinding: "wasm_module",
    config.CryptoKey: "crypto_key",
    config.ServiceBinding: "service",
    config.FromEnvironment: "from_environment",
    config.WrappedBinding: "wrapped",
    config.UnsafeEval: "unsafe_eval",
    config.KvNamespaceBinding: "kv",
    config.R2BucketBinding: "r2",
    config.QueueBinding: "queue",
    config.AnalyticsEngineBinding: "analytics",
    config.HyperdriveBinding: "hyperdrive",
    config.MemoryCacheBinding: "memory_cache",
}


def _describer(value: object) -> Describe | None:
    module = _MODULES.get(type(value))
    if module is None:
        return None
    describe: Describe = importlib.import_module(f"workerd.bindings.{module}").describe
    return describe


class BindingsError(BindingError):
    """Several bindings are wrong. `messages` has one text for each."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


def describe_all(bindings: Iterable[config.Binding], context: BindingContext) -> list[Descriptor]:
    """Descriptors in the config's order. Raises BindingsError with every mistake there is."""
    found: list[Descriptor] = []
    messages: list[str] = []
    for binding in bindings:
        describe = _describer(binding.value)
        try:
            if describe is None:
                raise refuse(binding.name, binding.value, context)
            found.append(describe(binding.name, binding.value, context))
        except BindingsError as errors:
            messages.extend(errors.messages)
        except BindingError as error:
            messages.append(str(error))
    if messages:
        raise BindingsError(messages)
    return found
