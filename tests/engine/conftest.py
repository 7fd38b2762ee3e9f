"""A realm with hooks of the tests' own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from workerd.engine.library import initialize


class TestHooks:
    """The simplest hooks: modules from a dict, operations from a dict."""

    __test__ = False

    def __init__(self) -> None:
        self.modules: dict[str, Any] = {}
        self.ops: dict[str, Any] = {}

    def describe_error(self, error: BaseException) -> tuple[str, str, bool]:
        return type(error).__name__, str(error), False

    def op(self, name: str) -> Any:
        return self.ops[name]

    def resolve_module(self, referrer: str, specifier: str, attributes: dict[str, str], module: Any) -> Any:
        if specifier not in self.modules:
            raise TypeError(f"no module {specifier} for {referrer}")
        return self.modules[specifier]

    def import_module(self, referrer: str, specifier: str, attributes: dict[str, str], built_in: bool) -> Any:
        module = self.resolve_module(referrer, specifier, attributes, None)
        module.instantiate()
        return module

    def import_meta(self, name: str) -> dict[str, Any]:
        return {"url": f"file:///{name}"}

    def spawn(self, awaitable: Any, resolver: Any) -> None:
        task = asyncio.ensure_future(awaitable)
        task.add_done_callback(
            lambda done: resolver.reject(done.exception()) if done.exception() else resolver.resolve(done.result())
        )


@pytest.fixture
def native() -> Any:
    return initialize(("--expose-gc",))


@pytest.fixture
def hooks() -> TestHooks:
    return TestHooks()


@pytest.fixture
def isolate(native: Any) -> Iterator[Any]:
    isolate = native.Isolate(heap_limit=64 << 20, buffer_limit=256 << 20, turn_limit_ms=2000)
    yield isolate
    isolate.dispose()


@pytest.fixture
def realm(native: Any, isolate: Any, hooks: TestHooks) -> Any:
    return native.Realm(isolate, hooks)


@pytest.fixture
def run(realm: Any) -> Any:
    """Runs a script and converts its result."""
    return lambda source: realm.run_script(source, "test.js").to_python()
