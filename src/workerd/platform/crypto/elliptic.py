"""ECDSA and ECDH over the NIST curves P-256, P-384 and P-521 (FIPS 186-5, SEC 1)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from workerd.platform.crypto.digest import HASHES
from workerd.platform.crypto.ec_der import LAYOUTS, layout_of
from workerd.platform.crypto.keys import (
    encode_private,
    encode_public,
    private_key,
    public_key,
    remember_private,
    remember_public,
)
from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext

_ECDH = ec.ECDH()
_ECDSA = {name: ec.ECDSA(algorithm) for name, algorithm in HASHES.items()}


@crypto_op("ec_generate")
def ec_generate(_ctx: OpContext, curve: str) -> list[bytes]:
    """[private key, public key]."""
    layout = LAYOUTS[curve]
    der = encode_private(ec.generate_private_key(layout.curve))
    return [der, layout.public_der(layout.point(der))]


@crypto_op("ec_sign")
def ec_sign(_ctx: OpContext, key: bytes, algorithm: str, data: bytes) -> bytes:
    """r and s, each as long as the field's elements."""
    signer = private_key(key)
    r, s = decode_dss_signature(signer.sign(data, _ECDSA[algorithm]))
    size = layout_of(key).size
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


@crypto_op("ec_verify")
def ec_verify(_ctx: OpContext, key: bytes, algorithm: str, signature: bytes, data: bytes) -> bool:
    verifier = public_key(key)
    size = layout_of(key).size
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
    layout = LAYOUTS[curve]
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(layout.curve, point)
    except ValueError:
        return _point_fault(layout.size, point)
    if point[0] != 4:
        return encode_public(key)
    der = layout.public_der(point)
    remember_public(der, key)
    return der


def _point_fault(size: int, point: bytes) -> str:
    if len(point) == 0:
        return ""
    if point[0] == 4 and len(point) == 1 + 2 * size:
        return "Point is not on curve."
    if point[0] in (2, 3) and len(point) == 1 + size:
        return "Invalid compressed point. Invalid compressed point."
    return "Invalid point encoding."


@crypto_op("ec_from_numbers")
def ec_from_numbers(_ctx: OpContext, curve: str, x: bytes, y: bytes, d: bytes | None) -> bytes | str:
    """The key with these big-endian numbers, private if there is a `d`; or which of them is wrong.

    "range": a coordinate is too large; "point": the point is not on the curve; "d": the private key is out of range;
    "pair": it does not belong to the point.
    """
    layout = LAYOUTS[curve]
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), layout.curve)
    if max(numbers.x, numbers.y).bit_length() > layout.curve.key_size:
        return "range"
    try:
        public = numbers.public_key()
    except ValueError:
        return "point"
    point = b"\4" + numbers.x.to_bytes(layout.size, "big") + numbers.y.to_bytes(layout.size, "big")
    if d is None:
        der = layout.public_der(point)
        remember_public(der, public)
        return der
    secret = int.from_bytes(d, "big")
    if not 0 < secret < layout.curve.group_order:
        return "d"
    try:
        private = ec.EllipticCurvePrivateNumbers(secret, numbers).private_key()
    except ValueError:
        return "pair"
    der = layout.private_der(secret.to_bytes(layout.size, "big"), point)
    remember_private(der, private)
    return der


@crypto_op("ec_point")
def ec_point(_ctx: OpContext, key: bytes) -> bytes:
    """A public key's point, not compressed: 4, x, y."""
    return layout_of(key).point(key)


@crypto_op("ec_numbers")
def ec_numbers(_ctx: OpContext, key: bytes, private: bool) -> list[bytes]:
    """x, y and, of a private key, d; each as long as the field's elements."""
    layout = layout_of(key)
    point = layout.point(key)
    parts = [point[1 : 1 + layout.size], point[1 + layout.size :]]
    if private:
        parts.append(layout.secret(key))
    return parts
