"""Values and errors between JavaScript and Python (docs/internals.md)."""

from __future__ import annotations

from typing import Any

import pytest

from workerd.engine.errors import JSError


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("undefined", None),
        ("null", None),
        ("true", True),
        ("1", 1),
        ("-0", -0.0),
        ("1.5", 1.5),
        ("2**53", 2**53),
        ("2**60", float(2**60)),
        ("10n**30n", 10**30),
        ("-(10n**30n)", -(10**30)),
        ("'ascii'", "ascii"),
        ("'lätin'", "lätin"),
        ("'€'", "€"),
        ("'😀'", "😀"),
        ("'\\ud800'", "\ud800"),
        ("new Uint8Array([1,2])", b"\x01\x02"),
        ("new Uint16Array([258]).buffer", b"\x02\x01"),
        ("[1,[2]]", [1, [2]]),
        ("({a: 1, b: {c: 'x'}})", {"a": 1, "b": {"c": "x"}}),
        ("Object.assign(Object.create(null), {a: 1})", {"a": 1}),
    ],
)
def test_to_python(run: Any, source: str, expected: object) -> None:
    value = run(f"({source})")
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    "value", [None, True, 0, -5, 2**31, 2**53, 1.25, "x", "ä", "€😀", b"ab", [1, "a", None], {"a": [1]}]
)
def test_there_and_back(realm: Any, value: object) -> None:
    identity = realm.run_script("(x) => x", "test.js")
    assert identity(value) == value


def test_large_integers_become_bigints(realm: Any) -> None:
    kind = realm.run_script("(x) => typeof x + ':' + x", "test.js")
    assert kind(2**53) == f"number:{2**53}"
    assert kind(2**53 + 1) == f"bigint:{2**53 + 1}"
    assert kind(-(2**70)) == f"bigint:{-(2**70)}"


def test_dict_does_not_run_setters(run: Any, realm: Any) -> None:
    run("Object.defineProperty(Object.prototype, 'k', { set() { throw new Error('seen') }, configurable: true })")
    assert realm.run_script("(o) => Object.hasOwn(o, 'k')", "t")({"k": 1}) is True


def test_deep_nesting_is_refused(run: Any) -> None:
    with pytest.raises(ValueError, match="too deeply"):
        run("let o = {}; for (let i = 0; i < 1000; i++) o = {o}; o")


def test_functions_cross_both_ways(realm: Any) -> None:
    apply = realm.run_script("(f, x) => f(x) + 1", "test.js")
    assert apply(lambda x: x * 2, 20) == 41


def test_python_objects_travel_as_themselves(realm: Any) -> None:
    marker = object()
    assert realm.run_script("(x) => x", "t")(marker) is marker


def test_error_has_name_message_stack_and_position(run: Any) -> None:
    with pytest.raises(JSError) as caught:
        run("function f() { throw new RangeError('far') }\nf()")
    error = caught.value
    assert (error.name, error.message) == ("RangeError", "far")
    assert "at f (test.js:1:22)" in error.stack
    assert error.position is not None and error.position[:2] == ("test.js", 1)
    assert "^" in error.describe()


def test_syntax_error_points_at_the_place(run: Any) -> None:
    with pytest.raises(JSError) as caught:
        run("let a = 1;\nlet b = ;")
    described = caught.value.describe()
    assert "test.js:2:9" in described
    assert "    let b = ;\n            ^" in described


@pytest.mark.parametrize("thrown", ["'text'", "undefined", "null", "7", "Symbol('s')", "({})", "Object.create(null)"])
def test_anything_can_be_thrown(run: Any, thrown: str) -> None:
    with pytest.raises(JSError):
        run(f"throw {thrown}")


def test_hostile_errors_are_described(run: Any) -> None:
    with pytest.raises(JSError):
        run("throw { get message() { throw 1 }, get stack() { throw 2 }, toString() { throw 3 } }")
    with pytest.raises(JSError):
        run("throw new Proxy({}, { get() { throw new Error('trap') } })")


def test_python_exception_in_js_and_back(realm: Any) -> None:
    def fail() -> None:
        raise TypeError("from Python")

    catch = realm.run_script("(f) => { try { f() } catch (e) { return [e instanceof TypeError, e.message] } }", "t")
    assert catch(fail) == [True, "from Python"]


def test_js_exception_through_python_keeps_identity(realm: Any) -> None:
    inner = realm.run_script("globalThis.e = new Error('same'); () => { throw e }", "t")
    outer = realm.run_script("(f) => { try { f() } catch (x) { return x === e } }", "t")
    assert outer(lambda: inner()) is True


def test_memoryview_sees_an_array_buffer_in_place(realm: Any) -> None:
    array = realm.run_script("globalThis.a = new Uint8Array([1, 2, 3])", "t")
    view = memoryview(array)
    assert bytes(view) == b"\x01\x02\x03"
    realm.run_script("a[0] = 9", "t")
    assert view[0] == 9


def test_value_of_another_isolate_is_refused(native: Any, realm: Any, hooks: Any) -> None:
    other = native.Isolate()
    try:
        foreign = native.Realm(other, hooks).run_script("({})", "t")
        with pytest.raises(ValueError, match="another isolate"):
            realm.run_script("(x) => x", "t")(foreign)
    finally:
        other.dispose()


def test_use_after_dispose_is_an_error(native: Any, hooks: Any) -> None:
    isolate = native.Isolate()
    value = native.Realm(isolate, hooks).run_script("() => 1", "t")
    isolate.dispose()
    with pytest.raises(RuntimeError, match="disposed"):
        value()
