"""`typescript_strip_types`: types are erased in place, and what cannot be erased is refused with its place."""

from __future__ import annotations

import pytest
from tests.runtime.running import Answer, World, with_workers, worker

from workerd.engine.library import initialize
from workerd.runtime.graph import StartError
from workerd.runtime.modules.typescript import TypeScriptError, strip

FLAG = ("typescript_strip_types",)
REGISTRIES = ["legacy_module_registry", "new_module_registry"]


async def _nothing(world: World) -> None:
    raise AssertionError("the worker started")


def stripped(text: str) -> str:
    return strip(initialize(("--expose-gc",)), "a.ts", text)


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("let x: number = 42;", "let x         = 42;"),
        ("const a = 1 as any; // é😀", "const a = 1       ; // é😀"),
        ("interface A { b: string }\nlet y = 2;", "                         \nlet y = 2;"),
        ("import { type A, b } from './c';", "import {         b } from './c';"),
        ("function f<T>(this: W, a?: T): a is string {}", "function f   (         a    )              {}"),
        ("declare module 'x' { let y: 1 }", " " * 31),
        ("class A { private b!: string; declare c: number }", "class A {         b         ;                   }"),
        ("plain.javascript();", "plain.javascript();"),
        ("", ""),
    ],
)
def test_types_become_spaces(given: str, left: str) -> None:
    assert stripped(given) == left


@pytest.mark.parametrize(
    ("text", "summary", "what", "where"),
    [
        ("enum A { B }", "Unsupported syntax", "TypeScript enum is not supported in strip-only mode", "1:1"),
        ("\n  namespace A { let b }", "Unsupported syntax", "TypeScript namespace declaration is not supported", "2:3"),
        ("class A { constructor(private b) {} }", "Unsupported syntax", "TypeScript parameter property is not", "1:31"),
        ("import a = require('b')", "Unsupported syntax", "TypeScript import equals declaration is not", "1:1"),
        ("let a = <T>b", "Unsupported syntax", "The angle-bracket syntax for type assertions", "1:9"),
        ("let a: = 1", "Syntax error", "Unexpected token `=`", "1:8"),
    ],
)
def test_what_cannot_be_erased(text: str, summary: str, what: str, where: str) -> None:
    with pytest.raises(TypeScriptError) as caught:
        stripped(text)
    message = str(caught.value)
    assert message.startswith(f"Error transpiling a.ts : {summary}\n    {what}")
    assert message.endswith(f"(a.ts:{where})")


def test_code_that_is_nested_too_deeply_is_refused_and_nothing_else_is_harmed() -> None:
    with pytest.raises(TypeScriptError, match=r"Error transpiling a\.ts : "):
        stripped("(" * 100_000)
    assert stripped("let x: number = 1") == "let x         = 1"


@pytest.mark.parametrize("registry", REGISTRIES)
def test_a_worker_in_typescript(registry: str) -> None:
    async def ask(world: World) -> None:
        answer = await world.ask()
        assert isinstance(answer, Answer)
        assert answer.text.endswith("b.ts:2:40) [number]")

    config = worker(
        {
            "main.ts": "import { f, type T } from './b.ts';\n"
            "export default { async fetch(r: Request): Promise<Response> { return new Response(f<T>(1)) } } satisfies X;",
            # Modules of any name are stripped, and the places in stacks are those of the source.
            "b.ts": "export type T = number;\n"
            "export const f = <T,>(x: T): string => new Error().stack!.split('\\n')[1] + ` [${typeof x}]`;",
        },
        flags=(*FLAG, registry),
    )
    with_workers({"main": config}, ask)


@pytest.mark.parametrize("registry", REGISTRIES)
def test_without_the_flag_types_are_syntax_errors(registry: str) -> None:
    with pytest.raises(StartError, match="SyntaxError"):
        with_workers({"main": worker("let x: number = 1; export default {}", flags=(registry,))}, _nothing)


def test_all_that_is_wrong_is_said_at_the_start() -> None:
    config = worker({"main.js": "enum A { B }", "b.js": "let x: = 1", "c.txt": ("text", "enum")}, flags=FLAG)
    with pytest.raises(StartError) as caught:
        with_workers({"main": config}, _nothing)
    message = str(caught.value)
    assert message.startswith("service main: Error transpiling main.js : Unsupported syntax\n")
    assert "Error transpiling b.js : Syntax error\n" in message
    assert "c.txt" not in message
