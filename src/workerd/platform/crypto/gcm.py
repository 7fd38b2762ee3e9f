"""AES-GCM with initialization vectors of any length (NIST SP 800-38D).

OpenSSL as `cryptography` offers it takes IVs of 8 to 128 bytes; the standard, and workerd, take one byte and more. This
is for the rest. OpenSSL does the work here too: the blocks are its CTR mode, and the polynomial hash is what its GCM
makes of additional data. Only the last block hashed, the lengths, has to be another one: one multiplication.
"""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BLOCK = 16
_REDUCTION = 0xE1 << 120
_NONCE = bytes(12)


def encrypt_any_iv(key: bytes, iv: bytes, aad: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
    """(ciphertext, tag of 16 bytes)."""
    state = _State(key, iv)
    ciphertext = state.crypt(plaintext)
    return ciphertext, state.tag(aad, ciphertext)


def decrypt_any_iv(key: bytes, iv: bytes, aad: bytes, ciphertext: bytes, tag: bytes) -> bytes | None:
    """The plaintext, or None when `tag` (4 to 16 bytes) is not the right one."""
    state = _State(key, iv)
    if not hmac.compare_digest(state.tag(aad, ciphertext)[: len(tag)], tag):
        return None
    return state.crypt(ciphertext)


class _State:
    def __init__(self, key: bytes, iv: bytes) -> None:
        self._cipher = algorithms.AES(key)
        self._gcm = AESGCM(key)
        block = Cipher(self._cipher, modes.ECB()).encryptor()
        self._h = int.from_bytes(block.update(bytes(BLOCK)), "big")
        # What OpenSSL adds to the hash of everything that is authenticated under _NONCE.
        self._own_mask = int.from_bytes(block.update(_NONCE + b"\0\0\0\1"), "big")
        if len(iv) == 12:
            self._counter = iv + b"\0\0\0\1"
        else:
            self._counter = self._hash(b"", iv).to_bytes(BLOCK, "big")
        self._mask = int.from_bytes(block.update(self._counter), "big")

    def crypt(self, data: bytes) -> bytes:
        # Only the last 32 bits count in GCM; OpenSSL's CTR carries on into the others, so a wrap is a new message.
        low = int.from_bytes(self._counter[12:], "big")
        fixed = self._counter[:12]
        out = b""
        view = memoryview(data)
        while view:
            low = (low + 1) & 0xFFFFFFFF
            size = min(len(view), ((1 << 32) - low) * BLOCK)
            out += Cipher(self._cipher, modes.CTR(fixed + low.to_bytes(4, "big"))).encryptor().update(view[:size])
            low = (low + size // BLOCK - 1) & 0xFFFFFFFF
            view = view[size:]
        return out

    def tag(self, aad: bytes, ciphertext: bytes) -> bytes:
        return (self._hash(aad, ciphertext) ^ self._mask).to_bytes(BLOCK, "big")

    def _hash(self, aad: bytes, data: bytes) -> int:
        """GHASH of both, each filled up to whole blocks, and their lengths in bits."""
        blocks = b"".join((aad, bytes(-len(aad) % BLOCK), data, bytes(-len(data) % BLOCK)))
        tag = int.from_bytes(self._gcm.encrypt(_NONCE, b"", blocks), "big")
        # The hash is linear: other lengths at the end change it by their difference times H.
        lengths = (len(blocks) * 8 << 64) ^ (len(aad) * 8 << 64 | len(data) * 8)
        return tag ^ self._own_mask ^ _multiply(lengths, self._h)


def _multiply(x: int, y: int) -> int:
    """The product in GF(2^128), in GCM's mirrored order of bits."""
    z = 0
    for shift in range(127, -1, -1):
        if x >> shift & 1:
            z ^= y
        y = (y >> 1) ^ _REDUCTION if y & 1 else y >> 1
    return z
