"""What an event carries, whose type only the moment knows, beside values of a declared type."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from ghl.engine.expressions.clocks import midnight
from ghl.engine.expressions.records import Env
from ghl.engine.expressions.values import NoValue, constant, fitting
from ghl.errors import GhlError
from ghl.sdk.expressions.schema import Type
from ghl.sdk.money import Money


def as_type(value: Any, type: Type, env: Env) -> Any:
    """What an event carries, beside a value of a declared type; None where the two cannot be compared.

    A number or a text becomes an amount or a date there, a date the beginning of its day.
    """
    try:
        if type is Type.MONEY and isinstance(value, int | float | str) and not isinstance(value, bool):
            return Money.of(str(value) if isinstance(value, float) else value, env.currency)
        if type is Type.DATETIME:
            if isinstance(value, str):
                value = constant(datetime.fromisoformat(value), env)
            elif isinstance(value, date) and not isinstance(value, datetime):
                return midnight(value, env.zone)
        elif type is Type.DATE and isinstance(value, str):
            return date.fromisoformat(value)
        return fitting(value, type)
    except (GhlError, ValueError, OverflowError, NoValue):
        return None


def type_of(value: Any) -> Type:
    """The type of a value that only the moment knew."""
    for kind, type_ in _KINDS:
        if isinstance(value, kind):
            return type_
    return Type.ANY


_KINDS: tuple[tuple[Any, Type], ...] = (
    (bool, Type.BOOL), (int | float, Type.NUMBER), (Money, Type.MONEY), (datetime, Type.DATETIME), (date, Type.DATE),
    (timedelta, Type.DURATION), (str, Type.TEXT),
)  # fmt: skip


def aligned(left: Any, left_type: Type, right: Any, right_type: Type, env: Env) -> tuple[Any, Any]:
    """Two values ready to be compared, of which one or both are what an event carries."""
    if left is None or right is None or left_type is right_type is not Type.ANY:
        return left, right
    if left_type is Type.ANY and right_type is Type.ANY:
        left_type, right_type = type_of(left), type_of(right)
        if left_type is right_type:
            return left, right
        if as_type(right, left_type, env) is None:
            return as_type(left, right_type, env), right
        right_type = Type.ANY
    if right_type is Type.ANY:
        return left, as_type(right, left_type, env)
    return as_type(left, right_type, env), right
