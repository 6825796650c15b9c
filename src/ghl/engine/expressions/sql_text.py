"""Values as SQL text: what a part of an expression has become, and its parameters."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from ghl.engine.expressions.clocks import EPOCH_DAY, milliseconds
from ghl.engine.expressions.sources import SqlField
from ghl.errors import ExpressionError
from ghl.sdk.expressions.schema import Type
from ghl.sdk.expressions.typed import Typed
from ghl.sdk.money import Money
from ghl.sdk.times import stamp

Dialect = Literal["sqlite", "postgres"]
TRUE, FALSE = "1 = 1", "1 = 0"
LONGEST = 200_000
TIMES = (Type.DATETIME, Type.DATE, Type.DURATION)
_KINDS = {Type.TEXT: "text", Type.NUMBER: "double precision", Type.DATE: "text", Type.DATETIME: "text"}


@dataclass(slots=True)
class Fragment:
    """A condition over the alias `r`, and its parameters."""

    sql: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Value:
    """A value as SQL; an amount has its currency beside it.

    `counted` says that a date is the number of its day from the year 1, a moment its milliseconds since
    1970; a length of time always is milliseconds. `simple` says that it may be written twice, `floating`
    that a number is a floating one.
    """

    sql: str
    type: Type
    nullable: bool = True
    currency: str = ""
    place: SqlField | None = None
    alias: str = ""
    counted: bool = False
    simple: bool = False
    floating: bool = False


class Texts:
    """The parameters and names of one compilation, and how the dialect writes what every part needs."""

    def __init__(self, dialect: str, prefix: str) -> None:
        self.sqlite = dialect == "sqlite"
        self.params: dict[str, Any] = {}
        self._prefix = prefix
        self._numbers = itertools.count(1)

    def name(self, letter: str) -> str:
        """A name that no other part has."""
        return f"{letter}{next(self._numbers)}"

    def param(self, value: Any, kind: str = "") -> str:
        """A parameter holding a value; PostgreSQL is told its type."""
        name = self.name(self._prefix)
        self.params[name] = value
        return f":{name}" if self.sqlite or not kind else f"cast(:{name} as {kind})"

    def let(self, value: str, body: Callable[[str], str], *, simple: bool = False) -> str:
        """SQL that mentions a value several times, written once.

        `limit 1` keeps both planners from putting the value back in place, which would double it at
        every level of an expression.
        """
        if simple:
            return body(value)
        name = self.name("z")
        return f"(select {body(f'{name}.v')} from (select {value} as v limit 1) {name})"

    def real(self, sql: str) -> str:
        """A number as a floating one."""
        return f"cast({sql} as {'real' if self.sqlite else 'double precision'})"

    def whole(self, sql: str) -> str:
        """A number as a whole one, towards zero."""
        return f"cast({sql} as integer)" if self.sqlite else f"cast(trunc({sql}) as bigint)"

    def nothing(self, type: Type, *, counted: bool = False) -> str:
        """Null of a type."""
        return "null" if self.sqlite else f"cast(null as {'bigint' if counted else _KINDS.get(type, 'bigint')})"

    def constant(self, value: Any, type: Type, *, counted: bool = False) -> Value:
        """A value that is known, as parameters."""
        if value is None:
            return Value(self.nothing(type, counted=counted), type, currency="''" if type is Type.MONEY else "", simple=True, counted=counted)
        if isinstance(value, Money):
            return Value(self.param(value.minor, "bigint"), Type.MONEY, False, self.param(value.currency, "text"), simple=True)
        if counted:
            return Value(self.param(count_of(value), "bigint"), type, False, counted=True, simple=True)
        stored, kind = _stored(value)
        return Value(self.param(stored, kind), type, False, counted=isinstance(value, timedelta), simple=True)


def _stored(value: Any) -> tuple[Any, str]:
    """A value as the database holds it, and PostgreSQL's name of its type."""
    match value:
        case bool():
            return int(value), "bigint"
        case datetime():
            return stamp(value.astimezone(UTC)), "text"
        case date():
            return value.isoformat(), "text"
        case timedelta():
            return count_of(value), "bigint"
        case int():
            return value, "bigint" if abs(value) < 2**63 else "numeric"
        case float() if value.is_integer() and abs(value) < 2**53:
            return int(value), "bigint"
        case float():
            return value, "double precision"
    return str(value), "text"


def count_of(value: Any) -> int:
    """A moment or a length of time as milliseconds, a date as the number of its day."""
    if isinstance(value, datetime):
        return milliseconds(value)
    if isinstance(value, date):
        return value.toordinal()
    return int(value // timedelta(milliseconds=1))


def written(count: int, type: Type) -> str:
    """The reverse, as it is stored."""
    from ghl.engine.expressions.clocks import moment_at

    return stamp(moment_at(count)) if type is Type.DATETIME else date.fromordinal(count).isoformat()


def refuse(node: Typed, why: str = "") -> ExpressionError:
    """The error for what has no SQL."""
    more = f": {why}" if why else ""
    return ExpressionError(
        f"`{node.text}` cannot be looked up in the database{more}, at column {node.at + 1}",
        hint="it works in triggers and branches",
        column=node.at + 1,
    )


def counted_sql(texts: Texts, value: Value) -> str:
    """A date or moment that is stored as text, as a number."""
    if value.counted or (value.place is not None and value.place.storage == "ms"):
        return value.sql
    if value.type is Type.DATE:
        if texts.sqlite:
            return f"cast(julianday({value.sql}) - 1721424.5 as integer)"
        return f"cast(cast({value.sql} as date) - date '0001-01-01' + 1 as bigint)"
    if texts.sqlite:
        # A Julian day is exact to 0.04 ms, so that the nearest whole one is right.
        return f"cast(round((julianday({value.sql}) - 2440587.5) * 86400000.0) as integer)"
    return f"cast(extract(epoch from cast({value.sql} as timestamptz)) * 1000 as bigint)"


__all__ = ["EPOCH_DAY", "FALSE", "LONGEST", "TIMES", "TRUE", "Dialect", "Fragment", "Texts", "Value", "counted_sql", "refuse"]
