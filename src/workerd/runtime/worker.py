"""A worker: an isolate with the platform layer, its modules, its bindings and its entrypoints.

Made in three steps, since workers may refer to each other: the constructor makes the isolate, `link()` gives it its capability table,
`start()` runs its top-level code.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workerd.bindings import Descriptor
from workerd.engine.errors import JSError, JSTerminated, NamedError
from workerd.observe.logs import Logs
from workerd.observe.sourcemaps import SourceMaps
from workerd.platform import bundles
from workerd.platform.ops import OpContext
from workerd.runtime.autogates import Autogates
from workerd.runtime.hooks import Hooks
from workerd.runtime.limits import Limits
from workerd.runtime.modules import Source, make_modules

if TYPE_CHECKING:
    from workerd.runtime.modules.fallback import ModuleFallback


@functools.cache
def node_bundle(native: Any) -> bundles.CachedFunction:
    """The node: modules, for all workers of the process."""
    return bundles.CachedFunction(native, "node.js", ["internals"])


class WorkerError(Exception):
    """A worker cannot start. The message is for its author: what, where, with the source line."""


class Worker:
    """One worker of the process. Everything happens on the loop's thread."""

    def __init__(
        self,
        native: Any,
        name: str,
        *,
        snapshot: bytes,
        flags: frozenset[str],
        compatibility_date: str,
        limits: Limits,
        logs: Logs,
        modules: Sequence[Source] = (),
        script: str | None = None,
        extensions: Mapping[str, Source] | None = None,
        module_fallback: str | None = None,
        predictable: bool = False,
    ) -> None:
        self.name = name
        self.flags = flags
        self.compatibility_date = compatibility_date
        self.logs = logs
        #: Service-worker syntax.
        self.is_script = script is not None
        self.source_maps = SourceMaps(self._texts)
        self.predictable = predictable
        self.closed = False
        self.autogates: Autogates | None = None
        self.native = native
        self._limits = limits
        self._script = script
        self._entries: list[tuple[str | None, str | None]] = []
        self._targets: list[Any] = []
        self._listed: list[tuple[str, str, list[str]]] = []
        self._control: Any = None
        self._node_registry: Any = None
        self._node_function: Any = None
        self.isolate = native.Isolate(
            snapshot, heap_limit=limits.heap, buffer_limit=limits.buffers, turn_limit_ms=limits.startup_ms
        )
        self.hooks = Hooks(self)
        self.realm = native.Realm(self.isolate, self.hooks)
        self.realm.set_op_context(OpContext(self))
        self.module_fallback = self._make_fallback(module_fallback) if module_fallback is not None else None
        self.modules = make_modules(self, modules, extensions or {})
        self.wants_node_modules = any(flag in flags for flag in ("nodejs_compat", "nodejs_compat_v2", "nodejs_als"))

    def _make_fallback(self, address: str) -> ModuleFallback:
        # Few workers have one, and its HTTP client takes a twentieth of the start.
        from workerd.runtime.modules.fallback import ModuleFallback

        strip = self.native if "typescript_strip_types" in self.flags else None
        return ModuleFallback(address, lambda text: self.logs.message("error", f"worker {self.name}: {text}"), strip)

    def texts(self) -> dict[str, str]:
        """The texts of its own code, each with the name of its module."""
        texts = {body: name for name, body in self.modules.files() if isinstance(body, str)}
        if self._script is not None:
            texts[self._script] = self.name
        return texts

    def _texts(self) -> list[tuple[str, str | bytes]]:
        """Names that scripts have in stacks, with their texts."""
        if self._script is not None:
            return [(self.name, self._script)]
        return [(self.modules.key(name), text) for name, text in self.modules.files()]

    # ---- entrypoints

    def target(self, entrypoint: str | None = None, props_json: str | None = None) -> Any:
        """A native Target for an entrypoint (None: the default one), with `ctx.props`. May be made before `start()`."""
        key = (entrypoint, props_json)
        if key not in self._entries:
            self._entries.append(key)
            self._targets.append(self.native.worker_target(self.realm, len(self._targets)))
            if self._control is not None and self._listed:
                self._add_entry(key)
        return self._targets[self._entries.index(key)]

    def adopt(self, old: Worker) -> None:
        """Takes the place of a worker that cannot go on: whoever held a Target of `old` asks this one after `take_over()`."""
        self._entries = list(old._entries)
        self._targets = list(old._targets)

    def take_over(self) -> None:
        """After `start()`: the adopted Targets lead here."""
        for target in self._targets:
            target.rebind(self.realm)

    def entry_number(self, entrypoint: str | None) -> int:
        """The number of an entrypoint for `dispatch_test()`."""
        self.target(entrypoint)
        return self._entries.index((entrypoint, None))

    @property
    def entrypoints(self) -> list[tuple[str, str, list[str]]]:
        """(export name, kind, handler names) of what it exports; after `start()`."""
        return self._listed

    # ---- starting

    def link(
        self,
        targets: Sequence[Any],
        env: Sequence[Descriptor],
        *,
        global_outbound: int,
        cache_api_outbound: int | None = None,
    ) -> None:
        """Gives it its capability table (Targets, services or None), and says which numbers fetch() and the cache use."""
        self.realm.set_targets(targets)
        bootstrap = self.realm.global_object.get_raw("__bootstrap")
        options = {
            "flags": sorted(self.flags),
            "globalOutbound": global_outbound,
            "cacheApiOutbound": cache_api_outbound,
            "predictable": self.predictable,
            "serviceWorker": self._script is not None,
            "compatibilityDate": self.compatibility_date,
            "workerName": self.name,
            "consoleColors": self.logs.colors,
            "fakeTimers": self.hooks.clock is not None,
        }
        self.realm.run_script("delete globalThis.__bootstrap", "workerd:bootstrap")
        self._control = bootstrap.call_raw(self.realm.native(), options)
        self._env = list(env)
        # workerd allows neither by default; `unsafeEval` bindings and flags make exceptions.
        self._forbid_eval()
        self.realm.allow_wasm(False)

    def start(self) -> None:
        """Runs the top-level code. Raises WorkerError."""
        # Time stands still at its beginning until the worker runs, as in the reference.
        self.isolate.set_clock(0)
        try:
            self._start()
        except JSTerminated as error:
            raise WorkerError(f"{error} while the worker started") from None
        except JSError as error:
            raise WorkerError(f"Uncaught {error.describe()}") from None
        except NamedError as error:
            raise WorkerError(f"Uncaught {error.name}: {error.message}") from None
        finally:
            self.isolate.set_clock(None)
        if self._node_function is not None:
            node_bundle(self.native).remember(self.realm, self._node_function)
        self.isolate.set_turn_limit(self._limits.turn_ms)

    def _start(self) -> None:
        allow_eval = "allow_eval_during_startup" in self.flags
        if allow_eval:
            self.realm.allow_eval(True)
        if self._script is not None:
            self._control.get_raw("setEnvAsGlobals")(self._env, self._load_namespace)
            # Its name in stacks is the service's, as in the reference.
            self.realm.run_script(self._script, self.name)
        else:
            main = self.modules.main()
            main.instantiate()
            self._control.get_raw("setEnv")(self._env, self._load_namespace)
            self._evaluate(main)
            self._control.get_raw("setMainExports")(main.namespace)
        self._forbid_eval()
        listed = self._control.get_raw("listEntrypoints")()
        if self._script is not None and not listed[0][2]:
            raise WorkerError("No event handlers were registered. This script does nothing.")
        self._listed = [(name, kind, handlers) for name, kind, handlers in listed] or [("", "none", [])]
        for key in self._entries:
            self._add_entry(key)

    def _forbid_eval(self) -> None:
        if "allow_insecure_inefficient_logged_eval" not in self.flags:
            self.realm.allow_eval(False, "Code generation from strings disallowed for this context")

    def _evaluate(self, module: Any) -> None:
        promise = module.evaluate()
        if module.status[0] == "errored":
            raise JSError.of(module.exception, module.exception_position)
        if promise.promise_state() == "pending":
            raise WorkerError(f"Uncaught Error: {self.modules.unsettled(module)}")

    def _load_namespace(self, specifier: str) -> Any:
        record = self.modules.resolve_internal(specifier)
        record.instantiate()
        self._evaluate(record)
        return record.namespace

    def _add_entry(self, key: tuple[str | None, str | None]) -> None:
        entrypoint, props_json = key
        props = self.realm.json_parse(props_json) if props_json is not None else self.realm.value({})
        add = self._control.get_raw("addEntrypoint")
        try:
            add(entrypoint, props)
        except JSError as error:
            raise WorkerError(error.message) from None

    # ---- what the module registry asks

    def builtin_module(self, specifier: str, internal: bool) -> Any:
        """The exports of a module of the platform layer, or None. Internal ones only for built-in importers."""
        exports = self._control.get_raw("builtinModule").call_raw(specifier, internal)
        return None if exports.typeof() == "undefined" else exports

    def commonjs_context(self, path: str, load: Callable[[str], Any]) -> Any:
        """An object with the `module` and `require` of a CommonJS module; `load` finds what it requires."""
        return self._control.get_raw("commonJsContext").call_raw(path, load)

    def mutable_copy(self, namespace: Any) -> Any:
        """A namespace's exports as an object of its own."""
        return self._control.get_raw("mutableCopy").call_raw(namespace)

    def load_node_registry(self) -> Any:
        """The registry of the node: bundle, evaluated at the first use."""
        if self._node_registry is None:
            self._node_function = node_bundle(self.native).compile(self.realm, "node:internal")
            internals = self._control.get_raw("nodeInternals").call_raw()
            self._node_registry = self._node_function.call_raw(internals)
        return self._node_registry

    # ---- events

    def run_test(self, entrypoint: str | None, done: Callable[[Sequence[str] | None], None]) -> None:
        """Runs the `test()` handler; `done` gets None, or name, message and stack of what it threw. Only the test keeps `done`."""
        self._control.get_raw("dispatchTest").call_raw(self.entry_number(entrypoint), done)

    # ---- the end

    def close(self) -> None:
        """Ends it: requests it has not answered fail, and its memory is given back."""
        self.closed = True
        if self.module_fallback is not None:
            self.module_fallback.close()
        self.hooks.close()
        self.realm.dispose()
        self.isolate.dispose()
