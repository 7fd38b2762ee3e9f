"""HMAC (RFC 2104)."""

from __future__ import annotations

import hmac
from functools import lru_cache

from cryptography.hazmat.primitives.hmac import HMAC

from workerd.platform.crypto.digest import HASHES, HASHLIB_NAMES
from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext

# Longer messages let other threads run meanwhile.
_SMALL = 4096


@lru_cache(maxsize=256)
def _keyed(algorithm: str, key: bytes) -> HMAC:
    return HMAC(key, HASHES[algorithm])


@crypto_op("hmac")
def hmac_sign(_ctx: OpContext, algorithm: str, key: bytes, data: bytes) -> bytes:
    """The code of `data` under `key` (bytes of any length), as long as the hash's digest."""
    if len(data) > _SMALL:
        return hmac.digest(key, data, HASHLIB_NAMES[algorithm])
    state = _keyed(algorithm, key).copy()
    state.update(data)
    return state.finalize()
