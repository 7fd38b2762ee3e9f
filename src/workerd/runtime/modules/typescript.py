"""Type stripping (`typescript_strip_types`): SWC, compiled to WebAssembly, from the npm package @swc/wasm-typescript.

Types become spaces, so that lines and columns stay. What cannot be erased (enum, namespace, parameter properties, `import x = ...`,
`<T>x`) is refused.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

from workerd.engine.errors import JSError, JSTerminated
from workerd.platform import bundles
from workerd.runtime.modules.registry import Source
from workerd.runtime.modules.workshop import Workshop, workshop

#: Makes the package's glue out of what this gives it, and a function of it: [code, ""] or [undefined, what is wrong].
_START = """
const encode = (text) => native.utf8Encode(text);
const decode = (bytes = new Uint8Array()) => native.utf8Decode(bytes, true, true);
const encodeInto = (text, view) => { const [read, written] = native.utf8EncodeInto(text, view); return { read, written }; };
const util = {
  TextEncoder: class { encode(text) { return encode(text); } encodeInto(text, view) { return encodeInto(text, view); } },
  TextDecoder: class { decode(bytes) { return decode(bytes); } },
};
const module = { exports: {} };
glue(module, (name) => name === 'util' ? util : name === 'typescript.wasm' ? wasm : { Buffer: undefined });
const SUMMARIES = { UnsupportedSyntax: 'Unsupported syntax', InvalidSyntax: 'Syntax error' };
return (text, filename) => {
  try {
    return [module.exports.transformSync(text, { mode: 'strip-only', filename }).code, ''];
  } catch (error) {
    if (error instanceof Error) throw error;
    const { code, message, startLine, startColumn } = error;
    const where = startLine === undefined ? '' : ` (${filename}:${startLine}:${startColumn + 1})`;
    return [undefined, `${SUMMARIES[code] ?? code}\\n    ${message}${where}`];
  }
};
"""


class TypeScriptError(Exception):
    """A module is not TypeScript whose types can be erased. The message says why and where."""


@functools.cache
def _strippers(native: Any) -> list[tuple[Workshop, Any]]:
    return []


def _stripper(native: Any) -> Any:
    """The function, kept for the life of the process: modules may come later (`moduleFallback`). Making it takes about 10 ms."""
    shop = workshop(native)
    made = _strippers(native)
    if not made or made[0][0] is not shop:
        realm = shop.realm
        glue = realm.compile_function(bundles.read("typescript.js"), "workerd:typescript", ["module", "require"])
        start = realm.compile_function(_START, "workerd:typescript-start", ["native", "glue", "wasm"])
        wasm = realm.value((bundles.DIST / "typescript.wasm").read_bytes())
        made[:] = [(shop, start.call_raw(realm.native(), glue, wasm))]
    return made[0][1]


def strip(native: Any, name: str, text: str) -> str:
    """The JavaScript in a module of TypeScript, its lines and columns unchanged. Raises TypeScriptError."""
    try:
        code, problem = _stripper(native)(text, name)
    except (JSError, JSTerminated) as error:
        # Of the WebAssembly itself (code nested too deeply, out of memory): the instance cannot be used any more.
        _strippers(native).clear()
        raise TypeScriptError(f"Error transpiling {name} : {error}") from None
    if code is None:
        raise TypeScriptError(f"Error transpiling {name} : {problem}")
    return str(code)


def strip_all(native: Any, sources: list[Source]) -> list[Source]:
    """The same modules, all ES modules among them stripped, whatever they are called. Raises TypeScriptError with all that is wrong."""
    out, problems = [], []
    for source in sources:
        if source.kind == "esModule":
            try:
                source = replace(source, body=strip(native, source.name, str(source.body)))
            except TypeScriptError as error:
                problems.append(str(error))
        out.append(source)
    if problems:
        raise TypeScriptError("\n".join(problems))
    return out
