"""What operators and functions mean, on values. None is a missing value, and also what an error gives."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ghl.engine.expressions.records import Env
from ghl.errors import ExpressionError
from ghl.sdk.money import Money
from ghl.sdk.times import is_zone, resolve_local

BLANKS = " \t\n\r\f\v"
PATTERN_TEXT = 5_000
_QUANTIFIED = re.compile(r"\((?:[^()\\]|\\.)*[+*}](?:[^()\\]|\\.)*\)[+*{?]")


def money(value: Any, env: Env) -> Any:
    """An amount with its currency: the account's where none was written."""
    if isinstance(value, Money) and value.currency is None:
        return Money.of(value, env.currency)
    return value


def equal(left: Any, right: Any, env: Env) -> bool:
    """Nothing equals a missing value; amounts of two currencies are never equal."""
    if left is None or right is None:
        return False
    left, right = money(left, env), money(right, env)
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, Money) and isinstance(right, Money):
        return left.currency == right.currency and left.minor == right.minor
    return bool(left == right)


def ordered(operator: str, left: Any, right: Any, env: Env) -> bool:
    """Whether two values stand in this order; false where one is missing or they have none."""
    if left is None or right is None:
        return False
    left, right = money(left, env), money(right, env)
    if isinstance(left, Money) and isinstance(right, Money):
        if left.currency != right.currency:
            return False
        left, right = left.minor, right.minor
    try:
        match operator:
            case "lt":
                return bool(left < right)
            case "le":
                return bool(left <= right)
            case "gt":
                return bool(left > right)
            case _:
                return bool(left >= right)
    except TypeError:
        return False


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """A sum, product or shift; None where a side is missing or it cannot be worked out."""
    if left is None or right is None:
        return None
    try:
        match operator:
            case "add":
                if isinstance(left, timedelta) and isinstance(right, date):
                    left, right = right, left
                found = left + right
            case "sub":
                found = left - right
            case "mul":
                found = float(left) * right
            case "div":
                found = float(left) / right
            case _:
                found = math.fmod(left, right)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return _finite(found)


def _finite(found: Any) -> Any:
    if isinstance(found, float):
        return found if math.isfinite(found) else None
    return found


def days_between(earlier: Any, later: Any) -> int:
    """Whole days from one moment or date to another, downwards."""
    if isinstance(earlier, datetime):
        return int((later - earlier) // timedelta(days=1))
    return int((later - earlier).days)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The date of a moment in a zone."""
    return moment.astimezone(zone).date()


def midnight(day: date, env: Env) -> datetime:
    """The beginning of a day in the account's zone."""
    return resolve_local(day, time(0), env.zone).astimezone(UTC)


def zone_named(name: Any, at: int) -> ZoneInfo:
    """A zone by its name."""
    if not isinstance(name, str) or not is_zone(name):
        raise ExpressionError(f'there is no zone "{name}", at column {at + 1}', hint="Europe/Lisbon", column=at + 1)
    return ZoneInfo(name)


def found_in(text: str, pattern: str, at: int) -> bool:
    """Whether a pattern is found. Patterns that could take very long are refused."""
    if _QUANTIFIED.search(pattern) or re.search(r"\\\d|\(\?[=!<]", pattern) or len(pattern) > 200:
        raise ExpressionError(
            f"this pattern could take very long, at column {at + 1}", hint="no repeats inside repeats", column=at + 1
        )
    try:
        return re.search(pattern, text[:PATTERN_TEXT]) is not None
    except re.error as error:
        raise ExpressionError(f"this is no pattern: {error}, at column {at + 1}", column=at + 1) from None


def half_up(value: float) -> int:
    """The nearest whole number, halves away from zero."""
    return math.floor(value + 0.5) if value >= 0 else -math.floor(-value + 0.5)


def part_of(name: str, value: Any, env: Env) -> int:
    """A part of a date, or of a moment in the account's zone."""
    if isinstance(value, datetime):
        value = value.astimezone(env.zone)
    return int(value.isoweekday()) if name == "weekday" else int(getattr(value, name))


_PLAIN: dict[str, Callable[..., Any]] = {
    "size": len,
    "contains": lambda text, part: part in text,
    "icontains": lambda text, part: part.lower() in text.lower(),
    "startsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "trim": lambda text: text.strip(BLANKS),
    "abs": abs,
    "round": half_up,
    "floor": math.floor,
    "ceil": math.ceil,
}


def call(name: str, args: list[Any], env: Env, at: int) -> Any:
    """A function's value; None where an argument is missing or does not fit."""
    if name == "now":
        return env.utc
    if name == "today":
        return local_date(env.utc, zone_named(args[0], at) if args else env.zone)
    if any(arg is None for arg in args):
        return None
    try:
        if name in _PLAIN:
            return _finite(_PLAIN[name](*args))
        if name == "matches":
            return found_in(args[0], args[1], at)
        if name == "date":
            return local_date(args[0], zone_named(args[1], at) if len(args) > 1 else env.zone)
        if name in ("days_since", "days_until"):
            then, now = args[0], env.utc if isinstance(args[0], datetime) else local_date(env.utc, env.zone)
            return days_between(then, now) if name == "days_since" else days_between(now, then)
        if name in ("year", "month", "day", "hour", "weekday"):
            return part_of(name, args[0], env)
        amount = money(args[0], env)
        return float(amount.value) if name == "number" else amount.currency
    except (TypeError, ValueError, ArithmeticError, AttributeError):
        return None
