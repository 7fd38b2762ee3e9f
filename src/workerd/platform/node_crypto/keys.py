"""Asymmetric keys: reading, writing, making and describing them.

A description is {"type": "private" | "public", "der": bytes, "kind": Node's asymmetricKeyType}.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import warnings
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x448, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509 import load_pem_x509_certificate

from workerd.platform.node_crypto.errors import error
from workerd.platform.ops import OpContext, op

_KINDS: list[tuple[tuple[type[Any], ...], str]] = [
    ((rsa.RSAPrivateKey, rsa.RSAPublicKey), "rsa"),
    ((ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey), "ec"),
    ((ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey), "ed25519"),
    ((x25519.X25519PrivateKey, x25519.X25519PublicKey), "x25519"),
    ((ed448.Ed448PrivateKey, ed448.Ed448PublicKey), "ed448"),
    ((x448.X448PrivateKey, x448.X448PublicKey), "x448"),
    ((dsa.DSAPrivateKey, dsa.DSAPublicKey), "dsa"),
]
#: Node's curve name -> cryptography's.
CURVES: dict[str, ec.EllipticCurve] = {
    "prime256v1": ec.SECP256R1(),
    "secp256r1": ec.SECP256R1(),
    "P-256": ec.SECP256R1(),
    "secp224r1": ec.SECP224R1(),
    "P-224": ec.SECP224R1(),
    "secp384r1": ec.SECP384R1(),
    "P-384": ec.SECP384R1(),
    "secp521r1": ec.SECP521R1(),
    "P-521": ec.SECP521R1(),
    "secp256k1": ec.SECP256K1(),
}
_NODE_CURVES = {"secp256r1": "prime256v1"}
_JWK_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp256k1": "secp256k1"}


def finite_fields() -> Any:
    """cryptography's `dh`, whose classes warn of their age when they are looked at."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from cryptography.hazmat.primitives.asymmetric import dh

        classes = {
            name: getattr(dh, name)
            for name in ("generate_parameters", "DHParameterNumbers", "DHPrivateKey", "DHPublicKey")
        }
        return SimpleNamespace(**classes)


@lru_cache(256)
def private_key(der: bytes) -> Any:
    return load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)


@lru_cache(256)
def public_key(der: bytes) -> Any:
    return load_der_public_key(der)


def kind_of(key: Any) -> str:
    for classes, name in _KINDS:
        if isinstance(key, classes):
            return name
    if type(key).__name__ in ("DHPrivateKey", "DHPublicKey"):
        return "dh"
    raise error("Unsupported key type", "ERR_CRYPTO_UNSUPPORTED_OPERATION")


def describe(key: Any) -> dict[str, Any]:
    if hasattr(key, "private_bytes"):
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return {"type": "private", "der": der, "kind": kind_of(key)}
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"type": "public", "der": der, "kind": kind_of(key)}


def public_of(der: bytes, is_private: bool) -> Any:
    return private_key(der).public_key() if is_private else public_key(der)


