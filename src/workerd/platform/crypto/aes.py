"""AES in the modes of WebCrypto (https://w3c.github.io/webcrypto/#aes-ctr and what follows).

Keys are 16, 24 or 32 bytes. What fails because of the data (a wrong tag, bad padding) gives None.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from workerd.platform.crypto.gcm import decrypt_any_iv, encrypt_any_iv
from workerd.platform.crypto.registry import crypto_op
from workerd.platform.ops import OpContext, borrows, op

BLOCK = 16
T = TypeVar("T")

# Setting a key up costs more than encrypting a small message with it.
_gcm = lru_cache(maxsize=256)(AESGCM)


def _openssl_takes(iv: bytes) -> bool:
    return 8 <= len(iv) <= 128


@crypto_op("aes_gcm_encrypt")
def gcm_encrypt(_ctx: OpContext, key: bytes, iv: bytes, aad: bytes | None, tag_length: int, data: bytes) -> bytes:
    """The ciphertext followed by `tag_length` (4 to 16) bytes of tag. `iv`: one byte or more."""
    if not _openssl_takes(iv):
        ciphertext, tag = encrypt_any_iv(key, iv, aad or b"", data)
        return ciphertext + tag[:tag_length]
    sealed = _gcm(key).encrypt(iv, data, aad)
    return sealed if tag_length == BLOCK else sealed[: len(data) + tag_length]


@crypto_op("aes_gcm_decrypt")
def gcm_decrypt(
    _ctx: OpContext, key: bytes, iv: bytes, aad: bytes | None, tag_length: int, data: bytes
) -> bytes | None:
    """The plaintext of `data`, which ends with the tag, or None when the tag is wrong."""
    if not _openssl_takes(iv):
        return decrypt_any_iv(key, iv, aad or b"", data[:-tag_length], data[-tag_length:])
    try:
        if tag_length == BLOCK:
            return _gcm(key).decrypt(iv, data, aad)
        mode = modes.GCM(iv, data[-tag_length:], min_tag_length=tag_length)
        decryptor = Cipher(algorithms.AES(key), mode).decryptor()
        if aad:
            decryptor.authenticate_additional_data(aad)
        return decryptor.update(data[:-tag_length]) + decryptor.finalize()
    except InvalidTag:
        return None


@op("crypto.aes_gcm_encrypt_into")
@borrows
def gcm_encrypt_into(
    _ctx: OpContext, key: bytes, iv: bytes, aad: bytes | memoryview | None, data: memoryview, out: memoryview
) -> None:
    """As `aes_gcm_encrypt` with a tag of 16 bytes, into `out`: 16 bytes longer than `data`. `iv`: 8 to 128 bytes."""
    _gcm(key).encrypt_into(iv, data, aad, out)


@op("crypto.aes_gcm_decrypt_into")
@borrows
def gcm_decrypt_into(
    _ctx: OpContext, key: bytes, iv: bytes, aad: bytes | memoryview | None, data: memoryview, out: memoryview
) -> bool:
    """The reverse: `out` is 16 bytes shorter than `data`. False, and `out` is of no use, when the tag is wrong."""
    try:
        _gcm(key).decrypt_into(iv, data, aad, out)
    except InvalidTag:
        return False
    return True


# A context costs ten times what encrypting a small message with it does. The ones that are free wait here, by key;
# whoever takes one has it alone.
_SMALL = 16384
_FREE_CONTEXTS = 256
_cbc_encryptors: dict[bytes, tuple[CipherContext, bytes]] = {}
_cbc_decryptors: dict[bytes, tuple[CipherContext, bytes]] = {}
_ctr_encryptors: dict[bytes, CipherContext] = {}
_NO_CHAIN = bytes(BLOCK)


def _put_back(free: dict[bytes, T], key: bytes, context: T) -> None:
    if len(free) >= _FREE_CONTEXTS:
        free.clear()
    free[key] = context


def _xor(a: bytes, b: bytes, c: bytes) -> bytes:
    number = int.from_bytes(a, "big") ^ int.from_bytes(b, "big") ^ int.from_bytes(c, "big")
    return number.to_bytes(BLOCK, "big")


@crypto_op("aes_cbc_encrypt")
def cbc_encrypt(_ctx: OpContext, key: bytes, iv: bytes, data: bytes) -> bytes:
    """The ciphertext of `data` and its PKCS #7 padding: 1 to 16 bytes longer than `data`."""
    pad = BLOCK - len(data) % BLOCK
    padding = bytes([pad]) * pad
    if len(data) > _SMALL:
        encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        whole = len(data) - len(data) % BLOCK
        return _in_pieces(encryptor, memoryview(data)[:whole], data[whole:] + padding)
    found = _cbc_encryptors.pop(key, None)
    context, last = found or (Cipher(algorithms.AES(key), modes.CBC(_NO_CHAIN)).encryptor(), _NO_CHAIN)
    padded = data + padding
    # The context adds its last block to the first one. Adding it before as well leaves the initialization vector.
    sealed = context.update(_xor(padded[:BLOCK], iv, last) + padded[BLOCK:])
    _put_back(_cbc_encryptors, key, (context, sealed[-BLOCK:]))
    return sealed


