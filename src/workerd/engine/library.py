"""Finding and initialising V8.

The library comes with the PyPI package mini-racer (we use its libmini_racer.so, never its Python API). It must be in the
process before `workerd._native` is imported: the extension names it by soname only.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path
from typing import Any


class EngineError(Exception):
    """V8 cannot be used on this machine; the message says why and what to do."""


_state: dict[str, Any] = {}

# Always given. A worker's heap is small (128 MB at the most, by default): marking it in one go takes less time in all than step by step,
# and buffers that nobody needs any more come back before as many again were made. As the reference has it.
# Which line a piece of bytecode comes from is kept from the start: finding it out later fails where the stack is full, and then the stacks
# of what recursed too deep would name line 1 for good. It costs nothing that could be measured.
_FLAGS = ("--no-incremental-marking", "--no-enable-lazy-source-positions")


def library_dir() -> Path:
    """The folder of the installed py_mini_racer package, found without importing it."""
    spec = importlib.util.find_spec("py_mini_racer")
    if spec is None or not spec.submodule_search_locations:
        raise EngineError("the package mini-racer==0.14.1, which carries V8, is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def load() -> Any:
    """The extension module, with the V8 library loaded but V8 not initialised.

    Raises EngineError if the library or the extension is missing.
    """
    if "module" in _state:
        return _state["module"]
    folder = library_dir()
    name = "libmini_racer.dylib" if sys.platform == "darwin" else "libmini_racer.so"
    path = folder / name
    if not path.exists():
        raise EngineError(f"V8 library not found: {path}")
    _state["library"] = ctypes.CDLL(str(path), mode=os.RTLD_LOCAL | os.RTLD_NOW)
    _state["path"] = path
    try:
        from workerd import _native
    except ImportError as error:
        raise EngineError(
            f"the native extension cannot be loaded ({error}); build it with `python tools/build.py`"
        ) from error
    _state["module"] = _native
    return _native


def initialize(flags: tuple[str, ...] = ()) -> Any:
    """Initialise V8 once for the process, with these V8 flags on top of ours; gives the extension module.

    Flags count only at the first call. Raises EngineError for a V8 of another version.
    """
    native = load()
    if "flags" not in _state:
        # JavaScript that calls Python that calls JavaScript (modules that require each other) may go as deep as V8's own limit lets it.
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))
        flags = (*_FLAGS, *flags)
        threads = max(1, min(4, (os.cpu_count() or 1) - 1))
        try:
            native.init(str(_state["path"]), str(library_dir() / "icudtl.dat"), " ".join(flags), threads)
        except RuntimeError as error:
            raise EngineError(str(error)) from error
        _state["flags"] = flags
    return native


def v8_flags() -> tuple[str, ...]:
    """The flags V8 was initialised with: what is cached for V8 depends on them."""
    flags: tuple[str, ...] = _state.get("flags", _FLAGS)
    return flags
