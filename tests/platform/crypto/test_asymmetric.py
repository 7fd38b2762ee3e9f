"""RSA, elliptic curves, Ed25519 and X25519: keys in and out, signatures, and what is refused."""

from __future__ import annotations

import math
import time
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x448
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from workerd.platform.crypto import elliptic, keys, okp
from workerd.platform.crypto import rsa as rsa_ops
from workerd.platform.ops import OpContext

CTX = cast(OpContext, None)  # the immediate forms never look at it


@pytest.fixture(scope="module")
def rsa_pair() -> tuple[bytes, bytes]:
    private, public = rsa_ops.rsa_generate(CTX, 1024, 65537)
    return private, public


def described(found: keys.Description | int | None) -> keys.Description:
    assert isinstance(found, dict)
    return found


# ---- reading keys


def test_read_describes_keys(rsa_pair: tuple[bytes, bytes]) -> None:
    private, public = rsa_pair
    for found in (keys.read_pkcs8(CTX, private), keys.read_spki(CTX, public)):
        rsa_key = described(found)
        assert (rsa_key["kind"], rsa_key["bits"], rsa_key["e"]) == ("rsa", 1024, b"\x01\x00\x01")
    private, public = elliptic.ec_generate(CTX, "P-384")
    assert described(keys.read_pkcs8(CTX, private)) == {"kind": "ec", "der": private, "curve": "P-384"}
    assert described(keys.read_spki(CTX, public))["curve"] == "P-384"
    for kind in ("ed25519", "x25519"):
        private, public = okp.okp_generate(CTX, kind)
        assert described(keys.read_pkcs8(CTX, private)) == {"kind": kind, "der": private}
        assert described(keys.read_spki(CTX, public)) == {"kind": kind, "der": public}


def test_read_knows_other_kinds() -> None:
    key = dsa.generate_private_key(1024)
    assert described(keys.read_spki(CTX, keys.to_spki(key.public_key())))["kind"] == "other"
    secp224r1 = ec.generate_private_key(ec.SECP224R1())
    assert described(keys.read_pkcs8(CTX, keys.to_pkcs8(secp224r1)))["curve"] == "P-224"
    # What BoringSSL cannot read is no key at all.
    for unknown in (x448.X448PrivateKey.generate(), ec.generate_private_key(ec.SECP256K1())):
        assert keys.read_pkcs8(CTX, keys.to_pkcs8(unknown)) is None


def test_read_counts_what_follows(rsa_pair: tuple[bytes, bytes]) -> None:
    private, public = rsa_pair
    assert keys.read_pkcs8(CTX, private + b"xyz") == 3
    assert keys.read_spki(CTX, public + b"\0") == 1


def test_read_refuses_garbage(rsa_pair: tuple[bytes, bytes]) -> None:
    private, public = rsa_pair
    for data in (b"", b"0", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", private[:-1], public, b"\x30\x03\x02\x01\x00"):
        assert keys.read_pkcs8(CTX, data) is None
    for data in (b"", private, public[:40], b"\x30\x00"):
        assert keys.read_spki(CTX, data) is None


def test_read_takes_older_private_formats(rsa_pair: tuple[bytes, bytes]) -> None:
    """PKCS #1 and SEC 1, as d2i_AutoPrivateKey; a bare RSAPublicKey is no SubjectPublicKeyInfo."""
    key = keys.private_key(rsa_pair[0])
    pkcs1 = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert described(keys.read_pkcs8(CTX, pkcs1))["der"] == rsa_pair[0]
    assert keys.read_spki(CTX, key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)) is None


def test_inconsistent_rsa_keys_are_refused() -> None:
    numbers = rsa.generate_private_key(65537, 1024).private_numbers()
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    parts = {"p": numbers.p, "q": numbers.q, "d": numbers.d, "dp": numbers.dmp1, "dq": numbers.dmq1, "qi": numbers.iqmp}

    def make(**changed: int) -> keys.Description:
        all_parts = {name: keys.big_endian(value) for name, value in (parts | changed).items()}
        crt = [all_parts[name] for name in ("p", "q", "dp", "dq", "qi")]
        return rsa_ops.rsa_from_numbers(CTX, keys.big_endian(n), keys.big_endian(e), all_parts["d"], crt)

    assert make()["der"] is not None
    for name, value in parts.items():
        assert make(**{name: value + 2})["der"] is None
        assert make(**{name: 0})["der"] is None


def test_rsa_factors_are_found() -> None:
    numbers = rsa.generate_private_key(65537, 1024).private_numbers()
    n, e, d = (keys.big_endian(v) for v in (numbers.public_numbers.n, numbers.public_numbers.e, numbers.d))
    der = rsa_ops.rsa_from_numbers(CTX, n, e, d)["der"]
    assert der is not None
    assert {keys.private_key(der).private_numbers().p, keys.private_key(der).private_numbers().q} == {
        numbers.p,
        numbers.q,
    }


# ---- operations


@pytest.mark.parametrize("salt", [None, 0, 20])
@pytest.mark.parametrize("algorithm", ["SHA-1", "SHA-256", "MD5"])
def test_rsa_signatures(rsa_pair: tuple[bytes, bytes], algorithm: str, salt: int | None) -> None:
    private, public = rsa_pair
    signature = rsa_ops.rsa_sign(CTX, private, algorithm, salt, b"data")
    assert rsa_ops.rsa_verify(CTX, public, algorithm, salt, signature, b"data")
    assert not rsa_ops.rsa_verify(CTX, public, algorithm, salt, signature, b"date")
    assert not rsa_ops.rsa_verify(CTX, public, algorithm, salt, b"", b"data")
    assert not rsa_ops.rsa_verify(CTX, public, algorithm, 500, signature, b"data")


