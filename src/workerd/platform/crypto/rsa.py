"""RSA (RFC 8017): signatures in both paddings, OAEP, and the bare private operation of RSA-RAW."""

from __future__ import annotations

import itertools
import math
import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from workerd.platform.crypto.digest import HASHES
from workerd.platform.crypto.keys import (
    Description,
    big_endian,
    encode_private,
    encode_public,
    is_consistent,
    private_key,
    public_key,
    rsa_description,
)
from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext

PKCS1_V15 = padding.PKCS1v15()


@crypto_op("rsa_generate")
def rsa_generate(_ctx: OpContext, bits: int, exponent: int) -> list[bytes]:
    """[private key, public key] with a modulus of `bits` (1024 or more) bits. `exponent`: 3 or 65537."""
    key = rsa.generate_private_key(exponent, bits)
    return [encode_private(key), encode_public(key.public_key())]


@crypto_op("rsa_sign")
def rsa_sign(_ctx: OpContext, key: bytes, algorithm: str, salt_length: int | None, data: bytes) -> bytes:
    """A signature of the digest of `data`, in PSS if there is a `salt_length` (bytes), else in PKCS #1 v1.5."""
    signature: bytes = private_key(key).sign(data, _signature_padding(algorithm, salt_length), HASHES[algorithm])
    return signature


@crypto_op("rsa_verify")
def rsa_verify(
    _ctx: OpContext, key: bytes, algorithm: str, salt_length: int | None, signature: bytes, data: bytes
) -> bool:
    try:
        public_key(key).verify(signature, data, _signature_padding(algorithm, salt_length), HASHES[algorithm])
    except InvalidSignature:
        return False
    return True


def _signature_padding(algorithm: str, salt_length: int | None) -> padding.PSS | padding.PKCS1v15:
    if salt_length is None:
        return PKCS1_V15
    return padding.PSS(padding.MGF1(HASHES[algorithm]), salt_length)


def _oaep(algorithm: str, label: bytes | None) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(HASHES[algorithm]), HASHES[algorithm], label)


@crypto_op("rsa_oaep_encrypt")
def rsa_oaep_encrypt(_ctx: OpContext, key: bytes, algorithm: str, label: bytes | None, data: bytes) -> bytes | None:
    """None when `data` is longer than the key and hash allow."""
    try:
        sealed: bytes = public_key(key).encrypt(data, _oaep(algorithm, label))
    except ValueError:
        return None
    return sealed


@crypto_op("rsa_oaep_decrypt")
def rsa_oaep_decrypt(_ctx: OpContext, key: bytes, algorithm: str, label: bytes | None, data: bytes) -> bytes | None:
    """None when `data` was not encrypted for this key, hash and label."""
    try:
        plain: bytes = private_key(key).decrypt(data, _oaep(algorithm, label))
    except ValueError:
        return None
    return plain


@crypto_op("rsa_raw_sign")
def rsa_raw_sign(_ctx: OpContext, key: bytes, data: bytes) -> bytes | None:
    """data^d mod n without padding, for blind signatures (RFC 9474). None when `data` is not smaller than the modulus.

    OpenSSL's bare operation cannot be reached through `cryptography`. The base is blinded, so that the time taken tells
    nothing about it, and the result checked, so that a fault cannot give the factors away.
    """
    numbers = private_key(key).private_numbers()
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    message = int.from_bytes(data, "big")
    if message >= n:
        return None
    blind = secrets.randbelow(n - 2) + 2
    base = message * pow(blind, e, n) % n
    at_p = pow(base, numbers.dmp1, numbers.p)
    at_q = pow(base, numbers.dmq1, numbers.q)
    blinded = at_q + numbers.q * ((at_p - at_q) * numbers.iqmp % numbers.p)
    result = blinded * pow(blind, -1, n) % n
    if pow(result, e, n) != message:
        raise ValueError("RSA operation failed.")
    size: int = (n.bit_length() + 7) // 8
    return int(result).to_bytes(size, "big")


@crypto_op("rsa_from_numbers")
def rsa_from_numbers(
    _ctx: OpContext, n: bytes, e: bytes, d: bytes | None = None, crt: list[bytes] | None = None
) -> Description:
    """A key from big-endian numbers; `crt`: p, q, dp, dq, qi, if known. "der" is None when they do not make a key."""
    modulus, exponent = int.from_bytes(n, "big"), int.from_bytes(e, "big")
    try:
        der = _encode_numbers(modulus, exponent, d, crt)
    except ValueError:
        der = None
    return rsa_description(der, exponent, modulus)


def _encode_numbers(n: int, e: int, d: bytes | None, crt: list[bytes] | None) -> bytes | None:
    public = rsa.RSAPublicNumbers(e, n)
    if d is None:
        return encode_public(public.public_key())
    exponent = int.from_bytes(d, "big")
    if crt is None:
        p, q = _factors(n, e, exponent)
        dp, dq, qi = exponent % (p - 1), exponent % (q - 1), pow(q, -1, p)
    else:
        p, q, dp, dq, qi = (int.from_bytes(part, "big") for part in crt)
    numbers = rsa.RSAPrivateNumbers(p, q, exponent, dp, dq, qi, public)
    if not is_consistent(numbers):
        return None
    return encode_private(numbers.private_key(unsafe_skip_rsa_key_validation=True))


# Two primes of a real key have a larger common factor of p - 1 and q - 1 once in some ten thousand.
_LARGEST_COMMON_FACTOR = 1 << 14


def _factors(n: int, e: int, d: int) -> tuple[int, int]:
    """The factors of a modulus, the larger one first. Raises ValueError if the numbers do not belong together.

    d is the inverse of e modulo (p - 1)(q - 1), or modulo that divided by a common factor of both, which is small. So
    d * e - 1 is a multiple that a division by n tells, and p + q is known. The general way takes a second for long
    keys, minutes for numbers that are no key, and lets no other thread run meanwhile.
    """
    multiple = d * e - 1
    for common in itertools.chain((1,), range(2, _LARGEST_COMMON_FACTOR + 1, 2)):
        totient, rest = divmod(multiple * common, multiple * common // n + 1)
        if rest != 0:
            continue
        total = n + 1 - totient
        square = total * total - 4 * n
        if square < 0:
            continue
        difference = math.isqrt(square)
        if difference * difference == square and (total + difference) % 2 == 0:
            p, q = (total + difference) // 2, (total - difference) // 2
            if p * q == n and q > 1:
                return p, q
    raise ValueError("n, e and d do not belong together")


@crypto_op("rsa_numbers")
def rsa_numbers(_ctx: OpContext, key: bytes, private: bool) -> list[bytes]:
    """n, e and, of a private key, d, p, q, dp, dq, qi; big-endian, as short as can be."""
    if not private:
        public = public_key(key).public_numbers()
        return [big_endian(public.n), big_endian(public.e)]
    numbers = private_key(key).private_numbers()
    parts = (
        numbers.public_numbers.n,
        numbers.public_numbers.e,
        numbers.d,
        numbers.p,
        numbers.q,
        numbers.dmp1,
        numbers.dmq1,
        numbers.iqmp,
    )
    return [big_endian(part) for part in parts]
