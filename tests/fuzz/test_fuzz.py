"""A short run of the fuzzers; the long ones are started by hand."""

from __future__ import annotations

import pytest
from tests.fuzz import http_fuzz, websocket_fuzz


@pytest.mark.parametrize("seed", [1, 2])
def test_http(seed: int) -> None:
    found = http_fuzz.fuzz(2000, seed)
    # Mutations must not be so wild that everything is refused, nor so tame that nothing is.
    assert found["requests"] > 500
    assert found["ended"] > 200


@pytest.mark.parametrize("seed", [1, 2])
def test_websocket(seed: int) -> None:
    assert websocket_fuzz.fuzz(2000, seed)["messages"] > 2000
