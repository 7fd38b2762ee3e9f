"""Hashes and HMACs, at once or in pieces."""

from __future__ import annotations

import hashlib
import hmac as hmac_module
from collections.abc import Callable
from functools import partial
from typing import Any

from workerd.platform.node_crypto.errors import error
from workerd.platform.node_crypto.md4 import MD4
from workerd.platform.ops import OpContext, op

# Hashes whose HMAC OpenSSL does not make.
_NO_OPENSSL_HMAC = frozenset({"md4", "md5-sha1"})

# OpenSSL's other names for the same functions.
_ALIASES = {
    "rsamd5": "md5", "rsasha1": "sha1", "rsasha12": "sha1", "dsasha": "sha1", "dsasha1": "sha1", "ecdsawithsha1": "sha1", "ssl3md5": "md5",
    "ssl3sha1": "sha1", "rsasha224": "sha224", "rsasha256": "sha256", "rsasha384": "sha384", "rsasha512": "sha512",
    "rsaripemd160": "ripemd160", "rmd160": "ripemd160", "ripemd": "ripemd160", "rsamd4": "md4", "sha512256": "sha512_256",
    "sha512224": "sha512_224", "rsasha512256": "sha512_256", "sha3224": "sha3_224", "sha3256": "sha3_256", "sha3384": "sha3_384",
    "sha3512": "sha3_512", "shake128": "shake_128", "shake256": "shake_256", "blake2b512": "blake2b", "blake2s256": "blake2s",
    "md5sha1": "md5-sha1",
}  # fmt: skip


def hash_name(name: str) -> str | None:
    """The name hashlib knows a digest by, or None when there is no such digest."""
    plain = name.lower().replace("-", "").replace("/", "").replace("_", "")
    known = _ALIASES.get(plain, plain)
    if known == "md4":
        return known
    try:
        hashlib.new(known)
    except ValueError:
        return None
    return known


def make(known: str, data: bytes = b"") -> Any:
    """A hash by hashlib's name, or MD4."""
    return MD4(data) if known == "md4" else hashlib.new(known, data)


def new_hash(name: str) -> Any:
    known = hash_name(name)
    if known is None:
        raise error("Digest method not supported")
    return make(known)


def _digest(state: Any, length: int | None) -> bytes:
    if state.name.startswith("shake"):
        default = 16 if state.name == "shake_128" else 32
        result: bytes = state.digest(default if length is None else length)
        return result
    if length is not None and length != state.digest_size:
        raise error("Unsupported state or unable to set digest output length")
    full: bytes = state.digest()
    return full


def _handle(state: Any, length: int | None) -> dict[str, Callable[..., Any]]:
    return {
        "update": lambda data: state.update(data),
        "digest": lambda: _digest(state, length),
        "copy": lambda new_length=None: _handle(state.copy(), new_length),
    }


@op("node_crypto.hash")
def hash_once(ctx: OpContext, name: str, data: bytes, length: int | None = None) -> bytes:
    state = new_hash(name)
    state.update(data)
    return _digest(state, length)


@op("node_crypto.hash_new")
def hash_new(ctx: OpContext, name: str, length: int | None = None) -> dict[str, Callable[..., Any]]:
    state = new_hash(name)
    if length is not None and not state.name.startswith("shake") and length != state.digest_size:
        raise error("Unsupported state or unable to set digest output length")
    return _handle(state, length)


@op("node_crypto.hash_known")
def hash_known(ctx: OpContext, name: str) -> bool:
    return hash_name(name) is not None


def hmac(name: str, key: bytes, data: bytes) -> bytes:
    known = hash_name(name)
    if known is None:
        raise error("Digest method not supported")
    if known in _NO_OPENSSL_HMAC:
        return hmac_module.new(key, data, partial(make, known)).digest()
    return hmac_module.digest(key, data, known)


@op("node_crypto.hmac")
def hmac_once(ctx: OpContext, name: str, key: bytes, data: bytes) -> bytes:
    return hmac(name, key, data)


@op("node_crypto.hmac_new")
def hmac_new(ctx: OpContext, name: str, key: bytes) -> dict[str, Callable[..., Any]]:
    known = hash_name(name)
    if known is None:
        raise error("Digest method not supported")
    if known in _NO_OPENSSL_HMAC:
        state = hmac_module.new(key, digestmod=partial(make, known))
    else:
        state = hmac_module.new(key, digestmod=known)
    return {"update": lambda data: state.update(data), "digest": lambda: state.digest()}
