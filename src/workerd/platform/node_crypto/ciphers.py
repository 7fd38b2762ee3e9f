"""Symmetric ciphers in pieces: createCipheriv, createDecipheriv and getCipherInfo."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers import algorithms as old
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.padding import PKCS7

try:
    from cryptography.hazmat.decrepit.ciphers.modes import OFB
except ImportError:  # it moves there in some release
    OFB = modes.OFB  # type: ignore[misc]

from workerd.platform.node_crypto.errors import error
from workerd.platform.ops import OpContext, op


@dataclass(frozen=True)
class Info:
    """What is known of a cipher; sizes in bytes, `nid` is OpenSSL's number."""

    name: str
    nid: int
    key: int
    iv: int
    block: int
    mode: str


_TABLE = [
    Info("aes-128-cbc", 419, 16, 16, 16, "cbc"),
    Info("aes-192-cbc", 423, 24, 16, 16, "cbc"),
    Info("aes-256-cbc", 427, 32, 16, 16, "cbc"),
    Info("aes-128-ctr", 904, 16, 16, 1, "ctr"),
    Info("aes-192-ctr", 905, 24, 16, 1, "ctr"),
    Info("aes-256-ctr", 906, 32, 16, 1, "ctr"),
    Info("aes-128-ecb", 418, 16, 0, 16, "ecb"),
    Info("aes-192-ecb", 422, 24, 0, 16, "ecb"),
    Info("aes-256-ecb", 426, 32, 0, 16, "ecb"),
    Info("aes-128-ofb", 420, 16, 16, 1, "ofb"),
    Info("aes-192-ofb", 424, 24, 16, 1, "ofb"),
    Info("aes-256-ofb", 428, 32, 16, 1, "ofb"),
    Info("aes-128-gcm", 895, 16, 12, 1, "gcm"),
    Info("aes-192-gcm", 898, 24, 12, 1, "gcm"),
    Info("aes-256-gcm", 901, 32, 12, 1, "gcm"),
    Info("des-cbc", 31, 8, 8, 8, "cbc"),
    Info("des-ecb", 29, 8, 0, 8, "ecb"),
    Info("des-ede", 32, 16, 0, 8, "ecb"),
    Info("des-ede-cbc", 43, 16, 8, 8, "cbc"),
    Info("des-ede3-cbc", 44, 24, 8, 8, "cbc"),
    Info("rc2-cbc", 37, 16, 8, 8, "cbc"),
    Info("rc4", 5, 16, 0, 1, "stream"),
    Info("chacha20-poly1305", 950, 32, 12, 1, "stream"),
]
_BY_NAME = {info.name: info for info in _TABLE}
_BY_NAME |= {
    "id-aes128-gcm": _BY_NAME["aes-128-gcm"],
    "id-aes256-gcm": _BY_NAME["aes-256-gcm"],
    "aes128": _BY_NAME["aes-128-cbc"],
}
_BY_NAME |= {
    "aes192": _BY_NAME["aes-192-cbc"],
    "aes256": _BY_NAME["aes-256-cbc"],
    "id-aes192-gcm": _BY_NAME["aes-192-gcm"],
}
_BY_NID = {info.nid: info for info in _TABLE}

_AUTHENTICATION_FAILED = "Decryption failed: Incorrect key/IV or corrupted ciphertext/authentication tag provided."


def _algorithm(info: Info, key: bytes) -> Any:
    if info.name.startswith("aes"):
        return algorithms.AES(key)
    if info.name == "rc4":
        return old.ARC4(key)
    if info.name == "rc2-cbc":
        return old.RC2(key)
    # DES and two-key 3DES are 3DES with repeated keys.
    return old.TripleDES(key * 3 if len(key) == 8 else key + key[:8] if len(key) == 16 else key)


def _mode(info: Info, iv: bytes, tag_length: int) -> Any:
    match info.mode:
        case "cbc":
            return modes.CBC(iv)
        case "ctr":
            return modes.CTR(iv)
        case "ofb":
            return OFB(iv)
        case "ecb":
            return modes.ECB()
        case "gcm":
            return modes.GCM(iv, None, tag_length)
        case _:
            return None


class CipherState:
    """One running encryption or decryption."""

    def __init__(self, encrypt: bool, info: Info, key: bytes, iv: bytes, tag_length: int | None) -> None:
        self.encrypt = encrypt
        self.info = info
        self.tag: bytes | None = None
        self.tag_length = tag_length if tag_length is not None else 16
        self.padding = info.block > 1
        self.finished = False
        cipher = Cipher(_algorithm(info, key), _mode(info, iv, 4))
        self.context: Any = cipher.encryptor() if encrypt else cipher.decryptor()
        self.pad: Any = None

    def update(self, data: bytes) -> bytes:
        self._open()
        if self.padding and self.encrypt:
            if self.pad is None:
                self.pad = PKCS7(self.info.block * 8).padder()
            return bytes(self.context.update(self.pad.update(data)))
        out = self.context.update(data)
        if self.padding:
            if self.pad is None:
                self.pad = PKCS7(self.info.block * 8).unpadder()
            return bytes(self.pad.update(out))
        return bytes(out)

    def final(self) -> bytes:
        self._open()
        self.finished = True
        try:
            if self.info.mode == "gcm":
                if self.encrypt:
                    out = self.context.finalize()
                    self.tag = self.context.tag[: self.tag_length]
                    return bytes(out)
                if self.tag is None:
                    raise error("Unsupported state or unable to authenticate data")
                return bytes(self.context.finalize_with_tag(self.tag))
            if self.padding and self.encrypt:
                pad = self.pad or PKCS7(self.info.block * 8).padder()
                return bytes(self.context.update(pad.finalize()) + self.context.finalize())
            out = self.context.finalize()
            if self.padding:
                pad = self.pad or PKCS7(self.info.block * 8).unpadder()
                return bytes(pad.update(out) + pad.finalize())
            return bytes(out)
        except InvalidTag:
            raise error("Unsupported state or unable to authenticate data") from None
        except ValueError as problem:
            raise error("wrong final block length" if "block length" in str(problem) else "bad decrypt") from None

    def set_aad(self, data: bytes) -> None:
        self._open()
        if self.info.mode != "gcm":
            raise error("setAAD is only for authenticated ciphers")
        self.context.authenticate_additional_data(data)

    def set_padding(self, on: bool) -> None:
        self._open()
        self.padding = on and self.info.block > 1

    def set_tag(self, tag: bytes) -> None:
        if self.encrypt or self.info.mode != "gcm" or not 4 <= len(tag) <= 16:
            raise error("Invalid authentication tag")
        self.tag = tag

    def auth_tag(self) -> bytes | None:
        if self.info.mode != "gcm" or not self.encrypt:
            raise error("getAuthTag is only for authenticated encryption")
        return self.tag

    def _open(self) -> None:
        if self.finished:
            raise error("Unsupported state", "ERR_CRYPTO_INVALID_STATE")


