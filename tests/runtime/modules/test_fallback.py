"""`moduleFallback`: modules from an HTTP service, with both registries and both protocols."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.runtime.modules.serving import Reply, Service, serving
from tests.runtime.running import Answer, World, with_workers, worker

from workerd.config.model import Worker
from workerd.runtime.graph import StartError

OLD = ("nodejs_compat", "nodejs_compat_v2", "legacy_module_registry")
NEW = ("nodejs_compat", "nodejs_compat_v2", "new_module_registry")
BASE = "file:///bundle/"
WASM = list(b"\0asm\1\0\0\0")

MAIN = """
const t = async (f) => { try { return await f(); } catch (e) { return `${e.name}: ${e.message}`; } };
export default { async fetch() { return Response.json(await t(async () => CODE)); } };
"""


def ask(service: Service, code: str, flags: tuple[str, ...], name: str = "main.js") -> tuple[Any, str]:
    """What `code` gives in a worker with the service, and the log."""
    out: list[Any] = []

    async def test(world: World) -> None:
        answer = await world.ask()
        assert isinstance(answer, Answer), answer
        out.extend([json.loads(answer.text), world.log])

    config = worker({name: MAIN.replace("CODE", code)}, flags=flags)
    with_workers({"main": _with_fallback(config, service)}, test)
    return out[0], out[1]


def _with_fallback(config: Worker, service: Service) -> Worker:
    return Worker(
        modules=config.modules,
        compatibility_date=config.compatibility_date,
        compatibility_flags=config.compatibility_flags,
        module_fallback=service.address,
    )


def both(replies: dict[str, Reply]) -> dict[str, Reply]:
    """The same modules for both protocols."""
    return {**replies, **{BASE + name.removeprefix("/"): reply for name, reply in replies.items() if name[0] == "/"}}


@pytest.mark.parametrize("flags", [OLD, NEW])
def test_every_kind_of_module(flags: tuple[str, ...]) -> None:
    replies: dict[str, Reply] = {
        "/e.js": {"esModule": "export default 'esm'; export const named = 7"},
        "/t.txt": {"text": "text"},
        "/d.bin": {"data": [0, 1, 255]},
        "/j.json": {"json": '{"a": 42}'},
        "/w.wasm": {"wasm": WASM},
        "/c.cjs": {"commonJsModule": "module.exports = { n: require('./t.txt') }", "namedExports": ["n"]},
    }
    with serving(both(replies)) as service:
        found, _ = ask(
            service,
            """[(await import('./e.js')).default, (await import('./e.js')).named, (await import('./t.txt')).default,
                [...new Uint8Array((await import('./d.bin')).default)], (await import('./j.json')).default.a,
                (await import('./w.wasm')).default instanceof WebAssembly.Module, (await import('./c.cjs')).n]""",
            flags,
        )
    assert found == ["esm", 7, "text", [0, 1, 255], 42, True, "text"]


def test_what_the_first_protocol_asks() -> None:
    replies: dict[str, Reply] = {
        "/dir/a.js": {"esModule": "import '../b.js'; export * from 'c'"},
        "/b.js": {"esModule": ""},
        "/dir/c": {"commonJsModule": "exports.x = require('./d é.txt')"},
        "/dir/d é.txt": {"text": "d"},
        "node:none": {"esModule": "export default 'from the service'"},
    }
    with serving(replies) as service:
        ask(service, "[await import('./dir/a.js'), (await import('node:none')).default]", OLD)
    assert service.asked == [
        {"method": method, "host": "localhost", "specifier": specifier, "referrer": referrer, "rawSpecifier": raw}
        for method, specifier, referrer, raw in [
            ("import", "/dir/a.js", "/main.js", "./dir/a.js"),
            ("import", "/b.js", "/dir/a.js", "../b.js"),
            ("import", "/dir/c", "/dir/a.js", "c"),
            ("require", "/dir/d é.txt", "/dir/c", "./d é.txt"),
            ("import", "node:none", "/main.js", "node:none"),
        ]
    ]
    assert service.connections == 1


def test_what_the_second_protocol_asks() -> None:
    replies: dict[str, Reply] = {
        BASE + "a.js": {
            "esModule": "import j from './j.json' with { type: 'json' }; import c from 'c'; export default [j, c]"
        },
        BASE + "j.json": {"json": "1"},
        BASE + "c": {"commonJsModule": "module.exports = require('https://example.com/d.txt')"},
        "https://example.com/d.txt": {"text": "d"},
    }
    with serving(replies) as service:
        found, _ = ask(service, "(await import('./a.js?q#f')).default", NEW)
    assert found == [1, "d"]
    assert service.asked == [
        {"type": "import", "specifier": BASE + "a.js", "rawSpecifier": "./a.js?q#f", "referrer": BASE + "main.js"},
        {
            "type": "import",
            "specifier": BASE + "j.json",
            "rawSpecifier": "./j.json",
            "referrer": BASE + "a.js?q#f",
            "attributes": [{"name": "type", "value": "json"}],
        },
        {"type": "import", "specifier": BASE + "c", "rawSpecifier": "c", "referrer": BASE + "a.js?q#f"},
        {
            "type": "require",
            "specifier": "https://example.com/d.txt",
            "rawSpecifier": "https://example.com/d.txt",
            "referrer": BASE + "c",
        },
    ]


@pytest.mark.parametrize("flags", [OLD, NEW])
def test_own_and_built_in_modules_come_first_and_answers_are_kept(flags: tuple[str, ...]) -> None:
    with serving(both({"/a.js": {"esModule": "globalThis.n = (globalThis.n ?? 0) + 1; export default n"}})) as service:
        found, _ = ask(
            service,
            """[typeof (await import('fs')).readFileSync, typeof (await import('cloudflare:workers')).env,
                Object.keys(await import('./main.js')), (await import('./a.js')).default, (await import('./a.js')).default]""",
            flags,
        )
    assert found == ["function", "object", ["default"], 1, 1]
    assert len(service.asked) == 1


@pytest.mark.parametrize("flags", [OLD, NEW])
def test_redirects(flags: tuple[str, ...]) -> None:
    home = "" if flags is OLD else BASE.removesuffix("/")
    replies: dict[str, Reply] = {
        "/pkg": f"{home}/modules/pkg/index.js",
        "/modules/pkg/index.js": {"esModule": "import { n } from './near.js'; export default n"},
        "/modules/pkg/near.js": {"esModule": "export const n = 'near'"},
        "/fs": "/node:path" if flags is OLD else "node:path",
        "/mine": f"{home}/main.js",
        "/one": f"{home}/two",
        "/two": f"{home}/one",
        "/nowhere": "",
    }
    with serving(both(replies)) as service:
        found, log = ask(
            service,
            """[(await import('./pkg')).default, typeof (await import('./fs')).join, Object.keys(await import('./mine')),
                await t(() => import('./one')), await t(() => import('./nowhere'))]""",
            flags,
        )
    assert found[:3] == ["near", "function", ["default"]]
    assert "o such module" in found[3] or "Module not found" in found[3]
    assert "o such module" in found[4] or "Module not found" in found[4]
    assert "Fallback service returned a redirect with no location" in log


@pytest.mark.parametrize("flags", [OLD, NEW])
def test_bad_answers_are_reported_and_mean_that_there_is_no_such_module(flags: tuple[str, ...]) -> None:
    cases: dict[str, tuple[Reply, str]] = {
        "/missing": (404, "404 there is no such thing"),
        "/broken": (500, "500 there is no such thing"),
        "/text": (b"hello", "its answer is no module"),
        "/list": (b"[]", "its answer is no module"),
        "/deep": (b"[" * 100_000, "its answer is no module"),
        "/none": ({"name": ""}, "none of the fields"),
        "/kind": ({"esModule": 1}, "`esModule` is not a string"),
        "/bytes": ({"data": "abc"}, "`data` is not a list of bytes"),
        "/range": ({"data": [256]}, "its answer is no module"),
        "/name": ({"name": "other", "esModule": ""}, 'does not match specifier: "other"'),
        "/python": ({"pythonModule": "x = 1"}, "returned a Python module"),
        "/empty": (b"", ""),
    }
    with serving(both({name: reply for name, (reply, _) in cases.items()})) as service:
        names = json.dumps([f".{name}" for name in cases])
        found, log = ask(service, f"Promise.all({names}.map((name) => t(() => import(name))))", flags)
    for name, error in zip(cases, found, strict=True):
        shown = f'No such module "{name[1:]}".' if flags is OLD else f"Module not found: {BASE}{name[1:]}"
        assert error == f"Error: {shown}"
    for _, said in cases.values():
        assert said in log


@pytest.mark.parametrize("flags", [OLD, NEW])
def test_errors_in_modules_that_came(flags: tuple[str, ...]) -> None:
    replies: dict[str, Reply] = {
        "/s.js": {"esModule": "let x = ;"},
        "/t.js": {"esModule": "throw new RangeError('thrown')"},
    }
    with serving(both(replies)) as service:
        found, _ = ask(service, "[await t(() => import('./s.js')), await t(() => import('./t.js'))]", flags)
    assert found == ["SyntaxError: Unexpected token ';'", "RangeError: thrown"]


@pytest.mark.parametrize("flags", [OLD, NEW])
def test_a_connection_that_the_service_has_closed(flags: tuple[str, ...]) -> None:
    with serving(both({f"/{i}.txt": {"text": str(i)} for i in range(4)})) as service:
        service.close_after = 2
        found, _ = ask(
            service, "Promise.all([0, 1, 2, 3].map(async (i) => (await import(`./${i}.txt`)).default))", flags
        )
    assert found == ["0", "1", "2", "3"]
    assert service.connections == 2


@pytest.mark.parametrize("flags", [OLD, NEW])
def test_nobody_listens(flags: tuple[str, ...]) -> None:
    with serving({}) as service:
        pass
    found, log = ask(service, "await t(() => import('./a.js'))", flags)
    assert found.startswith("Error: ")
    assert "Fallback service failed to fetch module" in log
    assert "refused" in log


@pytest.mark.parametrize("flags", [OLD, NEW])
def test_static_imports_of_the_main_module(flags: tuple[str, ...]) -> None:
    with serving(both({"/a.js": {"esModule": "export default 'a'"}})) as service:
        config = worker("import a from './a.js'; export default { fetch() { return new Response(a) } }", flags=flags)

        async def test(world: World) -> None:
            answer = await world.ask()
            assert isinstance(answer, Answer)
            assert answer.text == "a"

        with_workers({"main": _with_fallback(config, service)}, test)
        config = worker("import './none.js'; export default {}", flags=flags)
        with pytest.raises(StartError, match=r"No such module|Module not found"):
            with_workers({"main": _with_fallback(config, service)}, test)


@pytest.mark.parametrize("flags", [OLD, NEW])
def test_types_are_stripped_from_modules_that_came(flags: tuple[str, ...]) -> None:
    replies: dict[str, Reply] = {
        "/a.ts": {"esModule": "export default 1 as number"},
        "/b.ts": {"esModule": "enum A { B }"},
    }
    with serving(both(replies)) as service:
        found, log = ask(
            service,
            "[(await import('./a.ts')).default, await t(() => import('./b.ts'))]",
            (*flags, "typescript_strip_types"),
        )
    assert found[0] == 1
    assert "b.ts" in found[1]
    assert "TypeScript enum is not supported in strip-only mode" in log


@pytest.mark.parametrize("flags", [OLD, NEW])
def test_webassembly_that_came_has_a_name(flags: tuple[str, ...]) -> None:
    trap = list(bytes.fromhex("0061736d0100000001040160000003020100070801047472617000000a05010300000b"))
    with serving(both({"/dir/trap.wasm": {"wasm": trap}})) as service:
        code = """(await import('./dir/trap.wasm').then((m) => t(() => new WebAssembly.Instance(m.default).exports.trap())))
            + await t(() => { try { new WebAssembly.Instance(cached.default).exports.trap() } catch (e) { return e.stack } })"""
        code = code.replace("cached", "(await import('./dir/trap.wasm'))").replace(
            "t(() => { try", "t(async () => { try"
        )
        found, _ = ask(service, code, (*flags, "wasm_source_url_support", "wasm_esm_integration_builtins"))
    name = "dir/trap.wasm" if flags is OLD else "file:///bundle/dir/trap.wasm"
    assert found.startswith("RuntimeError: unreachable")
    assert f"at {name}:wasm-function[0]" in found
