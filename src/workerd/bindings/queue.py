"""`queue`: a WorkerQueue whose operations are requests to a service."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, Descriptor
from workerd.bindings.http_service import describe_service
from workerd.config.bindings import QueueBinding


def describe(name: str, value: QueueBinding, context: BindingContext) -> Descriptor:
    return describe_service("queue", name, value.designator, context)
