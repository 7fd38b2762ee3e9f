"""Startup snapshots, and what V8 must be for the binding to fit it."""

from __future__ import annotations

from typing import Any

import pytest


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
