"""`r2Bucket`: a R2Bucket whose operations are requests to a service."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, Descriptor
from workerd.bindings.http_service import describe_service
from workerd.config.bindings import R2BucketBinding


def describe(name: str, value: R2BucketBinding, context: BindingContext) -> Descriptor:
    return describe_service("r2Bucket", name, value.designator, context)
