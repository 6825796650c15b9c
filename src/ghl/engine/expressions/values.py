"""What operators and functions mean, on values. None is a missing value, and also what an error gives."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ghl.engine.expressions.clocks import CLOCKS_FROM, CLOCKS_UNTIL, midnight
from ghl.engine.expressions.records import Env
from ghl.errors import GhlError
from ghl.sdk.expressions.schema import Type
from ghl.sdk.expressions.syntax import within_range
from ghl.sdk.expressions.tree import MOST_DIGITS
from ghl.sdk.money import Money
from ghl.sdk.times import resolve_local

BLANKS = " \t\n\r\f\v"
EXACT = 2.0**52
"""From here on every floating number is whole."""
NUMERAL = r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?"
"""A text that `number` reads: as JSON has numbers, not too long."""
_NUMERAL = re.compile(NUMERAL + r"\Z")


class NoValue(Exception):
    """Why something has no value."""


def constant(value: Any, env: Env) -> Any:
    """A value that is written out, in the account's currency and zone where it names none."""
    if isinstance(value, Money) and value.currency is None:
        try:
            return value.resolved(env.currency)
        except GhlError as error:
            raise NoValue(error.message) from None
    if isinstance(value, datetime) and value.tzinfo is None:
        try:
            return resolve_local(value.date(), value.time(), env.zone)
        except GhlError as error:
            raise NoValue(error.message) from None
    return value


