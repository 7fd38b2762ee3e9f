"""Each sample, as its README says to use it."""

from __future__ import annotations

import http.client
import runpy
import socket
from pathlib import Path

import pytest
from tests.samples.serving import SAMPLES, running


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "stderr"


def test_helloworld(log: Path) -> None:
    with running("helloworld", log) as sample:
        answer = sample.ask("/")
        assert (answer.status, answer.text) == (200, "Hello, world!\n")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert sample.ask("/J%C3%BCrgen").text == "Hello, Jürgen!\n"


def test_helloworld_esm(log: Path) -> None:
    with running("helloworld-esm", log) as sample:
        answer = sample.ask("/")
        assert (answer.status, answer.text) == (200, '{"message":"Hello, world!"}')
        assert answer.headers["content-type"] == "application/json"
        assert sample.ask("/?name=y%20%22u").text == '{"message":"Hello, y \\"u!"}'
        answer = sample.ask("/other")
        assert (answer.status, answer.text) == (404, '{"error":"nothing at /other"}')


def test_hello_wasm(log: Path) -> None:
    with running("hello-wasm", log) as sample:
        assert sample.ask("/").text == "Hello, world!\n"
        assert sample.ask("/%F0%9F%A6%80").text == "Hello, \N{CRAB}!\n"
        assert sample.ask("/" + "x" * 1024).text == f"Hello, {'x' * 1024}!\n"
        assert sample.ask("/" + "x" * 1025).status == 400


def test_the_wasm_module_is_what_its_script_writes() -> None:
    folder = SAMPLES / "hello-wasm"
    assert (folder / "greet.wasm").read_bytes() == runpy.run_path(str(folder / "make_wasm.py"))["module"]()


def test_static_files_from_disk(log: Path) -> None:
    content = SAMPLES / "static-files-from-disk" / "content"
    with running("static-files-from-disk", log, f"--directory-path=site-files={content}") as sample:
        answer = sample.ask("/")
        assert (answer.status, answer.body) == (200, (content / "index.html").read_bytes())
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "last-modified" in answer.headers
        answer = sample.ask("/style.css")
        assert (answer.headers["content-type"], answer.body) == (
            "text/css; charset=utf-8",
            (content / "style.css").read_bytes(),
        )
        answer = sample.ask("/style.css", "HEAD")
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["content-length"] == str((content / "style.css").stat().st_size)
        answer = sample.ask("/docs/note.txt", headers={"Range": "bytes=2-6"})
        assert (answer.status, answer.body) == (206, b"plain")
        assert answer.headers["content-range"] == "bytes 2-6/19"
        answer = sample.ask("/docs?x=1")
        assert (answer.status, answer.headers["location"].partition("/docs")[2]) == (301, "/?x=1")
        answer = sample.ask("/docs/")
        assert '<li><a href="note.txt">note.txt</a>' in answer.text
        for path in ("/nope", "/.hidden", "/../config.capnp", "/%2e%2e/config.capnp", "/docs/..%2f..%2fconfig.capnp"):
            assert sample.ask(path).status == 404, path
        assert sample.ask("/style.css", "PUT", b"x").status == 405


def test_nanoservices(log: Path) -> None:
    with running("nanoservices", log) as sample:
        assert sample.ask("/you").text == "Hello, you! You were here the first time.\n"
        assert sample.ask("/you").text == "Hello, you! You were here 2 times.\n"
        assert sample.ask("/").text == "Hello, world! You were here the first time.\n"
        answer = sample.ask("/nobody")
        assert (answer.status, answer.text) == (502, "Something behind this page failed: nobody is not welcome\n")
        assert sample.ask("/you").text == "Hello, you! You were here 3 times.\n"


@pytest.fixture
def origin_port() -> int:
    """A free port: the config's external service needs to know it before the server has it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_proxy(log: Path, origin_port: int) -> None:
    options = (f"--external-addr=backend=127.0.0.1:{origin_port}", f"--socket-addr=origin=127.0.0.1:{origin_port}")
    with running("proxy", log, *options, sockets=("reverse", "forward", "edge")) as sample:
        host = {"Host": "example.com"}
        answer = sample.ask("/a?b", "POST", b"content", host, socket="reverse")
        lines = answer.text.split("\n")
        assert answer.status == 200
        assert lines[0] == "POST http://example.com/a?b"
        assert "host: example.com" in lines
        assert "via: workerd-sample" in lines
        assert "x-forwarded-proto: http" in lines
        assert "content" in lines
        assert answer.headers["x-proxied"] == "yes"
        assert "x-internal" not in answer.headers

        answer = sample.ask(f"http://127.0.0.1:{origin_port}/p", headers=host, socket="forward")
        assert answer.text.startswith(f"GET http://127.0.0.1:{origin_port}/p\n")
        assert answer.headers["x-internal"] == "not for clients"

        answer = sample.ask("/x", headers=host, socket="edge")
        assert "x-edge: seen" in answer.text
        assert answer.headers["x-proxied"] == "yes"
        answer = sample.ask("/private/x", headers=host, socket="edge")
        assert (answer.status, answer.text) == (403, "Not through here.\n")


def test_proxies_stream_both_ways(log: Path, origin_port: int) -> None:
    options = (f"--external-addr=backend=127.0.0.1:{origin_port}", f"--socket-addr=origin=127.0.0.1:{origin_port}")
    with running("proxy", log, *options, sockets=("reverse", "forward", "edge")) as sample:
        for name in ("reverse", "edge"):
            connection = http.client.HTTPConnection("127.0.0.1", sample.ports[name], timeout=10)
            parts = [b"x" * 100_000 for _ in range(20)]
            connection.request("POST", "/big", iter(parts), {"Host": "example.com"}, encode_chunked=True)
            body = connection.getresponse().read()
            connection.close()
            assert body.endswith(b"\n\n" + b"x" * 2_000_000 + b"\n")
