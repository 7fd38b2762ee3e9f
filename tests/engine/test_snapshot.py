"""Startup snapshots, and what V8 must be for the binding to fit it."""

from __future__ import annotations

from typing import Any

import pytest

from workerd.platform import bundles


def test_state_survives(native: Any, hooks: Any) -> None:
    snapshot = native.make_snapshot(
        "globalThis.C = class { #x = 7; get x() { return this.#x } }; globalThis.m = new Map([[1, 'a']])", "p.js"
    )
    isolate = native.Isolate(snapshot)
    realm = native.Realm(isolate, hooks)
    assert realm.run_script("[new C().x, m.get(1)]", "t").to_python() == [7, "a"]
    isolate.dispose()


def test_error_while_making_it(native: Any) -> None:
    with pytest.raises(RuntimeError, match=r"TypeError: broken"):
        native.make_snapshot("throw new TypeError('broken')", "p.js")


def test_damaged_snapshot_is_refused(native: Any) -> None:
    snapshot = bytearray(native.make_snapshot("1", "p.js"))
    # The version stands near the start.
    at = bytes(snapshot).find(b"14.4")
    assert at >= 0
    snapshot[at : at + 4] = b"99.9"
    with pytest.raises(ValueError, match="another V8"):
        native.Isolate(bytes(snapshot))


def test_version(native: Any) -> None:
    assert native.v8_version().startswith("14.4.258")


def test_rehearsed_functions_are_kept_compiled(native: Any, hooks: Any) -> None:
    body = "".join(f"x = x * {n} + {n};" for n in range(200))
    source = f"globalThis.f = function (x) {{ {body} return x }}"
    plain = native.make_snapshot(source, "p.js")
    assert len(native.make_snapshot(source, "p.js", "f(1)")) > len(plain) + 1000
    # What it does is nowhere to be seen, and that it fails either.
    snapshot = native.make_snapshot(source, "p.js", "globalThis.seen = true; f(1); throw 1")
    isolate = native.Isolate(snapshot)
    realm = native.Realm(isolate, hooks)
    assert realm.run_script("[typeof seen, typeof f]", "t").to_python() == ["undefined", "function"]
    isolate.dispose()


def test_the_platform_rehearses_to_its_end(native: Any) -> None:
    native.make_snapshot(bundles.read("platform.js") + bundles._rehearsal(), "p.js")


def test_another_version_is_refused(native: Any) -> None:
    assert native.check_v8_version(native.v8_version()) is None
    for version in ("14.4.259.1", "14.3.127.1", "14.4.2580.1", "15.0.0.0", ""):
        why = native.check_v8_version(version)
        assert why == f"V8 14.4.258 is required (mini-racer==0.14.1), but the installed library is V8 {version}"


def test_layouts_the_binding_relies_on(native: Any, hooks: Any) -> None:
    """The patched headers (tools/v8_headers.py): roots, callback arguments, constructors' new.target, internal fields."""
    isolate = native.Isolate()
    realm = native.Realm(isolate, hooks)
    give = realm.run_script("(f) => [f(undefined), f(null), f(true), f(false), f('')]", "t")
    assert give(lambda x: x) == [None, None, True, False, ""]
    count = realm.run_script("(f) => f(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)", "t")
    assert count(lambda *args: sum(args)) == 55
    with pytest.raises(Exception, match="not a constructor"):
        realm.run_script("(f) => new f()", "t")(lambda: None)
    marker = object()
    keep = realm.run_script("(x) => { globalThis.kept = x; for (let i = 0; i < 1e5; i++) ({}); return kept }", "t")
    assert keep(marker) is marker
    isolate.low_memory()
    assert realm.run_script("kept", "t").to_python() is marker
    isolate.dispose()
