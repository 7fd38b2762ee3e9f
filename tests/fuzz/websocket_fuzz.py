"""Mutated WebSocket frames against both roles of the protocol.

    python -m tests.fuzz.websocket_fuzz [--count 100000] [--seed 1]

Each input is fed in one piece and in random pieces. Checked: no crash, no exception, no input takes long; the same
messages come out of both; what is written back are whole frames; at most one close frame is sent, and nothing after
it; nothing is left behind.
"""

from __future__ import annotations

import argparse
import gc
import random
import struct
import sys
import time
import weakref
import zlib
from typing import Any

from tests.fuzz.http_fuzz import FuzzError, resident
from tests.fuzz.mutate import mutate, split
from tests.sockets.websocket_support import BINARY, CLOSE, PING, PONG, TEXT, Protocol, deflate, frame, parse

SLOW = 1.0


def _message(rng: random.Random, compressed: bool, role: str) -> bytes:
    def made(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> bytes:
        return frame(opcode, payload, fin=fin, rsv=rsv, mask=rng.randbytes(4) if role == "server" else None)

    payload = rng.choice((b"", b"a", b"hello", "häß€😀".encode(), rng.randbytes(rng.choice((3, 130, 1000)))))
    kind = rng.randrange(11)
    if kind < 2:
        return made(TEXT, b"hello")
    if kind == 2:
        return made(TEXT, payload)
    if kind < 5:
        return made(BINARY, payload)
    if kind == 5:
        return made(PING, payload[:125])
    if kind == 6:
        return made(PONG)
    if kind == 7:
        return made(TEXT, b"he\xe2\x82", fin=False) + made(PING, b"x") + made(0, b"\xacllo")
    if kind == 8 and compressed:
        return made(BINARY, deflate(payload), rsv=4)
    if kind == 9 and compressed:
        return made(TEXT, deflate("häß".encode() * 9), rsv=4)
    if rng.randrange(4):
        return made(TEXT, b"x")
    return made(CLOSE, struct.pack(">H", rng.choice((1000, 1001, 3000, 1005, 70))) + b"bye")


#: Connections that are not collected yet.
_living: weakref.WeakSet[Protocol] = weakref.WeakSet()


class Run:
    def __init__(self, parts: list[bytes], compressed: bool, role: str) -> None:
        self.socket = Protocol(role, "permessage-deflate" if compressed else "")
        _living.add(self.socket)
        self.written = b""
        for part in parts:
            self.socket.connection.data_received(part)
            self.written += self.socket.transport.take()
        self.received = list(self.socket.received)
        self.socket.connection.connection_lost(None)
        self.socket.end.listen(_drop)

    def check(self) -> None:
        frames = parse(self.written)
        for number, (opcode, rsv, payload) in enumerate(frames):
            if rsv or opcode not in (PONG, CLOSE):
                raise FuzzError(f"unexpected frame {opcode} {rsv} {payload!r}")
            if opcode == CLOSE and number != len(frames) - 1:
                raise FuzzError("frames after the close frame")
            if opcode == CLOSE and struct.unpack(">H", payload[:2])[0] not in (1002, 1007, 1009):
                raise FuzzError(f"close frame {payload!r}")
        kinds = [kind for kind, _, _ in self.received]
        if kinds[-2:] == ["close", "error"]:
            kinds.pop()  # nobody answered the Close frame before the connection was lost
        for kind, (_, data, _) in zip(kinds[:-1], self.received, strict=False):
            if kind not in ("text", "binary"):
                raise FuzzError(f"{kind} {data} is not the last thing to happen")


def _drop(kind: str, data: Any, reason: Any) -> None:
    """Hears nothing: takes the place of a listener that holds its test."""


def fuzz(count: int, seed: int, report: Any = None) -> dict[str, int]:
    """Runs `count` inputs. Raises FuzzError with the input in its message."""
    unraisable: list[Any] = []
    sys.unraisablehook = unraisable.append
    messages = base = 0
    try:
        for number in range(count):
            rng = random.Random(f"{seed}/{number}")
            compressed = rng.randrange(3) == 0
            role = rng.choice(("server", "client"))
            data = b"".join(_message(rng, compressed, role) for _ in range(rng.choice((1, 2, 4, 8))))
            if rng.randrange(6):
                data = mutate(rng, data)
            began = time.perf_counter()
            try:
                whole = Run([data] if data else [], compressed, role)
                pieces = Run(split(rng, data), compressed, role)
                whole.check()
                pieces.check()
                if whole.received != pieces.received or parse(whole.written) != parse(pieces.written):
                    raise FuzzError(f"what happens depends on the pieces: {whole.received} {pieces.received}")
                if unraisable or time.perf_counter() - began > SLOW:
                    raise FuzzError(f"{unraisable or 'slow'}")
            except (FuzzError, AssertionError, zlib.error, struct.error, IndexError) as error:
                raise FuzzError(f"input {number} of seed {seed}: {data!r}: {error}") from error
            messages += len(whole.received)
            if number == count // 4:
                gc.collect()
                base = resident()
            if report and number % 20000 == 19999:
                report(f"{number + 1} inputs")
    finally:
        sys.unraisablehook = sys.__unraisablehook__
    gc.collect()
    left = len(_living) - 2  # `whole` and `pieces`
    if left > 0:
        raise FuzzError(f"{left} connections are left behind")
    grown = resident() - base
    if grown > 8 << 20:
        raise FuzzError(f"memory grew by {grown >> 10} KiB")
    return {"inputs": count, "messages": messages, "grown_kib": grown >> 10}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began = time.monotonic()
    result = fuzz(args.count, args.seed, print)
    print(f"{result} in {time.monotonic() - began:.0f} s: nothing found")


if __name__ == "__main__":
    main()
