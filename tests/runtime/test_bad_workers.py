"""Workers that do not start, or misbehave: a clear error each, and the others live on."""

from __future__ import annotations

import asyncio

import pytest
from tests.runtime.running import Answer, Failure, World, script, with_workers, worker

from workerd.config.model import ServiceDesignator
from workerd.runtime.graph import StartError
from workerd.runtime.limits import Limits

OK = worker("export default { fetch() { return new Response('ok') } }")


async def _nothing(world: World) -> None:
    raise AssertionError("the workers started")


def start_error(**workers: object) -> str:
    with pytest.raises(StartError) as caught:
        with_workers(workers, _nothing, Limits(startup_ms=500))  # type: ignore[arg-type]
    return str(caught.value)


def test_syntax_error_names_file_line_and_place() -> None:
    message = start_error(main=worker("export default {\n  fetch() { return new Response('x' }\n}"))
    assert message.startswith("service main: Uncaught SyntaxError: missing ) after argument list")
    assert "main.js:2:33" in message
    assert "\n    " + " " * 32 + "^" in message


def test_syntax_error_in_service_worker_syntax() -> None:
    assert "main:1:9" in start_error(main=script("let a = ;"))


@pytest.mark.parametrize(
    "source",
    [
        "",
        "self.onfetch = () => {}",
        "addEventListener('unhandledrejection', () => {})",
        "addEventListener('alarm', () => {})",
    ],
)
def test_a_script_without_listeners_does_nothing(source: str) -> None:
    assert start_error(main=script(source)) == (
        "service main: No event handlers were registered. This script does nothing."
    )


def test_missing_module() -> None:
    message = start_error(main=worker("import './nothing.js'; export default {}"))
    assert 'No such module "nothing.js".\n  imported from "main.js"' in message


def test_missing_export() -> None:
    message = start_error(
        main=worker({"main.js": "import { a } from './b.js'; export default { a }", "b.js": "export const b = 1"})
    )
    assert "does not provide an export named 'a'" in message


def test_bad_wasm() -> None:
    message = start_error(
        main=worker(
            {"main.js": "import m from './m.wasm'; export default { m }", "m.wasm": ("wasm", b"\0asm\1\0\0\0zz")}
        )
    )
    assert "CompileError" in message


def test_bad_json() -> None:
    message = start_error(
        main=worker({"main.js": "import j from './j.json'; export default { j }", "j.json": ("json", "{]")})
    )
    assert "SyntaxError" in message


@pytest.mark.parametrize(
    ("thrown", "shown"),
    [
        ("new TypeError('no')", "TypeError: no"),
        ("'text'", "text"),
        ("undefined", "undefined"),
        ("{ code: 1 }", "#<Object>"),
    ],
)
def test_throw_at_the_top_level(thrown: str, shown: str) -> None:
    assert f"Uncaught {shown}" in start_error(main=worker(f"throw {thrown}"))


def test_infinite_loop_at_start() -> None:
    assert "CPU time limit while the worker started" in start_error(main=worker("while (true) {}"))


def test_top_level_await_that_never_ends() -> None:
    assert "Top-level await in module is unsettled" in start_error(
        main=worker("await new Promise(() => {}); export default {}")
    )


def test_io_at_the_top_level() -> None:
    message = start_error(main=worker("await fetch('http://example.com/'); export default {}"))
    assert "Disallowed operation called within global scope" in message


def test_every_mistake_is_reported_at_once() -> None:
    message = start_error(a=worker("let ="), b=worker("import 'x'"), c=OK)
    assert "service a: " in message
    assert "service b: " in message


def test_missing_entrypoint() -> None:
    async def ask(world: World) -> None:
        with pytest.raises(Exception, match="no export named 'Nope'"):
            await world.ask(entrypoint="Nope")

    with_workers({"main": OK}, ask)


@pytest.mark.parametrize(
    "handler",
    [
        "return 'text'",
        "return undefined",
        "return null",
        "return 5",
        "return {}",
        "return { get then() { throw new Error('getter') } }",
        "return { get status() { throw new Error('getter') } }",
        "return new Proxy({}, { get() { throw new Error('trap') } })",
        "throw 'text'",
        "throw undefined",
        "throw Object.create(null)",
        "throw { toString() { throw 1 } }",
        "await 0; throw new Error('late')",
        "return Promise.reject(new RangeError('rejected'))",
        "return new Promise((_, reject) => reject())",
        "const r = new Response('x'); await r.text(); return r",
    ],
)
def test_bad_answers(handler: str) -> None:
    """The asker gets an error, and the worker answers the next request."""

    async def ask(world: World) -> None:
        assert isinstance(await world.ask(path="/bad"), Failure)
        good = await world.ask()
        assert isinstance(good, Answer)
        assert good.text == "ok"
        assert "Uncaught" in world.log

    source = f"export default {{ async fetch(r) {{ if (r.url.endsWith('/bad')) {{ {handler} }} return new Response('ok') }} }}"
    with_workers({"main": worker(source)}, ask)


