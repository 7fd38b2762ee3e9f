"""Diffie-Hellman over numbers and over curves, in the form of node:crypto's DiffieHellman and ECDH: keys cross as bytes."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workerd.platform.node_crypto.errors import error
from workerd.platform.node_crypto.keys import CURVES, finite_fields
from workerd.platform.node_crypto.primes import is_prime
from workerd.platform.ops import OpContext, op

_NOT_SAFE_PRIME, _NOT_PRIME, _BAD_GENERATOR = 2, 1, 8
_TOO_LONG = 10_000  # bits

_FULL = {"modp5": 1536, "modp14": 2048, "modp15": 3072, "modp16": 4096, "modp17": 6144, "modp18": 8192}


def _modp(bits: int) -> int:
    """RFC 3526: 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) * pi) + c)."""
    offsets = {
        768: 149686,
        1024: 129093,
        1536: 741804,
        2048: 124476,
        3072: 1690314,
        4096: 240904,
        6144: 929484,
        8192: 4743158,
    }
    prime: int = 2**bits - 2 ** (bits - 64) - 1 + 2**64 * (_pi_times_two_to(bits - 130) + offsets[bits])
    return prime


def _pi_times_two_to(power: int) -> int:
    """floor(2^power * pi), by Machin's formula in whole numbers."""
    guard = 64
    one = 1 << (power + guard)

    def arctan_inverse(x: int) -> int:
        term = total = one // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total

    return (16 * arctan_inverse(5) - 4 * arctan_inverse(239)) >> guard


