"""`kvNamespace`: a KvNamespace whose operations are requests to a service."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, Descriptor
from workerd.bindings.http_service import describe_service
from workerd.config.bindings import KvNamespaceBinding


def describe(name: str, value: KvNamespaceBinding, context: BindingContext) -> Descriptor:
    return describe_service("kvNamespace", name, value.designator, context)
