"""A worker's module registry: its own modules, extensions, and what the platform provides.

Names are paths, as the reference's first registry has them: a specifier is resolved against the importing module's folder, a worker's
own modules come first, then built-in ones. Module records are made when they are first imported.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workerd.engine.errors import JSError, NamedError

if TYPE_CHECKING:
    from workerd.runtime.worker import Worker

BUILTIN_PREFIXES = ("node:", "cloudflare:", "workerd:", "cloudflare-internal:", "node-internal:", "internal:")


@dataclass(frozen=True)
class Source:
    """A module as configured. `kind` as in config.model.Module."""

    name: str
    kind: str
    body: str | bytes
    named_exports: tuple[str, ...] = ()
    #: A built-in module: may import internal ones.
    builtin: bool = False
    internal: bool = False


class Modules:
    """Resolution and evaluation of one worker's modules."""

    def __init__(self, worker: Worker, sources: list[Source], extensions: Mapping[str, Source]) -> None:
        self._worker = worker
        self._sources = {_normalize(source.name): source for source in sources}
        self._extensions = extensions
        self._records: dict[tuple[str, bool], Any] = {}
        self._builtins: dict[tuple[str, bool], Any] = {}
        self._commonjs: dict[str, Any] = {}
        self._compiled: dict[str, Any] = {}
        self._node: Any = None

    # ---- resolution

    def resolve(self, referrer: str | None, specifier: str, attributes: Mapping[str, str], how: str = "import") -> Any:
        """The module record that `specifier`, written in module `referrer`, means. Raises NamedError if there is none."""
        self._check_attributes(attributes)
        found = self._find(referrer, specifier)
        if found is None:
            where = f'.\n  imported from "{referrer}"' if referrer else "."
            raise NamedError("Error", f'No such module "{self._display(referrer, specifier)}"{where}')
        return found

    def resolve_internal(self, specifier: str) -> Any:
        """The record of an extension's module, internal ones too: what wrapped bindings are made by."""
        found = self._find("", specifier, from_builtin=True)
        if found is None:
            raise NamedError("Error", f'No such module "{specifier}".')
        return found

    def source(self, referrer: str | None, specifier: str, attributes: Mapping[str, str]) -> Any:
        """`import source`: the WebAssembly.Module itself. Raises NamedError for anything but a Wasm module."""
        path = _join(referrer, specifier)
        found = self._sources.get(path) if path is not None else None
        if found is None:
            raise NamedError(
                "Error", f'No such module "{self._display(referrer, specifier)}".\n  imported from "{referrer}"'
            )
        if found.kind != "wasm":
            raise NamedError("SyntaxError", f"Source phase import not available for module: {path}")
        return self._wasm(found)

    def _wasm(self, source: Source) -> Any:
        module = self._compiled.get(source.name)
        if module is None:
            module = self._compiled[source.name] = self._worker.realm.compile_wasm(source.body)
        return module

    def is_main(self, name: str) -> bool:
        return next(iter(self._sources), None) == name

    def _check_attributes(self, attributes: Mapping[str, str]) -> None:
        for name, value in attributes.items():
            known = name == "type" and value in ("json", "text", "bytes")
            if not known and "throw_on_unrecognized_import_assertion" in self._worker.flags:
                raise NamedError("TypeError", "Unrecognized import attributes specified")

    def _display(self, referrer: str | None, specifier: str) -> str:
        if specifier.startswith(BUILTIN_PREFIXES):
            return specifier
        return _join(referrer, specifier) or specifier

    def _find(self, referrer: str | None, specifier: str, *, from_builtin: bool = False) -> Any:
        from_builtin = from_builtin or (referrer is not None and self._is_builtin(referrer))
        if not from_builtin:
            path = specifier if specifier.startswith(BUILTIN_PREFIXES) else _join(referrer, specifier)
            if path is not None and path in self._sources:
                return self._record(self._sources[path])
        extension = self._extensions.get(specifier)
        if extension is not None and (from_builtin or not extension.internal):
            return self._record(extension)
        builtin = self._builtin(specifier, from_builtin)
        if builtin is not None:
            return builtin
        return None

    def _is_builtin(self, name: str) -> bool:
        return name not in self._sources and name in self._extensions

    def has_main(self) -> bool:
        return bool(self._sources)

    def main(self) -> Any:
        """The record of the first module."""
        return self._record(next(iter(self._sources.values())))

    # ---- records

    def _record(self, source: Source) -> Any:
        key = (source.name, source.builtin)
        record = self._records.get(key)
        if record is None:
            record = self._make(source)
            self._records[key] = record
        return record

    def _make(self, source: Source) -> Any:
        realm = self._worker.realm
        name = _normalize(source.name) if not source.builtin else source.name
        match source.kind:
            case "esModule":
                return realm.compile_module(source.body, name)
            case "text":
                return realm.synthetic_module(name, ["default"], lambda: {"default": source.body})
            case "data":
                return realm.synthetic_module(name, ["default"], lambda: {"default": realm.array_buffer(source.body)})
            case "json":
                return realm.synthetic_module(name, ["default"], lambda: {"default": self._parse_json(source)})
            case "wasm":
                return realm.synthetic_module(name, ["default"], lambda: {"default": self._wasm(source)})
            case "commonJsModule":
                names = ["default", *[n for n in source.named_exports if n != "default"]]
                return realm.synthetic_module(name, names, lambda: self._commonjs_exports(source, names))
            case kind:
                raise NamedError(
                    "Error", f'Module "{source.name}" is of kind {kind}, which this release does not support.'
                )

    def _parse_json(self, source: Source) -> Any:
        try:
            return self._worker.realm.json_parse(source.body)
        except JSError as error:
            raise NamedError("SyntaxError", f'Module "{source.name}": {error.message}') from None

    # ---- CommonJS

    def _commonjs_exports(self, source: Source, names: list[str]) -> dict[str, Any]:
        exports = self._run_commonjs(source)
        out = {"default": exports}
        is_object = exports.typeof() in ("object", "function")
        for name in names:
            if name != "default" and is_object:
                out[name] = exports.get_raw(name)
        return out

    def _run_commonjs(self, source: Source) -> Any:
        """`module.exports` after running it; in a cycle what it has exported so far."""
        module = self._commonjs.get(source.name)
        if module is not None:
            return module.get_raw("exports")
        realm = self._worker.realm
        name = _normalize(source.name)
        module = realm.value({"exports": {}})
        self._commonjs[source.name] = module
        parameters = ["require", "exports", "module", "__filename", "__dirname"]
        try:
            function = realm.compile_function(source.body, name, parameters)
            require = realm.value(lambda specifier="": self.require(str(specifier), name))
            function.call_raw(require, module.get_raw("exports"), module, name, posixpath.dirname(name))
        except BaseException:
            del self._commonjs[source.name]
            raise
        return module.get_raw("exports")

    def require(self, specifier: str, referrer: str) -> Any:
        """What `require(specifier)` gives in module `referrer`. Raises NamedError or what the module throws."""
        path = specifier if specifier.startswith(BUILTIN_PREFIXES) else _join(referrer, specifier)
        if path is not None and path in self._sources and self._sources[path].kind == "commonJsModule":
            return self._run_commonjs(self._sources[path])
        node = self.node_module(specifier)
        if node is not None and (path is None or path not in self._sources):
            return node
        record = self._find(referrer, specifier)
        if record is None:
            raise NamedError(
                "Error", f'No such module "{self._display(referrer, specifier)}".\n  imported from "{referrer}"'
            )
        return self._evaluate_now(record, specifier)

    def _evaluate_now(self, record: Any, specifier: str) -> Any:
        record.instantiate()
        promise = record.evaluate()
        status, graph_async = record.status
        if status == "errored":
            raise JSError.of(record.exception)
        if graph_async and "disable_top_level_await_in_require" in self._worker.flags:
            raise NamedError("Error", "Top-level await in module is not permitted at this time.")
        if promise.promise_state() == "pending":
            raise NamedError("Error", "Module evaluation did not complete synchronously.")
        namespace = record.namespace
        names = namespace.keys()
        source = self._sources.get(record.name)
        if source is not None and source.kind in ("text", "data", "json", "wasm"):
            return namespace.get_raw("default")
        if "module.exports" in names:
            return namespace.get_raw("module.exports")
        if "default" in names and (
            "require_returns_default_export" in self._worker.flags
            or "export_commonjs_default" not in self._worker.flags
        ):
            return namespace.get_raw("default")
        return namespace

    # ---- built-in modules

    def _builtin(self, specifier: str, internal: bool) -> Any:
        key = (specifier, internal)
        record = self._builtins.get(key)
        if record is not None:
            return record
        exports = self._worker.builtin_module(specifier, internal)
        if exports is None:
            exports = self.node_module(specifier)
            if exports is None:
                return None
            names = [name for name in exports.keys() if name != "default"]  # noqa: SIM118
            default = exports
        else:
            names = exports.keys()
            default = None

        def evaluate() -> dict[str, Any]:
            values = {name: exports.get_raw(name) for name in names}
            if default is not None:
                values["default"] = default
            return values

        record = self._worker.realm.synthetic_module(
            specifier, [*names, *(["default"] if default is not None else [])], evaluate
        )
        self._builtins[key] = record
        return record

    def node_module(self, specifier: str) -> Any:
        """The exports object of a node: module that the worker's flags allow, or None. Bare names count too."""
        if not self._worker.wants_node_modules:
            return None
        bare = ":" not in specifier and not specifier.startswith((".", "/"))
        if not bare and not specifier.startswith("node:"):
            return None
        if self._node is None:
            self._node = self._worker.load_node_registry()
        if not self._node.get_raw("has")(specifier):
            return None
        return self._node.get_raw("get").call_raw(specifier)

    def files(self) -> list[tuple[str, str | bytes]]:
        """The worker's own modules with their texts, for /bundle."""
        return [(source.name, source.body) for source in self._sources.values()]


def _normalize(name: str) -> str:
    if name.startswith(BUILTIN_PREFIXES):
        return name
    return posixpath.normpath(name.lstrip("/")) if name else name


def _join(referrer: str | None, specifier: str) -> str | None:
    """The path that a specifier means, seen from `referrer`; None where it leads out of the root."""
    if specifier.startswith("/"):
        path = posixpath.normpath(specifier.lstrip("/"))
    elif specifier.startswith("file:///"):
        path = posixpath.normpath(specifier[len("file:///") :])
    else:
        folder = posixpath.dirname(referrer) if referrer and not referrer.startswith(BUILTIN_PREFIXES) else ""
        path = posixpath.normpath(posixpath.join(folder, specifier))
    return None if path.startswith("..") else path
