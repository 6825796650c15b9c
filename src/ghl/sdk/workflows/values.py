"""The small values that steps and triggers are written with: clock times, weekdays, zones, lists of names."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from ghl.errors import Invalid
from ghl.sdk.times import is_zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


def _clock(value: object) -> str:
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise Invalid(f"{value!r} is not a time of day", hint='"09:00" to "23:59", 24 hours')
    return f"{int(found[1]):02}:{found[2]}"


def _weekdays(value: object) -> list[str]:
    """`mon-fri`, `mon, wed`, `weekdays`, `weekend` or a list of them, as a list in the order of the week."""
    items = value if isinstance(value, list) else str(value).replace(" ", "").split(",")
    chosen: set[int] = set()
    for item in items:
        text = str(item).strip().lower()
        text = {"weekdays": "mon-fri", "weekend": "sat-sun", "daily": "mon-sun"}.get(text, text)
        ends = [_weekday(end, value) for end in text.split("-")]
        if len(ends) > 2:
            raise Invalid(f"{value!r} is not a list of weekdays", hint="mon-fri or mon, wed")
        first, last = ends[0], ends[-1]
        chosen.update(day % 7 for day in range(first, last + 1 if last >= first else last + 8))
    return [WEEKDAYS[day] for day in sorted(chosen)]


def _weekday(text: str, value: object) -> int:
    short = text.strip()[:3]
    if short not in WEEKDAYS:
        raise Invalid(f"{value!r} is not a list of weekdays", hint="mon-fri or mon, wed")
    return WEEKDAYS.index(short)


def _zone(value: object) -> str:
    if not isinstance(value, str) or (value not in ("contact", "account") and not is_zone(value)):
        raise Invalid(
            f"there is no time zone {value!r}", hint="contact, account or a name such as Europe/Lisbon"
        )
    return value


def _iana(value: object) -> str:
    if not isinstance(value, str) or (value != "account" and not is_zone(value)):
        raise Invalid(f"there is no time zone {value!r}", hint="account or a name such as Europe/Lisbon")
    return value


def _names(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _day(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Invalid(f"{value!r} is not a date", hint="2026-12-24") from None


def _expression(value: object) -> object:
    """YAML reads a bare `true` as a truth value, and it is an expression too."""
    return ("true" if value else "false") if isinstance(value, bool) else value


def is_name(text: str) -> bool:
    """Whether the text can name a step or a branch."""
    return _NAME.fullmatch(text) is not None


def is_templated(value: Any) -> bool:
    """Whether the value is filled in per person, and so cannot be checked before."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Expression = Annotated[
    str, BeforeValidator(_expression), StringConstraints(strip_whitespace=True, min_length=1)
]
ClockTime = Annotated[str, BeforeValidator(_clock), Field(description="HH:MM, 24 hours")]
Weekdays = Annotated[list[str], BeforeValidator(_weekdays), Field(description="such as mon-fri")]
Zone = Annotated[str, BeforeValidator(_zone), Field(description="contact, account or an IANA name")]
FixedZone = Annotated[str, BeforeValidator(_iana), Field(description="account or an IANA name")]
Day = Annotated[str, BeforeValidator(_day), Field(description="YYYY-MM-DD")]
NameList = Annotated[list[Text], BeforeValidator(_names), Field(min_length=1)]
