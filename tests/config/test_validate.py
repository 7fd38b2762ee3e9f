"""Validation: everything wrong is found at once, with its place, and in the words that tools match on."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.writing import CODE, errors_of, load_text

from workerd.config import model as m
from workerd.config.overrides import Overrides
from workerd.config.validate import Permissions


def config(services: str, sockets: str = "", rest: str = "") -> str:
    return f"const config :Workerd.Config = (\n  services = [\n{services}\n  ],\n  sockets = [{sockets}]{rest});"


def worker(inside: str, name: str = "w") -> str:
    return f'    (name = "{name}", worker = ({CODE}, {inside}))'


def only_error(directory: Path, text: str, **options: object) -> str:
    (error,) = errors_of(directory, text, **options)
    return error


def test_everything_is_reported_at_once(tmp_path: Path) -> None:
    text = config(
        f"""
    (name = "a", worker = ({CODE})),
    (name = "a", disk = "/nonexistent"),
    (name = "b"),
    (name = "e", external = (http = ())),
    (name = "d", disk = (writable = true)),""",
        '(name = "s", http = (), service = "zz"),\n'
        '(name = "t", address = "*:0", http = (), service = (name = "b", entrypoint = "q"))',
    )
    assert errors_of(tmp_path, text) == [
        'config.capnp:6:13: Config defines multiple services named "a".',
        'config.capnp:6:25: Directory named "a" not found: /nonexistent',
        'config.capnp:7:5: Service named "b" does not specify what to serve.',
        'config.capnp:8:29: External service "e" has no address in the config, so must be specified on the command '
        "line with `--external-addr`.",
        'config.capnp:9:25: Directory "d" has no path in the config, so must be specified on the command line with '
        "`--directory-path`.",
        'config.capnp:11:48: Socket "s" refers to a service "zz", but no such service is defined.',
        'config.capnp:11:14: Socket "s" has no address in the config, so must be specified on the command line with '
        "`--socket-addr`.",
        'config.capnp:12:52: Socket "t" refers to service "b" with a named entrypoint "q", but "b" is not a Worker, so '
        "does not have any named entrypoints.",
    ]


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('bindings = [(name = "x")]', 'Worker "w"\'s binding "x" does not specify any binding value.'),
        ('bindings = [(name = "x", parameter = ())]', "is a parameter; parameters are not supported."),
        ('bindings = [(name = "x", obsolete0 = "w")]', "uses an obsolete binding type."),
        ('bindings = [(name = "x", json = "{")]', "has a value that is not valid JSON"),
        ('bindings = [(name = "x", wasmModule = "")]', "Wasm bindings are not allowed in modules-based scripts."),
        ('bindings = [(name = "x", service = "y")]', 'refers to a service "y", but no such service is defined.'),
        ('bindings = [(name = "x", service = (name = "internet", props = (json = "1")))]', "cannot accept `props`"),
        ('bindings = [(name = "x", kvNamespace = "y")]', 'refers to a service "y", but no such service is defined.'),
        ('bindings = [(name = "x", unsafeEval = void)]', "Unsafe eval is an experimental feature."),
        ('bindings = [(name = "x", workerLoader = ())]', "Worker loader bindings are an experimental feature"),
        ('bindings = [(name = "x", memoryCache = ())]', "MemoryCache bindings are an experimental feature"),
        ('bindings = [(name = "x", workerdDebugPort = void)]', "workerdDebugPort bindings are an experimental feature"),
        ('bindings = [(name = "x", analyticsEngine = "w")]', "AnalyticsEngine bindings are an experimental feature"),
        (
            'bindings = [(name = "x", durableObjectClass = (name = "w", entrypoint = "C"))]',
            "Durable Object class bindings are an experimental feature",
        ),
        (
            'bindings = [(name = "x", durableObjectNamespace = "C")]',
            'refers to a Durable Object namespace named "C", but no such Durable Object namespace is defined by this',
        ),
        (
            'bindings = [(name = "x", durableObjectNamespace = (className = "C", serviceName = "internet"))]',
            'refers to a service "internet", but no such service is defined.',
        ),
        (
            'bindings = [(name = "x", wrapped = (moduleName = "m:m", innerBindings = [(name = "i", service = "y")]))]',
            'Worker "w"\'s binding "i" refers to a service "y"',
        ),
        ('bindings = [(name = "x", cryptoKey = (hex = "abc"))]', 'CryptoKey binding "x" contained invalid hex.'),
        ('bindings = [(name = "x", cryptoKey = (base64 = "!"))]', 'CryptoKey binding "x" contained invalid base64.'),
        ('bindings = [(name = "x", cryptoKey = (pkcs8 = "x"))]', 'CryptoKey binding "x" contained invalid PEM format.'),
        (
            'bindings = [(name = "x", cryptoKey = (spki = '
            '"-----BEGIN PRIVATE KEY-----\\nAA==\\n-----END PRIVATE KEY-----"))]',
            'contained wrong PEM type, expected "PUBLIC KEY" but got "PRIVATE KEY".',
        ),
        ('globalOutbound = "y"', 'Worker "w"\'s globalOutbound refers to a service "y", but no such service'),
        ('cacheApiOutbound = "y"', 'Worker "w"\'s cacheApiOutbound refers to a service "y", but no such service'),
        ('tails = ["y"]', 'Worker "w"\'s tails refers to a service "y", but no such service is defined.'),
        ('accessBindingService = "internet"', 'accessBindingService refers to service "internet", but it is not a W'),
        ('moduleFallback = "localhost:1"', "The module fallback service is an experimental feature."),
        ('accessBlobHeader = "X"', "has accessBlobHeader configured but this is an experimental feature."),
        ('compatibilityFlags = ["nope"]', "service w: No such compatibility flag: nope"),
        ('compatibilityFlags = ["unsafe_module"]', "you must pass --experimental on the command line."),
        ('durableObjectUniqueKeyModifier = "x"', "durableObjectUniqueKeyModifier is not implemented yet"),
        ("workflowsEngine = ()", "`workflowsEngine` is not supported by this release of workerd."),
        (
            'durableObjectNamespaces = [(className = "C", uniqueKey = "k")]',
            'Worker service "w" implements durable object classes but has `durableObjectStorage` set to `none`.',
        ),
        (
            'durableObjectNamespaces = [(className = "C", ephemeralLocal = void)]',
            "Ephemeral objects (Durable Object namespaces with type 'ephemeralLocal') are an experimental feature",
        ),
        (
            'durableObjectStorage = (localDisk = "y")',
            'durableObjectStorage config refers to a service "y", but no such service is defined.',
        ),
        (
            'durableObjectStorage = (localDisk = "internet")',
            'durableObjectStorage config refers to the service "internet", but that service is not a local disk',
        ),
    ],
)
def test_workers(tmp_path: Path, inside: str, message: str) -> None:
    error = only_error(tmp_path, config(worker(inside)))
    assert message in error
    assert error.startswith("config.capnp:4:")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('modules = [], compatibilityDate = "2024-01-01"', "service w: Modules list cannot be empty."),
        ('compatibilityDate = "2024-01-01"', "service w: Modules list cannot be empty."),
        ('modules = [(name = "m", esModule = "")]', "service w: Worker must specify compatibilityDate."),
        ('serviceWorkerScript = "", compatibilityDate = "x"', "service w: Invalid compatibility date: x"),
        (
            'modules = [(name = "m", text = ""), (name = "m", text = "")], compatibilityDate = "2024-01-01"',
            'service w: Uncaught Error: Module "m" already added to bundle',
        ),
        (
            'modules = [(name = "m.py", pythonModule = "")], compatibilityDate = "2024-01-01"',
            'service w: Module "m.py" is a Python module, which is not supported by this release of workerd.',
        ),
        (
            'modules = [(name = "m", obsolete = "")], compatibilityDate = "2024-01-01"',
            "service w: Encountered unknown Worker.Module type.",
        ),
        ('inherit = "x"', "service w: Worker inheritance (`inherit`) is not supported."),
    ],
)
def test_code(tmp_path: Path, code: str, message: str) -> None:
    assert message in only_error(tmp_path, config(f'(name = "w", worker = ({code}))'))


def test_experimental_permits_what_it_gates(tmp_path: Path) -> None:
    inside = (
        'bindings = [(name = "x", unsafeEval = void), (name = "y", workerLoader = ())], moduleFallback = "x:1", '
        'compatibilityFlags = ["unsafe_module"], durableObjectNamespaces = [(className = "C", ephemeralLocal = void)]'
    )
    assert len(errors_of(tmp_path, config(worker(inside)))) == 5
    load_text(tmp_path, config(worker(inside)), permissions=Permissions(experimental=True))


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ('network = (allow = ["public", "10.0.0.0/33"])', "service x: invalid CIDR: 10.0.0.0/33"),
        ('network = (deny = ["everything"])', "service x: invalid CIDR: everything"),
        ('external = (address = "h:99999", http = ())', "Port number too large."),
        ('external = (address = "unix:", http = ())', "There is nothing after 'unix:'."),
        ('external = (address = "[::1", http = ())', "Unclosed '['."),
        ('external = (address = "loopback:x", http = ())', "exist in `workerd test` only."),
        ('external = (address = "h", https = (tlsOptions = (trustedCertificates = ["x"])))', "not in PEM format."),
        ('bucket = "x"', "Services of type `bucket` are not supported by this release of workerd."),
        ('assets = "x"', "Services of type `assets` are not supported by this release of workerd."),
    ],
)
def test_other_services(tmp_path: Path, service: str, message: str) -> None:
    assert message in only_error(tmp_path, config(f'(name = "x", {service})'))


@pytest.mark.parametrize(
    ("socket", "message"),
    [
        ('address = "*:http", http = ()', "Expected a port number."),
        ('address = "*:0", https = ()', "has TLS options without a keypair, which a server needs."),
        ('address = "*:0", tcp = (tlsOptions = (keypair = (privateKey = "x")))', "the certificateChain is empty."),
        ('address = "*:0", udp = ()', "is a UDP socket, which is not supported by this release of workerd."),
    ],
)
def test_sockets(tmp_path: Path, socket: str, message: str) -> None:
    assert message in only_error(tmp_path, config("", f'(name = "s", service = "internet", {socket})'))


def test_cluster_is_refused(tmp_path: Path) -> None:
    error = only_error(tmp_path, config("", "", ', cluster = (bucket = "s3://b")'))
    assert error == "config.capnp:6:27: Config.cluster is not supported by this release of workerd."


def test_read_only_disk_for_objects(tmp_path: Path) -> None:
    disk = f'(name = "d", disk = (path = "{tmp_path}")),'
    storage = worker('durableObjectStorage = (localDisk = "d")')
    assert "that service is defined read-only." in only_error(tmp_path, config(disk + storage))
    load_text(tmp_path, config(disk.replace("path =", "writable = true, path =") + storage))


def test_compat_date_of_tests(tmp_path: Path) -> None:
    permissions = Permissions(compat_date="2999-12-31")
    error = only_error(tmp_path, config(worker("")), permissions=permissions)
    assert "Worker specifies compatibilityDate but --compat-date was provided." in error
    bare = config('(name = "w", worker = (modules = [(name = "m", esModule = "")]))')
    load_text(tmp_path, bare, permissions=permissions)


# ---- overrides


def test_overrides_replace_and_satisfy(tmp_path: Path) -> None:
    text = config(
        '(name = "d", disk = ()), (name = "e", external = (http = ()))',
        '(name = "s", http = (), service = "d"), (name = "f", http = (), service = "e")',
    )
    loaded = load_text(
        tmp_path,
        text,
        changes=Overrides({"d": str(tmp_path)}, {"e": "127.0.0.1:1"}, {"s": "*:8080"}, {"f": 7}),
        permissions=Permissions(fds=frozenset({"f"})),
    )
    disk, external = (service.body for service in loaded.config.services)
    assert isinstance(disk, m.DiskDirectory) and disk.path == str(tmp_path)
    assert isinstance(external, m.ExternalServer) and external.address == "127.0.0.1:1"
    assert [socket.address for socket in loaded.config.sockets] == ["*:8080", None]


def test_overrides_that_match_nothing_are_errors(tmp_path: Path) -> None:
    changes = Overrides({"d": "/"}, {"e": "x"}, {"s": "y"}, {"f": 3})
    assert errors_of(tmp_path, config(""), changes=changes) == [
        f'Config did not define any {kind} named "{name}" to match the override provided on the command line.'
        for kind, name in (("socket", "s"), ("socket", "f"), ("external service", "e"), ("disk service", "d"))
    ]


def test_tests_may_always_give_their_temporary_directory(tmp_path: Path) -> None:
    changes = Overrides({"TEST_TMPDIR": "/tmp"})
    assert len(errors_of(tmp_path, config(""), changes=changes)) == 1
    load_text(tmp_path, config(""), changes=changes, for_test=True)
