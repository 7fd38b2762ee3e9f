"""MD4 (RFC 1320), which OpenSSL 3 no longer has by default and NTLM still needs. In hashlib's form."""

from __future__ import annotations

import struct

_MASK = 0xFFFFFFFF


def _rotate(value: int, count: int) -> int:
    value &= _MASK
    return ((value << count) | (value >> (32 - count))) & _MASK


class MD4:
    name = "md4"
    digest_size = 16
    block_size = 64

    def __init__(self, data: bytes = b"") -> None:
        self._state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
        self._pending = b""
        self._length = 0
        self.update(data)

    def update(self, data: bytes) -> None:
        self._length += len(data)
        data = self._pending + data
        whole = len(data) - len(data) % 64
        for at in range(0, whole, 64):
            self._block(data[at : at + 64])
        self._pending = data[whole:]

    def copy(self) -> MD4:
        other = MD4()
        other._state, other._pending, other._length = list(self._state), self._pending, self._length
        return other

    def digest(self) -> bytes:
        final = self.copy()
        padding = b"\x80" + bytes((55 - self._length) % 64)
        final.update(padding + struct.pack("<Q", self._length * 8 & 0xFFFFFFFFFFFFFFFF))
        return struct.pack("<4I", *final._state)

    def hexdigest(self) -> str:
        return self.digest().hex()

    def _block(self, block: bytes) -> None:
        words = struct.unpack("<16I", block)
        a, b, c, d = self._state
        for i in range(48):
            if i < 16:
                k, shift = i, (3, 7, 11, 19)[i % 4]
                mixed = (b & c) | (~b & d)
                constant = 0
            elif i < 32:
                k, shift = (i % 4) * 4 + (i - 16) // 4, (3, 5, 9, 13)[i % 4]
                mixed = (b & c) | (b & d) | (c & d)
                constant = 0x5A827999
            else:
                k, shift = (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15)[i - 32], (3, 9, 11, 15)[i % 4]
                mixed = b ^ c ^ d
                constant = 0x6ED9EBA1
            a, b, c, d = d, _rotate(a + mixed + words[k] + constant, shift), b, c
        self._state = [(old + new) & _MASK for old, new in zip(self._state, (a, b, c, d), strict=True)]
