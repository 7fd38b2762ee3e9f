"""`data`: an ArrayBuffer."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, Descriptor
from workerd.config.bindings import DataBinding


def describe(name: str, value: DataBinding, context: BindingContext) -> Descriptor:
    return {"name": name, "kind": "data", "value": bytes(value.data)}
