"""Names are URLs (`new_module_registry`): a worker's modules live under file:///bundle/, and a specifier is a URL relative to its importer.

A query or a fragment makes another instance of the same module.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from workerd.engine.errors import NamedError
from workerd.runtime.modules.registry import TOP_LEVEL_AWAIT, VALUE_KINDS, Modules, Source

if TYPE_CHECKING:
    from workerd.runtime.worker import Worker

BASE = "file:///bundle/"
_UNRESERVED = re.compile(r"%([2-7][0-9A-Fa-f])")
_NODE_ALIASES = {"node:sys": "node:util"}


class UrlModules(Modules):
    """The reference's newer registry."""

    def __init__(self, worker: Worker, sources: Sequence[Source], extensions: Mapping[str, Source]) -> None:
        self._parse: Callable[..., str | None] = worker.native.url_parse
        super().__init__(worker, sources, extensions)

    # ---- names

    def key(self, name: str) -> str:
        trimmed = name.strip()
        href = self._parse(trimmed)
        if href is None:
            # Not a URL of its own: a path inside the bundle, which it cannot leave.
            path = re.split(r"[?#]", trimmed, maxsplit=1)[0]
            parts: list[str] = []
            for part in path.split("/"):
                if part == ".." and parts:
                    parts.pop()
                elif part not in ("", ".", ".."):
                    parts.append(part)
            href = self._parse("./" + "/".join(parts), BASE)
            if href is None:
                raise NamedError("TypeError", f"Invalid module name: {name}")
        return _normalize(_strip(href))

    def path_of(self, key: str) -> str:
        path = unquote(_strip(key).split(":", 1)[1])
        if path.startswith("//"):
            path = path[2:].partition("/")[1] + path[2:].partition("/")[2]
        return path if path.startswith("/") else f"/{path}"

    def _href(self, referrer: str | None, specifier: str) -> str:
        """The URL that a specifier means. Raises NamedError."""
        if ":" not in specifier and not specifier.startswith((".", "/")):
            node = f"node:{specifier}"
            node = _NODE_ALIASES.get(node, node)
            if self._is_node(node):
                return node
        base = referrer if referrer is not None and self._parse(referrer) is not None else BASE
        if not base.startswith(("file:", "http:", "https:")):
            base = BASE
        href = self._parse(specifier.strip(), base)
        if href is None:
            raise NamedError("TypeError", f"Invalid module specifier: {specifier}")
        return _NODE_ALIASES.get(href, href)

    def _is_node(self, name: str) -> bool:
        return name in self._sources or self.node_module(name) is not None

    # ---- resolution

    def resolve(self, referrer: str | None, specifier: str, attributes: Mapping[str, str]) -> Any:
        for name in attributes:
            if name != "type":
                raise NamedError("TypeError", f'Unsupported import attribute: "{name}"')
        kind = attributes.get("type")
        if kind in ("text", "bytes"):
            raise NamedError("TypeError", f'Import attribute type "{kind}" is not yet supported')
        if kind is not None and kind != "json":
            raise NamedError("TypeError", f'Unsupported import attribute type: "{kind}"')
        href = self._href(referrer, specifier)
        own = self._own(href)
        if own is not None and not self.is_builtin(referrer):
            if kind == "json" and own.kind != "json":
                raise NamedError("TypeError", f'Module "{href}" is not of type "json"')
            return self.record(_instance(href), own)
        found = self.builtin(_strip(href), internal=self.is_builtin(referrer))
        if found is None:
            raise _not_found(href)
        return found

    def _own(self, href: str) -> Source | None:
        return self._sources.get(_normalize(_strip(href)))

    def source(self, referrer: str | None, specifier: str, attributes: Mapping[str, str]) -> Any:
        href = self._href(referrer, specifier)
        own = self._own(href)
        if own is None:
            raise _not_found(href)
        if own.kind != "wasm":
            raise NamedError("SyntaxError", f"Source phase import not available for module: {href}")
        return self.wasm(own)

    def require(self, specifier: str, referrer: str, *, created: bool = False) -> Any:
        if not referrer.startswith("file:") and self._parse(referrer) is None:
            referrer = self._parse(referrer, BASE) or BASE
        try:
            href = self._href(referrer, specifier)
        except NamedError:
            raise NamedError("TypeError", f"Invalid module specifier: {specifier}") from None
        own = self._own(href)
        if own is None:
            node = self.required_node_module(_strip(href))
            if node is not None:
                return node[0]
            record = self.builtin(_strip(href), internal=False)
            if record is None:
                raise _not_found(specifier)
            return self.evaluate_for_require(record)[0]
        if own.kind == "commonJsModule":
            return self.run_commonjs(_instance(href), own)
        try:
            namespace, graph_async = self.evaluate_for_require(self.record(_instance(href), own))
        except NamedError as error:
            if error.message != TOP_LEVEL_AWAIT:
                raise
            graph_async = True
        if graph_async:
            raise NamedError("Error", "Top-level await is not supported in this context.")
        if own.kind in VALUE_KINDS:
            return namespace.get_raw("default")
        names = namespace.keys()
        if "__cjsUnwrapDefault" in names and namespace.get_raw("__cjsUnwrapDefault"):
            return namespace.get_raw("default")
        return namespace.get_raw("module.exports") if "module.exports" in names else namespace

    def import_meta(self, key: str) -> dict[str, Any]:
        def resolve(*args: Any) -> str:
            if not args:
                raise TypeError("import.meta.resolve() requires a specifier")
            return self._href(key, str(args[0]))

        meta: dict[str, Any] = {"url": key, "main": self.is_main(key), "resolve": resolve}
        if key.startswith("file:"):
            meta["filename"] = self.path_of(key)
            meta["dirname"] = posixpath.dirname(meta["filename"])
        return meta


def _not_found(href: str) -> NamedError:
    return NamedError("Error", f"Module not found: {href}")


def _strip(href: str) -> str:
    return re.split(r"[?#]", href, maxsplit=1)[0]


def _normalize(href: str) -> str:
    """Percent-encoded unreserved characters are the characters."""

    def decode(match: re.Match[str]) -> str:
        char = chr(int(match.group(1), 16))
        return char if char.isalnum() or char in "-._~" else match.group(0).upper()

    return _UNRESERVED.sub(decode, href)


def _instance(href: str) -> str:
    """The instance's key: normalised, with its query and fragment."""
    path = _strip(href)
    return _normalize(path) + href[len(path) :]
