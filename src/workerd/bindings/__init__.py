"""What a Worker's `env` is made of, as plain data handed to the platform layer's bootstrap.

`build_env()` gives one dict for each binding, in the config's order:

    {"name": str, "kind": "text", "value": str}
    {"name": str, "kind": "data", "value": bytes}              -> ArrayBuffer
    {"name": str, "kind": "json", "value": str}                -> JSON.parse(value); the text was checked
    {"name": str, "kind": "wasmModule", "value": bytes}        -> WebAssembly.Module (service-worker syntax only)
    {"name": str, "kind": "service", "target": int}            -> Fetcher for target number `target` of the Worker's
                                                                  capability table
    {"name": str, "kind": "wrapped", "moduleName": str, "entrypoint": str, "innerBindings": [descriptor, ...]}
                                                               -> what function `entrypoint` of the (internal) module
                                                                  makes of an env of `innerBindings`
    {"name": str, "kind": "unsafeEval"}
    {"name": str, "kind": "cryptoKey", ...}                    -> see crypto_key.py

`fromEnvironment` comes out as "text", or as "json" null where the variable is not set. Where the same name occurs
twice the later binding counts. Kinds this release does not support raise, naming the kind.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from workerd.bindings.context import BindingContext, BindingError, Descriptor
from workerd.bindings.kinds import BindingsError, describe_all
from workerd.config.model import ServiceDesignator, Worker

__all__ = ["BindingContext", "BindingError", "BindingsError", "Descriptor", "build_env"]


def build_env(
    worker_name: str,
    worker: Worker,
    service_target: Callable[[ServiceDesignator, str], int],
    *,
    experimental: bool = False,
    environ: Mapping[str, str] | None = None,
) -> list[Descriptor]:
    """The descriptors of `worker`'s bindings. Raises BindingsError with one message for each mistake.

    `service_target(designator, where)` gives the number of a service in the Worker's capability table; `where` is how
    an error message calls the binding.
    """
    context = BindingContext(
        worker_name=worker_name,
        service_target=service_target,
        service_worker_syntax=worker.service_worker_script is not None,
        experimental=experimental,
        environ=os.environ if environ is None else environ,
    )
    return describe_all(worker.bindings, context)
