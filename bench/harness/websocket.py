"""A WebSocket echo load: raw sockets in one select loop, frames made once, so that the client costs far less than the server."""

from __future__ import annotations

import base64
import os
import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path

PAYLOAD = b"x" * 64
SIZE = len(PAYLOAD)


def frame() -> bytes:
    """A masked text frame (RFC 6455, 5.2). A mask of zeros is allowed and leaves the payload as it is."""
    return bytes([0x81, 0x80 | SIZE]) + bytes(4) + PAYLOAD


def connect(port: int) -> socket.socket:
    """An upgraded connection."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = base64.b64encode(os.urandom(16)).decode()
    sock.sendall(
        f"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            raise SystemExit(f"bench: no WebSocket: {head!r}")
        head += byte
    if b" 101 " not in head.split(b"\r\n")[0]:
        raise SystemExit(f"bench: no WebSocket: {head!r}")
    return sock


def run(port: int, connections: int, messages: int) -> float:
    """Seconds that it takes until `messages` echoes in all have come back, each connection having one message under way."""
    sockets = [connect(port) for _ in range(connections)]
    selector = selectors.DefaultSelector()
    for sock in sockets:
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ, sock)
    message, echoed = frame(), SIZE + 2
    pending = dict.fromkeys(sockets, 0)
    began = time.perf_counter()
    for sock in sockets:
        sock.send(message)
    sent, received = connections, 0
    while received < sent:
        for key, _ in selector.select():
            sock = key.data
            data = sock.recv(4096)
            if not data:
                raise SystemExit("bench: the server closed a WebSocket")
            got = pending[sock] + len(data)
            if got < echoed:
                pending[sock] = got
                continue
            pending[sock] = 0
            received += 1
            if sent < messages:
                sock.send(message)
                sent += 1
    took = time.perf_counter() - began
    for sock in sockets:
        sock.close()
    return took


def measure(port: int, connections: int, messages: int, core: str) -> float:
    """The same in a process of its own on `core`."""
    command = ["taskset", "-c", core, sys.executable, __file__, str(port), str(connections), str(messages)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parent).stdout)


if __name__ == "__main__":
    print(run(*(int(argument) for argument in sys.argv[1:4])))
