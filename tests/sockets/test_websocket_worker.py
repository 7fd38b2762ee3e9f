"""WebSockets of workers behind `workerd serve`: both roles on real sockets, with and without increase_websocket_message_size."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.sockets.websocket_support import BINARY, CLOSE, HANDSHAKE, TEXT, close, frame, parse

MIB = 1 << 20
#: What a worker takes, without and with the flag.
LIMITS = {"plain": 32 * MIB, "longer": 128 * MIB}

WORKER = """
const events = [];
function watch(ws) {
  ws.addEventListener('message', ({ data }) => events.push('message ' + (typeof data === 'string' ? data : data.size)));
  ws.addEventListener('close', (e) => events.push(`close ${e.code} ${e.wasClean}`));
  ws.addEventListener('error', (e) => events.push('error ' + e.message));
}
export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === '/events') return Response.json(events.splice(0));
    if (url.pathname === '/client' || url.pathname === '/fetched') {
      const to = url.searchParams.get('to');
      let ws;
      if (url.pathname === '/client') ws = new WebSocket(to);
      else ws = (await fetch(to.replace('ws:', 'http:'), { headers: { Upgrade: 'websocket' } })).webSocket;
      watch(ws);
      const over = new Promise((resolve) => { ws.addEventListener('close', resolve); ws.addEventListener('error', resolve); });
      if (url.pathname === '/fetched') ws.accept();
      await over;
      return Response.json(events.splice(0));
    }
    if (url.pathname === '/forgotten') {
      for (let i = 0; i < 20; i++) {
        const [a, b] = Object.values(new WebSocketPair());
        const much = new Array(5000).fill(i);
        if (i % 2 === 0) a.accept();
        b.accept();
        a.addEventListener('message', () => b.send(much.length));
        b.addEventListener('message', () => a.send(much.length));
        if (i % 4 === 0) a.send('x');
      }
      return Response.json([]);
    }
    const [client, server] = Object.values(new WebSocketPair());
    watch(server);
    const response = new Response(null, { status: 101, webSocket: client });
    if (url.pathname === '/never') return response;
    if (url.pathname === '/late') {
      setTimeout(() => { server.accept(); server.send('accepted'); }, 200);
      return response;
    }
    server.accept({ allowHalfOpen: url.pathname.startsWith('/half') });
    if (url.pathname === '/half/timer') {
      server.addEventListener('close', () => setTimeout(() => { server.send('last words'); server.close(4002, 'done'); }, 200));
    }
    if (url.pathname === '/flood') {
      const chunk = new Uint8Array(MIB);
      for (let i = 0; i < 64; i++) server.send(chunk);
    }
    return response;
  },
};
""".replace("MIB", str(MIB))


def service(name: str, flags: str) -> str:
    return (
        f'(name = "{name}", worker = (modules = [(name = "worker", esModule = embed "worker.js")], '
        f'compatibilityDate = "2026-06-01", compatibilityFlags = ["experimental"{flags}]))'
    )


CONFIG = f"""
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    {service("plain", "")},
    {service("longer", ', "increase_websocket_message_size"')},
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [
    (name = "plain", address = "127.0.0.1:0", http = (), service = "plain"),
    (name = "longer", address = "127.0.0.1:0", http = (), service = "longer"),
  ]);
