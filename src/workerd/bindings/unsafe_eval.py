"""`unsafeEval`: an object that can compile code from strings. Experimental."""

from __future__ import annotations

from workerd.bindings.context import BindingContext, BindingError, Descriptor
from workerd.config.bindings import UnsafeEval


def describe(name: str, value: UnsafeEval, context: BindingContext) -> Descriptor:
    if not context.experimental:
        raise BindingError(
            "Unsafe eval is an experimental feature. You must run workerd with `--experimental` to use this feature."
        )
    return {"name": name, "kind": "unsafeEval"}
