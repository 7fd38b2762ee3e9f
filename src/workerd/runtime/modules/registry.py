"""What every module registry does: records of each kind of module, CommonJS, and the modules that the platform provides.

Records are made when they are first imported. A record is known by its key: a path or a URL, as the registry has it.
"""

from __future__ import annotations

import posixpath
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workerd.engine.errors import JSError, NamedError
from workerd.runtime.modules.node_names import BARE_NAMES
from workerd.runtime.modules.workshop import workshop

if TYPE_CHECKING:
    from workerd.runtime.worker import Worker

#: What require() says of a module whose graph has a top-level await.
TOP_LEVEL_AWAIT = "Top-level await in module is not permitted at this time."
UNSETTLED = "Top-level await in module is unsettled."
BUILTIN_PREFIXES = ("node:", "cloudflare:", "workerd:", "cloudflare-internal:", "node-internal:", "internal:")
#: Kinds whose value is their default export, for require().
VALUE_KINDS = frozenset({"text", "data", "json", "wasm"})
_COMMONJS_PARAMETERS = ["require", "exports", "module", "__filename", "__dirname"]
_REDECLARED = re.compile(r"Identifier '(require|exports|module|__filename|__dirname)' has already been declared")
_USE_STRICT = re.compile(r"""\s*((['"])use strict\2);?""")


@dataclass(frozen=True)
class Source:
    """A module as configured. `kind` as in config.model.Module."""

    name: str
    kind: str
    body: str | bytes
    named_exports: tuple[str, ...] = ()
    #: An extension's module that only others may import.
    internal: bool = False


