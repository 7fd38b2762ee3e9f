from __future__ import annotations

import asyncio
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from tests.services.asking import Exchange, FailedError, Response, fetch
from tests.services.looped import looped

from workerd.config.model import DiskDirectory
from workerd.services import disk_cached, pipes
from workerd.services.byte_ranges import UnsatisfiableError, parse_range
from workerd.services.disk import CHUNK, DiskService
from workerd.services.disk_path import path_of
from workerd.services.make import ServiceConfigError, make_service


@pytest.fixture(params=["cached", "threads"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory, served with the help of the kernel's caches, or without."""
    if request.param == "threads":
        monkeypatch.setattr(disk_cached, "_openat2", None)
    root = tmp_path / "root"
    (root / "sub" / "deep").mkdir(parents=True)
    (root / ".dotdir").mkdir()
    (root / ".dotdir" / "f").write_text("hidden")
    (root / ".dot").write_text("hidden")
    (root / "a.txt").write_text("hi\n")
    (root / "n.txt").write_text("0123456789\n")
    (root / "empty").write_text("")
    (root / "sub" / "deep" / "f").write_text("deep")
    (root / 'sp ace "é.txt').write_text("q")
    (root / "link").symlink_to("a.txt")
    (root / "dangling").symlink_to("nowhere")
    (root / "loop").symlink_to("loop")
    (tmp_path / "secret").write_text("secret")
    os.utime(root / "a.txt", (192423, 192423.5))
    return root


def call(
    root: Path, method: str, path: str, headers: str = "", body: Any = None, **options: Any
) -> tuple[Response, bytes]:
    found: list[tuple[Response, bytes]] = []

    @looped
    async def run() -> None:
        service = DiskService(DiskDirectory(str(root), **options))
        response = await fetch(service, method, f"http://host{path}", headers, body)
        found.append((response, await response.read()))
        service.close()

    run()
    return found[0]


def test_a_file(root: Path) -> None:
    response, body = call(root, "GET", "/a.txt")
    assert (response.status, response.status_text, body) == (200, "OK", b"hi\n")
    assert response.raw_headers == (
        "Content-Length: 3\r\nContent-Type: application/octet-stream\r\n"
        "Last-Modified: Sat, 03 Jan 1970 05:27:03 GMT\r\n"
    )
    response, body = call(root, "HEAD", "/a.txt")
    assert (response.status, response.pipe, response.headers["content-length"]) == (200, None, "3")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/a.txt/", b"hi\n"),
        ("/a%2etxt", b"hi\n"),
        ("/sub/../a.txt", b"hi\n"),
        ("/../a.txt", b"hi\n"),
        ("/%2e%2e/a.txt", b"hi\n"),
        ("/.%2E/./a.txt?x=/../y#z", b"hi\n"),
        ("/sub/deep/f", b"deep"),
        ("/sp%20ace%20%22%C3%A9.txt", b"q"),
        ("/empty", b""),
        ("/link", b"hi\n"),
    ],
)
def test_paths(root: Path, path: str, body: bytes) -> None:
    response, got = call(root, "GET", path)
    assert (response.status, got) == (200, body)


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/a.txt/x",
        "/sub%2fdeep/f",
        "/..%2fsecret",
        "/sub/..%2f..%2fsecret",
        "/a%00b",
        "/sub//deep/f",
        "//a.txt",
        "/.dot",
        "/.dotdir/f",
        "/%2edot",
        "/sub/../.dot",
        "/dangling",
        "/loop",
        "/" + "x" * 300,
        "/..%5c..%5csecret",
    ],
)
def test_what_is_not_there(root: Path, path: str) -> None:
    response, body = call(root, "GET", path)
    assert (response.status, response.status_text, body, response.raw_headers) == (404, "Not Found", b"Not Found", "")
    response, body = call(root, "HEAD", path)
    assert (response.status, response.pipe) == (404, None)


