"""ChaCha20-Poly1305 (RFC 8439). Keys are 32 bytes, initialization vectors 12, tags 16."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext

_cipher = lru_cache(maxsize=256)(ChaCha20Poly1305)


@crypto_op("chacha_encrypt")
def chacha_encrypt(_ctx: OpContext, key: bytes, iv: bytes, aad: bytes | None, data: bytes) -> bytes:
    """The ciphertext followed by the tag."""
    return _cipher(key).encrypt(iv, data, aad)


@crypto_op("chacha_decrypt")
def chacha_decrypt(_ctx: OpContext, key: bytes, iv: bytes, aad: bytes | None, data: bytes) -> bytes | None:
    """The plaintext of `data`, which ends with the tag, or None when the tag is wrong."""
    try:
        return _cipher(key).decrypt(iv, data, aad)
    except InvalidTag:
        return None