"""


class Server:
    def __init__(self, folder: Path) -> None:
        (folder / "worker.js").write_text(WORKER)
        (folder / "config.capnp").write_text(CONFIG)
        read, write = os.pipe()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "workerd", "serve", "--experimental"),
                *(f"--control-fd={write}", str(folder / "config.capnp")),
            ],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
            pass_fds=(write,),
        )
        os.close(write)
        self.ports: dict[str, int] = {}
        with os.fdopen(read) as control:
            for _ in range(2):
                event = json.loads(control.readline())
                self.ports[event["socket"]] = event["port"]

    def connect(self, path: str, worker: str = "plain") -> Socket:
        return Socket(self.ports[worker], path)

    def get(self, path: str, worker: str = "plain") -> list[str]:
        with socket.create_connection(("127.0.0.1", self.ports[worker]), timeout=30) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            found = json.loads(everything(connection).partition(b"\r\n\r\n")[2])
            assert isinstance(found, list)
            return found

    def events(self, worker: str = "plain") -> list[str]:
        """What the worker has seen since the last time, once there is something."""
        for _ in range(100):
            if found := self.get("/events", worker):
                return found
            time.sleep(0.02)
        return []

    def memory(self) -> int:
        """Bytes that the process holds."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    def files(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Socket:
    """A client after its handshake."""

    def __init__(self, port: int, path: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.sendall("\r\n".join([f"GET {path} HTTP/1.1", "Host: x.test", *HANDSHAKE, "", ""]).encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            assert byte, head
            head += byte
        assert head.startswith(b"HTTP/1.1 101 "), head

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def rest(self) -> list[tuple[int, int, bytes]]:
        """All frames up to the end of the connection."""
        with self.socket:
            return parse(everything(self.socket))


def everything(connection: socket.socket) -> bytes:
    out = bytearray()
    while data := connection.recv(1 << 20):
        out += data
    return bytes(out)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("serve"))
    yield running
    running.process.terminate()
    running.process.wait(10)


@pytest.fixture
def peer() -> Iterator[Callable[[bytes], str]]:
    """A server for one WebSocket: peer(data) is its URL; it sends `data` after the handshake and answers a Close frame."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(data: bytes) -> None:
        connection, _ = listener.accept()
        with connection:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += connection.recv(4096)
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
            key = fields["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
            connection.sendall(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
            )
            try:
                connection.sendall(data)
                while connection.recv(65536):
                    pass
            except ConnectionError:
                pass  # the client had enough of it

    def start(data: bytes) -> str:
        threads.append(threading.Thread(target=serve, args=(data,)))
        threads[-1].start()
        return f"ws://127.0.0.1:{listener.getsockname()[1]}/"

    yield start
    for thread in threads:
        thread.join(10)
    listener.close()


# ---- how long a message may be


@pytest.mark.parametrize("worker", LIMITS)
def test_messages_that_a_server_takes(server: Server, worker: str) -> None:
    limit = LIMITS[worker]
    client = server.connect("/", worker)
    client.send(frame(BINARY, bytes(limit), mask=bytes(4)) + close(1000))
    assert client.rest() == [(CLOSE, 0, struct.pack(">H", 1000))]
    assert server.events(worker) == [f"message {limit}", "close 1000 true"]


@pytest.mark.parametrize("worker", LIMITS)
def test_messages_that_a_server_refuses(server: Server, worker: str) -> None:
    limit = LIMITS[worker]
    why = f"Message is too large: {limit + 1} > {limit}"
    client = server.connect("/", worker)
    client.send(b"\x82\xff" + struct.pack(">Q", limit + 1) + bytes(4))
    assert client.rest() == [(CLOSE, 0, struct.pack(">H", 1009) + why.encode())]
    says = f"error Uncaught Error: WebSocket protocol error; protocolError.statusCode = 1009; protocolError.description = {why}"
    assert server.events(worker) == [says]


@pytest.mark.parametrize("way", ["client", "fetched"])
@pytest.mark.parametrize("worker", LIMITS)
def test_messages_that_a_client_takes(server: Server, peer: Callable[[bytes], str], worker: str, way: str) -> None:
    limit = LIMITS[worker]
    url = peer(frame(BINARY, bytes(limit), mask=None) + frame(CLOSE, struct.pack(">H", 1000), mask=None))
    assert server.get(f"/{way}?to={url}", worker) == [f"message {limit}", "close 1000 true"]
    url = peer(b"\x82\x7f" + struct.pack(">Q", limit + 1))
    (found,) = server.get(f"/{way}?to={url}", worker)[:1]
    assert found.endswith(f"Message is too large: {limit + 1} > {limit}")


# ---- how long a request lasts


def test_half_open(server: Server) -> None:
    """A worker that does not answer a Close frame at once can still say something, as long as the client is there."""
    client = server.connect("/half/timer")
    client.send(close(1000))
    assert client.rest() == [(TEXT, 0, b"last words"), (CLOSE, 0, struct.pack(">H", 4002) + b"done")]
    assert server.events() == ["close 1000 true"]


def test_a_close_frame_that_is_never_answered(server: Server) -> None:
    client = server.connect("/half")
    client.send(close(1000))
    client.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        client.socket.recv(1)
    client.socket.close()
    assert server.events() == ["close 1000 true"]


def test_accepted_later(server: Server) -> None:
    client = server.connect("/late")
    client.send(frame(TEXT, b"early") + close(1000))
    assert client.rest() == [(TEXT, 0, b"accepted"), (CLOSE, 0, struct.pack(">H", 1000))]
    assert server.events() == ["message early", "close 1000 true"]


# ---- what connections cost


def settled(measure: Callable[[], int], limit: int) -> bool:
    """Whether `measure` comes down to `limit` within some seconds."""
    for _ in range(150):
        if measure() <= limit:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("how", ["closed", "dropped", "reset", "half", "never accepted", "in mid frame"])
def test_connections_leave_nothing_behind(server: Server, how: str) -> None:
    def round_(count: int) -> None:
        path = {"half": "/half", "never accepted": "/never"}.get(how, "/")
        for _ in range(count):
            client = server.connect(path)
            if how in ("closed", "half"):
                client.send(frame(TEXT, b"x" * 1000) + close(1000))
                if how == "closed":
                    client.rest()
            if how == "in mid frame":
                client.send(b"\x82\xff" + struct.pack(">Q", 20 * MIB) + bytes(4) + bytes(1000))
            if how == "reset":
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.socket.close()
        server.events()

    round_(150)
    files, memory = server.files(), server.memory()
    round_(600)
    assert settled(server.files, files + 2)
    assert settled(server.memory, memory + 12 * MIB)


def test_pairs_that_are_forgotten_end_with_their_request(server: Server) -> None:
    """Each listener knows the other end: what the runtime holds of them would keep both for ever. They are 40 KB a pair."""

    def forget() -> None:
        for _ in range(100):
            server.get("/forgotten")

    forget()
    memory = server.memory()
    for _ in range(6):
        forget()
    assert settled(server.memory, memory + 64 * MIB)


def test_a_client_that_does_not_read(server: Server) -> None:
    """What it is sent waits in memory, as the worker has asked for no limit, and is gone with the connection."""
    memory = server.memory()
    client = server.connect("/flood")
    time.sleep(0.3)
    assert server.get("/events") is not None  # others go on
    client.socket.close()
    assert settled(server.memory, memory + 40 * MIB)