def test_dotfiles_when_allowed(root: Path) -> None:
    assert call(root, "GET", "/.dot", allow_dotfiles=True)[1] == b"hidden"
    assert call(root, "GET", "/%2e%2e/secret", allow_dotfiles=True)[0].status == 404
    names = [entry["name"] for entry in json.loads(call(root, "GET", "/", allow_dotfiles=True)[1])]
    assert ".dot" in names
    assert ".dotdir" in names


def test_listing(root: Path) -> None:
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(root / "sock"))
        response, body = call(root, "GET", "/")
    assert response.status == 200
    assert response.headers["content-type"] == "application/json"
    assert "last-modified" in response.headers
    assert "content-length" not in response.headers
    assert body.startswith(b'[{"name":"a.txt","type":"file"},')
    assert json.loads(body) == [
        {"name": "a.txt", "type": "file"},
        {"name": "dangling", "type": "symlink"},
        {"name": "empty", "type": "file"},
        {"name": "fifo", "type": "namedPipe"},
        {"name": "link", "type": "symlink"},
        {"name": "loop", "type": "symlink"},
        {"name": "n.txt", "type": "file"},
        {"name": "sock", "type": "socket"},
        {"name": 'sp ace "é.txt', "type": "file"},
        {"name": "sub", "type": "directory"},
    ]
    assert call(root, "GET", "/sub/")[1] == b'[{"name":"deep","type":"directory"}]'
    assert call(root, "GET", "/sub", "Range: bytes=0-1\r\n")[0].status == 200
    assert call(root, "HEAD", "/sub")[0].pipe is None


@pytest.mark.parametrize("name", ["fifo", "sock"])
def test_special_files_are_not_opened(root: Path, name: str) -> None:
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(root / "sock"))
        response, body = call(root, "GET", f"/{name}")
    assert (response.status, body) == (406, b"Not Acceptable")


# ---- ranges


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=3-", (3, 10)),
        ("bytes=-3", (8, 10)),
        ("bytes=0-99", None),
        ("bytes=-50", None),
        ("bytes=10-", (10, 10)),
        ("bytes= 1-2", (1, 2)),
        ("Bytes=1-2", (1, 2)),
        ("bytes=1-2,4-5", None),
        ("bytes=1-2,", None),
        ("bytes=20-,1-2", None),
        ("bytes=0-10", None),
        ("bytes=1-9999999999999999999", (1, 10)),
    ],
)
def test_ranges(header: str, expected: tuple[int, int] | None) -> None:
    assert parse_range(header, 11) == expected


