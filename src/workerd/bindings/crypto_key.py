"""`cryptoKey`: a CryptoKey, imported when the Worker starts.

    {"name": str, "kind": "cryptoKey", "format": "raw" | "pkcs8" | "spki" | "jwk",
     "data": bytes, or JSON text for "jwk", "algorithm": JSON text (a string or an object of importKey's),
     "extractable": bool, "usages": [str, ...]}

What is wrong with the key itself is found by the import (`makeKeyBinding` of platform/js/crypto), which throws.
"""

from __future__ import annotations

import base64
import binascii
import json
import re

from workerd.bindings.context import BindingContext, BindingError, Descriptor
from workerd.config.bindings import CryptoKey

_PEM = re.compile(r"\s*-----BEGIN ([^\n]*?)-----\s*\n(.*?)-----END ([^\n]*?)-----\s*", re.DOTALL)


def describe(name: str, value: CryptoKey, context: BindingContext) -> Descriptor:
    where = context.where(name)
    data: bytes | str
    match value.format:
        case "raw":
            key_format, data = "raw", _bytes(value.data)
        case "hex":
            key_format, data = "raw", _hex(_text(value.data), where)
        case "base64":
            key_format, data = "raw", _base64(_text(value.data), where)
        case "pkcs8":
            key_format, data = "pkcs8", _pem(_text(value.data), "PRIVATE KEY", where)
        case "spki":
            key_format, data = "spki", _pem(_text(value.data), "PUBLIC KEY", where)
        case "jwk":
            key_format, data = "jwk", _json(_text(value.data), "key", where)
        case _:
            raise BindingError(
                f"{where} has a CryptoKey type that this release does not know. Was the config compiled with a newer "
                "version of the schema?"
            )
    return {
        "name": name,
        "kind": "cryptoKey",
        "format": key_format,
        "data": data,
        "algorithm": _json(value.algorithm, "algorithm", where)
        if value.algorithm_is_json
        else json.dumps(value.algorithm),
        "extractable": value.extractable,
        "usages": list(value.usages),
    }


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else bytes(data)


def _text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode("utf-8", "replace")


def _hex(text: str, where: str) -> bytes:
    try:
        return binascii.unhexlify(text)
    except ValueError:
        raise BindingError(f"{where} contained invalid hex.") from None


def _base64(text: str, where: str) -> bytes:
    """Base64 with or without line breaks and padding, in either alphabet."""
    digits = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except ValueError:
        raise BindingError(f"{where} contained invalid base64.") from None


def _pem(text: str, expected: str, where: str) -> bytes:
    found = _PEM.fullmatch(text)
    if found is None or found[1] != found[3]:
        raise BindingError(f"{where} contained invalid PEM format.")
    if found[1] != expected:
        raise BindingError(f'{where} contained wrong PEM type, expected "{expected}" but got "{found[1]}".')
    try:
        return base64.b64decode("".join(found[2].split()), validate=True)
    except ValueError:
        raise BindingError(f"{where} contained invalid PEM format.") from None


def _json(text: str, what: str, where: str) -> str:
    try:
        json.loads(text)
    except ValueError as error:
        raise BindingError(f"{where} contained invalid JSON as its {what}: {error}") from None
    return text
