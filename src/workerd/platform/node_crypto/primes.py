"""Prime numbers: crypto.generatePrime and checkPrime. Numbers cross as big-endian bytes."""

from __future__ import annotations

import secrets

from workerd.platform.node_crypto.errors import error
from workerd.platform.ops import OpContext, op

_SMALL = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97]


def is_prime(n: int, rounds: int = 0) -> bool:
    """Miller-Rabin with random bases; rounds 0: enough for an error below 2^-128."""
    if n < 2:
        return False
    for small in _SMALL:
        if n % small == 0:
            return n == small
    odd = n - 1
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    for _ in range(rounds or 64):
        x = pow(secrets.randbelow(n - 3) + 2, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


# The pairs of `add` and `rem` that the reference takes: those that leave a safe prime possible.
_SUPPORTED = frozenset({(12, 11), (24, 23), (60, 59)})


def _likely(n: int) -> bool:
    return is_prime(n, 4) and is_prime(n)


def generate(bits: int, safe: bool, add: int | None, rem: int | None) -> int:
    if bits < 2 or (safe and bits < 3):
        raise error("bits too small")
    low, high = 1 << (bits - 1), (1 << bits) - 1
    if add is not None:
        if add == 0 or add.bit_length() > bits:
            raise error("invalid options.add", "ERR_OUT_OF_RANGE", "RangeError")
        want = (3 if safe else 1) if rem is None else rem
        if want >= add:
            raise error("invalid options.rem", "ERR_OUT_OF_RANGE", "RangeError")
        if (add, want) not in _SUPPORTED:
            raise error("Invalid values for add and rem", "ERR_OUT_OF_RANGE", "RangeError")
    for _ in range(200_000):
        n = secrets.randbits(bits) | low
        if add is not None:
            n += want - n % add
            if n > high:
                n -= add
            if n < low:
                continue
        elif bits > 2:
            n |= 1
            n |= 1 << (bits - 2)  # so that a product of two such has twice the bits
        if safe:
            if add is None:
                n |= 3
            if not is_prime(n, 1) or not is_prime(n >> 1, 1):
                continue
            if _likely(n) and _likely(n >> 1):
                return n
        elif _likely(n):
            return n
    raise error("no prime with these conditions was found")


def _number(data: bytes | None) -> int | None:
    return None if data is None else int.from_bytes(data, "big")


def _bytes(n: int) -> bytes:
    return n.to_bytes((n.bit_length() + 7) // 8, "big")


@op("node_crypto.generate_prime")
def generate_now(ctx: OpContext, bits: int, safe: bool, add: bytes | None, rem: bytes | None) -> bytes:
    return _bytes(generate(bits, safe, _number(add), _number(rem)))


@op("node_crypto.generate_prime_later")
async def generate_later(ctx: OpContext, bits: int, safe: bool, add: bytes | None, rem: bytes | None) -> bytes:
    return _bytes(await ctx.in_thread(generate, bits, safe, _number(add), _number(rem)))


@op("node_crypto.check_prime")
def check_now(ctx: OpContext, candidate: bytes, rounds: int) -> bool:
    return is_prime(int.from_bytes(candidate, "big"), rounds)


@op("node_crypto.check_prime_later")
async def check_later(ctx: OpContext, candidate: bytes, rounds: int) -> bool:
    result: bool = await ctx.in_thread(is_prime, int.from_bytes(candidate, "big"), rounds)
    return result
