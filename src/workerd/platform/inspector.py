"""node:inspector: a worker's session with its own debugger, where enable_nodejs_inspector_local_dev allows that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from workerd.engine.errors import NamedError
from workerd.platform.ops import OpContext, op

_inspectors: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


@op("inspector.session")
def session(ctx: OpContext, receive: Callable[[str], object]) -> dict[str, Callable[..., Any]]:
    worker = ctx.worker
    if "enable_nodejs_inspector_local_dev" not in worker.flags:
        raise NamedError("Error", "This worker may not debug itself")
    inspector = _inspectors.get(worker)
    if inspector is None:
        try:
            # Without somebody who lets the worker go on it never stops at breakpoints.
            inspector = _inspectors[worker] = worker.native.Inspector(worker.realm, "Worker")
        except RuntimeError:
            raise NamedError("Error", "Another debugger is attached to this worker") from None

    def tell(text: str | None) -> None:
        if text is not None:
            receive(text)

    opened = inspector.connect(tell)
    return {"send": opened.dispatch, "close": opened.close}
