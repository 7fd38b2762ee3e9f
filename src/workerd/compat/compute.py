"""From a Worker's compatibility date and flags to the set of behaviours it gets."""

from __future__ import annotations

from collections.abc import Iterable

from workerd.compat import dates
from workerd.compat.flags import FLAGS
from workerd.config.record import Record


class CompatFlags(Record):
    """The result. `enabled` holds *enable flag* names; usable only when `errors` is empty."""

    date: str
    enabled: frozenset[str]
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __contains__(self, enable_flag: str) -> bool:
        return enable_flag in self.enabled


def compute(
    date: str,
    flags: Iterable[str] = (),
    *,
    experimental: bool = False,
    any_date: bool = False,
    allowed_experimental: Iterable[str] = (),
) -> CompatFlags:
    """Compute the flags of a Worker.

    date: "YYYY-MM-DD". flags: names as configured. experimental: the command line allows experimental flags;
    allowed_experimental: those allowed without. any_date: take dates of the future (tests), and do not remark on flags
    that the date already implies. Mistakes are collected in the result, in the reference's words.
    """
    errors: list[str] = []
    warnings: list[str] = []
    unclaimed: dict[str, None] = {}
    for name in flags:
        if name in unclaimed:
            errors.append(f"Compatibility flag specified multiple times: {name}")
        unclaimed[name] = None

    if not dates.is_date(date):
        errors.append(f"Invalid compatibility date: {date}")
        date = dates.FALLBACK_DATE
    elif not any_date:
        _check_date(date, errors)

    allowed = frozenset(allowed_experimental)
    on: set[str] = set()
    disabled: set[str] = set()
    for flag in FLAGS:
        by_flag = flag.enable in unclaimed
        unclaimed.pop(flag.enable, None)
        by_date = flag.all_dates or (flag.date is not None and date >= flag.date)
        off = flag.disable is not None and flag.disable in unclaimed
        if off:
            unclaimed.pop(flag.disable or "", None)
            disabled.add(flag.field)
        if by_flag and off:
            errors.append(f"Compatibility flags are mutually contradictory: {flag.enable} vs {flag.disable}")
        if by_flag and by_date and not any_date:
            since = f"became the default as of {flag.date}" if flag.date else "is the default,"
            warnings.append(f"The compatibility flag {flag.enable} {since} so does not need to be specified anymore.")
        if by_flag and flag.experimental and not experimental and flag.enable not in allowed:
            errors.append(
                f"The compatibility flag {flag.enable} is experimental and may break or be removed in a future version "
                "of workerd. To use this flag, you must pass --experimental on the command line."
            )
        if by_flag or (by_date and not off):
            on.add(flag.field)

    # One pass in table order: an implication through a flag that stands later in the table is not followed. Dates in
    # the table were chosen knowing that, so a fixed point would enable more than Workers were promised.
    for flag in FLAGS:
        if (
            flag.implied_from is not None
            and date >= flag.implied_from
            and flag.field not in disabled
            and any(other in on for other in flag.implied_by)
        ):
            on.add(flag.field)

    errors.extend(f"No such compatibility flag: {name}" for name in unclaimed)
    enabled = frozenset(flag.enable for flag in FLAGS if flag.field in on)
    return CompatFlags(date, enabled, tuple(errors), tuple(warnings))


def _check_date(date: str, errors: list[str]) -> None:
    newest, today = dates.newest(), dates.today()
    if date > newest:
        errors.append(
            f'This Worker requires compatibility date "{date}", but the newest date supported by this server binary '
            f'is "{newest}".'
        )
    if date > today:
        errors.append(f'Can\'t set compatibility date in the future: "{date}". Today\'s date (UTC) is "{today}".')
