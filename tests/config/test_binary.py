"""Binary configs: the framing, newer schemas, damage, and speed."""

from __future__ import annotations

import io
import random
import struct
import sys
import time
from pathlib import Path

import capnp
import pytest
from tests.config.writing import CODE, write

from workerd.config import bindings as b
from workerd.config import model as m
from workerd.config.decode import decode
from workerd.config.errors import ConfigError
from workerd.config.load import Source, read
from workerd.config.textfiles import SCHEMA_PATH

EXAMPLE = f"""
const config :Workerd.Config = (
  services = [
    (name = "main", worker = ({CODE},
      compatibilityFlags = ["nodejs_compat"],
      bindings = [(name = "T", text = "text"), (name = "D", data = 0"00ff")],
      durableObjectNamespaces = [(className = "C", uniqueKey = "k", enableSql = true)],
      durableObjectStorage = (inMemory = void),
    )),
    (name = "net", network = (deny = ["private"], tlsOptions = (minVersion = tls1Dot3))),
  ],
  sockets = [(name = "s", address = "*:1", https = (tlsOptions = (keypair = (privateKey = "k"))), service = "main")],
  logging = (structuredLogging = true, stdoutPrefix = "o: "),
);
""".replace('0"00ff"', '0x"00ff"')


@pytest.fixture(scope="module")
def message(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return read(Source(write(tmp_path_factory.mktemp("binary"), EXAMPLE))).message


def test_all_kinds_of_values(message: bytes) -> None:
    config = decode(message)
    main = config.services[0].body
    assert isinstance(main, m.Worker)
    assert [(each.name, each.value) for each in main.bindings] == [
        ("T", b.TextBinding("text")),
        ("D", b.DataBinding(b"\x00\xff")),
    ]
    assert main.durable_object_namespaces == (m.DurableObjectNamespace("C", "k", enable_sql=True),)
    assert main.durable_object_storage == m.DurableObjectStorage("inMemory")
    assert config.services[1].body == m.Network(
        ("public",), ("private",), m.TlsOptions(min_version=m.TlsVersion.TLS1_3)
    )
    socket = config.sockets[0].protocol
    assert isinstance(socket, m.HttpsSocket)
    assert socket.tls_options.keypair == m.TlsKeypair("k", "")
    assert config.logging == m.LoggingOptions(True, "o: ", "stderr: ")


def test_from_a_file_and_from_stdin(message: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.bin").write_bytes(message)
    from_file = read(Source(str(tmp_path / "config.bin"), binary=True))
    assert from_file.config == decode(message)
    assert list(from_file.watched) == [str(tmp_path / "config.bin")]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(message)))
    assert read(Source("-", binary=True)).config == decode(message)
    with pytest.raises(ConfigError, match="Reading config from stdin is only allowed with --binary"):
        read(Source("-"))


def test_several_segments(message: bytes) -> None:
    parser = capnp.SchemaParser()
    schema = parser.load(SCHEMA_PATH)
    builder = schema.Config.new_message(num_first_segment_words=1)
    services = builder.init("services", 2)
    for index, service in enumerate(services):
        service.name = f"s{index}"
        service.init("worker").serviceWorkerScript = "x" * 5000
    data = builder.to_bytes()
    assert struct.unpack_from("<I", data)[0] > 0, "the message has one segment: nothing is tested"
    assert [service.name for service in decode(data).services] == ["s0", "s1"]


def test_trailing_bytes_are_ignored(message: bytes) -> None:
    assert decode(message + b"abc") == decode(message)


