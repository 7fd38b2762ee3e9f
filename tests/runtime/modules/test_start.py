"""What keeps a worker from starting: modules that are missing, damaged, of the wrong kind, or never ready."""

from __future__ import annotations

import pytest
from tests.runtime.running import Answer, World, with_workers, worker

from workerd.runtime.graph import StartError

OLD, NEW = ("legacy_module_registry",), ("new_module_registry",)
BOTH = [OLD, NEW]
GOOD = "export default { fetch() { return new Response('ok') } }"
Modules = dict[str, str | bytes | tuple[str, str | bytes]]


def where(name: str, flags: tuple[str, ...]) -> str:
    return name if flags is OLD else f"file:///bundle/{name}"


def start(modules: Modules | str, flags: tuple[str, ...]) -> str:
    """The log of a worker that starts and answers."""
    logs: list[str] = []

    async def test(world: World) -> None:
        answer = await world.ask()
        assert isinstance(answer, Answer)
        assert answer.text == "ok"
        logs.append(world.log)

    with_workers({"main": worker(modules, flags=flags)}, test)
    return logs[0]


def refusal(modules: Modules | str, flags: tuple[str, ...]) -> str:
    with pytest.raises(StartError) as caught:
        start(modules, flags)
    return str(caught.value).removeprefix("service main: ")


@pytest.mark.parametrize("flags", BOTH)
@pytest.mark.parametrize(
    ("body", "message", "place"),
    [
        (("esModule", "let a = 1;\nlet a = 2;"), "SyntaxError: Identifier 'a' has already been declared", "2:5"),
        (("commonJsModule", "\nlet a = ;"), "SyntaxError: Unexpected token ';'", "2:9"),
        (("json", "{a:1}"), "SyntaxError: Expected property name or '}' in JSON at position 1", ""),
        (("json", "\ufeff1"), "SyntaxError: Unexpected token", ""),
        (("json", ""), "SyntaxError: Unexpected end of JSON input", ""),
        (("wasm", b""), "CompileError: WasmModuleObject::Compile(): expected 4 bytes, fell off end", ""),
        (("wasm", b"\0asm\1\0\0\0rubbish"), "CompileError: WasmModuleObject::Compile(): section", ""),
    ],
)
def test_modules_that_cannot_be_compiled(
    flags: tuple[str, ...], body: tuple[str, str | bytes], message: str, place: str
) -> None:
    said = refusal({"main.js": f"import './a'; {GOOD}", "a": body}, flags)
    assert said.startswith(f"Uncaught {message}")
    assert place == "" or f"  at {where('a', flags)}:{place}" in said
    # The first registry compiles all modules, used or not; the newer one those that are imported.
    if flags is OLD:
        assert refusal({"main.js": GOOD, "a": body}, flags).startswith(f"Uncaught {message}")
    else:
        assert "Uncaught" not in start({"main.js": GOOD, "a": body}, flags)


@pytest.mark.parametrize("flags", BOTH)
@pytest.mark.parametrize(
    ("main", "message"),
    [
        ("throw new RangeError('boom')", "RangeError: boom"),
        ("await Promise.reject(new RangeError('boom'))", "RangeError: boom"),
        ("throw null", "null"),
        ("throw 5", "5"),
        ("throw { a: 1 }", "#<Object>"),
        ("import './a.js'", "RangeError: in a"),
    ],
)
def test_code_that_throws(flags: tuple[str, ...], main: str, message: str) -> None:
    said = refusal({"main.js": main, "a.js": "throw new RangeError('in a')"}, flags)
    assert said.startswith(f"Uncaught {message}")


@pytest.mark.parametrize("flags", BOTH)
def test_an_error_at_the_start_is_reported_once(flags: tuple[str, ...]) -> None:
    said = refusal("\nthrow new RangeError('boom')", flags)
    assert said.count("boom") == 2  # the message, and the line of the source
    assert f"  at {where('main.js', flags)}:2:7" in said


