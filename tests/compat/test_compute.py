"""Compatibility dates and flags: what a Worker gets, and what is refused."""

from __future__ import annotations

import pytest

from workerd.compat import FLAGS, compute, dates
from workerd.compat.docs import compatibility_md
from workerd.compat.table import ROWS

OLD = "2021-05-01"


def test_a_flag_is_off_before_its_date_and_on_from_it() -> None:
    assert "formdata_parser_supports_files" not in compute("2021-11-02")
    assert "formdata_parser_supports_files" in compute("2021-11-03")


def test_enable_and_disable_flags_win_over_the_date() -> None:
    assert "global_navigator" in compute(OLD, ["global_navigator"])
    assert "global_navigator" not in compute("2024-01-01", ["no_global_navigator"])


def test_only_the_all_dates_flag_is_on_at_the_oldest_date() -> None:
    assert compute("2000-01-01").enabled == {"r2_public_beta_bindings"}


def test_implication_needs_its_date() -> None:
    assert "nodejs_compat_v2" not in compute("2024-09-22", ["nodejs_compat"])
    assert "nodejs_compat_v2" in compute("2024-09-23", ["nodejs_compat"])


def test_implication_is_refused_by_the_disable_flag() -> None:
    assert "nodejs_compat_v2" not in compute("2024-09-23", ["nodejs_compat", "no_nodejs_compat_v2"])


def test_implications_chain_in_table_order() -> None:
    # nodejs_compat -> enable_nodejs_http_modules -> enable_nodejs_http_server_modules stand in this order.
    assert "enable_nodejs_http_server_modules" in compute("2025-09-01", ["nodejs_compat"])
    assert "enable_nodejs_http_server_modules" not in compute("2025-08-31", ["nodejs_compat"])


def test_implications_against_table_order_are_not_followed() -> None:
    # remove_nodejs_compat_eol_v23 is implied by ..._v24, which stands after it in the table and is itself implied (by
    # remove_nodejs_compat_eol, from 2028-04-30), so v23 does not follow from it within the one pass.
    enabled = compute("2028-04-30", ["remove_nodejs_compat_eol"], any_date=True)
    assert "remove_nodejs_compat_eol_v24" in enabled
    assert "remove_nodejs_compat_eol_v23" not in enabled


def test_unknown_flags_are_refused() -> None:
    assert compute(OLD, ["no_such_thing"]).errors == ("No such compatibility flag: no_such_thing",)


def test_contradictions_and_repetitions_are_refused_together() -> None:
    errors = compute(OLD, ["global_navigator", "no_global_navigator", "global_navigator"]).errors
    assert errors == (
        "Compatibility flag specified multiple times: global_navigator",
        "Compatibility flags are mutually contradictory: global_navigator vs no_global_navigator",
    )


def test_experimental_flags_need_the_option() -> None:
    (error,) = compute(OLD, ["unsafe_module"]).errors
    assert error.startswith("The compatibility flag unsafe_module is experimental")
    assert "--experimental" in error
    assert compute(OLD, ["unsafe_module"], experimental=True).errors == ()
    assert compute(OLD, ["unsafe_module"], allowed_experimental=["unsafe_module"]).errors == ()


def test_redundant_flags_are_remarked_on() -> None:
    assert compute("2024-01-01", ["global_navigator"]).warnings == (
        "The compatibility flag global_navigator became the default as of 2022-03-21 so does not need to be specified "
        "anymore.",
    )
    assert compute("2024-01-01", ["global_navigator"], any_date=True).warnings == ()


@pytest.mark.parametrize("text", ["", "2024", "2024-13-01", "2024-1-01", "1999-12-31", "3000-01-01", "2024-01-32"])
def test_what_is_no_date_is_refused(text: str) -> None:
    assert compute(text).errors == (f"Invalid compatibility date: {text}",)


def test_today_is_accepted_and_tomorrow_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "today", lambda: "2026-12-24")
    assert compute("2026-12-24").errors == ()
    newest, future = compute("2026-12-25").errors
    assert newest.startswith('This Worker requires compatibility date "2026-12-25", but the newest date supported')
    assert future == 'Can\'t set compatibility date in the future: "2026-12-25". Today\'s date (UTC) is "2026-12-24".'
    assert compute("2999-12-31", any_date=True).errors == ()


def test_the_table_is_consistent() -> None:
    names = [name for flag in FLAGS for name in (flag.enable, flag.disable) if name]
    assert len(names) == len(set(names))
    fields = {flag.field for flag in FLAGS}
    assert all(other in fields for flag in FLAGS for other in flag.implied_by)
    assert {flag.state for flag in FLAGS} <= {"done", "part", "todo", "cloudflare", "obsolete"}
    for flag in FLAGS:
        assert flag.date is None or dates.is_date(flag.date)
        assert bool(flag.implied_by) == bool(flag.implied_from)
    assert len(FLAGS) == len(ROWS.strip().splitlines()) == 205


def test_the_document_is_current(request: pytest.FixtureRequest) -> None:
    current = (request.config.rootpath / "docs/compatibility.md").read_text()
    assert current == compatibility_md(), "run `python -m workerd.compat.docs > docs/compatibility.md`"
