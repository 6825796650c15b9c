"""Dates in words: `tomorrow 10:00`, `next friday`, `+1 business day`, `end of month`, `2 weeks ago`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from ghl.errors import Invalid
from ghl.sdk.times import MIDNIGHT, add_business_days, resolve_local, zone_named

_FORMS = "2026-11-24, 2026-11-24 10:00, tomorrow 10:00, friday 9am, +2 days, 2 weeks ago, end of month"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_WEEKDAYS = {
    **{d: n for n, d in enumerate(_DAYS)},
    **{d[:3]: n for n, d in enumerate(_DAYS)},
    "tues": 1,
    "thurs": 3,
}
_MONTH = {
    **{m: n for n, m in enumerate(_MONTHS, 1)},
    **{m[:3]: n for n, m in enumerate(_MONTHS, 1)},
    "sept": 9,
}
_RELATIVE_DAYS = {
    "today": 0,
    "tomorrow": 1,
    "yesterday": -1,
    "day after tomorrow": 2,
    "day before yesterday": -2,
}
_CLOCK = re.compile(
    r"(?:^|\s+)(?:at\s+)?(?:(?P<h>\d{1,2}):(?P<m>\d\d)(?::(?P<s>\d\d))?\s*(?P<half>[ap]m)?"
    r"|(?P<hour>\d{1,2})\s*(?P<half2>[ap]m)|(?P<word>noon|midnight))$"
)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d.*)?")
_DAY_MONTH = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>[a-z]+)\.?(?:,?\s+(?P<year>\d{4}))?"
)
_MONTH_DAY = re.compile(r"(?P<month>[a-z]+)\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{4}))?")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was taken to mean: the moment in UTC, whether it named a time of day, and the day."""

    moment: datetime
    timed: bool
    zone: tzinfo

    @property
    def day(self) -> date:
        """The date on the calendar of the zone."""
        return self.moment.astimezone(self.zone).date()

    def __str__(self) -> str:
        """The reading, to be shown back: `Wed 25 Nov 2026, 10:00 Europe/Lisbon`."""
        local = self.moment.astimezone(self.zone)
        day = f"{_DAYS[local.weekday()][:3].title()} {local.day} {_MONTHS[local.month - 1][:3].title()} {local.year}"
        return f"{day}, {local:%H:%M} {self.zone}" if self.timed else day


def read_when(
    text: str, *, now: datetime, zone: str | tzinfo, field: str | None = None, at: time = MIDNIGHT
) -> Reading:
    """Read a date or time as people write it, seen from `now` in `zone`.

    Amounts of days, weeks, months and business days move on the calendar and keep the local time of
    day; hours and minutes are added to the instant. `friday` is the first one after today, `next
    friday` the one in the week after this (weeks start on Monday), `last friday` the latest before
    today. A date without a time of day is at `at`. Raises Invalid with the forms that are known.
    """
    where = zone_named(zone, field=field) if isinstance(zone, str) else zone
    words = " ".join(text.lower().split())
    try:
        reading = _read(words, now.astimezone(where), where, at) if 0 < len(words) <= 100 else None
    except (ValueError, OverflowError) as error:
        why = f": {error.message}" if isinstance(error, Invalid) else ""
        raise Invalid(f'"{text[:100]}" is not a date{why}', hint=_FORMS, field=field) from None
    if reading is None:
        raise Invalid(f'"{text[:100]}" is not a date or time', hint=_FORMS, field=field)
    return reading


def _read(words: str, now: datetime, zone: tzinfo, at: time) -> Reading | None:
    if _ISO.fullmatch(words):
        return _iso(words, zone, at)
    if words in ("end of day", "eod"):
        words = "today 23:59"
    if words == "now":
        return Reading(now.astimezone(UTC), True, zone)
    shifted = _shifted(words, now)
    if shifted is not None:
        return Reading(shifted, True, zone)
    clock, rest = _clock(words)
    day = _day(rest, now.date()) if rest else now.date()
    if day is None:
        return None
    if clock == time.max:  # midnight at the end of the day
        day, clock = day + timedelta(days=1), MIDNIGHT
    return Reading(resolve_local(day, at if clock is None else clock, zone), clock is not None, zone)


def _iso(words: str, zone: tzinfo, at: time) -> Reading:
    if len(words) == 10:
        return Reading(resolve_local(date.fromisoformat(words), at, zone), False, zone)
    moment = datetime.fromisoformat(words.replace(" ", "T", 1).replace(" ", "").upper())
    if moment.tzinfo is not None:
        return Reading(moment.astimezone(UTC), True, zone)
    return Reading(resolve_local(moment.date(), moment.time(), zone), True, zone)


