"""Text configs: the language's features, and where errors are said to be."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.config.writing import CODE, HEAD, errors_of, load_text, write

from workerd.config import model as m
from workerd.config.errors import ConfigError
from workerd.config.load import Source, read
from workerd.config.validate import Permissions


def worker_of(config: m.Config, index: int = 0) -> m.Worker:
    body = config.services[index].body
    assert isinstance(body, m.Worker)
    return body


def test_references_embeds_and_defaults(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/worker.js").write_text("export default {} // é")
    (tmp_path / "src/blob").write_bytes(b"\x00\xff")
    loaded = load_text(
        tmp_path,
        """
        const config :Workerd.Config = (
          services = [(name = "main", worker = .main)],
          sockets = [(name = "http", address = "*:8080", http = (), service = "main")],
        );
        const main :Workerd.Worker = (
          modules = [(name = "w.js", esModule = embed "src/worker.js"), (name = "b", data = embed "src/blob")],
          compatibilityDate = .date,
        );
        const date :Text = "2024-01-01";
        """,
    )
    worker = worker_of(loaded.config)
    assert worker.modules == (
        m.Module("w.js", "esModule", "export default {} // é"),
        m.Module("b", "data", b"\x00\xff"),
    )
    assert worker.compatibility_date == "2024-01-01"
    assert worker.global_outbound == m.ServiceDesignator("internet")
    assert loaded.config.sockets == (m.Socket("http", "*:8080", m.HttpSocket(), m.ServiceDesignator("main")),)
    assert list(loaded.watched) == [str(tmp_path / name) for name in ("config.capnp", "src/worker.js", "src/blob")]


def test_empty_files_can_be_embedded(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    modules = '(name = "t", text = embed "empty"), (name = "d", data = embed "empty")'
    worker = f'(modules = [{modules}], compatibilityDate = "2024-01-01")'
    loaded = load_text(tmp_path, f'const config :Workerd.Config = (services = [(name = "x", worker = {worker})]);')
    assert worker_of(loaded.config).modules == (m.Module("t", "text", ""), m.Module("d", "data", b""))


def test_imports_are_relative_to_the_importing_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        f'const worker :Workerd.Worker = ({CODE}, bindings = [(name = "t", text = embed "t.txt")]);',
        "a/b.capnp",
    )
    (tmp_path / "a/t.txt").write_text("deep")
    loaded = load_text(
        tmp_path,
        'using Other = import "a/b.capnp";\n'
        'const config :Workerd.Config = (services = [(name = "x", worker = Other.worker),'
        ' (name = "y", worker = import "a/b.capnp".worker)]);',
    )
    assert worker_of(loaded.config) == worker_of(loaded.config, 1)
    assert [binding.name for binding in worker_of(loaded.config).bindings] == ["t"]


def test_rooted_imports_are_searched_in_the_import_path(tmp_path: Path) -> None:
    write(tmp_path, f"const worker :Workerd.Worker = ({CODE});", "second/lib/w.capnp")
    (tmp_path / "first").mkdir()
    text = 'const config :Workerd.Config = (services = [(name = "x", worker = import "/lib/w.capnp".worker)]);'
    loaded = load_text(tmp_path, text, import_paths=(str(tmp_path / "first"), str(tmp_path / "second")))
    assert worker_of(loaded.config).compatibility_date == "2024-01-01"
    assert errors_of(tmp_path, text) == ["config.capnp:2:74: Import failed: /lib/w.capnp"]


def test_files_may_import_each_other_and_have_ids(tmp_path: Path) -> None:
    write(
        tmp_path,
        "@0x8cd1b9f8ba3a5f10;\n" + HEAD + f"const worker :Workerd.Worker = ({CODE}, moduleFallback = import "
        '"config.capnp".fallback);',
        "other.capnp",
    )
    loaded = load_text(
        tmp_path,
        'const fallback :Text = "x:1";\n'
        'const config :Workerd.Config = (services = [(name = "x", worker = import "other.capnp".worker)]);',
        permissions=Permissions(experimental=True),
    )
    assert worker_of(loaded.config).module_fallback == "x:1"


def test_the_constant_may_be_named(tmp_path: Path) -> None:
    text = """
    const one :Workerd.Config = (autogates = ["1"]);
    const two :Workerd.Config = (autogates = ["2"]);
    struct Scope { const inner :Workerd.Config = (autogates = ["3"]); }
    const other :Text = "x";
    """
    assert load_text(tmp_path, text, const_name="two").config.autogates == ("2",)
    assert load_text(tmp_path, text, const_name="Scope.inner").config.autogates == ("3",)
    assert errors_of(tmp_path, text) == [
        "config.capnp: The config file defines multiple top-level constants of type 'Config', so you must specify "
        "which one to use. The options are: one, two"
    ]
    for name, message in (
        ("three", "No such constant is defined in the config file."),
        ("Nope.inner", "No such constant is defined in the config file (the parent scope 'Nope' does not exist)."),
        ("Scope", "Symbol is not a constant."),
        ("other", "Constant is not of type 'Config'."),
    ):
        assert errors_of(tmp_path, text, const_name=name) == [f"config.capnp: {name}: {message}"]


def test_a_file_without_a_config(tmp_path: Path) -> None:
    assert errors_of(tmp_path, 'const x :Text = "config";') == [
        "config.capnp: The config file does not define any top-level constants of type 'Config'."
    ]


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ('(\n services = [(name = "a", disc = "x")])', "config.capnp:3:27-31: Struct has no field named 'disc'."),
        ('(\n services = [(name = "a", worker = .nope)])', "config.capnp:3:37-41: Not defined: nope"),
        ('(\n services = [(name = "a", disk = (writable = 5))])', "config.capnp:3:2: Type mismatch; expected Bool."),
        ('(\n sockets = [(name = "a" address = "b")])', "config.capnp:3:2: Parse error."),
        ("(\n services = [)", "config.capnp:3:14: Expected ']' for the '[' of line 3, column 13, found ')'."),
        ("(\n services = [(]", "config.capnp:3:15: Expected ')' for the '(' of line 3, column 14, found ']'."),
        ('(\n services = [(name = "x', "config.capnp:3:22: Unterminated string."),
        ("(services = [(", "config.capnp:2:45: '(' is never closed."),
        ("(\n services = §)", "config.capnp:3:13: Unexpected character '§'."),
    ],
)
def test_mistakes_have_places(tmp_path: Path, value: str, error: str) -> None:
    assert errors_of(tmp_path, f"const config :Workerd.Config = {value};")[0] == error


def test_all_missing_files_are_reported_at_once(tmp_path: Path) -> None:
    text = (
        'const config :Workerd.Config = (services = [(name = "x", worker = (serviceWorkerScript = embed "a.js")),\n'
        '  (name = "y", worker = import "b.capnp".worker)]);'
    )
    assert errors_of(tmp_path, text) == [
        "config.capnp:2:96: Couldn't read file for embed: a.js",
        "config.capnp:3:32: Import failed: b.capnp",
    ]


def test_a_mistake_in_an_imported_file_names_that_file(tmp_path: Path) -> None:
    write(tmp_path, "\n\nconst worker :Workerd.Worker = (modulez = []);", "lib/w.capnp")
    text = 'const config :Workerd.Config = (services = [(name = "x", worker = import "lib/w.capnp".worker)]);'
    assert errors_of(tmp_path, text) == ["lib/w.capnp:4:33-40: Struct has no field named 'modulez'."]


def test_a_wrangler_config_is_recognized(tmp_path: Path) -> None:
    (tmp_path / "wrangler.jsonc").write_text("{}")
    with pytest.raises(ConfigError, match="This looks like a configuration of wrangler"):
        read(Source(str(tmp_path / "wrangler.jsonc")))


def test_missing_file_and_directory(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "none", "No such file."), (tmp_path, "Config path is not a file.")):
        with pytest.raises(ConfigError) as caught:
            read(Source(str(path)))
        assert caught.value.errors == (f"{path}: {message}",)


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "latin1.js").write_bytes(b"// caf\xe9 \n")
    service = '(name = "x", worker = (serviceWorkerScript = embed "latin1.js"))'
    text = f"const config :Workerd.Config = (services = [{service}]);"
    (error,) = errors_of(tmp_path, text)
    assert "not UTF-8 (byte 6 of 9)" in error


def test_block_strings_and_comments(tmp_path: Path) -> None:
    text = """
    const config :Workerd.Config = (services = [(name = "x", worker = ( # ( not a bracket
      serviceWorkerScript =
        `addEventListener("fetch", () => {   # not a comment
        `  "unbalanced ( [
        `})
      , compatibilityDate = "2024-01-01"))]);
    """
    script = worker_of(load_text(tmp_path, text).config).service_worker_script
    assert script == 'addEventListener("fetch", () => {   # not a comment\n  "unbalanced ( [\n})\n'


def test_loads_in_a_process_with_threads(tmp_path: Path) -> None:
    """The parser's process then is started, not forked."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        text = f'const config :Workerd.Config = (services = [(name = "x", worker = ({CODE}))]);'
        assert worker_of(load_text(tmp_path, text).config).compatibility_date == "2024-01-01"
        (error,) = errors_of(tmp_path, "const config :Workerd.Config = (x = 1);")
        assert error == "config.capnp:2:33-34: Struct has no field named 'x'."
    finally:
        done.set()
        thread.join()
