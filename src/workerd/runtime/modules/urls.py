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
_LONE = re.compile("[\ud800-\udfff]")
_UNRESERVED = re.compile(r"%([2-7][0-9A-Fa-f])")


class UrlModules(Modules):
    """The reference's newer registry."""

    def __init__(self, worker: Worker, sources: Sequence[Source], extensions: Mapping[str, Source]) -> None:
        self._parse: Callable[..., str | None] = worker.native.url_parse
        by_url: dict[str, Source] = {}
        self._unnamed: str | None = None
        for name, source in extensions.items():
            href = self._parse(name)
            if href is None:
                self._unnamed = name
            else:
                by_url[href] = source
        super().__init__(worker, sources, by_url)

    def main(self) -> Any:
        if self._unnamed is not None:
            raise NamedError(
                "Error",
                f'Invalid extension module name "{self._unnamed}": when the new_module_registry compatibility flag is '
                'enabled, extension module names must be fully-qualified URLs (e.g. "my-extension:module").',
            )
        return super().main()

    def resolve_internal(self, specifier: str) -> Any:
        return super().resolve_internal(self._parse(specifier) or specifier)

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

    def path_of(self, key: str) -> str | None:
        path = unquote(_strip(key).split(":", 1)[1])
        if path.startswith("//"):
            path = path[2:].partition("/")[1] + path[2:].partition("/")[2]
        if not path:
            return None
        return path if path.startswith("/") else f"/{path}"

    def unsettled(self, module: Any) -> str:
        return (
            "Use of top-level await in a synchronously required module is restricted to promises that are resolved "
            "synchronously. This includes any top-level awaits in the entrypoint module for a worker. "
            f'Specifier: "{module.name}".'
        )

    def module_path(self, key: str) -> str:
        return key

    def _href(self, referrer: str | None, specifier: str) -> str:
        """The URL that a specifier means. Raises NamedError."""
        specifier = self.canonical(specifier)
        base = referrer if referrer is not None and self._parse(referrer) is not None else BASE
        if not base.startswith(("file:", "http:", "https:")):
            base = BASE
        href = self._parse(_LONE.sub(_encoded, specifier.strip()), base)
        if href is None:
            raise NamedError("TypeError", f"Invalid module specifier: {specifier}")
        return href

    # ---- resolution

    def resolve(
        self,
        referrer: str | None,
        specifier: str,
        attributes: Mapping[str, str],
        *,
        dynamic: bool = False,
        built_in: bool = False,
    ) -> Any:
        for name in attributes:
            if name != "type":
                raise NamedError("TypeError", f'Unsupported import attribute: "{name}"')
        kind = attributes.get("type")
        if kind in ("text", "bytes"):
            raise NamedError("TypeError", f'Import attribute type "{kind}" is not yet supported')
        if kind is not None and kind != "json":
            raise NamedError("TypeError", f'Unsupported import attribute type: "{kind}"')
        href = self._href(referrer, specifier)
        found = self._find(href, referrer, specifier, "import", attributes, built_in=built_in)
        if found is None:
            raise _not_found(href)
        key, what = found
        if kind == "json" and not (isinstance(what, Source) and what.kind == "json"):
            raise NamedError("TypeError", f'Module "{specifier}" is not of type "json"')
        return self.record(key, what) if isinstance(what, Source) else what

    def _find(
        self,
        href: str,
        referrer: str | None,
        specifier: str,
        method: str,
        attributes: Mapping[str, str],
        *,
        built_in: bool = False,
    ) -> tuple[str, Any] | None:
        """The key of the instance that a URL means, with the worker's own module (a Source) or the record of a built-in one."""
        url = _strip(href)
        if built_in:
            # Built-in modules see each other, and nothing of the worker.
            record = self.builtin(url, internal=True)
            return None if record is None else (url, record)
        suffix = href[len(url) :]
        seen: set[str] = set()
        url = _normalize(url)
        while url not in seen:
            seen.add(url)
            own = self.own(url)
            if own is not None:
                return url + suffix, own
            record = self.builtin(url, internal=False)
            if record is not None:
                return url, record
            alias = self._ask_fallback(url, referrer, specifier, method, attributes)
            if alias is None:
                own = self.own(url)
                return None if own is None else (url + suffix, own)
            there = self._parse(alias, BASE)
            if there is None:
                return None
            url = _normalize(_strip(there))
        return None

    def _ask_fallback(
        self, url: str, referrer: str | None, specifier: str, method: str, attributes: Mapping[str, str]
    ) -> str | None:
        """Another URL of the module; None: there is no such module, or it is among the worker's own now."""
        if self._fallback is None:
            return None
        alias = self._aliases.get(url)
        if alias is not None:
            return alias
        answer = self._fallback.by_url(method, url, referrer or BASE, specifier, attributes)
        if isinstance(answer, str):
            self._aliases[url] = answer
            return answer
        if answer is not None:
            self._fetched[url] = answer
        return None

    def source(self, referrer: str | None, specifier: str, attributes: Mapping[str, str]) -> Any:
        href = self._href(referrer, specifier)
        found = self._find(href, referrer, specifier, "import", attributes)
        if found is None:
            raise _not_found(href)
        key, what = found
        if not isinstance(what, Source) or what.kind != "wasm":
            raise NamedError("SyntaxError", f"Source phase import not available for module: {href}")
        return self.wasm(key, what)

    def require(self, specifier: str, referrer: str, *, created: bool = False) -> Any:
        if not referrer.startswith("file:") and self._parse(referrer) is None:
            referrer = self._parse(referrer, BASE) or BASE
        href = self._href(referrer, specifier)
        found = self._find(href, referrer, specifier, "require", {})
        if found is None:
            raise _not_found(specifier)
        key, what = found
        if not isinstance(what, Source):
            node = self.required_node_module(key)
            return node[0] if node is not None else self.evaluate_for_require(what)[0]
        if what.kind == "commonJsModule":
            return self.run_commonjs(key, what)
        try:
            namespace, graph_async = self.evaluate_for_require(self.record(key, what))
        except NamedError as error:
            if error.message != TOP_LEVEL_AWAIT:
                raise
            graph_async = True
        if graph_async:
            raise NamedError("Error", f"Top-level await is not supported in this context for module: {key}")
        if what.kind in VALUE_KINDS:
            return namespace.get_raw("default")
        names = namespace.keys()
        if "__cjsUnwrapDefault" in names and namespace.get_raw("__cjsUnwrapDefault"):
            return namespace.get_raw("default")
        return namespace.get_raw("module.exports") if "module.exports" in names else namespace

    def import_meta(self, key: str) -> dict[str, Any]:
        def resolve(*args: Any) -> str:
            if not args:
                raise TypeError("import.meta.resolve requires a specifier argument")
            return self._href(key, str(args[0]))

        meta: dict[str, Any] = {"main": self.is_main(key), "url": key}
        filename = self.path_of(key) if key.startswith("file:") else None
        if filename is not None:
            meta["filename"] = filename
            meta["dirname"] = posixpath.dirname(filename)
        meta["resolve"] = resolve
        return meta


def _not_found(href: str) -> NamedError:
    return NamedError("Error", f"Module not found: {href}")


def _strip(href: str) -> str:
    return re.split(r"[?#]", href, maxsplit=1)[0]


def _encoded(half: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in half.group().encode("utf-8", "surrogatepass"))


def _normalize(href: str) -> str:
    """Percent-encoded unreserved characters of a path are the characters. What has no path of segments stays as it is."""
    if not href.partition(":")[2].startswith("/"):
        return href

    def decode(match: re.Match[str]) -> str:
        char = chr(int(match.group(1), 16))
        return char if char.isalnum() or char in "-._~" else match.group(0).upper()

    return _UNRESERVED.sub(decode, href)