def _bytes(n: int) -> bytes:
    return n.to_bytes(max(1, (n.bit_length() + 7) // 8), "big")


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big")


@op("node_crypto.dh_new")
def dh_new(ctx: OpContext, prime: bytes | int, generator: bytes | int) -> list[bytes]:
    """Prime and generator. `prime`: the prime, or the number of bits of one to make."""
    if isinstance(generator, int):
        g = generator
        if g < 2:
            raise error("DiffieHellman init failed: bad generator", "ERR_OUT_OF_RANGE", "RangeError")
    else:
        if len(generator) > 1024 * 1024:
            raise error("DiffieHellman init failed: generator is too large", kind="RangeError")
        g = _int(generator)
        if g < 2:
            raise error("DiffieHellman init failed: bad generator", "ERR_OUT_OF_RANGE")
    if isinstance(prime, int):
        if prime < 2:
            raise error("DiffieHellman init failed: prime length is too small")
        if prime > _TOO_LONG:
            raise error("DiffieHellman init failed: prime length is too large", kind="RangeError")
        if prime >= 512 and g in (2, 5):
            p = finite_fields().generate_parameters(g, prime).parameter_numbers().p
        else:
            p = _small_safe_prime(prime)
        return [_bytes(p), _bytes(g)]
    if len(prime) * 8 > _TOO_LONG + 64:
        raise error("DiffieHellman init failed: prime is too large", kind="RangeError")
    p = _int(prime)
    if p % 2 == 0 or p <= g:
        raise error("DiffieHellman init failed: invalid prime")
    return [bytes(prime), _bytes(g)]


def _small_safe_prime(bits: int) -> int:
    while True:
        n = secrets.randbits(bits) | (1 << (bits - 1)) | 3
        if is_prime(n, 8) and (bits < 4 or is_prime(n >> 1, 8)):
            return n


@op("node_crypto.dh_group")
def dh_group(ctx: OpContext, name: str) -> list[bytes]:
    key = name.lower()
    if key == "modp2":
        return [_bytes(_modp(1024)), b"\x02"]
    if key == "modp1":
        return [_bytes(_modp(768)), b"\x02"]
    bits = _FULL.get(key)
    if bits is None:
        raise error("Failed to init DiffieHellmanGroup: invalid group", "ERR_CRYPTO_UNKNOWN_DH_GROUP")
    return [_bytes(_modp(bits)), b"\x02"]


@op("node_crypto.dh_check")
def dh_check(ctx: OpContext, prime: bytes, generator: bytes) -> int:
    """OpenSSL's DH_check: a sum of flags, 0 for good parameters."""
    p, g = _int(prime), _int(generator)
    errors = 0
    if g <= 1 or g >= p - 1:
        errors |= _BAD_GENERATOR
    if not is_prime(p, 16):
        errors |= _NOT_PRIME
    elif not is_prime(p >> 1, 16):
        errors |= _NOT_SAFE_PRIME
    return errors


@op("node_crypto.dh_generate")
def dh_generate(ctx: OpContext, prime: bytes, generator: bytes, private: bytes | None) -> list[bytes]:
    """Public and private key; with a private key given, its public one."""
    p = _int(prime)
    if p < 3:
        raise error("Key generation failed")
    x = _int(private) if private is not None else secrets.randbelow(p - 2) + 1
    return [_bytes(pow(_int(generator), x, p)), private if private is not None else _bytes(x)]


@op("node_crypto.dh_validate")
def dh_validate(ctx: OpContext, prime: bytes, key: bytes, what: str) -> None:
    y, p = _int(key), _int(prime)
    if y <= 1:
        raise error(f"Supplied key is too small: {what}")
    if y >= p - 1:
        raise error(f"Supplied key is too large: {what}")


@op("node_crypto.dh_compute")
def dh_compute(ctx: OpContext, prime: bytes, private: bytes, peer: bytes) -> bytes:
    p = _int(prime)
    return pow(_int(peer), _int(private), p).to_bytes((p.bit_length() + 7) // 8, "big")


# ---- curves
def _curve(name: str) -> ec.EllipticCurve:
    found = CURVES.get(name)
    if found is None:
        raise error("Failed to parse EC curve: invalid curve", "ERR_CRYPTO_INVALID_CURVE", "TypeError")
    return found


def _point(key: ec.EllipticCurvePublicKey, form: str) -> bytes:
    if form == "compressed":
        return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    data = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if form == "hybrid":
        return bytes([6 | (data[-1] & 1)]) + data[1:]
    return data


def _parse_point(curve: ec.EllipticCurve, data: bytes) -> ec.EllipticCurvePublicKey:
    if data[:1] in (b"\x06", b"\x07"):  # hybrid: the uncompressed point with its sign once more
        if len(data) % 2 == 0 or data[0] & 1 != data[-1] & 1:
            raise error("Failed to convert Buffer to EC_POINT")
        data = b"\x04" + data[1:]
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, data)
    except ValueError:
        raise error("Failed to convert Buffer to EC_POINT") from None


@op("node_crypto.ecdh_check")
def ecdh_check(ctx: OpContext, curve: str) -> None:
    _curve(curve)


@op("node_crypto.ecdh_generate")
def ecdh_generate(ctx: OpContext, curve: str) -> bytes:
    key = ec.generate_private_key(_curve(curve))
    return key.private_numbers().private_value.to_bytes((key.curve.key_size + 7) // 8, "big")


def _private(curve: str, private: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        return ec.derive_private_key(_int(private), _curve(curve))
    except ValueError:
        raise error("Private key is not valid for specified curve.", "ERR_CRYPTO_INVALID_KEYTYPE") from None


@op("node_crypto.ecdh_check_private")
def ecdh_check_private(ctx: OpContext, curve: str, private: bytes) -> None:
    _private(curve, private)


@op("node_crypto.ecdh_public")
def ecdh_public(ctx: OpContext, curve: str, private: bytes, form: str) -> bytes:
    return _point(_private(curve, private).public_key(), form)


@op("node_crypto.ecdh_compute")
def ecdh_compute(ctx: OpContext, curve: str, private: bytes, peer: bytes) -> bytes:
    own = _private(curve, private)
    return own.exchange(ec.ECDH(), _parse_point(own.curve, peer))


@op("node_crypto.ecdh_convert")
def ecdh_convert(ctx: OpContext, key: bytes, curve: str, form: str) -> bytes:
    return _point(_parse_point(_curve(curve), key), form)