def newer(text: str, path: Path) -> bytes:
    """A message of a schema that has grown: our schema's text with additions."""
    with open(SCHEMA_PATH) as stream:
        schema_text = stream.read()
    for old, new in (
        ("  cluster @7 :ClusterConfig;", "  cluster @7 :ClusterConfig;\n  novelty @8 :Text;"),
        ("    assets @7 :AssetsService;", "    assets @7 :AssetsService;\n    hologram @8 :Text;"),
        ("      workerdDebugPort @28 :Void;", "      workerdDebugPort @28 :Void;\n      telepathy @29 :Text;"),
        ("      bundled @11 :Text;", "      bundled @11 :Text;\n      cobolModule @12 :Text;"),
        ("    tls1Dot3 @5;", "    tls1Dot3 @5;\n    tls9 @6;"),
    ):
        assert schema_text.count(old) == 1
        schema_text = schema_text.replace(old, new)
    (path / "workerd").mkdir()
    (path / "workerd/workerd.capnp").write_text(schema_text)
    return read_message(text, path)


def read_message(text: str, path: Path) -> bytes:
    from workerd.config.parse import parse
    from workerd.config.textfiles import prepare

    with prepare(write(path, text), [str(path)]) as files:
        return parse(files, None)[1]


def test_unknown_fields_of_newer_schemas_are_skipped(tmp_path: Path) -> None:
    text = f'const c :Workerd.Config = (novelty = "new", services = [(name = "w", worker = ({CODE}))]);'
    config = decode(newer(text, tmp_path))
    assert [service.name for service in config.services] == ["w"]


def test_unknown_union_members_are_kept_apart(tmp_path: Path) -> None:
    text = (
        'const c :Workerd.Config = (services = [(name = "h", hologram = "x"), (name = "w", worker = (modules = '
        '[(name = "c", cobolModule = "x")], bindings = [(name = "t", telepathy = "x")]))]);'
    )
    hologram, worker = (service.body for service in decode(newer(text, tmp_path)).services)
    assert isinstance(hologram, m.Unknown)
    assert isinstance(worker, m.Worker) and worker.modules is not None
    assert worker.modules[0].kind == "unknown"
    assert isinstance(worker.bindings[0].value, m.Unknown)


def test_unknown_enumerants_are_refused(tmp_path: Path) -> None:
    text = 'const c :Workerd.Config = (services = [(name = "n", network = (tlsOptions = (minVersion = tls9)))]);'
    with pytest.raises(ConfigError, match="unknown TlsVersion setting"):
        decode(newer(text, tmp_path))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "less than a message header"),
        (b"using Workerd = import", "does not start with a Cap'n Proto segment table"),
        (struct.pack("<II", 0, 100) + bytes(16), "cut short"),
        (struct.pack("<II", 0, 1) + b"\xff" * 8, "damaged"),
    ],
)
def test_what_is_no_message(data: bytes, error: str) -> None:
    with pytest.raises(ConfigError, match=error):
        decode(data)


def test_damaged_messages_are_refused_or_read_but_never_crash(message: bytes) -> None:
    random_source = random.Random(1)
    refused = 0
    for _ in range(2000):
        damaged = bytearray(message)
        for _ in range(random_source.randint(1, 5)):
            damaged[random_source.randrange(len(damaged))] ^= 1 << random_source.randrange(8)
        try:
            decode(bytes(damaged))
        except ConfigError:
            refused += 1
    assert refused > 100


def test_two_megabytes_load_quickly() -> None:
    schema = capnp.SchemaParser().load(SCHEMA_PATH)
    builder = schema.Config.new_message()
    for index, service in enumerate(builder.init("services", 40)):
        service.name = f"core:user:{index}"
        worker = service.init("worker")
        for number, module in enumerate(worker.init("modules", 5)):
            module.name = f"script-{number}.mjs"
            module.esModule = "export default {};\n" * 550
        for number, binding in enumerate(worker.init("bindings", 20)):
            binding.name = f"BINDING_{number}"
            binding.text = "value"
    data = builder.to_bytes()
    assert len(data) > 2_000_000
    decode(data)  # loads the schema, once a process
    best = min(_timed(data) for _ in range(3))
    assert best < 0.05, f"{best * 1000:.1f} ms"


def _timed(data: bytes) -> float:
    start = time.perf_counter()
    decode(data)
    return time.perf_counter() - start
