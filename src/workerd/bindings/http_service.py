"""What the bindings that speak HTTP with a service have in common: a target of the Worker's capability table."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, Descriptor
from workerd.config.model import ServiceDesignator


def describe_service(kind: str, name: str, designator: ServiceDesignator, context: BindingContext) -> Descriptor:
    return {"name": name, "kind": kind, "target": context.service_target(designator, context.where(name))}
