"""remove_nodejs_compat_eol does nothing by itself: with time it brings the flags of the releases of Node that have ended."""

from __future__ import annotations

import pytest

from workerd.compat import compute

ROLLED = {"remove_nodejs_compat_eol_v22": "2027-04-30", "remove_nodejs_compat_eol_v24": "2028-04-30"}


@pytest.mark.parametrize(("flag", "since"), ROLLED.items())
def test_each_comes_with_its_date(flag: str, since: str) -> None:
    year, rest = since.split("-", 1)
    before = f"{int(year) - 1}-{rest}"
    assert flag not in compute(before, ["remove_nodejs_compat_eol"], any_date=True).enabled
    assert flag in compute(since, ["remove_nodejs_compat_eol"], any_date=True).enabled
    assert flag not in compute(since, ["add_nodejs_compat_eol", "nodejs_compat"], any_date=True).enabled


def test_one_of_them_brings_another() -> None:
    assert "remove_nodejs_compat_eol_v23" in compute("2025-09-01", ["remove_nodejs_compat_eol_v24"]).enabled
    # Flags are computed in their order: one that a later one brings has had its turn.
    assert (
        "remove_nodejs_compat_eol_v23" not in compute("2028-04-30", ["remove_nodejs_compat_eol"], any_date=True).enabled
    )


def test_it_comes_with_node() -> None:
    assert "remove_nodejs_compat_eol" in compute("2025-09-01", ["nodejs_compat"]).enabled
    assert "remove_nodejs_compat_eol" not in compute("2025-08-31", ["nodejs_compat"]).enabled
