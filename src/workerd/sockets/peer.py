"""Who is at the other end: the default of `request.cf`."""

from __future__ import annotations

import asyncio
import json
import socket
import struct


def cf_of(transport: asyncio.BaseTransport) -> str:
    """`{"clientIp":"ip:port"}` for TCP, `{"clientPid":..,"clientUid":..}` for a Unix socket; "" if neither."""
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is not None and sock.family == socket.AF_UNIX:
        try:
            found = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        except (OSError, AttributeError):  # not Linux, or gone already
            return ""
        pid, uid, _ = struct.unpack("3i", found)
        return f'{{"clientPid":{pid},"clientUid":{uid}}}'
    address = remote_address(transport)
    return f'{{"clientIp":{json.dumps(address)}}}' if address else ""


def remote_address(transport: asyncio.BaseTransport) -> str:
    """ "ip:port" or "[ip]:port"; "" for what has none."""
    peer = transport.get_extra_info("peername")
    if not isinstance(peer, tuple) or len(peer) < 2:
        return ""
    host, port = str(peer[0]), peer[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
