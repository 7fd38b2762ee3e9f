"""ECDSA and ECDH over the NIST curves P-256, P-384 and P-521 (FIPS 186-5, SEC 1)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workerd.platform.crypto.digest import HASHES
from workerd.platform.crypto.keys import CURVES, private_key, public_key, to_pkcs8, to_spki
from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext

_ECDH = ec.ECDH()
_ECDSA = {name: ec.ECDSA(algorithm) for name, algorithm in HASHES.items()}


def _field_size(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8


@crypto_op("ec_generate")
def ec_generate(_ctx: OpContext, curve: str) -> list[bytes]:
    """[private key, public key]."""
    key = ec.generate_private_key(CURVES[curve])
    return [to_pkcs8(key), to_spki(key.public_key())]


@crypto_op("ec_sign")
def ec_sign(_ctx: OpContext, key: bytes, algorithm: str, data: bytes) -> bytes:
    """r and s, each as long as the field's elements."""
    signer = private_key(key)
    r, s = decode_dss_signature(signer.sign(data, _ECDSA[algorithm]))
    size = _field_size(signer.curve)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


@crypto_op("ec_verify")
def ec_verify(_ctx: OpContext, key: bytes, algorithm: str, signature: bytes, data: bytes) -> bool:
    verifier = public_key(key)
    size = _field_size(verifier.curve)
    if len(signature) != 2 * size:
        return False
    r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    try:
        verifier.verify(encode_dss_signature(r, s), data, _ECDSA[algorithm])
    except InvalidSignature:
        return False
    return True


@crypto_op("ecdh")
def ecdh(_ctx: OpContext, key: bytes, peer: bytes) -> bytes:
    """The shared point's x coordinate, as long as the field's elements. The keys are on the same curve."""
    secret: bytes = private_key(key).exchange(_ECDH, public_key(peer))
    return secret


@crypto_op("ec_from_point")
def ec_from_point(_ctx: OpContext, curve: str, point: bytes) -> bytes | str:
    """The public key of an encoded point (SEC 1, 2.3.4), or what is wrong with it (perhaps nothing more to say: "")."""
    try:
        return to_spki(ec.EllipticCurvePublicKey.from_encoded_point(CURVES[curve], point))
    except ValueError:
        return _point_fault(_field_size(CURVES[curve]), point)


def _point_fault(size: int, point: bytes) -> str:
    if len(point) == 0:
        return ""
    if point[0] == 4 and len(point) == 1 + 2 * size:
        return "Point is not on curve."
    if point[0] in (2, 3) and len(point) == 1 + size:
        return "Invalid compressed point."
    return "Invalid point encoding."


@crypto_op("ec_from_numbers")
def ec_from_numbers(_ctx: OpContext, curve: str, x: bytes, y: bytes, d: bytes | None) -> bytes | str:
    """The key with these big-endian numbers, private if there is a `d`; or which of them is wrong.

    "range": a coordinate is too large; "point": the point is not on the curve; "d": the private key is out of range;
    "pair": it does not belong to the point.
    """
    group = CURVES[curve]
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), group)
    if max(numbers.x, numbers.y).bit_length() > group.key_size:
        return "range"
    try:
        public = numbers.public_key()
    except ValueError:
        return "point"
    if d is None:
        return to_spki(public)
    secret = int.from_bytes(d, "big")
    if not 0 < secret < group.group_order:
        return "d"
    key = ec.derive_private_key(secret, group)
    if key.public_key().public_numbers() != numbers:
        return "pair"
    return to_pkcs8(key)


@crypto_op("ec_point")
def ec_point(_ctx: OpContext, key: bytes) -> bytes:
    """A public key's point, not compressed: 4, x, y."""
    point: bytes = public_key(key).public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return point


@crypto_op("ec_numbers")
def ec_numbers(_ctx: OpContext, key: bytes, private: bool) -> list[bytes]:
    """x, y and, of a private key, d; each as long as the field's elements."""
    loaded = private_key(key) if private else public_key(key)
    size = _field_size(loaded.curve)
    public = (loaded.public_key() if private else loaded).public_numbers()
    parts = [public.x.to_bytes(size, "big"), public.y.to_bytes(size, "big")]
    if private:
        parts.append(loaded.private_numbers().private_value.to_bytes(size, "big"))
    return parts
