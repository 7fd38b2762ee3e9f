"""Sockets of `workerd serve`, from the config to the wire and back."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.sockets.websocket_support import HANDSHAKE, TEXT, close, deflate, frame, parse

WORKER = """
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/ws') {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener('message', ({ data }) => server.send(data));
      return new Response(null, { status: 101, webSocket: client });
    }
    if (pathname === '/slow') {
      await scheduler.wait(300);
      return new Response('slow');
    }
    if (pathname === '/stream') {
      let n = 0;
      return new Response(new ReadableStream({
        async pull(c) {
          await scheduler.wait(20);
          c.enqueue(new TextEncoder().encode('part ' + n));
          if (++n === 3) c.close();
        },
      }));
    }
    return Response.json({
      url: request.url, method: request.method, cf: request.cf, headers: [...request.headers], body: await request.text(),
    });
  },
  async connect(socket) {
    const { remoteAddress } = await socket.opened;
    const writer = socket.writable.getWriter();
    await writer.write(new TextEncoder().encode(remoteAddress + '\\n'));
    writer.releaseLock();
    await socket.readable.pipeTo(socket.writable);
  },
};
"""
CONFIG = """
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker", esModule = embed "worker.js")],
    compatibilityDate = "2026-06-01", compatibilityFlags = ["experimental"]))],
  sockets = [
    (name = "http", address = "127.0.0.1:0", service = "main", http = (
      cfBlobHeader = "CF-Blob", forwardedProtoHeader = "X-Proto", injectResponseHeaders = [(name = "X-Out", value = "1")])),
    (name = "tcp", address = "127.0.0.1:0", tcp = (), service = "main"),
    (name = "unix", address = "unix:SOCKET", http = (), service = "main"),
  ]);
"""


class Server:
    def __init__(self, folder: Path) -> None:
        (folder / "worker.js").write_text(WORKER)
        self.unix = str(folder / "s")
        (folder / "config.capnp").write_text(CONFIG.replace("SOCKET", self.unix))
        read, write = os.pipe()
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "workerd",
                "serve",
                "--experimental",
                f"--control-fd={write}",
                str(folder / "config.capnp"),
            ],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
            pass_fds=(write,),
        )
        os.close(write)
        self.ports: dict[str, int] = {}
        with os.fdopen(read) as control:
            for _ in range(3):
                event = json.loads(control.readline())
                self.ports[event["socket"]] = event["port"]

    def connect(self, name: str = "http") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.ports[name]), timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, data: bytes, name: str = "http") -> tuple[bytes, bytes]:
        """Head and body of the answer to a request with `Connection: close`."""
        with self.connect(name) as connection:
            connection.sendall(data)
            head, _, body = everything(connection).partition(b"\r\n\r\n")
            return head, body


def everything(connection: socket.socket) -> bytes:
    out = b""
    while data := connection.recv(65536):
        out += data
    return out


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("serve"))
    yield running
    running.process.terminate()
    assert running.process.wait(20) == 0


def test_control_messages(server: Server) -> None:
    assert server.ports["http"] > 0
    assert server.ports["tcp"] > 0
    assert server.ports["unix"] == 0


def test_a_request_and_its_answer(server: Server) -> None:
    head, body = server.ask(
        b'POST /a?b HTTP/1.1\r\nHost: x.test\r\nX-Proto: https\r\nCF-Blob: {"k":1}\r\nConnection: close\r\n'
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    )
    assert head.startswith(
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: application/json\r\nX-Out: 1\r\n" % len(body)
    )
    found: dict[str, Any] = json.loads(body)
    assert found["url"] == "https://x.test/a?b"
    assert (found["method"], found["cf"], found["body"]) == ("POST", {"k": 1}, "abc")
    assert dict(found["headers"]) == {"connection": "close", "host": "x.test", "transfer-encoding": "chunked"}


def test_streams(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(
            b"GET /stream HTTP/1.1\r\nHost: x.test\r\n\r\nGET /slow HTTP/1.1\r\nHost: x.test\r\nConnection: close\r\n\r\n"
        )
        out = everything(connection)
    first, second = out.split(b"0\r\n\r\n")
    assert b"Transfer-Encoding: chunked\r\n" in first
    assert first.endswith(b"\r\n\r\n6\r\npart 0\r\n6\r\npart 1\r\n6\r\npart 2\r\n")
    assert second.endswith(b"\r\n\r\nslow")


def test_unix_socket(server: Server) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(server.unix)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x.test\r\nConnection: close\r\n\r\n")
        found = json.loads(everything(connection).partition(b"\r\n\r\n")[2])
    assert found["cf"] == {"clientPid": os.getpid(), "clientUid": os.getuid()}


def test_tcp_socket(server: Server) -> None:
    with server.connect("tcp") as connection:
        host, port = connection.getsockname()
        connection.sendall(b"echo")
        connection.shutdown(socket.SHUT_WR)
        assert everything(connection) == f"{host}:{port}\necho".encode()


def test_websocket_with_compression(server: Server) -> None:
    lines = ["GET /ws HTTP/1.1", "Host: x.test", *HANDSHAKE, "Sec-WebSocket-Extensions: permessage-deflate", "", ""]
    text = b"hello " * 100
    with server.connect() as connection:
        connection.sendall("\r\n".join(lines).encode() + frame(TEXT, deflate(text), rsv=4))
        out = b""
        while len(out.partition(b"\r\n\r\n")[2]) < 4:
            out += connection.recv(4096)
        head, _, rest = out.partition(b"\r\n\r\n")
        assert b"Sec-WebSocket-Extensions: permessage-deflate" in head
        ((opcode, rsv, payload),) = parse(rest)
        assert (opcode, rsv) == (TEXT, 4)
        assert len(payload) < 50
        connection.sendall(close(1000, b"bye"))
        assert parse(everything(connection)) == [(8, 0, b"\x03\xe8bye")]


def test_bad_requests_do_no_harm(server: Server) -> None:
    for data in (
        b"\x16\x03\x01\0\0\0\0",
        b"GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
        b"GET\r\n\r\n",
        b"\r\n" * 10,
    ):
        with server.connect() as connection, contextlib.suppress(ConnectionError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            everything(connection)
    head, _ = server.ask(b"GET / HTTP/1.1\r\nHost: x.test\r\nConnection: close\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")


def test_stopping_lets_requests_finish(tmp_path: Path) -> None:
    running = Server(tmp_path)
    with running.connect() as slow, running.connect() as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x.test\r\n\r\n")
        assert idle.recv(65536).startswith(b"HTTP/1.1 200 OK")
        slow.sendall(b"GET /slow HTTP/1.1\r\nHost: x.test\r\n\r\n")
        assert running.ask(b"GET / HTTP/1.1\r\nHost: x.test\r\nConnection: close\r\n\r\n")[0].startswith(
            b"HTTP/1.1 200"
        )
        running.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            running.connect()
        out = everything(slow)
        assert b"Connection: close\r\n" in out
        assert out.endswith(b"\r\n\r\nslow")
    assert running.process.wait(20) == 0
    assert not os.path.exists(running.unix)
