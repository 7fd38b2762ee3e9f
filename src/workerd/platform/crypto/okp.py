"""Ed25519 (RFC 8032) and X25519 (RFC 7748). `kind` is "ed25519" or "x25519"; raw keys are 32 bytes."""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from workerd.platform.crypto.keys import encode_private, private_key, public_key
from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext

_PRIVATE: dict[str, Any] = {"ed25519": Ed25519PrivateKey, "x25519": X25519PrivateKey}


# What stands before the raw key (RFC 8410).
_PRIVATE_HEAD = {
    "ed25519": bytes.fromhex("302e020100300506032b657004220420"),
    "x25519": bytes.fromhex("302e020100300506032b656e04220420"),
}
_PUBLIC_HEAD = {
    "ed25519": bytes.fromhex("302a300506032b6570032100"),
    "x25519": bytes.fromhex("302a300506032b656e032100"),
}
_SIZE = 32


@crypto_op("okp_generate")
def okp_generate(_ctx: OpContext, kind: str) -> list[bytes]:
    """[private key, public key]."""
    key = _PRIVATE[kind].generate()
    return [encode_private(key), _PUBLIC_HEAD[kind] + key.public_key().public_bytes_raw()]


@crypto_op("okp_from_raw")
def okp_from_raw(_ctx: OpContext, kind: str, raw: bytes, private: bool) -> bytes:
    """The DER of a raw key. Every 32 bytes are a key; a public one that is no point never verifies anything."""
    return (_PRIVATE_HEAD if private else _PUBLIC_HEAD)[kind] + raw


@crypto_op("okp_raw")
def okp_raw(_ctx: OpContext, key: bytes, private: bool) -> list[bytes]:
    """[public key] or, of a private key, [public key, private key], raw."""
    if not private:
        return [key[-_SIZE:]]
    return [private_key(key).public_key().public_bytes_raw(), key[-_SIZE:]]


@crypto_op("ed25519_sign")
def ed25519_sign(_ctx: OpContext, key: bytes, data: bytes) -> bytes:
    """A signature of 64 bytes."""
    signature: bytes = private_key(key).sign(data)
    return signature


@crypto_op("ed25519_verify")
def ed25519_verify(_ctx: OpContext, key: bytes, signature: bytes, data: bytes) -> bool:
    try:
        public_key(key).verify(signature, data)
    except InvalidSignature:
        return False
    return True


@crypto_op("x25519")
def x25519(_ctx: OpContext, key: bytes, peer: bytes) -> bytes | None:
    """The shared secret of 32 bytes, or None when it would be all zeros (the peer's point has a small order)."""
    try:
        secret: bytes = private_key(key).exchange(public_key(peer))
    except ValueError:
        return None
    return secret
