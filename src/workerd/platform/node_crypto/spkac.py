"""Signed public keys and challenges (Netscape's SPKAC): crypto.Certificate."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from workerd.platform.ops import OpContext, op

_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    bytes.fromhex("2a864886f70d010104"): hashes.MD5(),
    bytes.fromhex("2a864886f70d010105"): hashes.SHA1(),
    bytes.fromhex("2a864886f70d01010b"): hashes.SHA256(),
    bytes.fromhex("2a864886f70d01010c"): hashes.SHA384(),
    bytes.fromhex("2a864886f70d01010d"): hashes.SHA512(),
    bytes.fromhex("2a8648ce3d040302"): hashes.SHA256(),
    bytes.fromhex("2a8648ce3d040303"): hashes.SHA384(),
}


class _Malformed(ValueError):
    pass


def _element(data: bytes, at: int, tag: int) -> tuple[int, int]:
    """Start and end of the content of the DER element at `at`."""
    if at + 2 > len(data) or data[at] != tag:
        raise _Malformed
    size, start = data[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        size, start = int.from_bytes(data[start : start + count], "big"), start + count
    if start + size > len(data):
        raise _Malformed
    return start, start + size


def _parse(data: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """The signed part, the SubjectPublicKeyInfo, the challenge, the algorithm's id and the signature."""
    try:
        der = base64.b64decode(data.strip(b"\0 \r\n\t"), validate=False)
    except binascii.Error:
        raise _Malformed from None
    outer, _ = _element(der, 0, 0x30)
    inner, inner_end = _element(der, outer, 0x30)
    _, key_end = _element(der, inner, 0x30)
    challenge, challenge_end = _element(der, key_end, 0x16)
    algorithm, algorithm_end = _element(der, inner_end, 0x30)
    oid, oid_end = _element(der, algorithm, 0x06)
    bits, bits_end = _element(der, algorithm_end, 0x03)
    return (
        der[outer:inner_end],
        der[inner:key_end],
        der[challenge:challenge_end],
        der[oid:oid_end],
        der[bits + 1 : bits_end],
    )


@op("node_crypto.spkac_verify")
def spkac_verify(ctx: OpContext, data: bytes) -> bool:
    try:
        signed, spki, _, oid, signature = _parse(data)
        key = load_der_public_key(spki)
        algorithm = _HASHES.get(oid)
        if algorithm is None:
            return False
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(algorithm))
        else:
            return False
    except (_Malformed, InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


@op("node_crypto.spkac_key")
def spkac_key(ctx: OpContext, data: bytes) -> bytes | None:
    try:
        key = load_der_public_key(_parse(data)[1])
    except (_Malformed, UnsupportedAlgorithm, ValueError):
        return None
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@op("node_crypto.spkac_challenge")
def spkac_challenge(ctx: OpContext, data: bytes) -> bytes | None:
    try:
        return _parse(data)[2]
    except _Malformed:
        return None
