"""HMAC (RFC 2104)."""

from __future__ import annotations

import hmac

from workerd.platform.crypto.digest import HASHLIB_NAMES
from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext


@crypto_op("hmac")
def hmac_sign(_ctx: OpContext, algorithm: str, key: bytes, data: bytes) -> bytes:
    """The code of `data` under `key` (bytes of any length), as long as the hash's digest."""
    return hmac.digest(key, data, HASHLIB_NAMES[algorithm])
