"""-k expressions."""

from __future__ import annotations

import pytest

from workerd.testing.keyword import KeywordError, matches


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("fetch", True),
        ("FETCH", True),
        ("redirect", False),
        ("fetch and body", True),
        ("fetch and not body", False),
        ("redirect or body", True),
        ("not (redirect or other)", True),
        ("not not fetch", True),
        ("redirect or fetch and other", False),
        ("api:fetch", True),
    ],
)
def test_matches(expression: str, holds: bool) -> None:
    assert matches(expression, "api:fetchBody") is holds


@pytest.mark.parametrize("expression", ["", "and", "fetch or", "(fetch", "fetch)", "not", "fetch body"])
def test_malformed(expression: str) -> None:
    with pytest.raises(KeywordError):
        matches(expression, "api:fetchBody")
