"""The fixed layouts of EC keys say what OpenSSL says."""

from __future__ import annotations

from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from workerd.platform.crypto import elliptic, keys
from workerd.platform.crypto.ec_der import LAYOUTS, layout_of, public_layout

CTX = cast(Any, None)


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name: str) -> None:
    layout = LAYOUTS[name]
    for _ in range(20):
        key = ec.generate_private_key(layout.curve)
        private, public = keys.to_pkcs8(key), keys.to_spki(key.public_key())
        numbers = key.private_numbers()
        secret = numbers.private_value.to_bytes(layout.size, "big")
        x, y = (n.to_bytes(layout.size, "big") for n in (numbers.public_numbers.x, numbers.public_numbers.y))
        assert layout_of(private) is layout_of(public) is layout
        assert layout.point(private) == layout.point(public) == b"\4" + x + y
        assert layout.secret(private) == secret
        assert layout.private_der(secret, b"\4" + x + y) == private
        assert layout.public_der(b"\4" + x + y) == public
        assert public_layout(public) == (name, layout)
        assert public_layout(public + b"\0") is None
        assert elliptic.ec_numbers(CTX, private, True) == [x, y, secret]


@pytest.mark.parametrize("name", LAYOUTS)
def test_generated_keys_are_what_they_say(name: str) -> None:
    private, public = elliptic.ec_generate(CTX, name)
    assert keys.public_of(CTX, private) == public
    assert elliptic.ec_from_numbers(CTX, name, *elliptic.ec_numbers(CTX, private, True)) == private
    x, y = elliptic.ec_numbers(CTX, public, False)
    assert elliptic.ec_from_numbers(CTX, name, x, y, None) == public
    other = elliptic.ec_numbers(CTX, elliptic.ec_generate(CTX, name)[0], True)[2]
    assert elliptic.ec_from_numbers(CTX, name, x, y, other) == "pair"
    assert elliptic.ec_from_point(CTX, name, elliptic.ec_point(CTX, public)) == public


def test_keys_that_are_remembered_are_not_many() -> None:
    for _ in range(keys.CACHED_KEYS + 50):
        elliptic.ec_generate(CTX, "P-256")
    assert len(keys._private) <= keys.CACHED_KEYS
