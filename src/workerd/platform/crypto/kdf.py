"""Key derivation: HKDF (RFC 5869) and PBKDF2 (RFC 8018)."""

from __future__ import annotations

from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from workerd.platform.crypto.digest import HASHES
from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext


@crypto_op("hkdf")
def hkdf(_ctx: OpContext, algorithm: str, key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """`length` bytes of output. The caller keeps `length` within 255 times the hash's size."""
    return HKDF(HASHES[algorithm], length, salt, info).derive(key)


@crypto_op("pbkdf2")
def pbkdf2(_ctx: OpContext, algorithm: str, password: bytes, salt: bytes, iterations: int, length: int) -> bytes:
    """`length` bytes of output after `iterations` (> 0) rounds."""
    if length == 0:
        return b""  # which OpenSSL refuses
    return PBKDF2HMAC(HASHES[algorithm], length, salt, iterations).derive(password)
