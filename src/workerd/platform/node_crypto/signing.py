"""Signatures, RSA encryption and agreement with key objects."""

from __future__ import annotations

from typing import Any, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from workerd.platform.node_crypto.errors import error
from workerd.platform.node_crypto.hashing import hash_name
from workerd.platform.node_crypto.keys import private_key, public_of
from workerd.platform.ops import OpContext, op

RSA_PKCS1, RSA_NONE, RSA_OAEP, RSA_PSS = 1, 3, 4, 6
SALT_DIGEST, SALT_AUTO = -1, -2
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha512_256": hashes.SHA512_256,
}


def hash_of(name: str | None) -> hashes.HashAlgorithm | None:
    if name is None:
        return None
    found = _HASHES.get(hash_name(name) or "")
    if found is None:
        raise error("Failed to set signature digest")
    return found()


def _rsa_padding(kind: int | None, salt: int | None, algorithm: hashes.HashAlgorithm, verifying: bool) -> Any:
    if kind is None or kind == RSA_PKCS1:
        return padding.PKCS1v15()
    if kind != RSA_PSS:
        raise error("Failed to set RSA padding for signature")
    length: Any
    if salt is None or salt == SALT_AUTO:
        length = padding.PSS.AUTO if verifying else padding.PSS.MAX_LENGTH
    elif salt == SALT_DIGEST:
        length = algorithm.digest_size
    else:
        length = salt
    return padding.PSS(padding.MGF1(algorithm), length)


def _p1363_size(key: Any) -> int:
    return (int(key.curve.key_size) + 7) // 8


@op("node_crypto.sign")
def sign(
    ctx: OpContext, der: bytes, name: str | None, data: bytes, pad: int | None, salt: int | None, p1363: bool
) -> bytes:
    key = private_key(der)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        if name is not None:
            raise error("Failed to set signature digest")
        return key.sign(data)
    algorithm = hash_of(name or "sha256")
    assert algorithm is not None
    try:
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, _rsa_padding(pad, salt, algorithm, False), algorithm)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            signature = key.sign(data, ec.ECDSA(algorithm))
            if not p1363:
                return signature
            size = _p1363_size(key)
            r, s = decode_dss_signature(signature)
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    except ValueError:
        raise error("Failed to generate signature") from None
    if isinstance(key, dsa.DSAPrivateKey):
        raise error("Signing with DSA keys is not currently supported")
    raise error("Signing is not supported with this type of key")


@op("node_crypto.verify")
def verify(
    ctx: OpContext,
    der: bytes,
    private: bool,
    name: str | None,
    data: bytes,
    signature: bytes,
    pad: int | None,
    salt: int | None,
    p1363: bool,
) -> bool:
    key = public_of(der, private)
    if isinstance(key, dsa.DSAPublicKey):
        raise error("Verifying with DSA keys is not currently supported")
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            if name is not None:
                raise error("Failed to set signature digest")
            key.verify(signature, data)
            return True
        algorithm = hash_of(name or "sha256")
        assert algorithm is not None
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, _rsa_padding(pad, salt, algorithm, True), algorithm)
            return True
        if isinstance(key, ec.EllipticCurvePublicKey):
            if p1363:
                size = _p1363_size(key)
                if len(signature) != 2 * size:
                    return False
                signature = encode_dss_signature(
                    int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
                )
            key.verify(signature, data, ec.ECDSA(algorithm))
            return True
    except InvalidSignature:
        return False
    raise error("Verifying is not supported with this type of key")


def _raw_rsa(key: Any, data: bytes, private: bool) -> bytes:
    numbers = key.private_numbers() if private else None
    public = numbers.public_numbers if numbers is not None else key.public_numbers()
    size = (public.n.bit_length() + 7) // 8
    value = int.from_bytes(data, "big")
    if len(data) > size or value >= public.n:
        raise error("Data too large for key")
    return int(pow(value, numbers.d if numbers is not None else public.e, public.n)).to_bytes(size, "big")


def _oaep(name: str, label: bytes | None) -> padding.OAEP:
    algorithm = hash_of(name)
    assert algorithm is not None
    return padding.OAEP(padding.MGF1(algorithm), algorithm, label or None)


@op("node_crypto.rsa")
def rsa_crypt(
    ctx: OpContext, action: str, der: bytes, private: bool, pad: int, name: str, label: bytes | None, data: bytes
) -> bytes:
    """`action`: publicEncrypt, privateDecrypt, privateEncrypt or publicDecrypt."""
    key: Any = private_key(der) if action.startswith("private") else public_of(der, private)
    if not isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        raise error("Only RSA keys can encrypt and decrypt")
    if label and pad != RSA_OAEP and action in ("publicEncrypt", "privateDecrypt"):
        raise error("Failed to set the OAEP label")
    try:
        if action == "publicEncrypt":
            if pad == RSA_NONE:
                return _raw_rsa(key, data, False)
            return bytes(
                cast(rsa.RSAPublicKey, key).encrypt(
                    data, padding.PKCS1v15() if pad == RSA_PKCS1 else _oaep(name, label)
                )
            )
        if action == "privateDecrypt":
            if pad == RSA_NONE:
                return _raw_rsa(key, data, True)
            return bytes(
                cast(rsa.RSAPrivateKey, key).decrypt(
                    data, padding.PKCS1v15() if pad == RSA_PKCS1 else _oaep(name, label)
                )
            )
    except ValueError:
        raise error(f"{'Encryption' if action == 'publicEncrypt' else 'Decryption'} failed") from None
    size = (key.key_size + 7) // 8
    if action == "privateEncrypt":
        if pad == RSA_PKCS1:
            if len(data) > size - 11:
                raise error("Encryption failed: data too large for key size")
            data = b"\0\1" + b"\xff" * (size - 3 - len(data)) + b"\0" + data
        elif pad != RSA_NONE:
            raise error("Failed to set RSA padding")
        return _raw_rsa(key, data, True)
    plain = _raw_rsa(key, data, False)
    if pad == RSA_PKCS1:
        end = plain.find(b"\0", 2)
        if not plain.startswith(b"\0\1") or end < 10 or plain[2:end].strip(b"\xff"):
            raise error("Decryption failed")
        return plain[end + 1 :]
    if pad != RSA_NONE:
        raise error("Failed to set RSA padding")
    return plain


@op("node_crypto.diffie_hellman")
def diffie_hellman(ctx: OpContext, own: bytes, other: bytes, other_private: bool) -> bytes:
    """crypto.diffieHellman: the secret of two key objects."""
    mine, peer = private_key(own), public_of(other, other_private)
    try:
        if isinstance(mine, x25519.X25519PrivateKey) and isinstance(peer, x25519.X25519PublicKey):
            return mine.exchange(peer)
        if isinstance(mine, ec.EllipticCurvePrivateKey) and isinstance(peer, ec.EllipticCurvePublicKey):
            if mine.curve.name == "secp224r1":  # as in the reference, whose library does not agree over this curve
                raise ValueError
            return mine.exchange(ec.ECDH(), peer)
        if type(mine).__name__ == "DHPrivateKey" and type(peer).__name__ == "DHPublicKey":
            return bytes(mine.exchange(peer))
    except ValueError:
        raise error("Failed to derive shared diffie-hellman secret") from None
    raise error("Failed to derive shared diffie-hellman secret")
