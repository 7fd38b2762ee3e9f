"""Key derivation. Each function works at once, and in a thread for the callback forms."""

from __future__ import annotations

import hashlib

from workerd.platform.node_crypto.errors import error
from workerd.platform.node_crypto.hashing import hash_name, hmac, make
from workerd.platform.ops import OpContext, op

#: What one derivation may cost, N * r * p.
MAX_SCRYPT_COST = 1 << 20


def hkdf(name: str, key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869."""
    known = hash_name(name)
    if known is None:
        raise error(f"Invalid Hkdf digest: {name}", kind="TypeError")
    size = make(known).digest_size
    if length > 255 * size:
        raise error("Invalid Hkdf key length", kind="RangeError")
    secret = hmac(known, salt or bytes(size), key)
    out = b""
    block = b""
    counter = 1
    while len(out) < length:
        block = hmac(known, secret, block + info + bytes([counter]))
        out += block
        counter += 1
    return out[:length]


def pbkdf2(name: str, password: bytes, salt: bytes, iterations: int, length: int) -> bytes:
    known = hash_name(name)
    if known is None:
        raise error(f"Invalid Pbkdf2 digest: {name}", kind="TypeError")
    if length > 255 * make(known).digest_size:
        raise error("Pbkdf2 failed: keylen is too large", kind="RangeError")
    if length == 0:
        return b""
    if known == "md4":
        raise error(f"Invalid Pbkdf2 digest: {name}", kind="TypeError")
    return hashlib.pbkdf2_hmac(known, password, salt, iterations, length)


def scrypt(password: bytes, salt: bytes, n: int, r: int, p: int, maxmem: int, length: int) -> bytes:
    if n < 2 or n & (n - 1) or r < 1 or p < 1 or n.bit_length() > 16 * r or p > (2**30 - 1) // r:
        raise error("Invalid scrypt params", "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "RangeError")
    if n * r * p > MAX_SCRYPT_COST:
        raise error(f"Scrypt failed: cost N * r * p exceeds the limit of {MAX_SCRYPT_COST}", kind="RangeError")
    if 128 * r * (n + p + 1) > maxmem:
        raise error("Invalid scrypt params: memory limit exceeded", "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "RangeError")
    if length == 0:
        return b""
    # OpenSSL wants room for its tables besides the block; the limit itself was checked above.
    room = 128 * r * (n + p + 2) + 1024 * 1024
    try:
        return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=room, dklen=length)
    except (ValueError, OverflowError):
        raise error("Invalid scrypt params", "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "RangeError") from None


@op("node_crypto.hkdf")
def hkdf_now(ctx: OpContext, name: str, key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return hkdf(name, key, salt, info, length)


@op("node_crypto.hkdf_later")
async def hkdf_later(ctx: OpContext, name: str, key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    result: bytes = await ctx.in_thread(hkdf, name, key, salt, info, length)
    return result


@op("node_crypto.pbkdf2")
def pbkdf2_now(ctx: OpContext, name: str, password: bytes, salt: bytes, iterations: int, length: int) -> bytes:
    return pbkdf2(name, password, salt, iterations, length)


@op("node_crypto.pbkdf2_later")
async def pbkdf2_later(ctx: OpContext, name: str, password: bytes, salt: bytes, iterations: int, length: int) -> bytes:
    result: bytes = await ctx.in_thread(pbkdf2, name, password, salt, iterations, length)
    return result


@op("node_crypto.scrypt")
def scrypt_now(ctx: OpContext, password: bytes, salt: bytes, n: int, r: int, p: int, maxmem: int, length: int) -> bytes:
    return scrypt(password, salt, n, r, p, maxmem, length)


@op("node_crypto.scrypt_later")
async def scrypt_later(
    ctx: OpContext, password: bytes, salt: bytes, n: int, r: int, p: int, maxmem: int, length: int
) -> bytes:
    result: bytes = await ctx.in_thread(scrypt, password, salt, n, r, p, maxmem, length)
    return result