def _b64(value: int, size: int | None = None) -> str:
    data = value.to_bytes(size if size is not None else max(1, (value.bit_length() + 7) // 8), "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(jwk: dict[str, Any], field: str) -> bytes:
    value = jwk.get(field)
    if not isinstance(value, str):
        raise error("Invalid JWK data", "ERR_CRYPTO_INVALID_JWK", "TypeError")
    try:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except ValueError:
        raise error("Invalid JWK data", "ERR_CRYPTO_INVALID_JWK", "TypeError") from None


_JWK_FIELDS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}


def _from_jwk(jwk: dict[str, Any], want_private: bool) -> Any:
    kind = jwk.get("kty")
    needed = _JWK_FIELDS.get(str(kind), ())
    if not needed and not want_private:
        raise error("JWK public key import is not implemented for this key type", "ERR_CRYPTO_INVALID_JWK", "TypeError")
    for field in (*needed, "d") if want_private else needed:
        if field not in jwk:
            raise error(f"{kind} JWK missing {field} parameter", "ERR_CRYPTO_INVALID_JWK", "TypeError")

    def number(field: str) -> int:
        return int.from_bytes(_unb64(jwk, field), "big")

    try:
        if kind == "RSA":
            public = rsa.RSAPublicNumbers(number("e"), number("n"))
            if "d" not in jwk:
                return public.public_key()
            p, q, d, dmp1, dmq1, iqmp = (number(field) for field in ("p", "q", "d", "dp", "dq", "qi"))
            return rsa.RSAPrivateNumbers(p, q, d, dmp1, dmq1, iqmp, public).private_key(
                unsafe_skip_rsa_key_validation=True
            )
        if kind == "EC":
            curve = CURVES.get(str(jwk.get("crv")))
            if curve is None:
                raise error("Invalid JWK EC key", "ERR_CRYPTO_INVALID_JWK", "TypeError")
            point = ec.EllipticCurvePublicNumbers(number("x"), number("y"), curve)
            return (
                ec.EllipticCurvePrivateNumbers(number("d"), point).private_key() if "d" in jwk else point.public_key()
            )
        if kind == "OKP":
            classes = {
                "Ed25519": (ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey),
                "X25519": (x25519.X25519PrivateKey, x25519.X25519PublicKey),
            }
            pair: Any = classes.get(str(jwk.get("crv")))
            if pair is None:
                raise error("Invalid JWK OKP key", "ERR_CRYPTO_INVALID_JWK", "TypeError")
            if "d" in jwk:
                return pair[0].from_private_bytes(_unb64(jwk, "d"))
            return pair[1].from_public_bytes(_unb64(jwk, "x"))
    except (ValueError, UnsupportedAlgorithm):
        raise error("Invalid JWK data", "ERR_CRYPTO_INVALID_JWK", "TypeError") from None
    raise error("Invalid JWK data", "ERR_CRYPTO_INVALID_JWK", "TypeError")


def _pem(label: str, der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def _unarmoured(pem: bytes) -> bytes:
    """The DER of the first block of a PEM text."""
    body = pem.partition(b"-----BEGIN ")[2].partition(b"-----")[2].partition(b"-----END")[0]
    return base64.b64decode(b"".join(body.split()))


def _load_private(data: bytes, pem: bool, passphrase: bytes | None) -> Any:
    load = load_pem_private_key if pem else load_der_private_key
    if pem and b"BEGIN RSA PRIVATE KEY" in data and b"Proc-Type" not in data and _is_pkcs8(_unarmoured(data)):
        # Some write PKCS #8 under the label of PKCS #1.
        load, data = load_der_private_key, _unarmoured(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load(data, passphrase, unsafe_skip_rsa_key_validation=True)
    except TypeError:
        # A passphrase for a key that has none is no error; none for one that has is.
        if passphrase is None:
            raise ValueError from None
        return load(data, None, unsafe_skip_rsa_key_validation=True)


def _load_public(data: bytes, pem: bool, form: str | None) -> Any:
    if pem:
        if b"-----BEGIN CERTIFICATE-----" in data:
            return load_pem_x509_certificate(data).public_key()
        if b"PRIVATE KEY-----" in data:
            return _load_private(data, True, None).public_key()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_pem_public_key(data)
    try:
        return load_der_public_key(data)
    except ValueError:
        if form is not None:
            raise
        return _load_private(data, False, None).public_key()


# Kinds of keys the reference has no support for.
_REFUSED = frozenset({"ed448", "x448", "dh"})
_RSA_PSS = bytes.fromhex("06092a864886f70d01010a")


def _refused(key: Any, data: bytes, pem: bool) -> bool:
    if kind_of(key) in _REFUSED:
        return True
    curve = getattr(key, "curve", None)
    if curve is not None and curve.name == "secp256k1":
        return True
    der = base64.b64decode(b"".join(data.split(b"-----")[2:3])[:256]) if pem else data[:128]
    return _RSA_PSS in der[:64]


def _is_pkcs8(der: bytes) -> bool:
    """By what follows the version: an algorithm, where the older forms have a number or a string."""
    start = 2 if der[1:2] < b"\x80" else 2 + (der[1] & 0x7F)
    return der[start : start + 1] == b"\x30" or der[start + 3 : start + 4] == b"\x30"


@op("node_crypto.key_import")
def key_import(
    ctx: OpContext, data: Any, form: str, kind: str | None, passphrase: bytes | None, private: bool
) -> dict[str, Any]:
    """`form`: "pem", "der" or "jwk" (then `data` is the JWK as a dict); `kind`: "pkcs1", "pkcs8", "sec1", "spki" or None."""
    try:
        if form == "jwk":
            key = _from_jwk(data, private)
            if not private and hasattr(key, "private_bytes"):
                key = key.public_key()
        elif private:
            if form == "der" and kind == "pkcs8" and not _is_pkcs8(data):
                raise ValueError
            key = _load_private(data, form == "pem", passphrase)
        else:
            key = _load_public(data, form == "pem", kind)
        if form != "jwk" and _refused(key, data, form == "pem"):
            raise ValueError
    except (UnsupportedAlgorithm, ValueError):
        raise error(f"Failed to parse {'private' if private else 'public'} key") from None
    return describe(key)


@op("node_crypto.key_public")
def key_public(ctx: OpContext, der: bytes) -> dict[str, Any]:
    return describe(private_key(der).public_key())


@op("node_crypto.key_details")
def key_details(ctx: OpContext, der: bytes, private: bool) -> dict[str, Any]:
    key = public_of(der, private)
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return {
            "modulusLength": key.key_size,
            "publicExponent": numbers.e.to_bytes((numbers.e.bit_length() + 7) // 8, "big"),
        }
    if isinstance(key, ec.EllipticCurvePublicKey):
        return {"namedCurve": _NODE_CURVES.get(key.curve.name, key.curve.name)}
    if isinstance(key, dsa.DSAPublicKey):
        return {"modulusLength": key.key_size, "divisorLength": key.parameters().parameter_numbers().q.bit_length()}
    return {}


def _encryption(cipher: str | None, passphrase: bytes | None) -> KeySerializationEncryption:
    return NoEncryption() if cipher is None else BestAvailableEncryption(passphrase or b"")


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    length = (
        bytes([size]) if size < 128 else bytes([0x80 | (n := (size.bit_length() + 7) // 8)]) + size.to_bytes(n, "big")
    )
    return bytes([tag]) + length + body


_SEQUENCE, _OID, _OCTETS, _INTEGER = 0x30, 6, 4, 2
_ITERATIONS = 2048


def _encrypted_pkcs8(der: bytes, cipher: str, passphrase: bytes) -> bytes:
    """EncryptedPrivateKeyInfo with PBES2 (RFC 8018): the cipher that was asked for, and any passphrase, the empty one too."""
    found = _PBES2.get(cipher.lower())
    if found is None:
        raise error(f"Unknown cipher: {cipher}", "ERR_CRYPTO_UNKNOWN_CIPHER")
    oid, size, algorithm = found
    salt, iv = secrets.token_bytes(16), secrets.token_bytes(algorithm.block_size // 8)
    key = hashlib.pbkdf2_hmac("sha256", passphrase, salt, _ITERATIONS, size)
    padder = PKCS7(algorithm.block_size).padder()
    encryptor = Cipher(algorithm(key), modes.CBC(iv)).encryptor()
    body = encryptor.update(padder.update(der) + padder.finalize()) + encryptor.finalize()
    prf = _der(_SEQUENCE, _der(_OID, bytes.fromhex("2a864886f70d0209")), b"\x05\x00")
    kdf_parameters = _der(_SEQUENCE, _der(_OCTETS, salt), _der(_INTEGER, _ITERATIONS.to_bytes(2, "big")), prf)
    kdf = _der(_SEQUENCE, _der(_OID, bytes.fromhex("2a864886f70d01050c")), kdf_parameters)
    encryption = _der(_SEQUENCE, _der(_OID, bytes.fromhex(oid)), _der(_OCTETS, iv))
    scheme = _der(_SEQUENCE, _der(_OID, bytes.fromhex("2a864886f70d01050d")), _der(_SEQUENCE, kdf, encryption))
    return _der(_SEQUENCE, scheme, _der(_OCTETS, body))


_PBES2: dict[str, tuple[str, int, Any]] = {
    "aes-128-cbc": ("608648016503040102", 16, AES),
    "aes-192-cbc": ("608648016503040116", 24, AES),
    "aes-256-cbc": ("60864801650304012a", 32, AES),
}


def _okp_jwk(key: Any, private: bool) -> dict[str, Any]:
    public = key.public_key() if private else key
    name = {"ed25519": "Ed25519", "x25519": "X25519"}.get(kind_of(key))
    if name is None:
        raise error("Key type is invalid for JWK export", "ERR_CRYPTO_JWK_UNSUPPORTED_KEY_TYPE")

    def raw(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    jwk = {"crv": name, "x": raw(public.public_bytes(Encoding.Raw, PublicFormat.Raw)), "kty": "OKP"}
    if name == "Ed25519":
        jwk["alg"] = "EdDSA"
    if private:
        jwk["d"] = raw(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    return jwk


def _to_jwk(key: Any, private: bool) -> dict[str, Any]:
    kind = kind_of(key)
    if kind == "rsa":
        if not private:
            public = key.public_numbers()
            return {"kty": "RSA", "n": _b64(public.n), "e": _b64(public.e)}
        numbers = key.private_numbers()
        values = {
            "d": numbers.d,
            "p": numbers.p,
            "q": numbers.q,
            "dp": numbers.dmp1,
            "dq": numbers.dmq1,
            "qi": numbers.iqmp,
        }
        public = numbers.public_numbers
        return {
            "kty": "RSA",
            "n": _b64(public.n),
            "e": _b64(public.e),
            **{name: _b64(value) for name, value in values.items()},
        }
    if kind == "ec":
        name = _JWK_CURVES.get(key.curve.name)
        if name is None:
            raise error(f"Unsupported JWK EC curve: {key.curve.name}.", "ERR_CRYPTO_JWK_UNSUPPORTED_CURVE")
        size = (key.curve.key_size + 7) // 8
        point = (key.public_key() if private else key).public_numbers()
        jwk = {"kty": "EC", "x": _b64(point.x, size), "y": _b64(point.y, size), "crv": name}
        if private:
            jwk["d"] = _b64(key.private_numbers().private_value, size)
        return jwk
    if kind in ("ed25519", "x25519", "ed448", "x448"):
        return _okp_jwk(key, private)
    raise error("Key type is invalid for JWK export", "ERR_CRYPTO_JWK_UNSUPPORTED_KEY_TYPE")


_PRIVATE_FORMATS = {
    "pkcs8": PrivateFormat.PKCS8,
    "pkcs1": PrivateFormat.TraditionalOpenSSL,
    "sec1": PrivateFormat.TraditionalOpenSSL,
}
_PUBLIC_FORMATS = {"spki": PublicFormat.SubjectPublicKeyInfo, "pkcs1": PublicFormat.PKCS1}


@op("node_crypto.key_export")
def key_export(
    ctx: OpContext, der: bytes, private: bool, form: str, kind: str | None, cipher: str | None, passphrase: bytes | None
) -> Any:
    """str for PEM, bytes for DER, dict for JWK."""
    key = private_key(der) if private else public_key(der)
    if form == "jwk":
        return _to_jwk(key, private)
    encoding = Encoding.PEM if form == "pem" else Encoding.DER
    name = kind_of(key)
    try:
        if private:
            kind = kind or "pkcs8"
            if kind == "pkcs1" and name != "rsa":
                raise error(
                    "The selected key encoding pkcs1 can only be used for RSA keys.",
                    "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS",
                )
            if kind == "sec1" and name != "ec":
                raise error(
                    "The selected key encoding sec1 can only be used for EC keys.",
                    "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS",
                )
            if kind != "pkcs8" and cipher is not None and form == "der":
                raise error(
                    f"The selected key encoding {kind} does not support encryption.",
                    "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS",
                )
            if kind == "pkcs8" and cipher is not None:
                plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
                data = _encrypted_pkcs8(plain, cipher, passphrase or b"")
                return _pem("ENCRYPTED PRIVATE KEY", data) if form == "pem" else data
            data = key.private_bytes(encoding, _PRIVATE_FORMATS[kind], _encryption(cipher, passphrase))
        else:
            kind = kind or "spki"
            if kind == "pkcs1" and name != "rsa":
                raise error(
                    "The selected key encoding pkcs1 can only be used for RSA keys.",
                    "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS",
                )
            data = key.public_bytes(encoding, _PUBLIC_FORMATS[kind])
    except KeyError:
        raise error(f"Invalid key encoding {kind}", "ERR_INVALID_ARG_VALUE", "TypeError") from None
    return data.decode() if form == "pem" else data


@op("node_crypto.key_equals")
def key_equals(ctx: OpContext, a: bytes, b: bytes, private: bool) -> bool:
    return a == b or public_of(a, private) == public_of(b, private)


def _pair(key: Any) -> list[dict[str, Any]]:
    return [describe(key.public_key()), describe(key)]


@op("node_crypto.generate_rsa")
def generate_rsa(ctx: OpContext, bits: int, exponent: int) -> list[dict[str, Any]]:
    if bits < 512 or bits > 16384:
        raise error("The modulus length is out of range", kind="RangeError")
    if exponent not in (3, 65537):
        raise error("The public exponent must be 3 or 65537")
    if bits < 1024:
        raise error("The modulus length must be at least 1024 bits")
    return _pair(rsa.generate_private_key(exponent, bits))


@op("node_crypto.generate_ec")
def generate_ec(ctx: OpContext, curve: str) -> list[dict[str, Any]]:
    found = CURVES.get(curve)
    if found is None:
        raise error("Invalid EC curve name", "ERR_CRYPTO_INVALID_CURVE", "TypeError")
    return _pair(ec.generate_private_key(found))


@op("node_crypto.generate_okp")
def generate_okp(ctx: OpContext, kind: str) -> list[dict[str, Any]]:
    key: Any = ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else x25519.X25519PrivateKey.generate()
    return _pair(key)


@op("node_crypto.generate_dh")
def generate_dh(ctx: OpContext, prime: bytes | int, generator: int) -> list[dict[str, Any]]:
    """`prime`: the prime; a number of bits is refused, as in the reference: making one takes too long."""
    if isinstance(prime, int):
        raise error("Generating DH keys from a prime length is not yet implemented")
    if len(prime) > 1024:
        raise error("The prime is too large", kind="RangeError")
    parameters = finite_fields().DHParameterNumbers(int.from_bytes(prime, "big"), generator).parameters()
    return _pair(parameters.generate_private_key())
