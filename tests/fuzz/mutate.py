"""Mutations of byte strings, reproducible from a seed."""

from __future__ import annotations

import itertools
import random

#: Pieces that parsers like to trip over.
SPICE = (
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\r\n\r\n",
    b"\0",
    b"\t",
    b" ",
    b":",
    b";",
    b",",
    b"=",
    b'"',
    b"%",
    b"#",
    b"?",
    b"/",
    b"//",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"\xc3\xa9",
    b"\r\n ",
    b"\r\n\t",
    b"Content-Length: 0\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: 18446744073709551616\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding:\r\n",
    b"Host: b\r\n",
    b"Connection: close\r\n",
    b"Connection: keep-alive, upgrade\r\n",
    b"Upgrade: websocket\r\n",
    b"Upgrade: h2c\r\n",
    b"Expect: 100-continue\r\n",
    b"0\r\n\r\n",
    b"5\r\nabcde\r\n",
    b"ffffffffffffffff\r\n",
    b"00000000000000005\r\n",
    b"5;x=y\r\n",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"HTTP/2.0",
    b"HTTP/9.9",
    b"GET ",
    b"HEAD ",
    b"CONNECT ",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"http://x/",
    b"*",
)


def mutate(rng: random.Random, data: bytes) -> bytes:
    """A few random edits: flips, removals, insertions, repetitions, cuts."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(out) + 1)
        kind = rng.randrange(8)
        if kind == 0 and out:
            out[at % len(out)] ^= 1 << rng.randrange(8)
        elif kind == 1 and out:
            out[at % len(out)] = rng.randrange(256)
        elif kind == 2:
            del out[at : at + rng.choice((1, 2, 5, 30))]
        elif kind in (3, 4):
            out[at:at] = rng.choice(SPICE)
        elif kind == 5:
            size = rng.choice((1, 10, 100))
            out[at:at] = out[at : at + size] * rng.choice((1, 2, 10))
        elif kind == 6:
            out[at:at] = bytes(rng.randrange(256) for _ in range(rng.choice((1, 4, 16))))
        else:
            del out[at:]
    return bytes(out)


def split(rng: random.Random, data: bytes) -> list[bytes]:
    """`data` in random pieces, sometimes byte by byte."""
    if rng.randrange(8) == 0:
        return [data[i : i + 1] for i in range(len(data))]
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice((1, 2, 5))))
    edges = [0, *cuts, len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]
