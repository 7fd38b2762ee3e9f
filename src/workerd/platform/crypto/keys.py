"""Asymmetric keys as DER: a cache of parsed ones, and what a key given by the user contains.

A description is a dict: {"kind": "rsa" | "ec" | "ed25519" | "x25519" | "other", "der": bytes} with, for "rsa", "bits"
(the modulus's size in bytes times 8) and "e" (big-endian), and for "ec" the "curve".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x448, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from workerd.platform.crypto.ec_der import public_layout
from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext

Description: TypeAlias = dict[str, Any]

# The curves that a key of somebody else's may be on without being no key.
CURVE_NAMES = {"secp224r1": "P-224", "secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_UNKNOWN = (ed448.Ed448PublicKey, ed448.Ed448PrivateKey, x448.X448PublicKey, x448.X448PrivateKey)

# Every operation names its key by its DER; parsing one costs as much as a signature.
CACHED_KEYS = 1024
_private: dict[bytes, Any] = {}
_public: dict[bytes, Any] = {}


def _remember(keys: dict[bytes, Any], der: bytes, key: Any) -> Any:
    if len(keys) >= CACHED_KEYS:
        # The oldest half. Another thread may have taken some of them meanwhile.
        for old in list(keys)[: CACHED_KEYS // 2]:
            keys.pop(old, None)
    keys[der] = key
    return key


def private_key(der: bytes) -> Any:
    """The key in PKCS #8 that this package has made or checked before."""
    return _private.get(der) or _remember(
        _private, der, load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    )


def public_key(der: bytes) -> Any:
    """The key in a SubjectPublicKeyInfo that this package has made or checked before."""
    return _public.get(der) or _remember(_public, der, load_der_public_key(der))


def remember_private(der: bytes, key: Any) -> None:
    """`der`, which stands for `key`, will be used soon."""
    _remember(_private, der, key)


def remember_public(der: bytes, key: Any) -> None:
    _remember(_public, der, key)


def encode_private(key: Any) -> bytes:
    """The PKCS #8 of a key that has just been made."""
    der = to_pkcs8(key)
    _remember(_private, der, key)
    return der


def encode_public(key: Any) -> bytes:
    """The SubjectPublicKeyInfo of a key that has just been made."""
    der = to_spki(key)
    _remember(_public, der, key)
    return der


def to_pkcs8(key: Any) -> bytes:
    der: bytes = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return der


def to_spki(key: Any) -> bytes:
    der: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return der


def big_endian(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def rsa_description(der: bytes | None, e: int, n: int) -> Description:
    return {"kind": "rsa", "der": der, "bits": (n.bit_length() + 7) // 8 * 8, "e": big_endian(e)}


@crypto_op("public_of")
def public_of(_ctx: OpContext, key: bytes) -> bytes:
    """The SubjectPublicKeyInfo that belongs to a private key in PKCS #8."""
    return to_spki(private_key(key).public_key())


@crypto_op("read_spki")
def read_spki(_ctx: OpContext, data: bytes) -> Description | int | None:
    """Describes a public key. The number of bytes that follow it if there are any; None if it is none."""
    # load_der_public_key also takes a bare RSAPublicKey, which starts with an INTEGER.
    found = public_layout(data)
    if found is not None:
        try:
            remember_public(data, load_der_public_key(data))
        except ValueError:
            return None
        return {"kind": "ec", "der": data, "curve": found[0]}
    start = _content_start(data)
    if start is None or data[start : start + 1] != b"\x30":
        return None
    return _read(data, load_der_public_key, _describe_public)


@crypto_op("read_pkcs8")
def read_pkcs8(_ctx: OpContext, data: bytes) -> Description | int | None:
    """Describes a private key in PKCS #8 or, as OpenSSL does, PKCS #1 or SEC 1."""
    return _read(data, _load_private, _describe_private)


def _load_private(data: bytes) -> Any:
    return load_der_private_key(data, None, unsafe_skip_rsa_key_validation=True)


def _read(
    data: bytes, load: Callable[[bytes], Any], describe: Callable[[Any], Description | None]
) -> Description | int | None:
    start = _content_start(data)
    if start is None:
        return None
    end = start + _content_length(data)
    if end > len(data):
        return None
    try:
        key = load(data[:end])
    except (ValueError, TypeError, UnsupportedAlgorithm, InternalError):
        return None
    return describe(key) if end == len(data) else len(data) - end


def _describe_public(key: Any) -> Description | None:
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return rsa_description(encode_public(key), numbers.e, numbers.n)
    return _describe_other(key, encode_public)


def _describe_private(key: Any) -> Description | None:
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        if not is_consistent(numbers):
            return None
        return rsa_description(encode_private(key), numbers.public_numbers.e, numbers.public_numbers.n)
    return _describe_other(key, encode_private)


def _describe_other(key: Any, encode: Callable[[Any], bytes]) -> Description | None:
    if isinstance(key, (ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey)):
        curve = CURVE_NAMES.get(key.curve.name)
        return None if curve is None else {"kind": "ec", "der": encode(key), "curve": curve}
    if isinstance(key, (ed25519.Ed25519PublicKey, ed25519.Ed25519PrivateKey)):
        return {"kind": "ed25519", "der": encode(key)}
    if isinstance(key, (x25519.X25519PublicKey, x25519.X25519PrivateKey)):
        return {"kind": "x25519", "der": encode(key)}
    # Of the rest BoringSSL, by which the reference goes, cannot read all.
    return None if isinstance(key, _UNKNOWN) else {"kind": "other", "der": b""}


def is_consistent(numbers: rsa.RSAPrivateNumbers) -> bool:
    """The numbers of an RSA key belong together. Whether p and q are prime is not asked: that takes milliseconds."""
    p, q, d = numbers.p, numbers.q, numbers.d
    e, n = numbers.public_numbers.e, numbers.public_numbers.n
    return (
        p > 1
        and q > 1
        and p * q == n
        and e > 1
        and 0 < d < n
        and d * e % (p - 1) == 1
        and d * e % (q - 1) == 1
        and numbers.dmp1 == d % (p - 1)
        and numbers.dmq1 == d % (q - 1)
        and 0 < numbers.iqmp < p
        and numbers.iqmp * q % p == 1
    )


def _content_start(data: bytes) -> int | None:
    """Where the content of the DER SEQUENCE that `data` starts with begins; None if it is none."""
    if len(data) < 2 or data[0] != 0x30 or data[1] == 0x80:
        return None
    start = 2 if data[1] < 0x80 else 2 + (data[1] & 0x7F)
    return start if start <= len(data) else None


def _content_length(data: bytes) -> int:
    return data[1] if data[1] < 0x80 else int.from_bytes(data[2 : 2 + (data[1] & 0x7F)], "big")