def _shifted(words: str, now: datetime) -> datetime | None:
    """The moment of `+2 days`, `in 3 hours`, `3d`, `2 weeks ago`, `1 day from now`."""
    body = words.removeprefix("in ").removesuffix(" from now").replace("an hour", "1 hour")
    body = re.sub(r"^an? ", "1 ", body)
    sign = 1
    if body.endswith(" ago"):
        body, sign = body.removesuffix(" ago"), -1
    if not re.match(r"[+-]?\s*\d+(?:\.\d+)?\s*(?:business\s+)?[a-z]", body) or _CLOCK.search(body):
        return None
    if _DAY_MONTH.fullmatch(body) and _DAY_MONTH.fullmatch(body)["month"] in _MONTH:  # type: ignore[index]
        return None
    from ghl.sdk.workflows.durations import parse_duration  # one grammar of durations for the house

    amount = parse_duration(body)
    day = add_months(now.date(), sign * amount.months) + timedelta(days=sign * amount.days)
    if amount.business_days:
        day = add_business_days(day, sign * amount.business_days)
    zone = now.tzinfo
    assert zone is not None
    moved = resolve_local(day, now.time(), zone) if day != now.date() else now.astimezone(UTC)
    return moved + timedelta(seconds=sign * amount.seconds)


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, _last_day(year, month)))


def _last_day(year: int, month: int) -> int:
    return 31 if month == 12 else (date(year, month + 1, 1) - timedelta(days=1)).day


def _clock(words: str) -> tuple[time | None, str]:
    """The time of day at the end of the text, and the text before it."""
    found = _CLOCK.search(words)
    if found is None:
        return None, words
    rest = words[: found.start()].strip().removesuffix(",")
    if found["word"]:
        return (time(12) if found["word"] == "noon" else MIDNIGHT), rest
    hour, half = int(found["h"] or found["hour"]), found["half"] or found["half2"]
    if half:
        if not 1 <= hour <= 12:
            raise Invalid(f"there is no {hour} {half}")
        hour = hour % 12 + (12 if half == "pm" else 0)
    minute, second = int(found["m"] or 0), int(found["s"] or 0)
    if (hour, minute, second) == (24, 0, 0):
        return time.max, rest
    return time(hour, minute, second), rest


def _day(words: str, today: date) -> date | None:
    if words in _RELATIVE_DAYS:
        return today + timedelta(days=_RELATIVE_DAYS[words])
    monday = today - timedelta(days=today.weekday())
    which, _, name = words.rpartition(" ")
    if name in _WEEKDAYS and which in ("", "on", "this", "next", "last"):
        weekday = _WEEKDAYS[name]
        if which == "next":
            return monday + timedelta(days=7 + weekday)
        if which == "last":
            return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
        if which == "this":
            return monday + timedelta(days=weekday)
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return _edge(words, today, monday) or _calendar_day(words, today)


def _edge(words: str, today: date, monday: date) -> date | None:
    """Weeks, months and years: their first days, last days and neighbours."""
    words = words.replace(" of the ", " of ").replace(" of this ", " of ").replace("beginning of", "start of")
    first = today.replace(day=1)
    later = add_months(first, 1)
    year = date(today.year, 1, 1)
    match words:
        case "next week" | "start of next week":
            return monday + timedelta(days=7)
        case "last week":
            return monday - timedelta(days=7)
        case "start of week":
            return monday
        case "end of week" | "eow":
            return monday + timedelta(days=6)
        case "next month" | "start of next month":
            return later
        case "last month":
            return add_months(first, -1)
        case "start of month":
            return first
        case "end of month" | "eom":
            return later - timedelta(days=1)
        case "end of next month":
            return add_months(first, 2) - timedelta(days=1)
        case "next year" | "start of next year":
            return add_months(year, 12)
        case "start of year":
            return year
        case "end of year" | "eoy":
            return add_months(year, 12) - timedelta(days=1)
    return None


def _calendar_day(words: str, today: date) -> date | None:
    """`27 nov`, `nov 27, 2026`; without a year the next one, today included."""
    found = _DAY_MONTH.fullmatch(words) or _MONTH_DAY.fullmatch(words)
    if found is None or found["month"] not in _MONTH:
        return None
    day, month = int(found["day"]), _MONTH[found["month"]]
    if found["year"]:
        return date(int(found["year"]), month, day)
    for year in range(today.year, today.year + 9):  # up to the next leap day
        if day <= _last_day(year, month) and date(year, month, day) >= today:
            return date(year, month, day)
    raise Invalid(f"{words} is in no calendar")
