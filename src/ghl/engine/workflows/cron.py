"""Cron rules of five fields in a zone, with the daylight-saving rules of Debian's cron."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ghl.errors import Invalid

_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_EXAMPLE = '"0 9 * * mon-fri" is 09:00 on weekdays; also @daily, @hourly, @weekly, @monthly, @yearly'


def canonical(rule: str) -> str:
    """The rule in five fields; raises Invalid with an example where it is not one."""
    text = " ".join(rule.split()).lower()
    text = _NAMED.get(text, text)
    if text.startswith("@"):
        raise Invalid(f'"{rule}" is not a cron rule', hint=_EXAMPLE)
    fields = text.split(" ")
    if len(fields) != 5:
        raise Invalid(f'"{rule}" has {len(fields)} fields, and a cron rule has 5', hint=_EXAMPLE)
    _simulated(text, datetime(2000, 1, 1, tzinfo=UTC), rule)
    return text


def explain(rule: str) -> str:
    """The rule in English, such as "At 09:00 on Monday"."""
    return str(_simulated(canonical(rule), datetime(2000, 1, 1, tzinfo=UTC), rule).explain())


def next_fire(rule: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first time the rule fires later than `after`, in UTC; None where it never does again.

    A time of day that a change of clocks skips fires right after the gap, one that occurs twice fires
    once; rules with `*` in the minute or hour follow elapsed time.
    """
    try:
        fires: Iterator[datetime] = _simulated(canonical(rule), after.astimezone(zone), rule)
        # In the second half of an overlap the rule's first time of the day lies behind us.
        return next(fire for fire in (at.astimezone(UTC) for at in fires) if fire > after)
    except StopIteration:
        return None


def _simulated(text: str, start: datetime, rule: str):  # type: ignore[no-untyped-def]
    # cronsim costs 16 ms, and only definitions with a schedule need it.
    from cronsim import CronSim, CronSimError

    try:
        return CronSim(text, start)
    except CronSimError as error:
        raise Invalid(f'"{rule}" is not a cron rule: {str(error).lower()}', hint=_EXAMPLE) from None
