"""The JS bundles made by tools/build.py, and the startup snapshot made from the first of them.

The snapshot is made at the first run (and at installation), and cached beside the bundles or, where that folder cannot be
written, in the user's cache folder. Its name says what it was made from: the bundle's text, V8's version and V8's flags.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from workerd.compat import compute
from workerd.engine.library import v8_flags
from workerd.platform.ops import OpContext, op
from workerd.version import RELEASE_DATE

DIST = Path(__file__).parent / "dist"


# Starts a worker with operations that do nothing: what this runs is in the snapshot compiled.
REHEARSAL = """
const native = new Proxy({}, { get: (_, name) => (name === 'tee' ? undefined : () => undefined) });
const bootstrap = globalThis.__bootstrap;
delete globalThis.__bootstrap;
globalThis.WebAssembly ??= {};
bootstrap(native, {
  flags: FLAGS, globalOutbound: 0, predictable: false, serviceWorker: false, compatibilityDate: DATE, workerName: '', consoleColors: false,
  fakeTimers: false,
});
"""


class BundleError(Exception):
    """The JS layer has not been built."""


def read(name: str) -> str:
    """The text of a bundle, e.g. "platform.js" or "node.js". Raises BundleError."""
    try:
        return (DIST / name).read_text("utf-8")
    except FileNotFoundError:
        raise BundleError(f"{DIST / name} is missing: run `python tools/build.py js`") from None


@op("bundles.lazy")
def lazy(ctx: OpContext, name: str) -> str:
    """The text of a lazy bundle: a function body that returns its exports. The platform layer alone names them."""
    return read(f"{name}.lazy.js")


def startup_snapshot(native: Any) -> bytes:
    """The snapshot's bytes, from the cache or made now (about 0.1 s)."""
    identity = _share_source(native)
    key = f"{native.v8_version()} {' '.join(v8_flags())} {identity} {REHEARSAL}"
    name = f"platform-{hashlib.sha256(key.encode()).hexdigest()[:16]}.snapshot"
    for folder in _cache_folders():
        try:
            return (folder / name).read_bytes()
        except OSError:
            continue
    snapshot: bytes = native.make_snapshot(None, "workerd:platform", _rehearsal())
    for folder in _cache_folders():
        if _store(folder, name, snapshot):
            break
    return snapshot


def _rehearsal() -> str:
    flags = sorted(compute(RELEASE_DATE, any_date=True).enabled)
    return REHEARSAL.replace("FLAGS", json.dumps(flags)).replace("DATE", json.dumps(RELEASE_DATE))


class CachedFunction:
    """A bundle as a JavaScript function, with V8's code cache: kept in memory for the process, on disk for the next one."""

    def __init__(self, native: Any, name: str, parameters: list[str]) -> None:
        self.name = name
        self._parameters = parameters
        self.text = read(name)
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        key = f"{native.v8_version()} {' '.join(v8_flags())} {digest}"
        self._file = f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.cache"
        self._cache: bytes | None = None
        for folder in _cache_folders():
            try:
                self._cache = (folder / self._file).read_bytes()
                break
            except OSError:
                continue

    def compile(self, realm: Any, script_name: str) -> Any:
        """The function in a realm, as a JSValue. A cache that V8 refuses costs nothing but the compilation."""
        return realm.compile_function(self.text, script_name, self._parameters, self._cache)

    def remember(self, realm: Any, function: Any) -> None:
        """Keeps the code of what has run so far, for the next realm; the first caller's counts."""
        if self._cache is not None:
            return
        self._cache = realm.function_code_cache(function)
        for folder in _cache_folders():
            if _store(folder, self._file, self._cache, pattern=f"{self.name}-*.cache"):
                break


def _share_source(native: Any) -> str:
    """Gives V8 the text that the snapshot refers to and all isolates share; its hash, which is the text's last line."""
    global _identity
    if _identity is None:
        source = read("platform.js")
        native.set_platform_source(source.encode())
        _identity = source[-65:-1]
    return _identity


_identity: str | None = None


def _cache_folders() -> list[Path]:
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return [DIST, Path(cache) / "workerd"]


def _store(folder: Path, name: str, data: bytes, pattern: str = "platform-*.snapshot") -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".snapshot-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, folder / name)
    except OSError:
        return False
    # Those of older builds are of no more use; another process may be removing them too.
    for old in folder.glob(pattern):
        if old.name != name and old.stat().st_mtime < (folder / name).stat().st_mtime - 86400:
            old.unlink(missing_ok=True)
    return True
