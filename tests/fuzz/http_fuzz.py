"""Mutated requests against the HTTP connection.

    python -m tests.fuzz.http_fuzz [--count 100000] [--seed 1]

Each input is fed twice to fresh connections, in one piece and in random pieces. Checked: no crash and no exception; no
input takes long; both feedings lead to the same answers and the same requests; what reaches the service is well-formed;
the output is a sequence of complete responses; after an error nothing more is taken; and no connection, request or
memory is left behind.
"""

from __future__ import annotations

import argparse
import gc
import random
import re
import sys
import time
import weakref
from typing import Any

from tests.fuzz.mutate import mutate, split
from tests.sockets.support import Client, wait

SEEDS = (
    b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"GET /path?query#f HTTP/1.1\r\nHost: a.test:80\r\nUser-Agent: x\r\nAccept: */*\r\nCookie: a=b; c=d\r\n\r\n",
    b"POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nabcde",
    b"POST /p HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nabc\r\n5;e=1\r\nvwxyz\r\n0\r\nT: 1\r\n\r\n",
    b"PUT /p HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    b"HEAD / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\nHost: a.test\r\n\r\n",
    b"GET http://b.test/abs HTTP/1.1\r\nHost: a.test\r\nX-Proto: https\r\nCF-Blob: {}\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\nraw",
    b"GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
)
OPTIONS = {"forwarded_proto_header": "X-Proto", "cf_blob_header": "CF-Blob"}
SLOW = 1.0  # seconds that no input may take

_HEADERS = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\r\n\0]*\r\n)*")


class FuzzError(AssertionError):
    """An input that broke a rule."""


#: Connections that are not collected yet.
_living: weakref.WeakSet[Client] = weakref.WeakSet()


class Run:
    """One connection, fed with `parts`."""

    def __init__(self, parts: list[bytes]) -> None:
        self.requests: list[tuple[str, str, str, bytes]] = []
        self.client = Client(self._answer, **OPTIONS)
        _living.add(self.client)
        self.output = self.client.send(*parts)
        self.closed = self.client.closed
        self.upgraded = self.client.upgraded is not None
        self.client.connection.connection_lost(None)
        # A native target is not seen by the cycle collector: the way from it back to this object ends here.
        self.client.service.answer = wait

    def _answer(self, exchange: Any) -> None:
        """Reads the body to its end, then answers: when the answer comes does not depend on the pieces."""
        body = exchange.body
        if exchange.method == "CONNECT":
            self._done(exchange, b"")
        elif body is None or isinstance(body, bytes):
            self._done(exchange, body or b"")
        else:
            parts: list[bytes] = []

            def read() -> None:
                try:
                    while isinstance(part := body.try_read(1 << 20), bytes):
                        parts.append(part)
                except ConnectionError:
                    body.set_on_readable(None)
                    return
                if part is None:
                    body.set_on_readable(None)
                    self._done(exchange, b"".join(parts))

            body.set_on_readable(read)

    def _done(self, exchange: Any, body: bytes) -> None:
        self.requests.append((exchange.method, exchange.url, exchange.headers, body))
        exchange.respond(200, "", "", b"%d" % len(body))

    def check(self) -> None:
        for method, url, headers, _ in self.requests:
            if not re.fullmatch(r"[A-Z-]+", method) or not re.fullmatch(r"[\x21-\x7e]+", url):
                raise FuzzError(f"request line: {method!r} {url!r}")
            if not _HEADERS.fullmatch(headers):
                raise FuzzError(f"headers: {headers!r}")
            names = [line.partition(":")[0].lower() for line in headers.split("\r\n")]
            if names.count("content-length") + names.count("transfer-encoding") > 1:
                raise FuzzError("two framings")
        self._check_output()

    def _check_output(self) -> None:
        rest = self.output
        heads = iter([method for method, _, _, _ in self.requests])
        while rest:
            head, end, rest = rest.partition(b"\r\n\r\n")
            match = re.match(rb"HTTP/1\.[01] ([1-5]\d\d) [ -~]+(\r\n|$)", head)
            if not end or not match:
                raise FuzzError(f"not a response: {head!r}")
            status = int(match[1])
            if status == 100:
                continue
            method = next(heads, None) if status == 200 else None
            if method == "CONNECT":
                return
            length = re.search(rb"\r\nContent-Length: (\d+)", head)
            if not length:
                raise FuzzError(f"no length: {head!r}")
            # The answer to a HEAD request that did not get as far as the service has no body either.
            bare = status == 400 and (not rest or rest.startswith(b"HTTP/1."))
            if method != "HEAD" and status != 500 and not bare:
                if len(rest) < int(length[1]):
                    raise FuzzError("body is cut off")
                rest = rest[int(length[1]) :]
            elif status == 500:
                rest = b""
            if status not in (200, 400) and rest:
                raise FuzzError(f"output after an error: {rest!r}")


def check_input(rng: random.Random, data: bytes) -> tuple[int, bool]:
    """Number of requests in it, and whether it ended the connection. Raises FuzzError."""
    began = time.perf_counter()
    whole = Run([data] if data else [])
    whole.check()
    pieces = Run(split(rng, data))
    pieces.check()
    took = time.perf_counter() - began
    if took > SLOW:
        raise FuzzError(f"took {took:.1f} s")
    if whole.requests != pieces.requests:
        raise FuzzError(f"requests depend on the pieces: {whole.requests} {pieces.requests}")
    plain = [run.output.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"") for run in (whole, pieces)]
    if plain[0] != plain[1] and b" 501 " not in plain[0]:
        # A method is only known to be one when enough of it is there.
        statuses = [re.findall(rb"HTTP/1\.[01] (\d+)", out) for out in plain]
        if statuses[0] != statuses[1]:
            raise FuzzError(f"answers depend on the pieces: {plain}")
    return len(whole.requests), whole.closed


def resident() -> int:
    """Bytes of memory this process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def fuzz(count: int, seed: int, report: Any = None) -> dict[str, int]:
    """Runs `count` inputs. Raises FuzzError with the input in its message."""
    unraisable: list[Any] = []
    sys.unraisablehook = unraisable.append
    taken = ended = 0
    base = 0
    try:
        for number in range(count):
            rng = random.Random(f"{seed}/{number}")
            data = b"".join(rng.choice(SEEDS) for _ in range(rng.choice((1, 1, 2, 3))))
            data = mutate(rng, data)
            try:
                requests, closed = check_input(rng, data)
            except Exception as error:
                raise FuzzError(f"input {number} of seed {seed}: {data!r}: {error}") from error
            if unraisable:
                raise FuzzError(f"input {number} of seed {seed}: {data!r}: {unraisable[0]}")
            taken += requests
            ended += closed
            if number == count // 4:
                gc.collect()
                base = resident()
            if report and number % 20000 == 19999:
                report(f"{number + 1} inputs")
    finally:
        sys.unraisablehook = sys.__unraisablehook__
    gc.collect()
    left = len(_living)
    if left:
        raise FuzzError(f"{left} connections are left behind")
    grown = resident() - base
    if grown > 8 << 20:
        raise FuzzError(f"memory grew by {grown >> 10} KiB")
    return {"inputs": count, "requests": taken, "ended": ended, "grown_kib": grown >> 10}


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