@pytest.mark.parametrize(
    "header",
    [
        "bytes=-0",
        "bytes=5-3",
        "bytes=11-",
        "bytes=a-b",
        "chars=0-1",
        "bytes=",
        "bytes=-",
        "bytes=1",
        "",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_ranges_with_nothing_in_them(header: str) -> None:
    with pytest.raises(UnsatisfiableError):
        parse_range(header, 11)


def test_range_requests(root: Path) -> None:
    response, body = call(root, "GET", "/n.txt", "Range: bytes=3-5\r\n")
    assert (response.status, response.status_text, body) == (206, "Partial Content", b"345")
    assert response.headers["content-range"] == "bytes 3-5/11"
    assert response.headers["content-length"] == "3"
    response, body = call(root, "GET", "/n.txt", "Range: bytes=20-30\r\n")
    assert (response.status, body, response.raw_headers) == (
        416,
        b"Range Not Satisfiable",
        "Content-Range: bytes */11\r\n",
    )
    assert call(root, "GET", "/empty", "Range: bytes=0-0\r\n")[0].status == 416
    assert call(root, "HEAD", "/n.txt", "Range: bytes=3-5\r\n")[0].headers["content-length"] == "11"


# ---- streaming


def test_large_files_are_streamed(root: Path) -> None:
    content = os.urandom(5 * CHUNK + 123)
    (root / "large").write_bytes(content)
    response, body = call(root, "GET", "/large")
    assert response.pipe.length == len(content)
    assert body == content
    response, body = call(root, "GET", "/large", f"Range: bytes=100-{2 * CHUNK + 100}\r\n")
    assert body == content[100 : 2 * CHUNK + 101]


def test_reading_waits_for_the_reader(root: Path) -> None:
    (root / "large").write_bytes(b"x" * (64 * CHUNK))

    @looped
    async def run() -> None:
        service = DiskService(DiskDirectory(str(root)))
        response = await fetch(service, "GET", "http://host/large")
        await asyncio.sleep(0.2)
        assert response.pipe.queued <= 4 * CHUNK
        got = 0
        while chunk := await pipes.read(response.pipe):
            got += len(chunk)
        assert got == 64 * CHUNK

    run()


def test_a_file_that_shrinks_breaks_the_stream(root: Path) -> None:
    (root / "large").write_bytes(b"x" * (64 * CHUNK))

    @looped
    async def run() -> None:
        service = DiskService(DiskDirectory(str(root)))
        response = await fetch(service, "GET", "http://host/large")
        os.truncate(root / "large", CHUNK)
        with pytest.raises(Exception, match="became shorter"):
            await response.read()

    run()


def test_descriptors_are_given_back(root: Path) -> None:
    (root / "large").write_bytes(b"x" * (64 * CHUNK))

    @looped
    async def run() -> None:
        service = DiskService(DiskDirectory(str(root), writable=True))
        await (await fetch(service, "GET", "http://host/large")).read()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            response = await fetch(service, "GET", "http://host/large")
            response.pipe.cancel("enough")
            exchange = Exchange(service, "GET", "http://host/large")
            exchange.cancel()
            await fetch(service, "GET", "http://host/nope")
            await fetch(service, "GET", "http://host/sub")
            pipe = pipes.new_pipe()
            exchange = Exchange(service, "PUT", "http://host/put", "", pipe)
            await asyncio.sleep(0.01)
            exchange.cancel()
        await asyncio.sleep(0.2)
        assert len(os.listdir("/proc/self/fd")) == before
        service.close()

    run()
    assert not [name for name in os.listdir(root) if name.startswith(".workerd")]


# ---- writing


def test_put(root: Path) -> None:
    response, _ = call(root, "PUT", "/new.txt", body=b"corge\n", writable=True)
    assert (response.status, response.status_text, response.pipe) == (204, "No Content", None)
    assert (root / "new.txt").read_bytes() == b"corge\n"
    assert call(root, "PUT", "/p/q/r.txt", body=b"x", writable=True)[0].status == 204
    assert (root / "p/q/r.txt").read_bytes() == b"x"
    assert call(root, "PUT", "/a.txt", writable=True)[0].status == 204
    assert (root / "a.txt").read_bytes() == b""
    # A link is replaced, not followed.
    assert call(root, "PUT", "/link", body=b"l", writable=True)[0].status == 204
    assert not (root / "link").is_symlink()
    assert not [name for name in os.listdir(root) if name.startswith(".workerd")]


def test_put_is_all_or_nothing(root: Path) -> None:
    @looped
    async def run() -> None:
        service = DiskService(DiskDirectory(str(root), writable=True))
        pipe = pipes.new_pipe()
        exchange = Exchange(service, "PUT", "http://host/a.txt", "", pipe)
        pipe.write(b"half of ")
        await asyncio.sleep(0.05)
        assert (root / "a.txt").read_text() == "hi\n"
        pipe.abort("the client left")
        with pytest.raises(FailedError, match="Network connection lost"):
            await exchange.answer
        assert (root / "a.txt").read_text() == "hi\n"
        pipe = pipes.new_pipe()
        exchange = Exchange(service, "PUT", "http://host/a.txt", "", pipe)
        for _ in range(20):
            await pipes.write(pipe, b"y" * 100_000)
        pipe.close()
        assert (await exchange.answer).status == 204
        assert (root / "a.txt").read_bytes() == b"y" * 2_000_000

    run()
    assert not [name for name in os.listdir(root) if name.startswith(".workerd")]


def test_delete(root: Path) -> None:
    assert call(root, "DELETE", "/a.txt", writable=True)[0].status == 204
    assert not (root / "a.txt").exists()
    assert call(root, "DELETE", "/a.txt", writable=True)[0].status == 404
    assert call(root, "DELETE", "/nope/nope", writable=True)[0].status == 404
    assert call(root, "DELETE", "/n.txt/x", writable=True)[0].status == 404
    assert call(root, "DELETE", "/sub/", writable=True)[0].status == 204
    assert not (root / "sub").exists()
    (root / "out").symlink_to(root.parent)
    assert call(root, "DELETE", "/out", writable=True)[0].status == 204
    assert (root.parent / "secret").exists()


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_refusals(root: Path, method: str) -> None:
    assert call(root, method, "/a.txt", body=b"x")[0].status == 405
    for path in ("/", "", "/.dot", "/.dotdir/f", "/..%2fsecret", "/sub/../"):
        response, body = call(root, method, path, body=b"x", writable=True)
        assert (response.status, response.status_text, body) == (403, "Unauthorized", b"Unauthorized"), path
    assert (root.parent / "secret").read_text() == "secret"
    assert (root / "a.txt").read_text() == "hi\n"


def test_put_where_no_file_can_be(root: Path) -> None:
    for path in ("/sub", "/a.txt/x"):
        with pytest.raises(FailedError, match="internal error"):
            call(root, "PUT", path, body=b"x", writable=True)
    assert sorted(os.listdir(root / "sub")) == ["deep"]


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "PATCH", "get"])
def test_other_methods(root: Path, method: str) -> None:
    pipe = pipes.new_pipe()
    response, body = call(root, method, "/a.txt", body=pipe, writable=True)
    assert (response.status, body) == (501, b"Not Implemented")
    assert pipe.cancelled


