"""An isolate beside those of the workers, one for the process, in which the platform runs and compiles code of its own.

WebAssembly compiled here is handed to workers with a name for its script and with the engine's string builtins: V8 gives neither to
modules that are compiled where they are used.
"""

from __future__ import annotations

import functools
from typing import Any

from workerd.platform import bundles

_COMPILE = """
const options = { builtins: ['js-string'], importedStringConstants: 'wasm:js/string-constants' };
return (bytes, builtins) => new WebAssembly.Module(bytes, builtins ? options : undefined);
"""


class _Hooks:
    """There is nothing but the platform's code in it."""

    def describe_error(self, error: BaseException) -> tuple[str, str, bool]:
        return type(error).__name__, str(error), False


class Workshop:
    def __init__(self, native: Any) -> None:
        # Not without a snapshot: all isolates of a process share what is read-only in their first one's.
        self.isolate = native.Isolate(bundles.startup_snapshot(native), heap_limit=1 << 30)
        self.realm = native.Realm(self.isolate, _Hooks())
        self._compile = self.realm.compile_function(_COMPILE, "workerd:workshop", []).call_raw()

    def compile_wasm(self, body: bytes, *, builtins: bool) -> Any:
        """A WebAssembly.Module for `Realm.import_wasm()`. `builtins`: with wasm:js-string and wasm:js/string-constants.

        Raises JSError, with an error of this realm.
        """
        return self._compile.call_raw(body, builtins)


@functools.cache
def _make(native: Any) -> list[Workshop]:
    return []


def workshop(native: Any) -> Workshop:
    """The process's workshop, made at the first use (some ms)."""
    made = _make(native)
    if not made or made[0].isolate.condemned:
        made[:] = [Workshop(native)]
    return made[0]
