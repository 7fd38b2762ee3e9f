"""`wrapped`: what a function of an extension's module makes of an inner env."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, Descriptor
from workerd.bindings.kinds import describe_all
from workerd.config.bindings import WrappedBinding


def describe(name: str, value: WrappedBinding, context: BindingContext) -> Descriptor:
    return {
        "name": name,
        "kind": "wrapped",
        "moduleName": value.module_name,
        "entrypoint": value.entrypoint,
        "innerBindings": describe_all(value.inner_bindings, context),
    }
