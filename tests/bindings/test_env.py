from __future__ import annotations

import pytest

from workerd.bindings import BindingsError, build_env
from workerd.config import bindings as kinds
from workerd.config.bindings import Binding
from workerd.config.model import ServiceDesignator, Unknown, Unspecified, Worker


def targets(designator: ServiceDesignator, where: str) -> int:
    return {"a": 3, "b": 4}[designator.name]


def env_of(*bindings: Binding, script: bool = False, experimental: bool = False) -> list[dict[str, object]]:
    worker = Worker(bindings=bindings, service_worker_script="" if script else None, modules=None if script else ())
    environ = {"SET": "here", "EMPTY": ""}
    return build_env("w", worker, targets, experimental=experimental, environ=environ)


def test_values_in_order() -> None:
    assert env_of(
        Binding("t", kinds.TextBinding("hé")),
        Binding("d", kinds.DataBinding(b"\0\1")),
        Binding("j", kinds.JsonBinding('{"a": [1, null]}')),
        Binding("s", kinds.ServiceBinding(ServiceDesignator("b"))),
    ) == [
        {"name": "t", "kind": "text", "value": "hé"},
        {"name": "d", "kind": "data", "value": b"\0\1"},
        {"name": "j", "kind": "json", "value": '{"a": [1, null]}'},
        {"name": "s", "kind": "service", "target": 4},
    ]


def test_from_environment() -> None:
    assert env_of(
        Binding("x", kinds.FromEnvironment("SET")),
        Binding("y", kinds.FromEnvironment("EMPTY")),
        Binding("z", kinds.FromEnvironment("UNSET")),
    ) == [
        {"name": "x", "kind": "text", "value": "here"},
        {"name": "y", "kind": "text", "value": ""},
        {"name": "z", "kind": "json", "value": "null"},
    ]


def test_wrapped_holds_its_inner_env() -> None:
    inner = (Binding("fetcher", kinds.ServiceBinding(ServiceDesignator("a"))), Binding("n", kinds.JsonBinding("1")))
    assert env_of(Binding("w", kinds.WrappedBinding("ext:mod", "make", inner))) == [
        {
            "name": "w",
            "kind": "wrapped",
            "moduleName": "ext:mod",
            "entrypoint": "make",
            "innerBindings": [
                {"name": "fetcher", "kind": "service", "target": 3},
                {"name": "n", "kind": "json", "value": "1"},
            ],
        }
    ]


def test_wasm_module_needs_service_worker_syntax() -> None:
    binding = Binding("m", kinds.WasmModuleBinding(b"\0asm"))
    assert env_of(binding, script=True) == [{"name": "m", "kind": "wasmModule", "value": b"\0asm"}]
    with pytest.raises(BindingsError, match="not allowed in modules-based scripts"):
        env_of(binding)


def test_unsafe_eval_is_experimental() -> None:
    binding = Binding("u", kinds.UnsafeEval())
    assert env_of(binding, experimental=True) == [{"name": "u", "kind": "unsafeEval"}]
    with pytest.raises(BindingsError, match="--experimental"):
        env_of(binding)


def test_every_mistake_is_reported_at_once() -> None:
    with pytest.raises(BindingsError) as caught:
        env_of(
            Binding("ok", kinds.TextBinding("x")),
            Binding("j", kinds.JsonBinding("{nope}")),
            Binding("n", kinds.JsonBinding("NaN")),
            Binding("none", Unspecified()),
            Binding("new", Unknown(99)),
            Binding("old", kinds.Obsolete()),
            Binding("dbg", kinds.WorkerdDebugPort()),
            Binding("w", kinds.WrappedBinding("m", "default", (Binding("q", kinds.Parameter("text")),))),
        )
    messages = caught.value.messages
    assert len(messages) == 7
    assert messages[0].startswith('Worker "w"\'s binding "j" is not valid JSON')
    assert messages[2] == 'Worker "w"\'s binding "none" does not specify any binding value.'
    assert 'binding "dbg" is of type "workerdDebugPort"' in messages[5]
    assert 'binding "q" is of type "parameter"' in messages[6]


def test_bindings_that_speak_http_name_a_target() -> None:
    service = ServiceDesignator("a")
    assert env_of(
        Binding("kv", kinds.KvNamespaceBinding(service)),
        Binding("r2", kinds.R2BucketBinding(service)),
        Binding("q", kinds.QueueBinding(ServiceDesignator("b"))),
        Binding("hd", kinds.HyperdriveBinding(service, "db", "me", "secret", "mysql")),
    ) == [
        {"name": "kv", "kind": "kvNamespace", "target": 3},
        {"name": "r2", "kind": "r2Bucket", "target": 3},
        {"name": "q", "kind": "queue", "target": 4},
        {
            "name": "hd",
            "kind": "hyperdrive",
            "target": 3,
            "database": "db",
            "user": "me",
            "password": "secret",
            "scheme": "mysql",
        },
    ]


def test_analytics_and_memory_caches_are_experimental() -> None:
    analytics = Binding("ae", kinds.AnalyticsEngineBinding(ServiceDesignator("a")))
    cache = Binding("c", kinds.MemoryCacheBinding("same", True, 1, 2, 3))
    with pytest.raises(BindingsError) as caught:
        env_of(analytics, cache)
    assert ["--experimental" in message for message in caught.value.messages] == [True, True]
    point, first, second = env_of(analytics, cache, cache, experimental=True)
    assert point == {"name": "ae", "kind": "analyticsEngine", "target": 3, "dataset": "a"}
    assert first["cache"] == second["cache"]
    with pytest.raises(BindingsError, match="must specify limits"):
        env_of(Binding("c", kinds.MemoryCacheBinding(None)), experimental=True)
