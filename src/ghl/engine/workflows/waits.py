"""When a wait is over: pure functions from a step's arguments, the present and a zone to a moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ghl.engine.workflows.country_zones import zone_of_country
from ghl.errors import Invalid
from ghl.sdk.times import add_business_days, is_zone, resolve_local, zone_named
from ghl.sdk.when import add_months
from ghl.sdk.workflows.durations import Duration, parse_duration
from ghl.sdk.workflows.values import WEEKDAYS

MORNING = time(9)
"""The time of day of a date for which none is said."""

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Due:
    """The moment (UTC) at which a wait ends. `past`: it lay before the wait began, and `at` says when.

    `missing`: the field had no date, and `at` is the present.
    """

    at: datetime
    past: bool = False
    missing: bool = False


def zone_of(own: str | None, country: str | None, account: str) -> ZoneInfo:
    """A person's zone: her own, else her country's if that keeps one time, else the account's."""
    for name in (own, zone_of_country(country) if country else None):
        if name and is_zone(name):
            return zone_named(name)
    return zone_named(account)


def zone_for(chosen: str, person: ZoneInfo, account: ZoneInfo) -> ZoneInfo:
    """The zone that a step asks for: `contact`, `account` or a name."""
    if chosen == "contact":
        return person
    return account if chosen == "account" else zone_named(chosen)


def wait_due(
    arguments: Mapping[str, Any], *, now: datetime, zone: ZoneInfo, holidays: Collection[date] = ()
) -> datetime:
    """The end of a `wait`: its length after `now`, then the next of its weekdays and its time of day."""
    end = later(now, parse_duration(arguments["for"]), zone, holidays)
    return next_opening(end, zone, _clock(arguments), arguments.get("on"))


def until_due(
    arguments: Mapping[str, Any],
    *,
    now: datetime,
    zone: ZoneInfo,
    value: object = None,
    holidays: Collection[date] = (),
) -> Due:
    """The end of a `wait_until`; `value` is what its field holds (a date, a moment, their text, or None)."""
    clock, days = _clock(arguments), arguments.get("on")
    if "field" not in arguments and "date" not in arguments:
        return Due(next_opening(now, zone, clock, days))
    target = read_date(arguments.get("date", value))
    if target is None:
        return Due(now.astimezone(UTC), missing=True)
    offset = parse_duration(arguments["offset"]) if "offset" in arguments else Duration()
    at = moment_of(target, offset, clock, zone, holidays)
    if days:
        at = next_opening(at, zone, at.astimezone(zone).time(), days)
    return Due(at, past=at < now)


def later(start: datetime, length: Duration, zone: ZoneInfo, holidays: Collection[date] = ()) -> datetime:
    """A length of time after `start`: absolute, but business days keep the local time of day."""
    if length.business_days:
        local = start.astimezone(zone)
        day = add_business_days(local.date(), length.business_days, holidays)
        return resolve_local(day, local.time(), zone)
    return start.astimezone(UTC) + timedelta(seconds=length.total_seconds)


def moment_of(
    target: date | datetime,
    offset: Duration,
    clock: time | None,
    zone: ZoneInfo,
    holidays: Collection[date] = (),
) -> datetime:
    """The moment of a date with an offset: months, days and business days move it in the calendar of
    the zone, the time of day is `clock`, else the moment's own, else MORNING; hours are added last."""
    if isinstance(target, datetime):
        local = target.astimezone(zone)
        day, own = local.date(), local.time()
    else:
        day, own = target, MORNING
    day = add_months(day, offset.months) + timedelta(days=offset.days)
    if offset.business_days:
        day = add_business_days(day, offset.business_days, holidays)
    if isinstance(target, datetime) and clock is None and day == local.date():
        moment = target.astimezone(UTC)  # not resolved again: it may lie in the second hour of an overlap
    else:
        moment = resolve_local(day, own if clock is None else clock, zone)
    return moment + timedelta(seconds=offset.seconds)


def next_opening(start: datetime, zone: ZoneInfo, clock: time | None, days: Sequence[str] | None) -> datetime:
    """The first moment from `start` on that is on one of the weekdays, at the time of day.

    Without a time of day any moment of an allowed day will do, and a later day begins at MORNING.
    """
    start = start.astimezone(UTC)
    if clock is None and not days:
        return start
    today = start.astimezone(zone).date()
    for number in range(9):
        day = today + timedelta(days=number)
        if days and WEEKDAYS[day.weekday()] not in days:
            continue
        if clock is None and number == 0:
            return start
        moment = resolve_local(day, MORNING if clock is None else clock, zone)
        if moment >= start:
            return moment
    return start + _WEEK  # days of which a zone left out one, where it crossed the date line


def read_date(value: object) -> date | datetime | None:
    """A date or an aware moment from what a record holds; None where it holds none."""
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if isinstance(value, date) or value is None:
        return value
    text = str(value).strip()
    try:
        return date.fromisoformat(text) if len(text) == 10 else _aware(datetime.fromisoformat(text))
    except ValueError:
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _clock(arguments: Mapping[str, Any]) -> time | None:
    text = arguments.get("at")
    if text is None:
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise Invalid(f'"{text}" is not a time of day', hint="09:00") from None