@crypto_op("aes_cbc_decrypt")
def cbc_decrypt(_ctx: OpContext, key: bytes, iv: bytes, data: bytes) -> bytes | None:
    """The plaintext without its padding, or None when the length or the padding is wrong."""
    if len(data) == 0 or len(data) % BLOCK != 0:
        return None
    if len(data) > _SMALL:
        padded = _in_pieces(Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor(), memoryview(data), b"")
    else:
        found = _cbc_decryptors.pop(key, None)
        context, last = found or (Cipher(algorithms.AES(key), modes.CBC(_NO_CHAIN)).decryptor(), _NO_CHAIN)
        chained = context.update(data)
        padded = _xor(chained[:BLOCK], iv, last) + chained[BLOCK:]
        _put_back(_cbc_decryptors, key, (context, data[-BLOCK:]))
    pad = padded[-1]
    if not 1 <= pad <= BLOCK or padded[-pad:] != bytes([pad]) * pad:
        return None
    return padded[:-pad]


# How much OpenSSL is given at a time: it does not let other threads run meanwhile.
_PIECE = 1 << 20


def _in_pieces(context: CipherContext, data: memoryview, rest: bytes) -> bytes:
    if len(data) <= _PIECE:
        return context.update(data) + context.update(rest)
    parts = [context.update(data[at : at + _PIECE]) for at in range(0, len(data), _PIECE)]
    parts.append(context.update(rest))
    return b"".join(parts)


@crypto_op("aes_ctr")
def ctr(_ctx: OpContext, key: bytes, counter: bytes, counter_bits: int, data: bytes) -> bytes | None:
    """`data` encrypted or, the same, decrypted. `counter`: 16 bytes; its last `counter_bits` (1 to 128) bits count.

    None when the counter would come back to where it started.
    """
    blocks = (len(data) + BLOCK - 1) // BLOCK
    period = 1 << counter_bits
    if blocks > period:
        return None
    start = int.from_bytes(counter, "big")
    until_wrap = period - (start & (period - 1))
    if blocks <= until_wrap:
        return _ctr_from(key, counter, memoryview(data))
    # OpenSSL's counter has always 128 bits: what comes after the wrap is a second message.
    split = until_wrap * BLOCK
    wrapped = (start & ~(period - 1)).to_bytes(BLOCK, "big")
    view = memoryview(data)
    return _ctr_from(key, counter, view[:split]) + _ctr_from(key, wrapped, view[split:])


def _ctr_from(key: bytes, counter: bytes, data: memoryview) -> bytes:
    context = _ctr_encryptors.pop(key, None)
    if context is None:
        context = Cipher(algorithms.AES(key), modes.CTR(counter)).encryptor()
    else:
        context.reset_nonce(counter)
    result = _in_pieces(context, data, b"")
    _put_back(_ctr_encryptors, key, context)
    return result


@crypto_op("aes_kw_wrap")
def kw_wrap(_ctx: OpContext, key: bytes, data: bytes) -> bytes:
    """`data` (16 bytes or more, a multiple of 8) wrapped as RFC 3394 has it: 8 bytes longer."""
    return aes_key_wrap(key, data)


@crypto_op("aes_kw_unwrap")
def kw_unwrap(_ctx: OpContext, key: bytes, data: bytes) -> bytes | None:
    """The reverse (24 bytes or more, a multiple of 8), or None when the check value is wrong."""
    try:
        return aes_key_unwrap(key, data)
    except InvalidUnwrap:
        return None
