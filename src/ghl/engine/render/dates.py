"""Dates in templates: read from what the data holds, shown by a format of safe directives."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from ghl.errors import TemplateError

# The C library's strftime takes widths such as %300000000d and knows other directives on every system.
_DIRECTIVE = re.compile(r"%(-?[A-Za-z%])")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DIRECTIVES: dict[str, Callable[[datetime], str]] = {
    "a": lambda t: _DAYS[t.weekday()][:3],
    "A": lambda t: _DAYS[t.weekday()],
    "b": lambda t: _MONTHS[t.month - 1][:3],
    "B": lambda t: _MONTHS[t.month - 1],
    "d": lambda t: f"{t.day:02}",
    "-d": lambda t: str(t.day),
    "e": lambda t: str(t.day),
    "F": lambda t: f"{t.year:04}-{t.month:02}-{t.day:02}",
    "H": lambda t: f"{t.hour:02}",
    "-H": lambda t: str(t.hour),
    "I": lambda t: f"{t.hour % 12 or 12:02}",
    "-I": lambda t: str(t.hour % 12 or 12),
    "j": lambda t: f"{t.timetuple().tm_yday:03}",
    "m": lambda t: f"{t.month:02}",
    "-m": lambda t: str(t.month),
    "M": lambda t: f"{t.minute:02}",
    "p": lambda t: "am" if t.hour < 12 else "pm",
    "R": lambda t: f"{t.hour:02}:{t.minute:02}",
    "S": lambda t: f"{t.second:02}",
    "T": lambda t: f"{t.hour:02}:{t.minute:02}:{t.second:02}",
    "V": lambda t: f"{t.isocalendar().week:02}",
    "y": lambda t: f"{t.year % 100:02}",
    "Y": lambda t: str(t.year),
    "Z": lambda t: t.tzname() or "",
    "z": lambda t: f"{t:%z}",
    "%": lambda t: "%",
}


@lru_cache(maxsize=64)
def zone_named(name: str) -> tzinfo:
    """The zone; TemplateError where there is none of that name."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise TemplateError(f'there is no time zone "{name[:60]}"', hint="Europe/Lisbon") from None


def read_date(value: Any, zone: str) -> datetime:
    """The wall-clock time in the zone; a date without a time is the day itself, in no zone's way."""
    if isinstance(value, datetime):
        return value.astimezone(zone_named(zone))
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone_named(zone))
    if isinstance(value, str) and 8 <= len(value) <= 40:
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            pass
        else:
            if len(value.strip()) <= 10:
                return moment.replace(tzinfo=zone_named(zone))
            aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            return aware.astimezone(zone_named(zone))
    raise TemplateError(f'"{str(value)[:40]}" is not a date', hint="2026-11-24 or 2026-11-24T10:00:00.000Z")


def show_date(moment: datetime, form: str) -> str:
    """The moment by a format such as `%d %b %Y`; TemplateError names a directive that is not known."""
    if len(form) > 200:
        raise TemplateError("a date format is at most 200 characters long")

    def put(found: re.Match[str]) -> str:
        directive = _DIRECTIVES.get(found[1])
        if directive is None:
            known = " ".join(f"%{name}" for name in _DIRECTIVES)
            raise TemplateError(f'a date format has no "{found[0]}"', hint=known)
        return directive(moment)

    return _DIRECTIVE.sub(put, form)
