"""`analyticsEngine`: an AnalyticsEngine whose data points are posted to a service. Experimental."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, BindingError, Descriptor
from workerd.bindings.http_service import describe_service
from workerd.config.bindings import AnalyticsEngineBinding


def describe(name: str, value: AnalyticsEngineBinding, context: BindingContext) -> Descriptor:
    if not context.experimental:
        raise BindingError(
            "AnalyticsEngine bindings are an experimental feature which may change or go away in the future. You must "
            "run workerd with `--experimental` to use this feature."
        )
    descriptor = describe_service("analyticsEngine", name, value.designator, context)
    descriptor["dataset"] = value.designator.name
    return descriptor
