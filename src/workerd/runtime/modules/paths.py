"""Names are paths: a specifier is resolved against the importing module's folder; a worker's own modules come before built-in ones."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from workerd.engine.errors import NamedError
from workerd.runtime.modules.registry import BUILTIN_PREFIXES, VALUE_KINDS, Modules, Source


class PathModules(Modules):
    """The reference's first registry."""

    def key(self, name: str) -> str:
        if name.startswith(BUILTIN_PREFIXES):
            return name
        return posixpath.normpath(name.lstrip("/")) if name else name

    def path_of(self, key: str) -> str:
        return key

    def resolve(self, referrer: str | None, specifier: str, attributes: Mapping[str, str]) -> Any:
        for name, value in attributes.items():
            known = name == "type" and value in ("json", "text", "bytes")
            if not known and "throw_on_unrecognized_import_assertion" in self._worker.flags:
                raise NamedError("TypeError", "Unrecognized import attributes specified")
        found = self._find(referrer, specifier)
        if found is None:
            raise self._missing(referrer, specifier)
        return found

    def _missing(self, referrer: str | None, specifier: str, *, require: bool = False) -> NamedError:
        if self._path(referrer, specifier) is None:
            where = f'.\n  imported from "{referrer}".' if referrer and not require else "."
            return NamedError("TypeError", f'Invalid module specifier "{specifier}"{where}')
        shown = specifier if specifier.startswith(BUILTIN_PREFIXES) else self._path(referrer, specifier) or specifier
        where = f'.\n  imported from "{referrer}"' if referrer else "."
        return NamedError("Error", f'No such module "{shown}"{where}')

    def _own(self, referrer: str | None, specifier: str) -> tuple[str, Source] | None:
        key = specifier if specifier.startswith(BUILTIN_PREFIXES) else self._path(referrer, specifier)
        source = self._sources.get(key) if key is not None else None
        return (key, source) if key is not None and source is not None else None

    def _find(self, referrer: str | None, specifier: str) -> Any:
        from_builtin = self.is_builtin(referrer)
        if not from_builtin:
            own = self._own(referrer, specifier)
            if own is not None:
                return self.record(*own)
        return self.builtin(specifier, internal=from_builtin)

    def source(self, referrer: str | None, specifier: str, attributes: Mapping[str, str]) -> Any:
        own = self._own(referrer, specifier)
        if own is None:
            raise self._missing(referrer, specifier)
        key, source = own
        if source.kind != "wasm":
            raise NamedError("SyntaxError", f"Source phase import not available for module: {key}")
        return self.wasm(source)

    def require(self, specifier: str, referrer: str, *, created: bool = False) -> Any:
        own = self._own(referrer, specifier)
        if own is not None and own[1].kind == "commonJsModule":
            return self.run_commonjs(*own)
        if own is None:
            node = self.required_node_module(specifier)
            if node is not None:
                return node[1] if created and "require_returns_default_export" not in self._worker.flags else node[0]
        record = self._find(referrer, specifier)
        if record is None:
            raise self._missing(referrer, specifier, require=True)
        namespace, graph_async = self.evaluate_for_require(record)
        if graph_async and "disable_top_level_await_in_require" in self._worker.flags:
            raise NamedError("Error", "Top-level await in module is not permitted at this time.")
        if own is not None and own[1].kind in VALUE_KINDS:
            return namespace.get_raw("default")
        names = namespace.keys()
        if "__cjsUnwrapDefault" in names and namespace.get_raw("__cjsUnwrapDefault"):
            return namespace.get_raw("default")
        if "module.exports" in names:
            return namespace.get_raw("module.exports")
        flags = self._worker.flags
        if "default" in names and (
            "require_returns_default_export" in flags or (not created and "export_commonjs_default" not in flags)
        ):
            return namespace.get_raw("default")
        return namespace

    def _path(self, referrer: str | None, specifier: str) -> str | None:
        """The path that a specifier means, seen from `referrer`; None where it leads out of the root."""
        if specifier.startswith("/"):
            path = posixpath.normpath(specifier.lstrip("/"))
        elif specifier.startswith("file:///"):
            path = posixpath.normpath(specifier[len("file:///") :])
        else:
            folder = posixpath.dirname(referrer) if referrer and not referrer.startswith(BUILTIN_PREFIXES) else ""
            path = posixpath.normpath(posixpath.join(folder, specifier))
        return None if path.startswith("..") else path
