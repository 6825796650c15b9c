"""Comparisons of moments, dates and days as ranges of what is stored.

`created_at + duration("3d") < now()` asks for rows in which `created_at` is in a range that is known
before any row is looked at. So does `days_since(created_at) > 30`, `date(created_at) == today()` and
`year(birthday) == 1990`. Moments are milliseconds since 1970, dates the number of their day.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from ghl.engine.expressions.clocks import (
    DAY,
    FIRST,
    FIRST_DAY,
    LAST,
    LAST_DAY,
    SHOWN_FROM,
    SHOWN_UNTIL,
    clock_of,
    midnight,
    milliseconds,
)
from ghl.engine.expressions.values import today
from ghl.sdk.expressions.schema import Type
from ghl.sdk.expressions.typed import Typed

if TYPE_CHECKING:
    from ghl.engine.expressions.sql import Compiler

_LIMITS = {Type.DATETIME: (FIRST, LAST), Type.DATE: (FIRST_DAY, LAST_DAY)}
_TIMES = (Type.DATETIME, Type.DATE, Type.DURATION)
_COUNTED = frozenset(["days_since", "days_until", "year", "count", "field"])


class Interval(NamedTuple):
    """Whole numbers from `low` to `high`, both included; None is without end."""

    low: int | None = None
    high: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is in it."""
        return self.low is not None and self.high is not None and self.low > self.high

    def within(self, low: int, high: int) -> Interval:
        """What of it is between two others."""
        return Interval(
            low if self.low is None else max(low, self.low), high if self.high is None else min(high, self.high)
        )

    def of_domain(self, type: Type) -> Interval:
        """What of it the type can be."""
        return self.within(*_LIMITS[type]) if type in _LIMITS else self

    def clipped(self, type: Type) -> Interval:
        """Without the ends that every value of the type keeps."""
        if type not in _LIMITS:
            return self
        first, last = _LIMITS[type]
        return Interval(
            None if self.low is None or self.low <= first else self.low,
            None if self.high is None or self.high >= last else self.high,
        )

    def shifted(self, by: int) -> Interval:
        """All of it so much later."""
        return Interval(None if self.low is None else self.low + by, None if self.high is None else self.high + by)

    def below(self, top: int) -> Interval:
        """The numbers x for which `top - x` is in it."""
        return Interval(
            None if self.high is None else top - self.high, None if self.low is None else top - self.low
        )

    def days(self) -> Interval:
        """The whole days whose milliseconds are in it."""
        return Interval(
            None if self.low is None else -(-self.low // DAY), None if self.high is None else self.high // DAY
        )


EMPTY = Interval(1, 0)


def of_comparison(left: Typed, op: str, sought: Any) -> Interval | None:
    """What a part must be so that a comparison with a known value holds; None where it is not counted."""
    if left.type is Type.NUMBER and left.op in _COUNTED and isinstance(sought, int | float):
        return _of_number(op, sought)
    if left.type not in _TIMES:
        return None
    if isinstance(sought, datetime) and left.type is Type.DATETIME:
        return _of_count(op, milliseconds(sought))
    if isinstance(sought, timedelta) and left.type is Type.DURATION:
        return _of_count(op, sought // timedelta(milliseconds=1))
    if isinstance(sought, date) and not isinstance(sought, datetime) and left.type is Type.DATE:
        return _of_count(op, sought.toordinal())
    return EMPTY


def _of_count(op: str, value: int) -> Interval:
    match op:
        case "eq":
            return Interval(value, value)
        case "lt":
            return Interval(None, value - 1)
        case "le":
            return Interval(None, value)
        case "gt":
            return Interval(value + 1, None)
    return Interval(value, None)


def _of_number(op: str, value: float) -> Interval:
    whole = value == math.floor(value)
    if op == "eq":
        return Interval(int(value), int(value)) if whole else EMPTY
    if op in ("lt", "ge"):
        bound = math.ceil(value)
        return Interval(None, bound - 1) if op == "lt" else Interval(bound, None)
    bound = math.floor(value)
    return Interval(None, bound) if op == "le" else Interval(bound + 1, None)


def reduced(node: Typed, interval: Interval, compiler: Compiler) -> tuple[Typed, Interval]:
    """The innermost part that must be in a range, and that range."""
    while interval is not EMPTY and not interval.empty:
        found = _step(node, interval, compiler)
        if found is None:
            return node, interval
        node, interval = found
    return node, EMPTY


def _step(node: Typed, interval: Interval, compiler: Compiler) -> tuple[Typed, Interval] | None:
    match node.op:
        case "add" | "sub" if node.type in _TIMES:
            return _moved(node, interval, compiler)
        case "neg" if node.type is Type.DURATION:
            return node.args[0], interval.below(0)
        case "date" if node.args[0].type is Type.DATETIME:
            return _dated(node, interval, compiler)
        case "days_since" | "days_until":
            return _days(node, interval, compiler)
        case "year":
            return _years(node, interval, compiler)
    return None


def _moved(node: Typed, interval: Interval, compiler: Compiler) -> tuple[Typed, Interval] | None:
    """A sum or difference with one known side: its other side is in a range that is moved."""
    first, second = node.args
    if compiler.known(first) == compiler.known(second):
        return None
    known, other = (first, second) if compiler.known(first) else (second, first)
    value = compiler.evaluated(known)
    if value is None:
        return other, EMPTY
    interval = interval.of_domain(node.type)
    in_days = Type.DATE in (first.type, second.type)
    if in_days and node.type is Type.DURATION:
        interval = interval.days()
    if isinstance(value, timedelta):
        count = value // timedelta(milliseconds=1)
        if in_days:
            if count % DAY:
                return other, EMPTY
            count //= DAY
    else:
        if in_days and node.type is not Type.DURATION:
            return None  # a known date moved by an unknown length, which must be whole days
        count = value.toordinal() if in_days else milliseconds(value)
    if node.op == "add":
        return other, interval.shifted(-count)
    return other, interval.shifted(count) if known is second else interval.below(count)


def _zone(node: Typed, compiler: Compiler) -> ZoneInfo:
    return ZoneInfo(compiler.evaluated(node.args[1])) if len(node.args) > 1 else compiler.env.zone


def _dated(node: Typed, interval: Interval, compiler: Compiler) -> tuple[Typed, Interval] | None:
    zone = _zone(node, compiler)
    if not clock_of(zone).monotone:
        return None
    return node.args[0], _moments_of(interval, zone)


def _moments_of(days: Interval, zone: ZoneInfo) -> Interval:
    """The moments at which a zone shows a day of a range."""
    span = date(1899, 12, 30).toordinal(), date(2100, 1, 2).toordinal()
    days = days.within(*span)
    if days.empty:
        return EMPTY
    assert days.low is not None
    assert days.high is not None
    low = milliseconds(midnight(date.fromordinal(days.low), zone))
    high = milliseconds(midnight(date.fromordinal(days.high + 1), zone)) - 1
    return Interval(low, high).within(SHOWN_FROM, SHOWN_UNTIL)


def _days(node: Typed, interval: Interval, compiler: Compiler) -> tuple[Typed, Interval]:
    part = node.args[0]
    if part.type is Type.DATE:
        now = today(compiler.env, compiler.env.zone).toordinal()
    else:
        now = milliseconds(compiler.env.utc)
        interval = Interval(
            None if interval.low is None else interval.low * DAY,
            None if interval.high is None else interval.high * DAY + DAY - 1,
        )
    return part, interval.below(now) if node.op == "days_since" else interval.shifted(now)


def since(interval: Interval, compiler: Compiler) -> Interval:
    """The moments since which so many days have passed."""
    low, high = interval
    span = Interval(None if low is None else low * DAY, None if high is None else high * DAY + DAY - 1)
    return span.below(milliseconds(compiler.env.utc))


def _years(node: Typed, interval: Interval, compiler: Compiler) -> tuple[Typed, Interval] | None:
    part = node.args[0]
    interval = interval.within(1, 9999)
    if interval.empty:
        return part, EMPTY
    assert interval.low is not None
    assert interval.high is not None
    days = Interval(date(interval.low, 1, 1).toordinal(), date(interval.high, 12, 31).toordinal())
    if part.type is Type.DATE:
        return part, days
    zone = _zone(node, compiler)
    return (part, _moments_of(days, zone)) if clock_of(zone).monotone else None
