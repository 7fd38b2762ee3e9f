"""ES modules: linking, cycles, top-level await, attributes, dynamic import, synthetic modules, Wasm, code cache."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.conftest import TestHooks

from workerd.engine.errors import JSError

ADD = bytes.fromhex("0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b")


def evaluate(module: Any) -> Any:
    module.instantiate()
    module.evaluate()
    assert module.status[0] == "evaluated"
    return module.namespace


def test_static_imports_and_attributes(realm: Any, hooks: Any) -> None:
    hooks.modules["b"] = realm.compile_module("export const y = 2; export default 3", "b")
    hooks.modules["data"] = realm.synthetic_module("data", ["default"], lambda: {"default": {"k": 1}})
    main = realm.compile_module(
        "import d, { y } from 'b';\nimport j from 'data' with { type: 'json' };\nexport const z = d + y + j.k", "main"
    )
    assert [(r[0], r[1], r[2]) for r in main.requests()] == [("b", {}, 1), ("data", {"type": "json"}, 2)]
    assert evaluate(main).get("z") == 6


def test_cycles(realm: Any, hooks: Any) -> None:
    hooks.modules["a"] = realm.compile_module(
        "import { b } from 'b'; export const a = 1; export const sum = () => a + b", "a"
    )
    hooks.modules["b"] = realm.compile_module(
        "import { a } from 'a'; export const b = 2; export const other = () => a", "b"
    )
    assert evaluate(hooks.modules["a"]).get_raw("sum")() == 3


def test_top_level_await_and_import_meta(realm: Any) -> None:
    main = realm.compile_module("export const x = await Promise.resolve(4); export const u = import.meta.url", "main")
    namespace = evaluate(main)
    assert (namespace.get("x"), namespace.get("u"), main.status) == (4, "file:///main", ("evaluated", True))


def test_dynamic_import(realm: Any, hooks: Any) -> None:
    hooks.modules["b"] = realm.compile_module("export const y = 2", "b")
    main = realm.compile_module(
        "export const y = (await import('b')).y; export const e = await import('none').catch(e => e.message)", "main"
    )
    namespace = evaluate(main)
    assert namespace.get("y") == 2
    assert "no module none" in namespace.get("e")


def test_missing_module_is_reported(realm: Any) -> None:
    main = realm.compile_module("import 'nothing'", "main")
    with pytest.raises(JSError, match="no module nothing for main"):
        main.instantiate()


def test_missing_export_is_reported(realm: Any, hooks: Any) -> None:
    hooks.modules["b"] = realm.compile_module("export const y = 2", "b")
    with pytest.raises(JSError, match="does not provide an export named 'z'"):
        realm.compile_module("import { z } from 'b'", "main").instantiate()


def test_error_in_a_module(realm: Any) -> None:
    main = realm.compile_module("throw new Error('boom')", "main")
    main.instantiate()
    main.evaluate()
    assert main.status[0] == "errored"
    assert main.exception.get("message") == "boom"


def test_wasm(realm: Any) -> None:
    module = realm.compile_wasm(ADD)
    add = realm.run_script("(m) => new WebAssembly.Instance(m).exports.add(2, 40)", "t")
    assert add(module) == 42


def test_bad_wasm(realm: Any) -> None:
    with pytest.raises(JSError) as caught:
        realm.compile_wasm(b"\0asm\1\0\0\0garbage")
    assert caught.value.name == "CompileError"


def test_wasm_compilation_can_be_forbidden(realm: Any, run: Any) -> None:
    realm.allow_wasm(False)
    run(f"new WebAssembly.Module(new Uint8Array({list(ADD)}))")  # where eval is allowed it still is
    realm.allow_eval(False, "no eval here")
    with pytest.raises(JSError, match="disallowed by embedder"):
        run(f"new WebAssembly.Module(new Uint8Array({list(ADD)}))")


def test_eval_can_be_forbidden(realm: Any, run: Any) -> None:
    realm.allow_eval(False, "no eval here")
    with pytest.raises(JSError, match="no eval here"):
        run("eval('1')")
    with pytest.raises(JSError, match="no eval here"):
        run("new Function('return 1')")


def test_code_cache(realm: Any) -> None:
    source = "export const f = () => 1"
    cache = realm.compile_module(source, "a").code_cache()
    assert cache
    again = realm.compile_module(source, "a", cache)
    assert not again.cache_rejected
    assert evaluate(again).get_raw("f")() == 1
    assert realm.compile_module("export const different = 2", "a", cache).cache_rejected


def test_garbage_as_code_cache(realm: Any) -> None:
    module = realm.compile_module("export const f = 1", "a", b"not a cache")
    assert module.cache_rejected
    assert evaluate(module).get("f") == 1


def test_compile_function(realm: Any) -> None:
    function = realm.compile_function("return a + b", "cjs", ["a", "b"])
    assert function(1, 2) == 3


def test_wasm_of_another_isolate(native: Any, realm: Any) -> None:
    """With a name for its script, and after the isolate that compiled it has gone."""
    trap = bytes.fromhex("0061736d0100000001040160000003020100070801047472617000000a05010300000b")
    elsewhere = native.Isolate(heap_limit=64 << 20)
    there = native.Realm(elsewhere, TestHooks())
    make = there.run_script("(bytes) => new WebAssembly.Module(bytes)", "make")
    module = realm.import_wasm(make.call_raw(trap), "file:///bundle/\u00e9.wasm")
    unnamed = realm.import_wasm(make.call_raw(ADD), "")
    with pytest.raises(TypeError, match=r"WebAssembly\.Module"):
        realm.import_wasm(there.value({"a": 1}), "x")
    with pytest.raises(TypeError, match=r"WebAssembly\.Module"):
        realm.import_wasm(5, "x")
    elsewhere.dispose()
    stack = realm.run_script(
        "(m) => { try { new WebAssembly.Instance(m).exports.trap() } catch (e) { return e.stack } }", "t"
    )
    assert "file:///bundle/\u00e9.wasm:wasm-function[0]" in stack(module)
    add = realm.run_script("(m) => new WebAssembly.Instance(m).exports.add(2, 40)", "t")
    assert add(unnamed) == 42


def test_many_modules_of_another_isolate_are_given_back(native: Any, isolate: Any, realm: Any) -> None:
    elsewhere = native.Isolate(heap_limit=64 << 20)
    there = native.Realm(elsewhere, TestHooks())
    make = there.run_script("(bytes) => new WebAssembly.Module(bytes)", "make")
    add = realm.run_script("(m) => new WebAssembly.Instance(m).exports.add(2, 40)", "t")
    for i in range(300):
        name = f"{i:04}".encode()
        body = ADD + b"\0\x05\x04" + name  # a custom section of that name, so that each is another module
        assert add(realm.import_wasm(make.call_raw(body), f"{i}.wasm")) == 42
        if i % 100 == 99:
            isolate.low_memory()
            elsewhere.low_memory()
    elsewhere.dispose()
