"""A worker's infinite loop, memory bomb or deep recursion hurts only that worker."""

from __future__ import annotations

import time
from typing import Any

import pytest

from workerd.engine.errors import JSError, JSTerminated


def terminated(run: Any, source: str, reason: str) -> None:
    started = time.monotonic()
    with pytest.raises(JSTerminated, match=reason):
        run(source)
    # Not a measurement: a hang would be minutes.
    assert time.monotonic() - started < 60


def test_infinite_loop(run: Any) -> None:
    terminated(run, "while (true) {}", "CPU time limit")
    assert run("1 + 1") == 2


def test_infinite_microtasks(run: Any) -> None:
    run("globalThis.stop = false; (async () => { while (!stop) await null })(); 0")
    assert run("stop = true") is True


def test_loop_that_allocates_in_optimised_code(run: Any) -> None:
    """V8 14.4 could not be interrupted in this loop without a flag of ours (ENGINE.md, Traps)."""
    terminated(run, "for (;;) new Array(1000).fill(1.5)", "CPU time limit")
    assert run("'alive'") == "alive"


def test_heap_bomb(run: Any) -> None:
    terminated(run, "(() => { let a = []; for (;;) a.push(new Array(1000).fill({})) })()", "memory limit")
    assert run("'alive'") == "alive"


def test_heap_full_of_live_objects_condemns_the_isolate(run: Any, isolate: Any) -> None:
    with pytest.raises(JSTerminated, match="memory limit"):
        run("globalThis.a = []; for (;;) a.push(new Array(1000).fill({}))")
    assert isolate.condemned
    with pytest.raises(RuntimeError):
        run("1")


def test_array_buffers_are_counted(run: Any, isolate: Any) -> None:
    with pytest.raises(JSError, match="Array buffer allocation failed"):
        run("globalThis.a = []; for (;;) a.push(new ArrayBuffer(16 << 20))")
    assert isolate.heap_statistics()["buffers"] <= 256 << 20
    run("a = null")
    isolate.low_memory()
    assert isolate.heap_statistics()["buffers"] < 32 << 20


def test_deep_recursion(run: Any) -> None:
    with pytest.raises(JSError, match="Maximum call stack size exceeded"):
        run("function f() { f() } f()")


def test_recursion_through_python(realm: Any) -> None:
    """JS -> Python -> JS ...: either side's limit ends it, as an error."""
    call = realm.run_script("(f) => f(f)", "t")

    def again(f: Any) -> Any:
        return call(again)

    with pytest.raises((JSError, RecursionError)):
        call(again)


def test_other_isolates_live_on(native: Any, run: Any, hooks: Any) -> None:
    other = native.Isolate()
    realm = native.Realm(other, hooks)
    terminated(run, "while (true) {}", "CPU")
    assert realm.run_script("2 + 2", "t").to_python() == 4
    other.dispose()


def test_clock_of_an_isolate(run: Any, isolate: Any) -> None:
    real = run("Date.now()")
    isolate.set_clock(0)
    assert run("[Date.now(), new Date().getTime(), new Date(5).getTime()]") == [0, 0, 5]
    isolate.set_clock(None)
    assert run("Date.now()") >= real
