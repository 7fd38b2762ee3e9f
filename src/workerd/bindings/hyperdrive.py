"""`hyperdrive`: the address of a database, and connections to it through a service."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, Descriptor
from workerd.bindings.http_service import describe_service
from workerd.config.bindings import HyperdriveBinding


def describe(name: str, value: HyperdriveBinding, context: BindingContext) -> Descriptor:
    descriptor = describe_service("hyperdrive", name, value.designator, context)
    descriptor.update(database=value.database, user=value.user, password=value.password, scheme=value.scheme)
    return descriptor
