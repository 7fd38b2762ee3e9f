"""Message digests (https://w3c.github.io/webcrypto/#sha), whole and piece by piece."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes

from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext, borrows, op

if TYPE_CHECKING:
    from hashlib import _Hash

# By the names WebCrypto gives them; JS never sends any other.
HASHES: dict[str, hashes.HashAlgorithm] = {
    "MD5": hashes.MD5(),
    "SHA-1": hashes.SHA1(),
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
}

# The same for hashlib, whose update() lets other threads run.
HASHLIB_NAMES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def _md5(data: bytes = b"") -> _Hash:
    return hashlib.md5(data, usedforsecurity=False)


def _sha1(data: bytes = b"") -> _Hash:
    return hashlib.sha1(data, usedforsecurity=False)


_CONSTRUCTORS: dict[str, Callable[..., _Hash]] = {
    "MD5": _md5,
    "SHA-1": _sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
    "SHA3-256": hashlib.sha3_256,
    "SHA3-384": hashlib.sha3_384,
    "SHA3-512": hashlib.sha3_512,
}


@crypto_op("digest")
@borrows
def digest(_ctx: OpContext, algorithm: str, data: bytes | memoryview) -> bytes:
    """The digest of `data` in bytes: 16 for MD5, 20 for SHA-1, else the number in the name divided by 8."""
    return _CONSTRUCTORS[algorithm](data).digest()


class _Crc32:
    """CRC-32 (IEEE 802.3) with the methods of a hash; its digest is 4 bytes, big-endian."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes | memoryview) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


@op("crypto.digest_start")
def digest_start(ctx: OpContext, algorithm: str) -> list[Callable[..., Any]]:
    """A digest in progress, as three functions: `update(data)`, `digest() -> bytes` and `update_later(data)`.

    The last one leaves the thread; nothing else may be asked for until its promise is fulfilled. Also knows "crc32".
    """
    state = _Crc32() if algorithm == "crc32" else _CONSTRUCTORS[algorithm]()

    async def update_later(data: bytes) -> None:
        await ctx.in_thread(state.update, data)

    return [borrows(state.update), state.digest, update_later]
