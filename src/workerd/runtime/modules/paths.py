"""Names are paths: a specifier is resolved against the importing module's folder; a worker's own modules come before built-in ones."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from workerd.engine.errors import NamedError
from workerd.runtime.modules.registry import BUILTIN_PREFIXES, TOP_LEVEL_AWAIT, UNSETTLED, Modules, Source

#: Specifiers that are names as they are, whoever imports them.
_ABSOLUTE = ("node:", "cloudflare:", "workerd:")
#: How many names the fallback service may give one after another for a module.
_MAX_ALIASES = 32


class PathModules(Modules):
    """The reference's first registry."""

    def key(self, name: str) -> str:
        if name.startswith(BUILTIN_PREFIXES):
            return name
        return posixpath.normpath(name.lstrip("/")) if name else name

    def path_of(self, key: str) -> str:
        return f"/{key}"

    def module_path(self, key: str) -> str:
        return f"/{key}"

    def main(self) -> Any:
        """The record of the first module. All the others are compiled too: a worker with one that cannot be does not start."""
        record = super().main()
        for key, source in self._sources.items():
            match source.kind:
                case "esModule":
                    self.record(key, source)
                case "commonJsModule":
                    self.commonjs_function(key, str(source.body))
                case "json":
                    self.json(key, source)
                case "wasm":
                    self.wasm(key, source)
        return record

    def resolve(
        self,
        referrer: str | None,
        specifier: str,
        attributes: Mapping[str, str],
        *,
        dynamic: bool = False,
        built_in: bool = False,
    ) -> Any:
        if attributes and "throw_on_unrecognized_import_assertion" in self._worker.flags:
            # It recognises none.
            raise NamedError("Error", "Unrecognized import attributes specified")
        found = self._find(referrer, specifier, built_in=built_in)
        if found is None:
            if dynamic:
                path = self._path(referrer, specifier)
                shown = f'"{specifier}"' if path is None else f'"{path or "."}".'
                raise NamedError("Error", f"No such module {shown}")
            raise self._missing(referrer, specifier)
        key, what = found
        return self.record(key, what) if isinstance(what, Source) else what

    def _missing(self, referrer: str | None, specifier: str, *, require: bool = False) -> NamedError:
        key = self._path(referrer, specifier)
        where = f'.\n  imported from "{referrer}"' if referrer and not require else ""
        if key is None:
            return NamedError("TypeError", f'Invalid module specifier "{specifier}"{where}.')
        return NamedError("Error", f'No such module "{key or "."}"{where or "."}')

    def _find(
        self, referrer: str | None, specifier: str, method: str = "import", *, built_in: bool = False
    ) -> tuple[str, Any] | None:
        """The key that a specifier means, with the worker's own module of that name (a Source) or the record of a built-in one."""
        if built_in:
            # Built-in modules see each other, and nothing of the worker.
            record = self.builtin(specifier, internal=True)
            return None if record is None else (specifier, record)
        key = self._path(referrer, specifier)
        if key is None:
            return None
        for _ in range(_MAX_ALIASES):
            own = self.own(key)
            if own is not None:
                return key, own
            record = self.builtin(key, internal=False)
            if record is None and key != specifier:
                record = self.builtin(specifier, internal=False)
            if record is not None:
                return key, record
            alias = self._ask_fallback(key, referrer, specifier, method)
            if alias is None:
                own = self.own(key)
                return None if own is None else (key, own)
            there = _evaluate(posixpath.dirname(key), alias)
            if there is None:
                return None
            key = there
        return None

    def _ask_fallback(self, key: str, referrer: str | None, specifier: str, method: str) -> str | None:
        """Another name for the module; None: there is no such module, or it is among the worker's own now."""
        if self._fallback is None:
            return None
        alias = self._aliases.get(key)
        if alias is not None:
            return alias
        answer = self._fallback.by_path(method, f"/{key}", f"/{referrer}" if referrer else "", specifier)
        if isinstance(answer, str):
            self._aliases[key] = answer
            return answer
        if answer is not None:
            self._fetched[key] = answer
        return None

    def source(self, referrer: str | None, specifier: str, attributes: Mapping[str, str]) -> Any:
        found = self._find(referrer, specifier)
        if found is None:
            raise self._missing(referrer, specifier)
        key, what = found
        if not isinstance(what, Source) or what.kind != "wasm":
            raise NamedError(
                "SyntaxError", f'Source phase import not available for module: {key}.\n  imported from "{referrer}"'
            )
        return self.wasm(key, what)

    def require(self, specifier: str, referrer: str, *, created: bool = False) -> Any:
        found = self._find(referrer, specifier, "require")
        if found is None:
            if created and self._path(referrer, specifier) is None:
                raise NamedError("Error", f"Invalid specifier path: {specifier}")
            raise self._missing(referrer, specifier, require=True)
        key, what = found
        flags = self._worker.flags
        is_source = isinstance(what, Source) and what.kind != "esModule"
        if isinstance(what, Source) and what.kind == "commonJsModule":
            if self.is_running(key) or created or "export_commonjs_default" in flags:
                return self.run_commonjs(key, what)
        elif not isinstance(what, Source):
            node = self.required_node_module(key)
            if node is not None:
                whole = "export_commonjs_default" in flags and not created
                return node[0] if whole or "require_returns_default_export" in flags else node[1]
        namespace = self._namespace(self.record(key, what) if isinstance(what, Source) else what)
        names = namespace.keys()
        if not is_source:
            if "__cjsUnwrapDefault" in names and namespace.get_raw("__cjsUnwrapDefault").to_python() is True:
                return namespace.get_raw("default")
            if "module.exports" in names:
                return namespace.get_raw("module.exports")
        if is_source if created else "export_commonjs_default" in flags:
            # Undefined where there is none, except for built-in modules: nobody asks for that.
            return namespace.get_raw("default") if "default" in names or isinstance(what, Source) else namespace
        if "require_returns_default_export" not in flags:
            return namespace
        return namespace.get_raw("default") if "default" in names else self.mutable_copy(key, namespace)

    def _namespace(self, record: Any) -> Any:
        strict = "disable_top_level_await_in_require" in self._worker.flags
        namespace, graph_async = self.evaluate_for_require(
            record, lenient=True, waiting=TOP_LEVEL_AWAIT if strict else UNSETTLED
        )
        if strict and graph_async:
            raise NamedError("Error", TOP_LEVEL_AWAIT)
        return namespace

    def _path(self, referrer: str | None, specifier: str) -> str | None:
        """The key that a specifier means, seen from `referrer`; None where it is no path, or leads out of the root."""
        specifier = self.canonical(specifier)
        if specifier.startswith(_ABSOLUTE):
            return _evaluate("", specifier)
        folder = posixpath.dirname(referrer) if referrer and not referrer.startswith(BUILTIN_PREFIXES) else ""
        return _evaluate(folder, specifier)


def _evaluate(folder: str, path: str) -> str | None:
    """A path seen from a folder; None if it leads out of the root or cannot be a path."""
    if "\0" in path:
        return None
    # Half a character is none.
    path = path.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    parts = folder.split("/") if folder and not path.startswith("/") else []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
