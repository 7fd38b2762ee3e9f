"""The commands, run as users run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from tests.cli.running import start, workerd
from tests.config.writing import write

HELLO = """
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "m.js", esModule = embed "m.js")],
    compatibilityDate = "2024-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
"""


def hello(directory: Path, text: str = "hello") -> str:
    (directory / "m.js").write_text(f"export default {{ fetch() {{ return new Response('{text}'); }} }};\n")
    return write(directory, HELLO)


def ask(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
        return str(answer.read().decode())


def ready(process: subprocess.Popen[bytes]) -> int:
    """The port of the first socket, when it is ready. The process was started with --control-fd=1."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr.read().decode() if process.stderr else ""
    return int(json.loads(line)["port"])


def end(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    return process.returncode, err.decode()


def test_version_and_help_answer_at_once() -> None:
    for argv in (["--version"], ["serve", "--help"]):
        best = min(_seconds(argv) for _ in range(5))
        # 60 ms on an idle machine, of which Python itself takes 10 to 20.
        assert best < 0.15, f"{argv}: {best * 1000:.0f} ms"


def _seconds(argv: list[str]) -> float:
    begin = time.perf_counter()
    status, _, _ = workerd(*argv)
    assert status == 0
    return time.perf_counter() - begin


def test_serve(tmp_path: Path) -> None:
    process = start("serve", hello(tmp_path), "--control-fd=1")
    assert ask(ready(process)) == "hello"
    assert end(process) == (0, "")


def test_serve_reads_stdin_and_takes_overrides(tmp_path: Path) -> None:
    status, message, err = workerd("compile", "--config-only", "-o", str(tmp_path / "c.bin"), hello(tmp_path))
    assert (status, message, err) == (0, "", "")
    with open(tmp_path / "c.bin", "rb") as stdin:
        # In the order in which tools give them: options on both sides of the file's name.
        process = start(
            "serve", "--binary", "--socket-addr=http=localhost:0", "--control-fd=1", "-", "--verbose", stdin=stdin
        )
        assert ask(ready(process)) == "hello"
        assert end(process)[0] == 0


def test_serve_on_an_inherited_descriptor(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        os.set_inheritable(listening.fileno(), True)
        process = start(
            "serve",
            hello(tmp_path),
            f"--socket-fd=http={listening.fileno()}",
            "--control-fd=1",
            pass_fds=(listening.fileno(),),
        )
        ready(process)
        assert ask(listening.getsockname()[1]) == "hello"
        assert end(process)[0] == 0


def test_a_descriptor_that_does_not_listen(tmp_path: Path) -> None:
    with socket.socket() as idle, open(os.devnull) as file:
        for descriptor, message in (
            (idle.fileno(), "Socket for http is not listening."),
            (file.fileno(), "File descriptor is not a socket."),
        ):
            process = start("serve", hello(tmp_path), f"-Shttp={descriptor}", pass_fds=(descriptor,))
            _, err = process.communicate(timeout=20)
            assert process.returncode == 1
            assert message in err.decode()


def test_a_taken_port_is_said_in_the_words_tools_look_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, _, err = workerd("serve", hello(tmp_path), f"-shttp=127.0.0.1:{port}")
    assert status == 1
    assert f"Address already in use; toString() = 127.0.0.1:{port}\n" in err


def test_config_errors_end_with_status_1(tmp_path: Path) -> None:
    config = write(tmp_path, HELLO.replace('service = "main"', 'service = "nope"'))
    (tmp_path / "m.js").write_text("")
    for command in ("serve", "test", "validate"):
        status, out, err = workerd(command, config, cwd=tmp_path)
        assert (status, out) == (1, "")
        assert err == 'config.capnp:8:76: Socket "http" refers to a service "nope", but no such service is defined.\n'


def test_errors_are_json_when_logs_are(tmp_path: Path) -> None:
    (tmp_path / "m.js").write_text("")
    text = HELLO.replace('service = "main"', 'service = "nope"').replace("sockets", "structuredLogging = true, sockets")
    status, _, err = workerd("serve", write(tmp_path, text), cwd=tmp_path)
    assert status == 1
    record = json.loads(err)
    assert record["level"] == "error"
    assert 'refers to a service "nope"' in record["message"]
    assert int(record["timestamp"]) > 1_600_000_000_000


def test_validate(tmp_path: Path) -> None:
    status, out, err = workerd("validate", hello(tmp_path))
    assert (status, out, err) == (0, "The configuration is valid: 1 service(s), 1 socket(s).\n", "")


def test_options_without_effect_are_named(tmp_path: Path) -> None:
    _, _, err = workerd("test", hello(tmp_path), "--python-save-snapshot")
    assert "warning: --python-save-snapshot has no effect: Python Workers are not supported by this release." in err


def test_tests_and_their_filter(tmp_path: Path) -> None:
    (tmp_path / "m.js").write_text(
        "export default { test() {} };\n"
        "export const bad = { test() { throw new Error('on purpose'); } };\n"
        "export const good = { async test() { await 1; } };\n"
    )
    config = write(tmp_path, HELLO)
    status, _, err = workerd("test", config)
    assert status == 1
    for line in ("[ PASS ] main (", "[ FAIL ] main:bad (", "[ PASS ] main:good (", "on purpose"):
        assert line in err
    assert workerd("test", config, "main:good")[0] == 0
    assert workerd("test", config, "config:ma*:g??d")[0] == 0
    assert "No such constant" in workerd("test", config, "other:*:*")[2]
    assert "No tests found!" in workerd("test", config, "nothing")[2]


# ---- watch


def test_watch_reloads_and_keeps_what_works(tmp_path: Path) -> None:
    process = start("serve", hello(tmp_path, "one"), "--watch", "--control-fd=1")
    try:
        port = ready(process)
        with socket.create_connection(("127.0.0.1", port)) as kept:
            assert _ask_on(kept) == "one"
            hello(tmp_path, "two")
            _until(lambda: ask(port) == "two")
            assert _ask_on(kept) == "two", "connections stay over a reload"
            (tmp_path / "m.js").write_text("export default {")
            time.sleep(0.5)
            assert ask(port) == "two"
            write(tmp_path, "const config :Workerd.Config = (bad = 1);")
            time.sleep(0.5)
            assert ask(port) == "two"
            hello(tmp_path, "three")
            _until(lambda: ask(port) == "three")
    finally:
        status, err = end(process)
    assert status == 0
    assert "Reloading due to config change..." in err
    assert "Struct has no field named 'bad'." in err


def _ask_on(connection: socket.socket) -> str:
    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    data = b""
    while b"\r\n\r\n" not in data or len(data.split(b"\r\n\r\n", 1)[1]) < 3:
        data += connection.recv(65536)
    return data.split(b"\r\n\r\n", 1)[1].decode()


def _until(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_watch_waits_for_a_config_that_can_start(tmp_path: Path) -> None:
    config = write(tmp_path, "const config :Workerd.Config = (bad = 1);")
    process = start("serve", config, "--watch", "--control-fd=1")
    try:
        assert process.stderr is not None
        assert b"Struct has no field named 'bad'." in process.stderr.readline()
        assert b"waiting for config files to change" in process.stderr.readline()
        hello(tmp_path)
        assert ask(ready(process)) == "hello"
    finally:
        assert end(process)[0] == 0


def test_tests_run_again_when_files_change(tmp_path: Path) -> None:
    config = write(tmp_path, HELLO)
    code = tmp_path / "m.js"
    code.write_text("export default { test() {} };")
    process = start("test", config, "--watch")
    assert process.stderr is not None
    try:
        for text, expected in (
            ("export default { test() { throw new Error('x'); } };", b"[ PASS ] main"),
            ("export default { test() {", b"[ FAIL ] main"),
            ("export default { test() {} };", b"SyntaxError"),
            ("", b"[ PASS ] main"),
        ):
            seen = b""
            while b"Waiting for a change" not in seen:
                line = process.stderr.readline()
                assert line, seen
                seen += line
            assert expected in seen
            code.write_text(text)
    finally:
        process.kill()
        process.communicate()


# ---- compile


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("compiled")
    executable = directory / "server"
    with open(executable, "wb") as out:
        process = start("compile", hello(directory))
        assert process.stdout is not None
        shutil.copyfileobj(process.stdout, out)
    assert process.wait(60) == 0
    executable.chmod(0o755)
    return executable


def run_compiled(executable: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """With nothing but Python: no package path, an empty home."""
    home = executable.parent / "home"
    home.mkdir(exist_ok=True)
    import sys

    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(executable), *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_compiled_executables_serve(compiled: Path) -> None:
    process = run_compiled(compiled, "--control-fd=1", "--socket-addr", "http=127.0.0.1:0")
    assert ask(ready(process)) == "hello"
    assert end(process)[0] == 0
    unpacked = list((compiled.parent / "home/.cache/workerd").glob("runtime-*"))
    assert len(unpacked) == 1


def test_compiled_executables_have_the_options_of_serve(compiled: Path) -> None:
    for argv, status, text in (
        (["--help"], 0, "--socket-addr"),
        (["--version"], 0, "workerd 2026-11-17"),
        (["--bogus"], 1, "unexpected argument '--bogus' found"),
        (["config.capnp"], 1, "unexpected argument 'config.capnp' found"),
        (["-s", "nope=1"], 1, 'Config did not define any socket named "nope"'),
    ):
        out, err = run_compiled(compiled, *argv).communicate(timeout=60)
        assert text in (out + err).decode()
        assert ("error" in err.decode() or "Config" in err.decode()) == bool(status)


def test_compile_to_a_file_makes_it_executable(tmp_path: Path) -> None:
    status, out, err = workerd("compile", hello(tmp_path), "-o", str(tmp_path / "server"))
    assert (status, out, err) == (0, "", "")
    assert (tmp_path / "server").stat().st_mode & 0o111
    assert (
        workerd("compile", hello(tmp_path), "-o", "/nonexistent/x")[2] == "/nonexistent/x: No such file or directory\n"
    )


# ---- the rest


def test_doctor() -> None:
    status, out, err = workerd("doctor")
    assert status == 0, out + err
    assert "FAIL" not in out
    for line in ("workerd 2026-11-17", "engine: V8 14.4", "worker: a Worker ran", "open files"):
        assert line in out


def test_completions(tmp_path: Path) -> None:
    (tmp_path / "c.bash").write_text(workerd("completions", "bash")[1])
    (tmp_path / "some.capnp").write_text("")

    def complete(*words: str) -> set[str]:
        quoted = " ".join(f"'{word}'" for word in words)
        script = (
            f"source ./c.bash; COMP_WORDS=(workerd {quoted}); COMP_CWORD={len(words)}; _workerd; "
            'printf "%s\\n" "${COMPREPLY[@]}"'
        )
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return set(done.stdout.split())

    assert complete("s") == {"serve"}
    assert complete("serve", "--socket") == {"--socket-addr", "--socket-fd"}
    assert complete("serve", "so") == {"some.capnp"}
    assert complete("completions", "") == {"bash", "zsh", "fish"}
    assert complete("help", "te") == {"test"}
    assert complete("serve", "-i", "") == set()
    for shell in ("zsh", "fish"):
        script = workerd("completions", shell)[1]
        assert "control-fd" in script
        if shutil.which(shell):
            subprocess.run([shell, "-n"], input=script.encode(), check=True)


def test_man_page() -> None:
    page = workerd("man")[1]
    assert page.startswith(".TH WORKERD 1")
    assert "\\fB\\-\\-control\\-fd\\fR" in page
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-Tascii", "-ww"], input=page.encode(), capture_output=True, check=True)
        assert done.stderr == b""
        text = re.sub(rb".\x08", b"", done.stdout).replace(b"\xe2\x88\x92", b"-")
        assert b"--control-fd fd" in text or b"--control-fd <fd>" in text
