"""`service`: a Fetcher for another service, or for one entrypoint of it."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, Descriptor
from workerd.config.bindings import ServiceBinding


def describe(name: str, value: ServiceBinding, context: BindingContext) -> Descriptor:
    target = context.service_target(value.designator, context.where(name))
    return {"name": name, "kind": "service", "target": target}