class Modules(ABC):
    """One worker's modules."""

    def __init__(self, worker: Worker, sources: Sequence[Source], extensions: Mapping[str, Source]) -> None:
        self._worker = worker
        self._sources: dict[str, Source] = {}
        self._duplicate: str | None = None
        for source in sources:
            key = self.key(source.name)
            if key in self._sources:
                self._duplicate = key
            self._sources.setdefault(key, source)
        #: Where modules come from that are not among them, and those that came, by key; and other names for modules.
        self._fallback = worker.module_fallback
        self._fetched: dict[str, Source] = {}
        self._aliases: dict[str, str] = {}
        self._extensions = extensions
        self._extension_records: dict[str, Any] = {}
        #: The ids of these.
        self._trusted: set[int] = set()
        self._builtins: dict[tuple[str, bool], Any] = {}
        self._records: dict[str, Any] = {}
        self._commonjs: dict[str, Any] = {}
        self._running: set[str] = set()
        self._copies: dict[str, Any] = {}
        self._compiled: dict[str, Any] = {}
        self._node: Any = None

    # ---- what a registry decides

    @abstractmethod
    def key(self, name: str) -> str:
        """The key of a module configured under `name`."""

    @abstractmethod
    def resolve(
        self,
        referrer: str | None,
        specifier: str,
        attributes: Mapping[str, str],
        *,
        dynamic: bool = False,
        built_in: bool = False,
    ) -> Any:
        """The record that `specifier`, written in the module with key `referrer`, means. Raises NamedError if there is none.
        `dynamic`: in an import() there. `built_in`: the code is a built-in module's, and so may import internal ones. (Its key does not say
        that: scripts may have any name.)
        """

    @abstractmethod
    def source(self, referrer: str | None, specifier: str, attributes: Mapping[str, str]) -> Any:
        """`import source`: a WebAssembly.Module. Raises NamedError for anything but a Wasm module."""

    @abstractmethod
    def require(self, specifier: str, referrer: str, *, created: bool = False) -> Any:
        """What `require(specifier)` gives in the module with key `referrer`. Raises NamedError or what the module throws.
        `created`: the function comes of createRequire().
        """

    def import_meta(self, key: str) -> dict[str, Any]:
        """Properties of `import.meta`."""
        return {}

    @abstractmethod
    def path_of(self, key: str) -> str | None:
        """`__filename` of a CommonJS module; None if it has none."""

    @abstractmethod
    def module_path(self, key: str) -> str:
        """`module.path` of a CommonJS module."""

    # ---- the worker's own modules

    def main(self) -> Any:
        """The record of the first module. Raises NamedError if it is no ES module, or if there are several of one name."""
        if self._duplicate is not None:
            raise NamedError("Error", f'Module "{self._duplicate}" already added to bundle')
        key = next(iter(self._sources))
        if self._sources[key].kind != "esModule":
            raise NamedError("TypeError", "Main module must be an ES module.")
        return self.record(key, self._sources[key])

    def unsettled(self, module: Any) -> str:
        """What is said of the worker's first module if its top-level await does not end."""
        return UNSETTLED

    def is_main(self, key: str) -> bool:
        return next(iter(self._sources), None) == key

    def files(self) -> list[tuple[str, str | bytes]]:
        """The worker's own modules with their texts, for /bundle."""
        return [(source.name, source.body) for source in self._sources.values()]

    def own(self, key: str) -> Source | None:
        """A module of the worker: configured, or come from the fallback service."""
        return self._sources.get(key) or self._fetched.get(key)

    def record(self, key: str, source: Source) -> Any:
        """The record of a module of the worker, made at the first call with its key."""
        record = self._records.get(key)
        if record is None:
            record = self._records[key] = self._make(key, source)
        return record

    def _make(self, key: str, source: Source) -> Any:
        realm = self._worker.realm
        match source.kind:
            case "esModule":
                return realm.compile_module(source.body, key)
            case "text":
                return realm.synthetic_module(key, ["default"], lambda: {"default": source.body})
            case "data":
                return realm.synthetic_module(key, ["default"], lambda: {"default": realm.array_buffer(source.body)})
            case "json":
                return realm.synthetic_module(key, ["default"], lambda: {"default": self.json(key, source)})
            case "wasm":
                return realm.synthetic_module(key, ["default"], lambda: {"default": self.wasm(key, source)})
            case "commonJsModule":
                names = list(dict.fromkeys(["default", *source.named_exports]))
                return realm.synthetic_module(key, names, lambda: self._commonjs_exports(key, source, names))
            case kind:
                raise NamedError(
                    "Error", f'Module "{source.name}" is of kind {kind}, which this release does not support.'
                )

    def json(self, key: str, source: Source) -> Any:
        """The value of a JSON module, parsed once."""
        value = self._compiled.get(key)
        if value is None:
            try:
                value = self._compiled[key] = self._worker.realm.json_parse(source.body)
            except JSError as error:
                raise NamedError("SyntaxError", error.message) from None
        return value

    def wasm(self, key: str, source: Source) -> Any:
        """The WebAssembly.Module of a Wasm module, compiled once."""
        module = self._compiled.get(key)
        if module is None:
            module = self._compiled[key] = self._compile_wasm(key, bytes(source.body))  # type: ignore[arg-type]
        return module

    def _compile_wasm(self, key: str, body: bytes) -> Any:
        flags, realm = self._worker.flags, self._worker.realm
        builtins, named = "wasm_esm_integration_builtins" in flags, "wasm_source_url_support" in flags
        if builtins or named:
            try:
                module = workshop(self._worker.native).compile_wasm(body, builtins=builtins)
            except JSError:
                # Once more, for an error of the worker's own realm.
                return realm.compile_wasm(body)
            return realm.import_wasm(module, key if named else "")
        return realm.compile_wasm(body)

    # ---- CommonJS

    def _commonjs_exports(self, key: str, source: Source, names: list[str]) -> dict[str, Any]:
        exports = self.run_commonjs(key, source)
        out = {"default": exports}
        is_object = exports.typeof() in ("object", "function")
        for name in names:
            if name != "default" and is_object:
                out[name] = exports.get_raw(name)
        return out

    def run_commonjs(self, key: str, source: Source) -> Any:
        """`module.exports` after running the module; in a cycle what it has exported so far."""
        module = self._commonjs.get(key)
        if module is not None:
            return module.get_raw("exports")
        filename = self.path_of(key)
        context = self._worker.commonjs_context(self.module_path(key), lambda specifier: self.require(specifier, key))
        module = self._commonjs[key] = context.get_raw("module")
        self._running.add(key)
        try:
            given = [context.get_raw("require"), module.get_raw("exports"), module]
            if filename is None:
                # A module without a path: to ask for its name is what fails.
                body = f"with (arguments[3]) {{{source.body!s}\n}}"
                function = self._worker.realm.compile_function(body, key, _COMMONJS_PARAMETERS[:3])
                function.call_raw(*given, context.get_raw("noPaths"))
            else:
                function = self.commonjs_function(key, str(source.body))
                function.call_raw(*given, filename, posixpath.dirname(filename))
        except BaseException:
            del self._commonjs[key]
            raise
        finally:
            self._running.discard(key)
        return module.get_raw("exports")

    def commonjs_function(self, key: str, body: str) -> Any:
        """The code of a CommonJS module as a function, compiled once."""
        function = self._compiled.get(key)
        if function is None:
            function = self._compiled[key] = self._compile_commonjs(key, body)
        return function

    def _compile_commonjs(self, key: str, body: str) -> Any:
        realm = self._worker.realm
        try:
            return realm.compile_function(body, key, _COMMONJS_PARAMETERS)
        except JSError as error:
            if not _REDECLARED.match(error.message):
                raise
            # In the reference these names are not parameters, so that a module may declare them anew. In a block it may here.
            strict = _USE_STRICT.match(body)
            return realm.compile_function(
                f"{f'{strict.group(1)};' if strict else ''}{{{body}\n}}", key, _COMMONJS_PARAMETERS
            )

    def mutable_copy(self, key: str, namespace: Any) -> Any:
        """The module's exports as one object that may be changed: each time the same."""
        copy = self._copies.get(key)
        if copy is None:
            copy = self._copies[key] = self._worker.mutable_copy(namespace)
        return copy

    def is_running(self, key: str) -> bool:
        """Whether a CommonJS module is in the middle of its code."""
        return key in self._running

    def _refuse_cycle(self, record: Any) -> None:
        """A module that is being evaluated cannot be entered again: V8 would end the process. Raises NamedError."""
        seen: set[int] = set()
        waiting = [(record, record.name)]
        while waiting:
            module, shown = waiting.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            if module.status[0] == "evaluating":
                raise NamedError("Error", f"Circular dependency when resolving module: {shown}")
            if module.status[0] == "instantiated":
                built_in = self.is_built_in(module)
                waiting.extend(
                    (self.resolve(module.name, request[0], request[1], built_in=built_in), request[0])
                    for request in module.requests()
                )

    def evaluate_for_require(
        self, record: Any, *, lenient: bool = False, waiting: str = TOP_LEVEL_AWAIT
    ) -> tuple[Any, bool]:
        """Evaluates an ES or synthetic module at once; (its namespace, whether its graph has a top-level await).

        Raises NamedError for a cycle, or (`waiting`) if the graph waits for something. `lenient`: not for a module that is being evaluated,
        or that was found to wait before; some of its exports cannot be read yet.
        """
        record.instantiate()
        before = record.status[0]
        if lenient and before == "evaluating":
            return record.namespace, False
        self._refuse_cycle(record)
        promise = record.evaluate()
        status, graph_async = record.status
        if status == "errored":
            raise JSError.of(record.exception, record.exception_position)
        if promise.promise_state() == "pending" and not (lenient and before == "evaluated"):
            raise NamedError("Error", waiting)
        return record.namespace, graph_async

    def required_node_module(self, specifier: str) -> Any:
        """(The exports object, the namespace) of a node: module, or None. What imports see is fixed here, before anybody changes it."""
        exports = self.node_module(specifier)
        if exports is None:
            return None
        return exports, self.evaluate_for_require(self._platform_module(specifier, internal=False))[0]

    def public_builtin(self, specifier: str) -> Any:
        """The exports object of a node: module, or the namespace of another built-in module that user code may import.
        Raises NamedError if there is none.
        """
        node = self.required_node_module(specifier)
        if node is not None:
            return node[0]
        record = self.builtin(specifier, internal=False)
        if record is None:
            raise NamedError("Error", f'No such module "{specifier}".')
        return self.evaluate_for_require(record)[0]

    # ---- extensions and the platform's modules

    def resolve_internal(self, specifier: str) -> Any:
        """The record of an extension's module, internal ones too: what wrapped bindings are made by. Raises NamedError."""
        found = self.builtin(specifier, internal=True)
        if found is None:
            raise NamedError("Error", f'No such module "{specifier}".')
        return found

    def is_built_in(self, record: Any) -> bool:
        """Whether a record is that of an extension's module."""
        return id(record) in self._trusted

    def builtin(self, specifier: str, *, internal: bool) -> Any:
        """The record of a built-in module, or None. `internal`: asked for by another built-in module."""
        extension = self._extensions.get(specifier)
        if extension is not None and (internal or not extension.internal):
            record = self._extension_records.get(specifier)
            if record is None:
                record = self._worker.realm.compile_module(extension.body, specifier, None, True)
                self._extension_records[specifier] = record
                self._trusted.add(id(record))
            return record
        return self._platform_module(specifier, internal)

    def _platform_module(self, specifier: str, internal: bool) -> Any:
        key = (specifier, internal)
        record = self._builtins.get(key)
        if record is not None:
            return record
        exports = self._worker.builtin_module(specifier, internal)
        default = None
        if exports is None:
            exports = default = self.node_module(specifier)
            if exports is None:
                return None
        names = exports.keys()
        if default is not None:
            names = [name for name in names if name != "default"]

        def evaluate() -> dict[str, Any]:
            values = {name: exports.get_raw(name) for name in names}
            if default is not None:
                values["default"] = default
            return values

        all_names = [*names, "default"] if default is not None else names
        record = self._worker.realm.synthetic_module(specifier, all_names, evaluate)
        self._builtins[key] = record
        return record

    def canonical(self, specifier: str) -> str:
        """The specifier with Node's prefix ("fs" is "node:fs"), where the worker's flags say that it means a module of Node."""
        if "nodejs_compat_v2" not in self._worker.flags:
            return specifier
        if specifier in ("sys", "node:sys"):
            return "node:util"
        return f"node:{specifier}" if specifier in BARE_NAMES else specifier

    def node_module(self, specifier: str) -> Any:
        """The exports object of a node: module that the worker's flags allow, or None."""
        if not self._worker.wants_node_modules or not specifier.startswith("node:"):
            return None
        if self._node is None:
            self._node = self._worker.load_node_registry()
        if not self._node.get_raw("has")(specifier):
            return None
        return self._node.get_raw("get").call_raw(specifier)
