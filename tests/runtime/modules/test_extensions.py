"""Extensions' modules, whose names are URLs with the newer registry."""

from __future__ import annotations

import io

import pytest
from tests.runtime.running import worker

from workerd.config.model import Config, Extension, ExtensionModule, Service
from workerd.observe.logs import Logs
from workerd.runtime.graph import Graph, StartError
from workerd.runtime.limits import Limits
from workerd.runtime.server import run

OLD, NEW = ("legacy_module_registry",), ("new_module_registry",)


def start(main: str, extensions: dict[str, tuple[str, bool]], flags: tuple[str, ...]) -> str:
    """What is wrong; "" if the worker starts. Extensions: name -> (source, whether it is internal)."""
    modules = tuple(ExtensionModule(name, source, internal) for name, (source, internal) in extensions.items())
    config = Config(services=(Service("main", worker(main, flags=flags)),), extensions=(Extension(modules),))

    async def main_task() -> str:
        logs = Logs(verbose=True, stdout=io.StringIO(), stderr=io.StringIO())
        try:
            Graph(config, logs=logs, limits=Limits(), experimental=True).close()
        except StartError as error:
            return str(error)
        return ""

    return str(run(main_task()))


EXTENSIONS = {
    "Test:Public": ("export { inner } from 'test:inner'; export const here = import.meta.url", False),
    "test:inner": ("export const inner = 'inner'", True),
}


@pytest.mark.parametrize("flags", [OLD, NEW])
def test_internal_ones_are_for_built_in_modules_only(flags: tuple[str, ...]) -> None:
    extensions = {name if flags is NEW else name.lower(): module for name, module in EXTENSIONS.items()}
    name = "test:Public" if flags is NEW else "test:public"
    check = "if (inner !== 'inner') throw 1; export default {}"
    assert start(f"import {{ inner }} from '{name}'; {check}", extensions, flags) == ""
    for specifier in ("test:inner", "./test:inner", "TEST:inner", "test:%69nner"):
        said = start(f"import '{specifier}'; export default {{}}", extensions, flags)
        assert "No such module" in said or "Module not found" in said, specifier


def test_names_that_are_no_urls() -> None:
    extensions = {"kitchen": ("export default 1", False)}
    said = start("export default {}", extensions, NEW)
    assert 'Invalid extension module name "kitchen": when the new_module_registry compatibility flag is enabled' in said
    assert start("import one from 'kitchen'; if (one !== 1) throw 1; export default {}", extensions, OLD) == ""