def fitting(value: Any, type: Type) -> Any:
    """What a record says, if it is of the declared type; None where it is not."""
    match type:
        case Type.TEXT:
            return value if isinstance(value, str) else None
        case Type.NUMBER:
            number = isinstance(value, int | float) and not isinstance(value, bool) and within_range(value)
            return value if number else None
        case Type.BOOL:
            return value if isinstance(value, bool) else None
        case Type.DATETIME:
            if not isinstance(value, datetime) or value.tzinfo is None:
                return None
            return value.replace(microsecond=value.microsecond // 1000 * 1000) if value.microsecond else value
        case Type.DATE:
            return value if isinstance(value, date) and not isinstance(value, datetime) else None
        case Type.MONEY:
            return value if isinstance(value, Money) and value.currency is not None else None
        case Type.LIST:
            return value if isinstance(value, list | tuple | set | frozenset) else None
    return value


def compared(operator: str, left: Any, right: Any) -> bool:
    """Whether a comparison holds. With a missing value none does; NoValue says why two have none."""
    if left is None or right is None:
        return False
    if isinstance(left, Money) and isinstance(right, Money):
        if left.currency != right.currency:
            raise NoValue(f"{left.currency} and {right.currency} are not compared")
        left, right = left.minor, right.minor
    if operator == "eq":
        return bool(left == right)
    try:
        match operator:
            case "lt":
                return bool(left < right)
            case "le":
                return bool(left <= right)
            case "gt":
                return bool(left > right)
        return bool(left >= right)
    except TypeError:
        raise NoValue("the two have no order") from None


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """A sum, difference, product, quotient or remainder; None where a side is missing."""
    if left is None or right is None:
        return None
    if _is_number(left) and _is_number(right):
        return _number(operator, float(left), float(right))
    try:
        if operator == "add":
            if isinstance(left, str) and isinstance(right, str):
                return left + right
            if isinstance(left, timedelta):
                left, right = right, left
            if isinstance(right, timedelta) and isinstance(left, date | timedelta):
                return _shifted(left, right)
        elif operator == "sub":
            if isinstance(right, timedelta) and isinstance(left, date | timedelta):
                return _shifted(left, -right)
            if isinstance(left, date) and isinstance(right, date):
                return left - right
    except OverflowError:
        raise NoValue("the calendar does not reach so far") from None
    except TypeError:
        pass
    raise NoValue("these two cannot be taken together")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shifted(value: date | timedelta, by: timedelta) -> date | timedelta:
    if isinstance(value, date) and not isinstance(value, datetime) and by % timedelta(days=1):
        raise NoValue("a date moves by whole days")
    return value + by


def _number(operator: str, left: float, right: float) -> float:
    match operator:
        case "add":
            found = left + right
        case "sub":
            found = left - right
        case "mul":
            found = left * right
        case "div":
            if right == 0:
                raise NoValue("a division by zero")
            found = left / right
        case _:
            if right == 0:
                raise NoValue("a division by zero")
            if left % 1 or right % 1 or max(abs(left), abs(right)) > MOST_DIGITS:
                raise NoValue("only whole numbers have a remainder")
            found = math.fmod(left, right)
    return _ranged(found)


def _ranged(found: float) -> float:
    if not within_range(found):
        raise NoValue("the number is out of range")
    return found


def days_between(earlier: date, later: date) -> int:
    """Whole days from one moment or date to another, downwards."""
    if isinstance(earlier, datetime):
        return int((later - earlier) // timedelta(days=1))
    return (later - earlier).days


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of a zone show."""
    if not CLOCKS_FROM <= moment < CLOCKS_UNTIL:
        raise NoValue("the clocks of a zone are known from 1900 to 2099")
    return moment.astimezone(zone)


def today(env: Env, zone: ZoneInfo) -> date:
    """The date of the present moment."""
    return env.utc.astimezone(zone).date()


def half_up(value: float) -> float:
    """The nearest whole number, halves away from zero."""
    if abs(value) >= EXACT:
        return float(value)
    return float(math.floor(value + 0.5) if value >= 0 else -math.floor(-value + 0.5))


def number(value: Any) -> float:
    """A text as a number, or an amount without its currency."""
    if isinstance(value, Money):
        from ghl.sdk.currencies import EXPONENTS

        units: int = 10 ** EXPONENTS[value.currency or ""]
        return float(value.minor) / units
    text = value.strip(BLANKS)
    if not _NUMERAL.match(text):
        raise NoValue(f'"{text[:40]}" is no number')
    return _ranged(float(text))


def _part(name: str) -> Callable[[date, ZoneInfo], int]:
    def part(value: date, zone: ZoneInfo) -> int:
        shown = local(value, zone) if isinstance(value, datetime) else value
        return shown.isoweekday() if name == "weekday" else int(getattr(shown, name))

    return part


def _found_in(text: str, pattern: str) -> bool:
    from ghl.sdk.expressions.patterns import compiled  # patterns are rare

    return compiled(pattern).found_in(text)


PLAIN: dict[str, Callable[..., Any]] = {
    "size": len,
    "contains": lambda text, part: part in text,
    "icontains": lambda text, part: part.lower() in text.lower(),
    "startsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
    "matches": _found_in,
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "trim": lambda text: text.strip(BLANKS),
    "number": number,
    "currency": lambda amount: amount.currency,
    "abs": abs,
    "round": half_up,
    "floor": lambda value: float(value) if abs(value) >= EXACT else float(math.floor(value)),
    "ceil": lambda value: float(value) if abs(value) >= EXACT else float(math.ceil(value)),
}
"""Functions of their arguments alone."""

SHOWN: dict[str, Callable[[Any, ZoneInfo], Any]] = {
    "date": lambda moment, zone: local(moment, zone).date() if isinstance(moment, datetime) else moment,
    **{name: _part(name) for name in ("year", "month", "day", "hour", "minute", "weekday")},
}
"""Functions of what a clock shows, in the account's zone or a given one."""


def call(name: str, args: list[Any], env: Env) -> Any:
    """A function's value; None where an argument is missing, NoValue where it does not fit."""
    if name == "now":
        return env.utc
    if name == "today":
        return today(env, ZoneInfo(args[0]) if args else env.zone)
    if None in args:
        return None
    try:
        if name in PLAIN:
            return PLAIN[name](*args)
        if name in SHOWN:
            return SHOWN[name](args[0], ZoneInfo(args[1]) if len(args) > 1 else env.zone)
        if name == "midnight":
            return midnight(args[0], env.zone)
        then = args[0]
        now = env.utc if isinstance(then, datetime) else today(env, env.zone)
        return days_between(then, now) if name == "days_since" else days_between(now, then)
    except (TypeError, ValueError, ArithmeticError, AttributeError, GhlError) as error:
        raise NoValue(getattr(error, "message", None) or f"`{name}` does not take this") from None