class ChaChaState(CipherState):
    """chacha20-poly1305, whole messages only: update() takes all of it, once, and a decryption gives nothing that is not
    authenticated. The reference does the same."""

    def __init__(self, encrypt: bool, info: Info, key: bytes, iv: bytes, tag_length: int | None) -> None:
        self.encrypt = encrypt
        self.info = info
        self.tag = None
        self.tag_length = tag_length if tag_length is not None else 16
        self.padding = False
        self.finished = False
        self.key = ChaCha20Poly1305(key)
        self.iv = iv
        self.aad: bytes | None = None
        self.updated = False

    def update(self, data: bytes) -> bytes:
        self._open()
        if self.updated:
            raise error("chacha20-poly1305 takes the whole message in one update")
        self.updated = True
        if self.encrypt:
            sealed = self.key.encrypt(self.iv, data, self.aad)
            self.tag = sealed[-16:][: self.tag_length]
            return sealed[:-16]
        if self.tag is None:
            raise error("The authentication tag must be set before update")
        try:
            return self.key.decrypt(self.iv, data + self.tag, self.aad)
        except InvalidTag:
            raise error(_AUTHENTICATION_FAILED, "OperationError") from None

    def final(self) -> bytes:
        self._open()
        if not self.updated:
            self.update(b"")
        self.finished = True
        return b""

    def set_aad(self, data: bytes) -> None:
        self._open()
        self.aad = (self.aad or b"") + data

    def set_tag(self, tag: bytes) -> None:
        if self.encrypt or len(tag) != 16:
            raise error("Invalid authentication tag")
        self.tag = tag

    def auth_tag(self) -> bytes | None:
        return self.tag


@op("node_crypto.cipher")
def cipher_new(
    ctx: OpContext, encrypt: bool, name: str, key: bytes, iv: bytes, tag_length: int | None
) -> dict[str, Callable[..., Any]]:
    info = _BY_NAME.get(name.lower())
    if info is None:
        raise error("Unknown or unsupported cipher", "ERR_CRYPTO_UNKNOWN_CIPHER")
    if len(key) != info.key and not (info.name in ("rc4", "rc2-cbc") and 5 <= len(key) <= 16):
        raise error("Invalid key length", "ERR_CRYPTO_INVALID_KEYLEN", "RangeError")
    if info.mode == "gcm":
        if not 8 <= len(iv) <= 128:
            raise error("Invalid initialization vector", "ERR_CRYPTO_INVALID_IV", "TypeError")
    elif len(iv) != info.iv:
        raise error("Invalid initialization vector", "ERR_CRYPTO_INVALID_IV", "TypeError")
    if tag_length is not None and not 4 <= tag_length <= 16:
        raise error("Invalid authentication tag length", "ERR_CRYPTO_INVALID_AUTH_TAG", "TypeError")
    try:
        kind = ChaChaState if info.name == "chacha20-poly1305" else CipherState
        state = kind(encrypt, info, key, iv, tag_length)
    except (UnsupportedAlgorithm, ValueError):
        raise error("Unknown or unsupported cipher", "ERR_CRYPTO_UNKNOWN_CIPHER") from None
    return {
        "update": state.update,
        "final": state.final,
        "setAAD": state.set_aad,
        "setAutoPadding": state.set_padding,
        "setAuthTag": state.set_tag,
        "getAuthTag": state.auth_tag,
    }


def _short_name(name: str) -> str:
    """OpenSSL's own name of a cipher."""
    if name.endswith("-gcm"):
        return f"id-aes{name[4:7]}-GCM"
    return name if name.startswith("chacha") else name.upper()


@op("node_crypto.cipher_info")
def cipher_info(
    ctx: OpContext, name: str | int, key_length: int | None, iv_length: int | None
) -> dict[str, Any] | None:
    info = _BY_NID.get(name) if isinstance(name, int) else _BY_NAME.get(str(name).lower())
    if info is None:
        return None
    if key_length is not None and key_length != info.key:
        return None
    iv = info.iv
    if iv_length is not None:
        if iv_length != info.iv and not (info.mode == "gcm" and 8 <= iv_length <= 128):
            return None
        iv = iv_length
    found: dict[str, Any] = {"name": _short_name(info.name), "nid": info.nid}
    return found | {"blockSize": info.block, "ivLength": iv, "keyLength": info.key, "mode": info.mode}


@op("node_crypto.timing_safe_equal")
def timing_safe_equal(ctx: OpContext, a: bytes, b: bytes) -> bool:
    return hmac.compare_digest(a, b)
