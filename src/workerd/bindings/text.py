"""`text`: a string."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, Descriptor
from workerd.config.bindings import TextBinding


def describe(name: str, value: TextBinding, context: BindingContext) -> Descriptor:
    return {"name": name, "kind": "text", "value": value.text}