def test_infinite_loop_in_a_request() -> None:
    async def ask(world: World) -> None:
        failure = await world.ask("loop", "/bad")
        assert failure == Failure("Error", "Worker exceeded its CPU time limit.")
        other = await world.ask("main")
        assert isinstance(other, Answer)
        again = await world.ask("loop")
        assert isinstance(again, Answer)

    loop = worker("export default { fetch(r) { if (r.url.endsWith('/bad')) for (;;); return new Response('fine') } }")
    with_workers({"main": OK, "loop": loop}, ask, Limits(turn_ms=300))


def test_infinite_loop_in_a_continuation() -> None:
    async def ask(world: World) -> None:
        assert isinstance(await world.ask(path="/bad"), Failure)
        assert isinstance(await world.ask(), Answer)

    source = "export default { async fetch(r) { await 0; if (r.url.endsWith('/bad')) for (;;); return new Response('fine') } }"
    with_workers({"main": worker(source)}, ask, Limits(turn_ms=300))


def test_one_gigabyte() -> None:
    source = """export default { fetch(r) {
      if (r.url.endsWith('/buffer')) return new Response(String(new ArrayBuffer(2 ** 30).byteLength));
      const all = []; for (;;) all.push(new Array(10000).fill(1.5));
    } }"""
    with_workers({"main": OK, "bomb": worker(source)}, _bomb, Limits(heap=64 << 20, buffers=128 << 20))


async def _bomb(world: World) -> None:
    assert isinstance(await world.ask("bomb", "/buffer"), Failure)
    assert isinstance(await world.ask("bomb", "/heap"), Failure)
    assert isinstance(await world.ask("main"), Answer)


def test_error_text_does_not_reach_the_asker_of_another_process() -> None:
    """What a client sees is the HTTP front's business (tests/sockets); what the log has is all of it."""

    async def ask(world: World) -> None:
        await world.ask()
        assert "Error: secret" in world.log
        assert "at boom (main.js:1:" in world.log
        assert "main" in world.log

    with_workers(
        {"main": worker("function boom() { throw new Error('secret') } export default { fetch() { boom() } }")}, ask
    )


def test_a_worker_that_fills_its_memory_is_started_anew() -> None:
    async def ask(world: World) -> None:
        first = await world.ask("bomb", "/count")
        assert isinstance(first, Answer)
        assert first.text == "1"
        assert isinstance(await world.ask("bomb", "/fill"), Failure)
        await asyncio.sleep(0.05)
        counts = []
        # Asked directly, and by a worker that was bound to the old one.
        for service in ("bomb", "main"):
            again = await world.ask(service, "/count")
            assert isinstance(again, Answer)
            counts.append(again.text)
        assert counts == ["1", "2"]
        assert "ran out of memory and is started anew" in world.log

    bomb = """let count = 0; const kept = [];
    export default { fetch(r) {
      if (r.url.endsWith('/fill')) for (;;) kept.push(new Array(1000).fill({}));
      return new Response(String(++count));
    } }"""
    main = "export default { fetch(r, env) { return env.BOMB.fetch(r) } }"
    workers = {"bomb": worker(bomb), "main": worker(main, bindings={"BOMB": ServiceDesignator("bomb")})}
    with_workers(workers, ask, Limits(heap=64 << 20))


def test_a_body_larger_than_memory_is_refused() -> None:
    async def ask(world: World) -> None:
        pipe = world.graph.native.Pipe(1 << 30)
        for _ in range(40):
            pipe.write(b"x" * (1 << 20))
        answer = await world.ask(method="POST", body=pipe)
        assert isinstance(answer, Answer)
        assert answer.text == "Memory limit would be exceeded before EOF."

    source = "export default { async fetch(r) { try { await r.text() } catch (e) { return new Response(e.message) } } }"
    with_workers({"main": worker(source)}, ask, Limits(buffers=32 << 20))
