"""The compiler to SQL: conditions that are never null, because `!` is pushed down to the leaves."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ghl.engine.expressions.evaluate import evaluate
from ghl.engine.expressions.records import Env
from ghl.engine.expressions.sources import SqlField, SqlSource
from ghl.engine.expressions.sql_functions import Functions
from ghl.errors import ExpressionError
from ghl.sdk.expressions.check import Checked, Typed
from ghl.sdk.expressions.schema import Schema, Type
from ghl.sdk.money import Money
from ghl.sdk.names import fold
from ghl.sdk.times import resolve_local, stamp

_SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "le": "gt", "gt": "le"}
_NO_SCHEMA = Schema("constant", {})
_MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


@dataclass(slots=True)
class Fragment:
    """A condition over the alias `r`, and its parameters."""

    sql: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Value:
    """A value as SQL; an amount has its currency beside it."""

    sql: str
    type: Type
    nullable: bool = True
    currency: str = ""
    field: SqlField | None = None
    alias: str = ""


def compile_sql(checked: Checked, source: SqlSource, dialect: str, env: Env, *, alias: str = "r", prefix: str = "x") -> Fragment:
    """A checked condition as SQL. ExpressionError where a part has no SQL, such as a pattern."""
    compiler = Compiler(source, dialect, env, alias, prefix)
    sql = compiler.truth(checked.root, True)
    return Fragment(sql, compiler.params)


class Compiler:
    """One compilation."""

    def __init__(self, source: SqlSource, dialect: str, env: Env, alias: str, prefix: str) -> None:
        self.scopes: list[tuple[str, SqlSource]] = [(alias, source)]
        self.env = env
        self.dialect = dialect
        self.params: dict[str, Any] = {}
        self.functions = Functions(self)
        self._prefix = prefix
        self._count = itertools.count(1)

    def param(self, value: Any, kind: str = "") -> str:
        """A parameter holding a value; PostgreSQL is told its type where nothing else would."""
        name = f"{self._prefix}{next(self._count)}"
        self.params[name] = value
        if self.dialect == "postgres" and kind:
            return f"cast(:{name} as {kind})"
        return f":{name}"

    @staticmethod
    def refuse(node: Typed, why: str = "") -> ExpressionError:
        """The error for what has no SQL."""
        more = f": {why}" if why else ""
        return ExpressionError(
            f"`{node.text}` cannot be looked up in the database{more}, at column {node.at + 1}",
            hint="it works in triggers and branches",
            column=node.at + 1,
        )

    # --- conditions

    def truth(self, node: Typed, positive: bool) -> str:
        """A condition that is true exactly where the part is (or, negated, is not); it is never null
        where that would matter, since nothing negates it."""
        if self._known(node):
            return "1 = 1" if bool(self._evaluated(node)) == positive else "1 = 0"
        match node.op:
            case "and" | "or":
                joiner = " and " if (node.op == "and") == positive else " or "
                return f"({joiner.join(self.truth(arg, positive) for arg in node.args)})"
            case "not":
                return self.truth(node.args[0], not positive)
            case "eq" | "ne" | "lt" | "le" | "gt" | "ge":
                return self._comparison(node, positive)
            case "in":
                return self._member(node, positive)
            case "has":
                return self._has(node.args[0], positive)
            case "choice":
                first = f"({self.truth(node.args[0], True)} and {self.truth(node.args[1], positive)})"
                return f"({first} or ({self.truth(node.args[0], False)} and {self.truth(node.args[2], positive)}))"
            case "exists":
                return f"{'' if positive else 'not '}exists ({self._select(node, '1')})"
            case "field":
                value = self.value(node)
                if value.type is not Type.BOOL:
                    raise self.refuse(node)
                return f"{value.sql} = 1" if positive else self._or_null(f"{value.sql} = 0", value)
            case _:
                return self.functions.condition(node, positive)

    @staticmethod
    def _or_null(sql: str, *parts: Value) -> str:
        nullable = [part.sql for part in parts if part.nullable]
        return f"({sql}{''.join(f' or {one} is null' for one in nullable)})" if nullable else sql

    def _comparison(self, node: Typed, positive: bool) -> str:
        op = node.op
        left, right = node.args
        if op == "ne":
            op, positive = "eq", not positive
        if self._known(left):
            left, right, op = right, left, _MIRRORED[op]
        day = self.functions.day_bounds(left, right, op, positive)
        if day is not None:
            return day
        if self._known(right) and self._evaluated(right) is None:
            return "1 = 0" if positive else "1 = 1"
        a, b = self.value(left), self.value(right, beside=left.type)
        if a.type is Type.MONEY:
            return self._amounts(a, b, op, positive)
        if op == "eq" and positive and a.field is not None and a.field.equals and self._known(right):
            return a.field.equals.format(r=a.alias, v=b.sql)
        if op != "eq" and positive and a.field is not None and a.field.ranged and self._known(right):
            return a.field.ranged.format(r=a.alias, v=b.sql, op=_SIGNS[op])
        if positive:
            return f"{a.sql} {_SIGNS[op]} {b.sql}"
        return self._or_null(f"{a.sql} {_SIGNS[_OPPOSITE[op]]} {b.sql}", a, b)

    def _amounts(self, a: Value, b: Value, op: str, positive: bool) -> str:
        """Across currencies nothing is equal, less or more; an amount without a currency is missing."""
        same = f"({a.currency} = {b.currency} and {a.currency} <> '')"
        if positive:
            return f"({same} and {a.sql} {_SIGNS[op]} {b.sql})"
        return f"(not {same} or {a.sql} {_SIGNS[_OPPOSITE[op]]} {b.sql})"

    def _has(self, node: Typed, positive: bool) -> str:
        if self._known(node):
            return "1 = 1" if (self._evaluated(node) is not None) == positive else "1 = 0"
        value = self.value(node)
        if value.type is Type.MONEY:
            return f"{value.currency} {'<>' if positive else '='} ''"
        if value.type is Type.LIST:
            assert value.field is not None
            return f"{value.field.size.format(r=value.alias)} {'>' if positive else '='} 0"
        return f"{value.sql} is {'not ' if positive else ''}null"

    def _member(self, node: Typed, positive: bool) -> str:
        item, group = node.args
        if group.op == "list":
            clauses = [
                self.truth(Typed("eq", Type.BOOL, item.at, (item, one), source=node.source), positive) for one in group.args
            ]
            if not clauses:
                return "1 = 0" if positive else "1 = 1"
            return f"({(' or ' if positive else ' and ').join(clauses)})"
        found = self._list(group)
        if not self._known(item):
            raise self.refuse(item, "what is looked for is written out")
        sought = self._evaluated(item)
        if sought is None:
            return "1 = 0" if positive else "1 = 1"
        place, alias = found
        mark = self.param(fold(sought) if place.folded else sought, "text")
        sql = place.member.format(r=alias, v=mark)
        return sql if positive else f"not {sql}"

    def _list(self, node: Typed) -> tuple[SqlField, str]:
        value = self.value(node)
        if value.field is None or not value.field.member:
            raise self.refuse(node)
        return value.field, value.alias

    # --- values

    def _known(self, node: Typed) -> bool:
        """Whether a part is known before any row is looked at: constants, and what an event carries."""
        if node.op == "field":
            return node.name in self.env.variables and not node.links
        return node.op not in ("exists", "count") and all(self._known(arg) for arg in node.args)

    def _evaluated(self, node: Typed) -> Any:
        return evaluate(Checked(node, _NO_SCHEMA, ""), None, self.env)

    def value(self, node: Typed, beside: Type | None = None) -> Value:
        """A part's value as SQL."""
        if self._known(node):
            return self._constant(node, beside)
        match node.op:
            case "field":
                return self._field(node)
            case "count":
                return Value(f"({self._select(node, 'count(*)')})", Type.NUMBER, nullable=False)
            case "choice":
                then, otherwise = self.value(node.args[1]), self.value(node.args[2])
                if node.type is Type.MONEY:
                    raise self.refuse(node)
                sql = f"case when {self.truth(node.args[0], True)} then {then.sql} else {otherwise.sql} end"
                return Value(sql, node.type, then.nullable or otherwise.nullable)
            case "and" | "or" | "not" | "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "in" | "has" | "exists":
                return Value(f"case when {self.truth(node, True)} then 1 else 0 end", Type.BOOL, nullable=False)
            case _:
                return self.functions.value(node)

    def _constant(self, node: Typed, beside: Type | None) -> Value:
        found = self._evaluated(node)
        if isinstance(found, Money):
            return Value(self.param(found.minor, "bigint"), Type.MONEY, False, self.param(found.currency, "text"))
        if found is None:
            return Value("null", node.type)
        return Value(self.param(*stored(found)), node.type if node.type is not Type.ANY else beside or node.type, False)

    def _field(self, node: Typed) -> Value:
        alias, source = self.scopes[-1 - node.scope]
        if not node.links:
            place = source.find(node.name)
            if place is None:
                raise self.refuse(node)
            return _at(place, alias)
        return self._through(node, alias, source)

    def _through(self, node: Typed, alias: str, source: SqlSource) -> Value:
        """A field of a linked record: a look-up by its key."""
        joins: list[str] = []
        keys = ""
        for link in node.links:
            place = source.links.get(link)
            if place is None:
                raise self.refuse(node)
            inner = f"q{next(self._count)}"
            key = place.key.format(r=alias)
            if not joins:
                joins.append(f"from {place.table} {inner}")
                keys = f"{inner}.id = {key}"
            else:
                joins.append(f"join {place.table} {inner} on {inner}.id = {key}")
            alias, source = inner, place.source()
        found = source.find(node.name)
        if found is None or found.type is Type.LIST:
            raise self.refuse(node)
        tail = f"{' '.join(joins)} where {keys}"
        sql = f"(select {found.sql.format(r=alias)} {tail})"
        if found.type is Type.MONEY:
            currency = f"coalesce((select {found.currency.format(r=alias)} {tail}), '')"
            return Value(sql, Type.MONEY, True, currency)
        return Value(sql, found.type)

    def _select(self, node: Typed, chosen: str) -> str:
        alias, source = self.scopes[-1]
        more: list[str] = []
        for link in node.links:
            place = source.links.get(link)
            if place is None:
                raise self.refuse(node)
            inner = f"q{next(self._count)}"
            more.append(f"{place.table} {inner}|{inner}.id = {place.key.format(r=alias)}")
            alias, source = inner, place.source()
        relation = source.relations.get(node.name)
        if relation is None:
            raise self.refuse(node)
        name = f"q{next(self._count)}"
        body = relation.sql.format(r=alias, q=name)
        for one in reversed(more):
            table, condition = one.split("|")
            body = f"{table} cross join {body} and {condition}"
        self.scopes.append((name, relation.source()))
        condition = f" and {self.truth(node.args[0], True)}" if node.args else ""
        self.scopes.pop()
        return f"select {chosen} from {body}{condition}"


def _at(place: SqlField, alias: str) -> Value:
    return Value(
        place.sql.format(r=alias), place.type, place.nullable, place.currency.format(r=alias), place, alias
    )


def stored(value: Any) -> tuple[Any, str]:
    """A value as the database holds it, and PostgreSQL's name of its type."""
    if isinstance(value, bool):
        return int(value), "bigint"
    if isinstance(value, datetime):
        return stamp(value.astimezone(UTC)), "text"
    if isinstance(value, date):
        return value.isoformat(), "text"
    if isinstance(value, timedelta):
        return value // timedelta(milliseconds=1), "bigint"
    if isinstance(value, int):
        return value, "bigint" if abs(value) < 2**63 else "numeric"
    if isinstance(value, float):
        return value, "double precision"
    return str(value), "text"


def bounds(day: date, env: Env) -> tuple[str, str]:
    """The first moments of a day and of the next one in the account's zone, as they are stored."""
    edges = (resolve_local(one, time(0), env.zone) for one in (day, day + timedelta(days=1)))
    first, last = (stamp(edge.astimezone(UTC)) for edge in edges)
    return first, last

