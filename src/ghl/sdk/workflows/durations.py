"""Durations as people write them: `2 days`, `90 min`, `-3 days`, `1 business day`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator, Field

from ghl.errors import Invalid

SECOND, MINUTE, HOUR, DAY, WEEK = 1, 60, 3600, 86_400, 604_800
_LONGEST = 3660 * DAY

_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), SECOND),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), HOUR),
    **dict.fromkeys(("d", "day", "days"), DAY),
    **dict.fromkeys(("w", "week", "weeks"), WEEK),
}
_MONTHS = {**dict.fromkeys(("month", "months"), 1), **dict.fromkeys(("y", "year", "years"), 12)}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(business\s+days?|[a-z]+)\s*(?:,|and\b)?\s*", re.IGNORECASE)
_FORMS = "2 days, 90 min, 1 week, 1 day 6 hours, 3 business days"


@dataclass(frozen=True, slots=True)
class Duration:
    """An amount of time with a sign in each part.

    As a wait it is absolute: a day is 24 hours. As an offset from a date, days, months and
    business days move the date in the calendar and seconds are added to the instant.
    """

    months: int = 0
    days: int = 0
    seconds: int = 0
    business_days: int = 0

    @property
    def total_seconds(self) -> int:
        """The absolute length in seconds; business days and months have none and count as zero."""
        return self.days * DAY + self.seconds

    @property
    def negative(self) -> bool:
        return min(self.months, self.days, self.seconds, self.business_days) < 0

    def __str__(self) -> str:
        """The canonical text, which reads back as the same duration."""
        parts: list[str] = []
        years, months = divmod(abs(self.months), 12)
        hours, rest = divmod(abs(self.seconds), HOUR)
        minutes, seconds = divmod(rest, MINUTE)
        amounts = (
            (years, "year"),
            (months, "month"),
            (abs(self.business_days), "business day"),
            (abs(self.days), "day"),
            (hours, "hour"),
            (minutes, "minute"),
            (seconds, "second"),
        )
        for amount, unit in amounts:
            if amount:
                parts.append(f"{amount} {unit}{'' if amount == 1 else 's'}")
        return ("-" if self.negative else "") + (" ".join(parts) or "0 seconds")


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> Duration:
    """Read a duration; raises Invalid with the accepted forms.

    A leading `-` or a trailing `before` makes every part negative; `+` and `after` say nothing new.
    """
    rest = text.strip()
    sign = 1
    if rest[:1] in "+-" and rest[:1]:
        sign = -1 if rest[0] == "-" else 1
        rest = rest[1:].lstrip()
    for word, direction in ((" before", -1), (" after", 1)):
        if rest.lower().endswith(word):
            sign *= direction
            rest = rest[: -len(word)].rstrip()
    months = days = business = 0
    seconds = 0.0
    position = 0
    while position < len(rest):
        part = _PART.match(rest, position)
        if part is None:
            raise Invalid(f'"{text}" is not a duration', hint=_FORMS)
        amount, unit = float(part[1]), part[2].lower()
        whole = amount == int(amount)
        if unit.startswith("business"):
            business += _whole(amount, whole, text)
        elif unit in _MONTHS:
            months += _whole(amount, whole, text) * _MONTHS[unit]
        elif unit not in _UNITS:
            raise Invalid(f'"{text}" is not a duration: there is no unit "{part[2]}"', hint=_FORMS)
        elif whole and _UNITS[unit] >= DAY:
            days += int(amount) * (_UNITS[unit] // DAY)
        else:
            seconds += amount * _UNITS[unit]
        position = part.end()
    if not rest:
        raise Invalid("a duration is missing", hint=_FORMS)
    if business and (months or days or seconds):
        raise Invalid(f'"{text}" mixes business days with other units', hint="3 business days")
    if max(months * 31, business * 2, days) * DAY + seconds > _LONGEST:
        raise Invalid(f'"{text}" is longer than ten years')
    return Duration(sign * months, sign * days, sign * round(seconds), sign * business)


def _whole(amount: float, whole: bool, text: str) -> int:
    if not whole:
        raise Invalid(f'"{text}" is not a duration: months and business days are whole numbers', hint=_FORMS)
    return int(amount)


def _read(value: object) -> Duration:
    """Only text: a bare number would leave the unit to guesswork."""
    if not isinstance(value, str):
        raise Invalid(f"a duration has a number and a unit, not {value!r}", hint=_FORMS)
    return parse_duration(value)


def _canonical(value: object) -> str:
    return str(_read(value))


def _length(value: object) -> str:
    """A length of time to wait: positive, and not in months, which have no fixed length."""
    duration = _read(value)
    if duration.months:
        raise Invalid(f'"{value}" has no fixed length', hint="30 days")
    if duration.negative or duration == Duration():
        raise Invalid(f'"{value}" is not a length of time to wait', hint=_FORMS)
    return str(duration)


def _absolute(value: object) -> str:
    text = _length(value)
    if "business" in text:
        raise Invalid(f'"{value}" cannot be in business days', hint="2 days")
    return text


Offset = Annotated[str, BeforeValidator(_canonical), Field(description="such as -3 days or 2 hours")]
Length = Annotated[str, BeforeValidator(_length), Field(description="such as 2 days or 3 business days")]
AbsoluteLength = Annotated[str, BeforeValidator(_absolute), Field(description="such as 2 days or 90 min")]