@pytest.mark.parametrize("flags", BOTH)
def test_top_level_await_that_does_not_end(flags: tuple[str, ...]) -> None:
    said = refusal(f"await new Promise(() => {{}}); {GOOD}", flags)
    if flags is OLD:
        assert said == "Uncaught Error: Top-level await in module is unsettled."
    else:
        assert said.startswith(
            "Uncaught Error: Use of top-level await in a synchronously required module is restricted"
        )
        assert said.endswith('Specifier: "file:///bundle/main.js".')


@pytest.mark.parametrize("flags", BOTH)
def test_missing_modules_and_exports(flags: tuple[str, ...]) -> None:
    def missing(name: str, importer: str) -> str:
        old = f'Uncaught Error: No such module "{name}".\n  imported from "{importer}"'
        return old if flags is OLD else f"Uncaught Error: Module not found: file:///bundle/{name}"

    said = refusal({"main.js": "import './d/a.js'", "d/a.js": "import '../none.js'"}, flags)
    assert said.startswith(missing("none.js", "d/a.js"))
    assert refusal("import 'cloudflare-internal:wrapped-binding'", flags).startswith(
        missing("cloudflare-internal:wrapped-binding", "main.js").replace("file:///bundle/", "")
    )
    said = refusal({"main.js": "import { x } from './a'", "a": ("commonJsModule", "exports.x = 1")}, flags)
    assert "does not provide an export named 'x'" in said
    if flags is OLD:
        assert refusal("import '../a.js'", flags).startswith('Uncaught TypeError: Invalid module specifier "../a.js".')


@pytest.mark.parametrize("flags", BOTH)
@pytest.mark.parametrize("kind", ["commonJsModule", "json", "text", "data", "wasm"])
def test_the_main_module_is_an_es_module(flags: tuple[str, ...], kind: str) -> None:
    body: str | bytes = b"\0asm\1\0\0\0" if kind in ("data", "wasm") else "1"
    assert refusal({"main": (kind, body)}, flags) == "Uncaught TypeError: Main module must be an ES module."


@pytest.mark.parametrize("flags", BOTH)
@pytest.mark.parametrize("value", ["1", "'text'", "true", "1n", "Symbol('x')"])
def test_exports_are_handlers(flags: tuple[str, ...], value: str) -> None:
    assert refusal(f"export const a = {value}; {GOOD}", flags).startswith(
        "Uncaught TypeError: Incorrect type for map entry 'a': the provided value is not of type "
        "'function or ExportedHandler'."
    )
    assert "required members from an undefined or null value" in refusal(f"export const a = null; {GOOD}", flags)


@pytest.mark.parametrize("flags", BOTH)
def test_texts_of_any_size_and_content(flags: tuple[str, ...]) -> None:
    code = (
        "import t from './t'; import d from './d'; import b from './b.js';"
        "if (t.length !== 20971520 || d.byteLength !== 20971520 || b !== 'a\\0b') throw new Error('changed');" + GOOD
    )
    modules: Modules = {
        "main.js": code,
        "t": ("text", "é" * (20 << 20)),
        "d": ("data", b"\xff" * (20 << 20)),
        "b.js": "\ufeffexport default 'a\0b'",
    }
    start(modules, flags)


@pytest.mark.parametrize("flags", BOTH)
def test_long_chains(flags: tuple[str, ...]) -> None:
    modules: Modules = {"main.js": f"import {{ v }} from './m0'; import c from './c0'; if (v !== c) throw 1; {GOOD}"}
    for i in range(1000):
        modules[f"m{i}"] = f"export {{ v }} from './m{i + 1}'" if i < 999 else "export const v = 'end'"
    for i in range(250):
        value = f"require('./c{i + 1}')" if i < 249 else "'end'"
        modules[f"c{i}"] = ("commonJsModule", f"module.exports = {value}")
    start(modules, flags)


@pytest.mark.parametrize("flags", BOTH)
def test_require_without_end_is_a_range_error(flags: tuple[str, ...]) -> None:
    modules: Modules = {"main.js": f"import c from './c0'; if (c !== 'RangeError') throw new Error(c); {GOOD}"}
    for i in range(20_000):
        modules[f"c{i}"] = ("commonJsModule", f"module.exports = require('./c{i + 1}')")
    modules["c0"] = ("commonJsModule", "try { require('./c1') } catch (e) { module.exports = e.name }")
    start(modules, flags)
