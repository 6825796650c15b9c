"""Moments and zones: fixed-width UTC text, zone names, local times across clock changes, business days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from ghl.errors import Invalid

MIDNIGHT = time(0)


def stamp(moment: datetime) -> str:
    """A moment as `2026-11-24T10:00:00.000Z`: always 24 characters, so it sorts as text; UTC, cut to
    milliseconds.

    The moment must carry a zone: a naive one raises Invalid.
    """
    if moment.tzinfo is None:
        raise Invalid(f'"{moment.isoformat()}" has no time zone', hint=f"{moment.isoformat()}Z")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def parse_stamp(text: str) -> datetime:
    """The moment of a text that `stamp` made, aware, in UTC; anything else raises Invalid."""
    try:
        moment: datetime | None = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(f'"{text}" is not a moment in UTC', hint="2026-11-24T10:00:00.000Z")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def parse_moment(
    text: str, *, now: datetime, zone: str | tzinfo, field: str | None = None, at: time = MIDNIGHT
) -> datetime:
    """The moment that a person means by `tomorrow 10:00`, `+2 days` or an ISO date, aware, in UTC.

    Words are read in `zone`, seen from `now`; `at` is the time of day of a date that says none.
    Raises Invalid, with `field` as the input at fault.
    """
    from ghl.sdk.when import read_when  # the grammar of dates; most programs only read stamps

    return read_when(text, now=now, zone=zone, field=field, at=at).moment


def parse_duration(text: str, *, field: str | None = None) -> timedelta:
    """A length of time such as `2 days`, `90m`, `1h30m`: a day is 24 hours, a week seven days.

    Months, years and business days have no fixed length and raise Invalid.
    """
    from ghl.sdk.workflows import durations  # one grammar of durations for the house

    try:
        amount = durations.parse_duration(text)
    except Invalid as error:
        error.field = field
        raise
    if amount.months or amount.business_days:
        raise Invalid(f'"{text}" has no fixed length', hint="30 days", field=field)
    return timedelta(seconds=amount.total_seconds)


def resolve_local(day: date, clock: time, zone: str | tzinfo) -> datetime:
    """The moment at which the clocks of a zone show a time on a day, aware, in UTC.

    A time that the change to summer time skips moves forward by the length of the gap (02:30 becomes
    03:30); a time that occurs twice is its first occurrence.
    """
    where = zone_named(zone) if isinstance(zone, str) else zone
    # With fold=0 Python uses the offset before the change, which is exactly both rules.
    local = datetime.combine(day, clock.replace(tzinfo=None, fold=0), tzinfo=where)
    try:
        return local.astimezone(UTC)
    except OverflowError:
        raise Invalid(f'"{day}" is out of the range of dates') from None


def zone_named(name: str, *, field: str | None = None) -> ZoneInfo:
    """The zone with this IANA name; any other text raises Invalid with the nearest name as hint."""
    if not is_zone(name):
        raise Invalid(f'there is no time zone "{name}"', hint=_nearest_zone(name), field=field)
    return ZoneInfo(name)


def check_zone(name: str, *, field: str | None = None) -> str:
    """The name itself where it is an IANA zone name; anything else raises Invalid with the nearest."""
    return zone_named(name, field=field).key


def local_zone() -> str:
    """The IANA name of this machine's zone; UTC where it cannot be told."""
    from ghl.sdk.local_zone import find_local_zone  # asked once in the life of a store

    return find_local_zone() or "UTC"


def is_zone(name: str) -> bool:
    """Whether the zone database has exactly this name."""
    return name in zone_names()


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every IANA zone name, the same on every machine.

    Membership is asked before a file is opened by the name, since some file systems ignore case and
    the name may come from a stranger.
    """
    from importlib import resources  # start-up: only commands that meet a zone need the list

    try:
        text = resources.files("tzdata").joinpath("zones").read_text("utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        from zoneinfo import available_timezones  # walks the zone folders: slower, equally good

        return frozenset(available_timezones())
    return frozenset(text.split())


def _nearest_zone(name: str) -> str:
    import difflib  # only when something went wrong

    wanted = name.strip().replace(" ", "_").lower()
    by_text = {known.lower(): known for known in sorted(zone_names())}
    by_city = {known.rpartition("/")[2].lower(): known for known in sorted(zone_names(), reverse=True)}
    for table in (by_text, by_city):
        close = [wanted] if wanted in table else difflib.get_close_matches(wanted, table, 1, 0.75)
        if close:
            return f"{table[close[0]]}?"
    return "a name such as Europe/Lisbon"


def add_business_days(day: date, count: int, holidays: Collection[date] = ()) -> date:
    """The day that many business days (Monday to Friday, no holiday) after, or before if negative.

    From a weekend the first business day after is Monday, the first before is Friday; zero is the
    day itself.
    """
    step = timedelta(days=1 if count > 0 else -1)
    try:
        if not holidays and abs(count) > 10:  # whole weeks at once
            weeks, rest = divmod(abs(count) - 5, 5)
            day, count = day + step * 7 * weeks, (5 + rest) * (1 if count > 0 else -1)
        for _ in range(abs(count)):
            day += step
            while day.weekday() > 4 or day in holidays:
                day += step
    except OverflowError:
        raise Invalid(f"{count} business days from {day} is out of the range of dates") from None
    return day