def test_cached_files_take_no_thread(root: Path) -> None:
    descriptor = os.open(root, os.O_RDONLY)
    try:
        (root / "a.txt").read_bytes()
        node = disk_cached.open_cached(descriptor, b"a.txt", 100)
        if disk_cached._openat2 is None:
            assert node is None
            return
        os.mkfifo(root / "fifo")
        assert disk_cached.open_cached(descriptor, b"a.txt", 2) is None
        for other in (b"fifo", b"sub", b"nope", b"loop", b"a.txt/x"):
            assert disk_cached.open_cached(descriptor, other, 100) is None
        if node is None:
            pytest.skip("this kernel or file system cannot tell what is in memory")
        assert (node.kind, node.content, node.size) == ("file", b"hi\n", 3)
        before = len(os.listdir("/proc/self/fd"))
        disk_cached.open_cached(descriptor, b"a.txt", 100)
        assert len(os.listdir("/proc/self/fd")) == before
    finally:
        os.close(descriptor)


def test_path_of() -> None:
    assert path_of("http://h") == []
    assert path_of("http://h?x") == []
    assert path_of("http://h/a/b/../%2E/c") == [b"a", b"c"]
    assert path_of("http://h/%ff") == [b"\xff"]
    assert path_of("http://h/é") == ["é".encode()]


def test_config_errors(tmp_path: Path) -> None:
    with pytest.raises(ServiceConfigError, match='Directory named "d" not found'):
        make_service("d", DiskDirectory(str(tmp_path / "nope")))
    (tmp_path / "file").write_text("")
    with pytest.raises(ServiceConfigError, match='Directory named "d" not found'):
        make_service("d", DiskDirectory(str(tmp_path / "file")))
    with pytest.raises(ServiceConfigError, match="--directory-path"):
        make_service("d", DiskDirectory(None))
