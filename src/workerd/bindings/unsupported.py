"""Kinds that this release does not make. They end the start of the server, with a message that names them."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, BindingError
from workerd.config import bindings as config
from workerd.config.model import Unknown, Unspecified

#: config class -> the schema's name of the kind, as the user wrote it.
NAMES: dict[type, str] = {
    config.Parameter: "parameter",
    config.DurableObjectClassBinding: "durableObjectClass",
    config.DurableObjectNamespaceBinding: "durableObjectNamespace",
    config.WorkerLoaderBinding: "workerLoader",
    config.WorkerdDebugPort: "workerdDebugPort",
}


def refuse(name: str, value: object, context: BindingContext) -> BindingError:
    """The error for a binding that no kind takes."""
    where = context.where(name)
    if isinstance(value, Unspecified):
        return BindingError(f"{where} does not specify any binding value.")
    if isinstance(value, config.Obsolete):
        return BindingError(f"{where} uses an obsolete binding type.")
    if isinstance(value, Unknown):
        return BindingError(
            f"{where} has a type that this release does not know. Was the config compiled with a newer version of the "
            "schema?"
        )
    kind = NAMES.get(type(value), type(value).__name__)
    return BindingError(f'{where} is of type "{kind}", which this release of workerd does not support yet.')
