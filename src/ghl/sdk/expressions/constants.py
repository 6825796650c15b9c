"""Values that are written out: texts read as dates, moments, lengths of time and amounts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ghl.errors import GhlError
from ghl.sdk.expressions.lexer import wrong
from ghl.sdk.expressions.schema import Type
from ghl.sdk.expressions.typed import Typed

EXAMPLES = {
    Type.MONEY: '"1000 EUR"', Type.DATE: '"2026-11-24"', Type.DATETIME: '"2026-11-24T10:00:00Z"', Type.DURATION: '"3d"',
}  # fmt: skip
_LENGTH = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*([a-z]+)")
_MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_LONGER = {"second": "s", "sec": "s", "minute": "m", "min": "m", "hour": "h", "day": "d", "week": "w"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def constant(type: Type, value: Any, at: int) -> Any:
    """A text or number as a value of the type; ExpressionError where it is none.

    A moment without a zone stays without: the account's is only known later.
    """
    try:
        match type:
            case Type.MONEY:
                from ghl.sdk.money import Money  # amounts are rare in filters

                return Money.of(str(value) if isinstance(value, float) else value)
            case Type.DATE:
                return _date(str(value).strip())
            case Type.DATETIME:
                return _moment(str(value).strip())
        return duration(str(value))
    except (ValueError, OverflowError, GhlError) as error:
        shown = error.message if isinstance(error, GhlError) else f'"{value}" is no {type}'
        raise wrong(shown, at, EXAMPLES[type]) from None


def _date(text: str) -> date:
    if not _DAY.match(text):
        raise ValueError
    return date.fromisoformat(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return moment.astimezone(UTC) if moment.tzinfo else moment


def duration(text: str) -> timedelta:
    """A length of time such as `90m`, `1h30m`, `2w` or `3 days`, to the millisecond."""
    rest = text.strip().lower()
    negative = rest.startswith("-")
    rest = rest.removeprefix("-")
    total, place = 0.0, 0
    while place < len(rest):
        match = _LENGTH.match(rest, place)
        if match is None:
            raise ValueError
        unit = match[2]
        if unit not in _MILLISECONDS:
            unit = _LONGER.get(unit.removesuffix("s"), "")
        if not unit:
            raise ValueError
        total += float(match[1]) * _MILLISECONDS[unit]
        place = match.end()
    if not place or total > 8.64e16:
        raise ValueError
    whole = int(total + 0.5)
    return timedelta(milliseconds=-whole if negative else whole)


def fitted(part: Typed, other: Typed, *, dates_only: bool = False) -> Typed:
    """A value that is written out as the type of what it stands beside: a text as a date, a number as an amount."""
    if part.type is Type.DATE and other.type is Type.DATETIME and not dates_only and _without_record(part):
        return _midnight(part)
    if part.op != "const":
        return part
    if isinstance(part.value, str):
        if other.type in (Type.TEXT, Type.LIST):
            lower = other.field is not None and other.field.lower
            return part.as_constant(part.type, part.value.strip().lower()) if lower else part
        if other.type is Type.DATETIME and _DAY.match(part.value.strip()):
            return _midnight(part.as_constant(Type.DATE, constant(Type.DATE, part.value, part.at)))
        if other.type in (Type.DATE, Type.DATETIME, Type.DURATION):
            return part.as_constant(other.type, constant(other.type, part.value, part.at))
    if other.type is Type.MONEY and part.type in (Type.NUMBER, Type.TEXT) and not dates_only:
        return part.as_constant(Type.MONEY, constant(Type.MONEY, part.value, part.at))
    return part


def _without_record(part: Typed) -> bool:
    return part.op not in ("field", "exists", "count", "call") and all(_without_record(arg) for arg in part.args)


def _midnight(day: Typed) -> Typed:
    return Typed("midnight", Type.DATETIME, day.at, (day,), source=day.source)
