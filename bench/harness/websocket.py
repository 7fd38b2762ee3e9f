"""A WebSocket echo load: raw sockets in one select loop, frames made once, so that the client costs far less than the server."""

from __future__ import annotations

import base64
import os
import selectors
import socket
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

#: Each message alone, so that one frame can be sent again and again.
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"


def frame(size: int, compressed: bool) -> bytes:
    """A masked text frame (RFC 6455, 5.2). A mask of zeros is allowed and leaves the payload as it is."""
    payload = b"x" * size
    if compressed:
        payload = (b"".join(b"message %d of many; " % i for i in range(size // 17 + 1)))[:size]
        deflate = zlib.compressobj(wbits=-15)
        payload = (deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    first, length = 0xC1 if compressed else 0x81, len(payload)
    if length < 126:
        head = bytes([first, 0x80 | length])
    elif length < 65536:
        head = bytes([first, 0x80 | 126]) + struct.pack(">H", length)
    else:
        head = bytes([first, 0x80 | 127]) + struct.pack(">Q", length)
    return head + bytes(4) + payload


def connect(port: int, compressed: bool) -> socket.socket:
    """An upgraded connection."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = base64.b64encode(os.urandom(16)).decode()
    sock.sendall(
        f"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{DEFLATE if compressed else ''}\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            raise SystemExit(f"bench: no WebSocket: {head!r}")
        head += byte
    if b" 101 " not in head.split(b"\r\n")[0] or compressed != (b"permessage-deflate" in head):
        raise SystemExit(f"bench: no WebSocket: {head!r}")
    return sock


def frame_size(start: bytes) -> int:
    """Bytes of the server's frame that starts so; 0: more of it must come first."""
    need = {126: 4, 127: 10}.get(start[1] & 127, 2) if len(start) > 1 else 10
    if len(start) < need:
        return 0
    if need == 2:
        return 2 + start[1]
    return need + int.from_bytes(start[2:need], "big")


def run(port: int, connections: int, messages: int, size: int, compressed: bool) -> float:
    """Seconds that it takes until `messages` echoes in all have come back, each connection having one message under way."""
    sockets = [connect(port, compressed) for _ in range(connections)]
    selector = selectors.DefaultSelector()
    for sock in sockets:
        selector.register(sock, selectors.EVENT_READ, sock)
    message = frame(size, compressed)
    starts = dict.fromkeys(sockets, b"")
    missing = dict.fromkeys(sockets, 0)
    began = time.perf_counter()
    for sock in sockets:
        sock.sendall(message)
    sent, received = connections, 0
    while received < sent:
        for key, _ in selector.select():
            sock = key.data
            data = sock.recv(1 << 18)
            if not data:
                raise SystemExit("bench: the server closed a WebSocket")
            if not missing[sock]:
                data = starts[sock] + data
                missing[sock] = frame_size(data)
                if not missing[sock]:
                    starts[sock] = data
                    continue
                starts[sock] = b""
            missing[sock] -= len(data)
            if missing[sock]:
                continue
            received += 1
            if sent < messages:
                sock.sendall(message)
                sent += 1
    took = time.perf_counter() - began
    for sock in sockets:
        sock.close()
    return took


def measure(port: int, connections: int, messages: int, size: int, compressed: bool, core: str) -> float:
    """The same in a process of its own on `core`."""
    arguments = [str(int(each)) for each in (port, connections, messages, size, compressed)]
    command = ["taskset", "-c", core, sys.executable, __file__, *arguments]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parent).stdout)


if __name__ == "__main__":
    port, connections, messages, size, compressed = (int(argument) for argument in sys.argv[1:6])
    print(run(port, connections, messages, size, bool(compressed)))
