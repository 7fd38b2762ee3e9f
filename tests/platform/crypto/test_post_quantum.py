"""ML-KEM, ML-DSA and X-Wing. The numbers are workerd's."""

from __future__ import annotations

from typing import Any, cast

import pytest

from workerd.platform.crypto import keys, post_quantum

CTX = cast(Any, None)
SEED = bytes(range(64))


@pytest.mark.parametrize(("name", "size"), [("ML-KEM-768", 1088), ("ML-KEM-1024", 1568)])
def test_ml_kem(name: str, size: int) -> None:
    private = post_quantum.pq_from_seed(CTX, name, SEED)
    assert private[-64:] == SEED
    secret, ciphertext = post_quantum.ml_kem_encapsulate(CTX, keys.public_of(CTX, private))
    assert len(ciphertext) == size
    assert post_quantum.ml_kem_decapsulate(CTX, private, ciphertext) == secret
    # What is not genuine gives a secret too, always the same one.
    false = post_quantum.ml_kem_decapsulate(CTX, private, bytes(size))
    assert false == post_quantum.ml_kem_decapsulate(CTX, private, bytes(size)) != secret


def test_ml_kem_refuses_what_fips_203_does() -> None:
    assert post_quantum.pq_from_public(CTX, "ML-KEM-768", b"\xff" * 1184) is None


@pytest.mark.parametrize("name", ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"])
def test_ml_dsa(name: str) -> None:
    private, public = post_quantum.pq_generate(CTX, name)
    signature = post_quantum.ml_dsa_sign(CTX, private, b"context", b"data")
    assert post_quantum.ml_dsa_verify(CTX, public, b"context", signature, b"data")
    assert not post_quantum.ml_dsa_verify(CTX, public, b"", signature, b"data")
    assert not post_quantum.ml_dsa_verify(CTX, public, b"context", signature[1:], b"data")
    assert not post_quantum.ml_dsa_verify(CTX, public, b"context", b"", b"data")


def test_xwing() -> None:
    seed = SEED[:32]
    public = post_quantum.xwing_public(CTX, seed)
    assert len(public) == 1216
    found = post_quantum.xwing_encapsulate(CTX, public)
    assert found is not None
    secret, ciphertext = found
    assert len(ciphertext) == 1120
    assert post_quantum.xwing_decapsulate(CTX, seed, ciphertext) == secret
    of_ones = post_quantum.xwing_decapsulate(CTX, seed, b"\1" * 1120)
    assert of_ones == bytes.fromhex("6a59fe1cde5180d452c519aff22bdad0023e8a631aa09ba92dcded61b13923d3")
    # X25519's part is a point of small order.
    assert post_quantum.xwing_decapsulate(CTX, seed, bytes(1120)) is None
    assert post_quantum.xwing_encapsulate(CTX, b"\xff" * 1216) is None
