"""ML-KEM (FIPS 203), ML-DSA (FIPS 204) and X-Wing (draft-connolly-cfrg-xwing-kem), the hybrid "MLKEM768-X25519".

Keys of ML-KEM and ML-DSA are DER: a private one is PKCS #8 with the seed alone (RFC 9935, RFC 9881). X-Wing's have no
such form: a private key is its seed of 32 bytes, a public one ML-KEM's (1,184 bytes) and X25519's (32) in a row.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from workerd.platform.crypto.keys import encode_private, encode_public, private_key, public_key
from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext

_PRIVATE: dict[str, Any] = {
    "ML-KEM-768": mlkem.MLKEM768PrivateKey,
    "ML-KEM-1024": mlkem.MLKEM1024PrivateKey,
    "ML-DSA-44": mldsa.MLDSA44PrivateKey,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey,
    "ML-DSA-87": mldsa.MLDSA87PrivateKey,
}
_PUBLIC: dict[str, Any] = {
    "ML-KEM-768": mlkem.MLKEM768PublicKey,
    "ML-KEM-1024": mlkem.MLKEM1024PublicKey,
    "ML-DSA-44": mldsa.MLDSA44PublicKey,
    "ML-DSA-65": mldsa.MLDSA65PublicKey,
    "ML-DSA-87": mldsa.MLDSA87PublicKey,
}


@crypto_op("pq_generate")
def pq_generate(_ctx: OpContext, name: str) -> list[bytes]:
    """[private key, public key]."""
    key = _PRIVATE[name].generate()
    return [encode_private(key), encode_public(key.public_key())]


@crypto_op("pq_from_seed")
def pq_from_seed(_ctx: OpContext, name: str, seed: bytes) -> bytes:
    """The private key of a seed: 64 bytes for ML-KEM, 32 for ML-DSA."""
    return encode_private(_PRIVATE[name].from_seed_bytes(seed))


@crypto_op("pq_from_public")
def pq_from_public(_ctx: OpContext, name: str, raw: bytes) -> bytes | None:
    """The public key of its raw bytes, which are of the right number; None if they are no key."""
    try:
        return encode_public(_PUBLIC[name].from_public_bytes(raw))
    except ValueError:
        return None


@crypto_op("ml_kem_encapsulate")
def ml_kem_encapsulate(_ctx: OpContext, key: bytes) -> list[bytes]:
    """[shared secret of 32 bytes, ciphertext]."""
    return list(public_key(key).encapsulate())


@crypto_op("ml_kem_decapsulate")
def ml_kem_decapsulate(_ctx: OpContext, key: bytes, ciphertext: bytes) -> bytes:
    """The shared secret of 32 bytes. A ciphertext of the right length always gives one, a wrong one if it is not genuine."""
    secret: bytes = private_key(key).decapsulate(ciphertext)
    return secret


@crypto_op("ml_dsa_sign")
def ml_dsa_sign(_ctx: OpContext, key: bytes, context: bytes, data: bytes) -> bytes:
    """`context`: 255 bytes at most, part of what is signed."""
    signature: bytes = private_key(key).sign(data, context)
    return signature


@crypto_op("ml_dsa_verify")
def ml_dsa_verify(_ctx: OpContext, key: bytes, context: bytes, signature: bytes, data: bytes) -> bool:
    try:
        public_key(key).verify(signature, data, context)
    except (InvalidSignature, ValueError):
        return False
    return True


_LABEL = rb"\.//^" + b"\\"
_ML_KEM_KEY = 1184
_ML_KEM_CIPHERTEXT = 1088


@lru_cache(maxsize=256)
def _xwing_keys(seed: bytes) -> tuple[Any, X25519PrivateKey, bytes]:
    """ML-KEM's private key, X25519's, and the public key of both."""
    expanded = hashlib.shake_256(seed).digest(96)
    kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    curve = X25519PrivateKey.from_private_bytes(expanded[64:])
    return kem, curve, kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def _combine(kem_secret: bytes, curve_secret: bytes, curve_ciphertext: bytes, curve_key: bytes) -> bytes:
    return hashlib.sha3_256(kem_secret + curve_secret + curve_ciphertext + curve_key + _LABEL).digest()


@crypto_op("xwing_public")
def xwing_public(_ctx: OpContext, seed: bytes) -> bytes:
    """The public key of a seed of 32 bytes."""
    return _xwing_keys(seed)[2]


@crypto_op("xwing_encapsulate")
def xwing_encapsulate(_ctx: OpContext, key: bytes) -> list[bytes] | None:
    """[shared secret of 32 bytes, ciphertext]; None if `key` (1,216 bytes) is none."""
    curve_key = key[_ML_KEM_KEY:]
    ephemeral = X25519PrivateKey.generate()
    try:
        kem_secret, kem_ciphertext = mlkem.MLKEM768PublicKey.from_public_bytes(key[:_ML_KEM_KEY]).encapsulate()
        curve_secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(curve_key))
    except ValueError:
        return None
    curve_ciphertext = ephemeral.public_key().public_bytes_raw()
    return [_combine(kem_secret, curve_secret, curve_ciphertext, curve_key), kem_ciphertext + curve_ciphertext]


@crypto_op("xwing_decapsulate")
def xwing_decapsulate(_ctx: OpContext, seed: bytes, ciphertext: bytes) -> bytes | None:
    """The shared secret; None if X25519's part of the ciphertext (1,120 bytes) is a point of small order."""
    kem, curve, public = _xwing_keys(seed)
    curve_ciphertext = ciphertext[_ML_KEM_CIPHERTEXT:]
    try:
        curve_secret = curve.exchange(X25519PublicKey.from_public_bytes(curve_ciphertext))
    except ValueError:
        return None
    kem_secret = kem.decapsulate(ciphertext[:_ML_KEM_CIPHERTEXT])
    return _combine(kem_secret, curve_secret, curve_ciphertext, public[_ML_KEM_KEY:])
