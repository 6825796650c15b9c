"""Functions and arithmetic as SQL, each written so that both databases give what the evaluator gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ghl.engine.expressions import values
from ghl.engine.expressions.sql_clocks import Clocks
from ghl.engine.expressions.sql_numbers import Numbers
from ghl.engine.expressions.sql_text import Value, counted_sql, refuse
from ghl.engine.expressions.unknown_types import as_type
from ghl.sdk.expressions.functions import FUNCTIONS
from ghl.sdk.expressions.schema import Type
from ghl.sdk.expressions.typed import Typed

if TYPE_CHECKING:
    from ghl.engine.expressions.sql import Compiler

_ARITHMETIC = frozenset(["add", "sub", "mul", "div", "mod", "neg"])


class Functions:
    """The functions of one compilation."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self._texts = compiler.texts
        self._numbers = Numbers(compiler)
        self._clocks = Clocks(compiler.texts)

    def as_count(self, value: Value) -> Value:
        """A date or moment as a number."""
        if value.counted or value.type not in (Type.DATE, Type.DATETIME):
            return value
        return Value(counted_sql(self._texts, value), value.type, value.nullable, counted=True)

    def _argument(self, node: Typed, index: int) -> Value:
        """An argument of the type that the function takes: what an event carries may be of another."""
        arg = node.args[index]
        if arg.type is Type.ANY and self._compiler.known(arg):
            wanted = FUNCTIONS[node.op].forms[0][0][index]
            found = as_type(self._compiler.evaluated(arg), wanted, self._compiler.env)
            return self._texts.constant(found, wanted)
        return self._compiler.value(arg)

    # --- conditions

    def condition(self, node: Typed, positive: bool) -> str:
        """A function that gives a truth value."""
        if node.op not in ("contains", "icontains", "startsWith", "endsWith"):
            raise refuse(node, "patterns have no SQL that both databases share" if node.op == "matches" else "")
        text, part = self._argument(node, 0), self._argument(node, 1)
        find = "instr" if self._texts.sqlite else "strpos"
        a, b = text.sql, part.sql
        match node.op:
            case "contains":
                sql = f"{find}({a}, {b}) > 0"
            case "icontains":
                sql = f"{find}({self._lower(a)}, {self._lower(b)}) > 0"
            case "startsWith":
                sql = self._texts.let(b, lambda v: f"substr({a}, 1, length({v})) = {v}", simple=part.simple)
            case _:
                sql = self._ends(a, b, text.simple, part.simple)
        return sql if positive else self._compiler.comparisons.otherwise(sql, f"not ({sql})", text, part)

    def _ends(self, text: str, part: str, simple_text: bool, simple_part: bool) -> str:
        let = self._texts.let

        def ends(a: str, b: str) -> str:
            return f"(length({a}) >= length({b}) and substr({a}, length({a}) - length({b}) + 1) = {b})"

        return let(text, lambda a: let(part, lambda b: ends(a, b), simple=simple_part), simple=simple_text)

    # --- values

    def value(self, node: Typed) -> Value:
        """A function's or an operator's value."""
        if node.op in _ARITHMETIC:
            return self._arithmetic(node)
        found = self._function(node)
        if found is None:
            raise refuse(node)
        return found

    def _arithmetic(self, node: Typed) -> Value:
        match node.type:
            case Type.NUMBER:
                return self._numbers.arithmetic(node)
            case Type.TEXT:
                a, b = (self._compiler.value(arg) for arg in node.args)
                return Value(f"({a.sql} || {b.sql})", Type.TEXT, a.nullable or b.nullable)
            case Type.DATE | Type.DATETIME | Type.DURATION:
                return self._numbers.moved(node)
        raise refuse(node)

    def _function(self, node: Typed) -> Value | None:
        if node.op in ("days_since", "days_until"):
            return self.days(self._compiler.value(node.args[0]), node.op)
        if node.op in ("date", "year", "month", "day", "hour", "minute", "weekday"):
            return self._part(node)
        a = self._argument(node, 0)
        if a.type is Type.LIST:
            if a.place is None or not a.place.size:
                return None
            return Value(a.place.size.format(r=a.alias), Type.NUMBER, False)
        return self._simple(node, a)

    def _simple(self, node: Typed, a: Value) -> Value | None:
        sql: str | None = None
        match node.op:
            case "size":
                sql = f"length({a.sql})"
            case "lower":
                sql = self._lower(a.sql)
            case "upper":
                sql = f"upper({a.sql})" if self._texts.sqlite else f'(upper({a.sql} collate "und-x-icu") collate "C")'
            case "trim":
                blanks = self._texts.param(values.BLANKS, "text")
                sql = f"{'trim' if self._texts.sqlite else 'btrim'}({a.sql}, {blanks})"
            case "currency":
                sql = f"nullif({a.currency}, '')"
            case "number" if a.type is Type.MONEY:
                sql = self._numbers.of_amount(a)
            case "number":
                return Value(self._numbers.of_text(a), Type.NUMBER, floating=True)
            case "abs" | "round" | "floor" | "ceil":
                sql = self._numbers.rounded(node.op, a)
        floating = node.type is Type.NUMBER and node.op != "size"
        return None if sql is None else Value(sql, node.type, a.nullable, floating=floating)

    def _lower(self, sql: str) -> str:
        """SQLite's own knows ASCII only; a connection of ours has Python's in its place. ICU's is the same."""
        return f"lower({sql})" if self._texts.sqlite else f'(lower({sql} collate "und-x-icu") collate "C")'

    def days(self, value: Value, name: str) -> Value:
        """Whole days since or until a date or a moment."""
        env = self._compiler.env
        now: Any = values.today(env, env.zone) if value.type is Type.DATE else env.utc
        at, then = self._texts.constant(now, value.type, counted=True).sql, counted_sql(self._texts, value)
        passed = f"({at} - {then})" if name == "days_since" else f"({then} - {at})"
        if value.type is Type.DATE:
            return Value(passed, Type.NUMBER, value.nullable)
        return Value(self._numbers.floor_days(passed), Type.NUMBER, value.nullable)

    def _part(self, node: Typed) -> Value:
        """A part of a date, or of what the clocks of a zone show at a moment."""
        value = self._compiler.value(node.args[0])
        if value.type not in (Type.DATE, Type.DATETIME):
            raise refuse(node)
        if value.type is Type.DATE:
            return value if node.op == "date" else self._clocks.of_date(node.op, value)
        zone = ZoneInfo(self._compiler.evaluated(node.args[1])) if len(node.args) > 1 else self._compiler.env.zone
        return self._clocks.of_moment(node.op, counted_sql(self._texts, value), zone)
