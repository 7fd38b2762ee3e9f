"""Module registries: `make_modules()` gives the one a worker's flags ask for.

registry.py has what both share; paths.py resolves as the reference's first registry does (names are paths), urls.py as its newer one
(`new_module_registry`: names are URLs).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workerd.runtime.modules.registry import Modules, Source

if TYPE_CHECKING:
    from workerd.runtime.worker import Worker

__all__ = ["Modules", "Source", "make_modules"]


def make_modules(worker: Worker, sources: Sequence[Source], extensions: Mapping[str, Source]) -> Modules:
    """The registry of a worker. `extensions`: built-in modules by name."""
    if "new_module_registry" in worker.flags:
        from workerd.runtime.modules.urls import UrlModules

        return UrlModules(worker, sources, extensions)
    from workerd.runtime.modules.paths import PathModules

    worker.realm.let_imports_settle(True)
    return PathModules(worker, sources, extensions)
