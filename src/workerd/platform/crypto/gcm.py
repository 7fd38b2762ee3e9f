"""AES-GCM with initialization vectors of any length (NIST SP 800-38D).

OpenSSL as `cryptography` offers it takes IVs of 8 to 128 bytes; the standard, and workerd, take one byte and more. This
is for the rest, which is rare: the block cipher is OpenSSL's, the polynomial hash Python's, some microseconds a block.
"""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16
_REDUCTION = 0xE1 << 120


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
        block = Cipher(self._cipher, modes.ECB()).encryptor()
        self._table = _nibble_table(int.from_bytes(block.update(bytes(BLOCK)), "big"))
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
        y = 0
        for part in (aad, data):
            for at in range(0, len(part), BLOCK):
                y = self._times_h(y ^ int.from_bytes(part[at : at + BLOCK].ljust(BLOCK, b"\0"), "big"))
        return self._times_h(y ^ (len(aad) * 8 << 64 | len(data) * 8))

    def _times_h(self, x: int) -> int:
        table = self._table
        z = 0
        for _ in range(32):
            z = (z >> 4) ^ _SHIFT4[z & 15] ^ table[x & 15]
            x >>= 4
        return z


def _halve(v: int) -> int:
    """v times x in GF(2^128), in GCM's mirrored order of bits."""
    return (v >> 1) ^ _REDUCTION if v & 1 else v >> 1


def _nibble_table(h: int) -> list[int]:
    """h times each polynomial of degree below 4, whose coefficients are the bits of the index, highest power first."""
    table = [0] * 16
    table[8] = h
    table[4] = _halve(table[8])
    table[2] = _halve(table[4])
    table[1] = _halve(table[2])
    for i in (2, 4, 8):
        for j in range(1, i):
            table[i + j] = table[i] ^ table[j]
    return table


def _shift4_table() -> list[int]:
    table = []
    for i in range(16):
        v = i
        for _ in range(4):
            v = _halve(v)
        table.append(v)
    return table


_SHIFT4 = _shift4_table()
