"""`fromEnvironment`: a variable of the server's environment, null where it is not set."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, Descriptor
from workerd.config.bindings import FromEnvironment


def describe(name: str, value: FromEnvironment, context: BindingContext) -> Descriptor:
    text = context.environ.get(value.variable)
    if text is None:
        return {"name": name, "kind": "json", "value": "null"}
    return {"name": name, "kind": "text", "value": text}
