"""AES, HMAC, digests and key derivation against published vectors, and against OpenSSL where it can do the same."""

from __future__ import annotations

import asyncio
import os
import zlib
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workerd.platform.crypto import aes, digest, kdf, mac
from workerd.platform.crypto.gcm import decrypt_any_iv, encrypt_any_iv
from workerd.platform.ops import OpContext, find

CTX = cast(OpContext, None)  # the immediate forms never look at it

# McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: key, IV, additional data, plaintext, ciphertext, tag.
KEY = bytes.fromhex("feffe9928665731c6d6a8f9467308308")
PLAIN = bytes.fromhex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
)
AAD = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
GCM_CASES = [
    (
        "cafebabefacedbad",
        "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c7423"
        "73806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598",
        "3612d2e79e3b0785561be14aaca2fccb",
    ),
    (
        "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728"
        "c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b",
        "8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca7"
        "01e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5",
        "619cc5aefffe0bfa462af43c1699d050",
    ),
]


@pytest.mark.parametrize(("iv", "ciphertext", "tag"), GCM_CASES)
def test_gcm_vectors(iv: str, ciphertext: str, tag: str) -> None:
    sealed = aes.gcm_encrypt(CTX, KEY, bytes.fromhex(iv), AAD, 16, PLAIN)
    assert sealed.hex() == ciphertext + tag
    assert encrypt_any_iv(KEY, bytes.fromhex(iv), AAD, PLAIN) == (bytes.fromhex(ciphertext), bytes.fromhex(tag))
    assert aes.gcm_decrypt(CTX, KEY, bytes.fromhex(iv), AAD, 16, sealed) == PLAIN


def test_our_gcm_is_openssls() -> None:
    """Where OpenSSL takes the IV, both ways give the same."""
    for size in (8, 11, 12, 13, 16, 31, 128):
        for length in (0, 1, 16, 100):
            key, iv, aad, data = os.urandom(24), os.urandom(size), os.urandom(length % 40), os.urandom(length)
            ciphertext, tag = encrypt_any_iv(key, iv, aad, data)
            assert ciphertext + tag == AESGCM(key).encrypt(iv, data, aad)
            assert decrypt_any_iv(key, iv, aad, ciphertext, tag[:4]) == data


@pytest.mark.parametrize("iv_size", [1, 7, 12, 129, 5000])
@pytest.mark.parametrize("tag_size", [4, 12, 16])
def test_gcm_detects_changes(iv_size: int, tag_size: int) -> None:
    key, iv, data = os.urandom(32), os.urandom(iv_size), os.urandom(50)
    sealed = aes.gcm_encrypt(CTX, key, iv, b"aad", tag_size, data)
    assert len(sealed) == 50 + tag_size
    assert aes.gcm_decrypt(CTX, key, iv, b"aad", tag_size, sealed) == data
    assert aes.gcm_decrypt(CTX, key, iv, b"aab", tag_size, sealed) is None
    for at in (0, 49, 50, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[at] ^= 1
        assert aes.gcm_decrypt(CTX, key, iv, b"aad", tag_size, bytes(changed)) is None


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 4096])
def test_cbc(size: int) -> None:
    key, iv, data = os.urandom(16), os.urandom(16), os.urandom(size)
    sealed = aes.cbc_encrypt(CTX, key, iv, data)
    assert len(sealed) == (size // 16 + 1) * 16
    assert aes.cbc_decrypt(CTX, key, iv, sealed) == data


def test_cbc_refuses_bad_lengths_and_padding() -> None:
    key, iv = bytes(16), bytes(16)
    assert aes.cbc_decrypt(CTX, key, iv, b"") is None
    assert aes.cbc_decrypt(CTX, key, iv, bytes(15)) is None
    for end in (b"\x00", b"\x11", b"\x01\x02", b"\x03\x03\x02"):
        encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        assert aes.cbc_decrypt(CTX, key, iv, encryptor.update(end.rjust(16, b"\xff"))) is None


def test_ctr_wraps_in_its_own_bits() -> None:
    key, data = os.urandom(16), bytes(64)
    # Four bits of counter at their last value: the second block is that of counter 0, the other bits unchanged.
    last = b"\xab" * 15 + b"\xcf"
    first = b"\xab" * 15 + b"\xc0"
    wrapped = aes.ctr(CTX, key, last, 4, data)
    straight = aes.ctr(CTX, key, first, 4, data)
    assert wrapped is not None
    assert straight is not None
    assert wrapped[16:] == straight[:48]
    assert aes.ctr(CTX, key, last, 1, bytes(33)) is None
    assert aes.ctr(CTX, key, last, 1, bytes(32)) is not None
    everything = aes.ctr(CTX, key, b"\xff" * 16, 128, data)
    zero = aes.ctr(CTX, key, bytes(16), 128, data)
    assert everything is not None
    assert zero is not None
    assert everything[16:] == zero[:48]


def test_key_wrap_vector() -> None:
    """RFC 3394, 4.1."""
    key = bytes.fromhex("000102030405060708090A0B0C0D0E0F")
    data = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
    wrapped = aes.kw_wrap(CTX, key, data)
    assert wrapped.hex() == "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"
    assert aes.kw_unwrap(CTX, key, wrapped) == data
    assert aes.kw_unwrap(CTX, key, wrapped[:-1] + bytes([wrapped[-1] ^ 1])) is None


def test_hmac_vector() -> None:
    """RFC 4231, case 2."""
    code = mac.hmac_sign(CTX, "SHA-256", b"Jefe", b"what do ya want for nothing?")
    assert code.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_hkdf_vector() -> None:
    """RFC 5869, case 1."""
    out = kdf.hkdf(CTX, "SHA-256", b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)), 42)
    assert out.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    assert kdf.hkdf(CTX, "SHA-256", b"", b"", b"", 0) == b""


def test_pbkdf2_vector() -> None:
    """RFC 6070, case 2."""
    assert kdf.pbkdf2(CTX, "SHA-1", b"password", b"salt", 2, 20).hex() == "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"
    assert kdf.pbkdf2(CTX, "SHA-1", b"password", b"salt", 2, 0) == b""


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"])
def test_digest_in_pieces(algorithm: str) -> None:
    data = os.urandom(100_000)
    update, finish, _later = digest.digest_start(CTX, algorithm)
    for at in range(0, len(data), 777):
        update(data[at : at + 777])
    assert finish() == digest.digest(CTX, algorithm, data)


def test_crc32() -> None:
    update, finish, _later = digest.digest_start(CTX, "crc32")
    update(b"123")
    update(b"456789")
    assert finish() == (0xCBF43926).to_bytes(4, "big") == zlib.crc32(b"123456789").to_bytes(4, "big")


def test_threaded_form_gives_the_same() -> None:
    class Context:
        async def in_thread(self, function: Any, *args: Any) -> Any:
            return await asyncio.to_thread(function, *args)

    context = Context()
    threaded = asyncio.run(find("crypto.digest.threaded")(context, "SHA-256", b"abc"))
    assert threaded == digest.digest(CTX, "SHA-256", b"abc")