def test_rsa_oaep(rsa_pair: tuple[bytes, bytes]) -> None:
    private, public = rsa_pair
    sealed = rsa_ops.rsa_oaep_encrypt(CTX, public, "SHA-256", b"label", b"secret")
    assert sealed is not None
    assert rsa_ops.rsa_oaep_decrypt(CTX, private, "SHA-256", b"label", sealed) == b"secret"
    assert rsa_ops.rsa_oaep_decrypt(CTX, private, "SHA-256", b"other", sealed) is None
    assert rsa_ops.rsa_oaep_encrypt(CTX, public, "SHA-512", None, b"") is None


def test_rsa_raw(rsa_pair: tuple[bytes, bytes]) -> None:
    private, _public = rsa_pair
    numbers = keys.private_key(private).private_numbers().public_numbers
    message = (numbers.n - 1).to_bytes(128, "big")
    signature = rsa_ops.rsa_raw_sign(CTX, private, message)
    assert signature is not None
    assert pow(int.from_bytes(signature, "big"), numbers.e, numbers.n) == numbers.n - 1
    assert rsa_ops.rsa_raw_sign(CTX, private, numbers.n.to_bytes(128, "big")) is None


@pytest.mark.parametrize(("curve", "size"), [("P-256", 32), ("P-384", 48), ("P-521", 66)])
def test_elliptic(curve: str, size: int) -> None:
    private, public = elliptic.ec_generate(CTX, curve)
    signature = elliptic.ec_sign(CTX, private, "SHA-512", b"data")
    assert len(signature) == 2 * size
    assert elliptic.ec_verify(CTX, public, "SHA-512", signature, b"data")
    for wrong in (signature[:-1], signature + b"\0", bytes(2 * size), b"\xff" * 2 * size, b""):
        assert not elliptic.ec_verify(CTX, public, "SHA-512", wrong, b"data")
    other_private, other_public = elliptic.ec_generate(CTX, curve)
    assert elliptic.ecdh(CTX, private, other_public) == elliptic.ecdh(CTX, other_private, public)
    x, y, d = elliptic.ec_numbers(CTX, private, True)
    assert (len(x), len(y), len(d)) == (size, size, size)
    assert elliptic.ec_from_numbers(CTX, curve, x, y, d) == private
    assert elliptic.ec_from_numbers(CTX, curve, x, y, None) == public
    assert elliptic.ec_from_point(CTX, curve, elliptic.ec_point(CTX, public)) == public
    assert elliptic.ec_from_point(CTX, curve, bytes([2 + (y[-1] & 1)]) + x) == public


def test_elliptic_says_what_is_wrong() -> None:
    private, _public = elliptic.ec_generate(CTX, "P-256")
    x, y, d = elliptic.ec_numbers(CTX, private, True)
    order = ec.SECP256R1().group_order
    assert elliptic.ec_from_numbers(CTX, "P-256", b"\1" + x, y, d) == "range"
    assert elliptic.ec_from_numbers(CTX, "P-256", y, x, d) == "point"
    assert elliptic.ec_from_numbers(CTX, "P-256", x, y, b"") == "d"
    assert elliptic.ec_from_numbers(CTX, "P-256", x, y, order.to_bytes(32, "big")) == "d"
    assert elliptic.ec_from_numbers(CTX, "P-256", x, y, bytes(31) + b"\x01") == "pair"
    assert elliptic.ec_from_point(CTX, "P-256", b"") == ""
    assert elliptic.ec_from_point(CTX, "P-256", b"\0") == "Invalid point encoding."
    assert elliptic.ec_from_point(CTX, "P-256", b"\4" + y + x) == "Point is not on curve."


def test_ed25519_vector() -> None:
    """RFC 8032, 7.1, test 2."""
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    private = okp.okp_from_raw(CTX, "ed25519", seed, True)
    public_raw, private_raw = okp.okp_raw(CTX, private, True)
    assert private_raw == seed
    assert public_raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = okp.ed25519_sign(CTX, private, b"\x72")
    assert signature.hex().startswith("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da")
    public = okp.okp_from_raw(CTX, "ed25519", public_raw, False)
    assert okp.ed25519_verify(CTX, public, signature, b"\x72")
    assert not okp.ed25519_verify(CTX, public, signature, b"\x73")


def test_x25519() -> None:
    private, public = okp.okp_generate(CTX, "x25519")
    other_private, other_public = okp.okp_generate(CTX, "x25519")
    assert okp.x25519(CTX, private, other_public) == okp.x25519(CTX, other_private, public)
    small_order = okp.okp_from_raw(CTX, "x25519", bytes(32), False)
    assert okp.x25519(CTX, private, small_order) is None


def test_factors_are_found_from_either_exponent() -> None:
    for exponent in (3, 65537):
        numbers = rsa.generate_private_key(exponent, 1024).private_numbers()
        n, p, q = numbers.public_numbers.n, numbers.p, numbers.q
        totient = (p - 1) * (q - 1)
        for modulus in (totient, totient // math.gcd(p - 1, q - 1)):
            assert rsa_ops._factors(n, exponent, pow(exponent, -1, modulus)) == (max(p, q), min(p, q))


def test_numbers_that_are_no_key_are_refused_soon() -> None:
    numbers = rsa.generate_private_key(65537, 4096).private_numbers()
    started = time.process_time()
    with pytest.raises(ValueError, match="do not belong together"):
        rsa_ops._factors(numbers.public_numbers.n, 65537, numbers.d - 2)
    assert time.process_time() - started < 2
