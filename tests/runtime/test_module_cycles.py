"""Modules that reach themselves while they are being evaluated: an error or a result, never the end of the process."""

from __future__ import annotations

import pytest
from tests.runtime.running import Answer, World, with_workers, worker

FLAGS = [(), ("new_module_registry",)]


@pytest.mark.parametrize("flags", FLAGS)
def test_require_of_a_module_that_is_being_evaluated(flags: tuple[str, ...]) -> None:
    async def ask(world: World) -> None:
        answer = await world.ask()
        assert isinstance(answer, Answer)
        assert "Circular dependency when resolving module" in answer.text

    modules: dict[str, str | bytes | tuple[str, str | bytes]] = {
        "main.js": "export default { async fetch() { "
        "return new Response(await import('./a.js').then(() => 'no error', (e) => e.message)) } }",
        "a.js": "import b from './b.cjs'; export default b;",
        "b.cjs": ("commonJsModule", "module.exports = require('./c.js')"),
        "c.js": "import b from './b.cjs'; export default b;",
    }
    with_workers({"main": worker(modules, flags=flags)}, ask)


@pytest.mark.parametrize("flags", FLAGS)
def test_dynamic_import_of_oneself(flags: tuple[str, ...]) -> None:
    async def ask(world: World) -> None:
        answer = await world.ask()
        assert isinstance(answer, Answer)
        assert answer.text == "7"

    source = (
        "const self = import('./main.js'); export const x = () => 7; "
        "export default { async fetch() { return new Response(String((await self).x())) } }"
    )
    with_workers({"main": worker(source, flags=flags)}, ask)
