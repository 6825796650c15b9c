"""Functions and arithmetic as SQL, each written so that both databases give what the evaluator gives."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from ghl.engine.expressions.values import BLANKS, local_date
from ghl.sdk.currencies import EXPONENTS
from ghl.sdk.expressions.check import Typed
from ghl.sdk.expressions.schema import Type

if TYPE_CHECKING:
    from ghl.engine.expressions.sql import Compiler, Value

DAY = 86_400_000


class Functions:
    """The functions of one compilation."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler

    @property
    def _sqlite(self) -> bool:
        return self.compiler.dialect == "sqlite"

    def _real(self, sql: str) -> str:
        return f"cast({sql} as {'real' if self._sqlite else 'double precision'})"

    def _whole(self, sql: str) -> str:
        """Towards zero."""
        return f"cast({sql} as integer)" if self._sqlite else f"trunc({sql})"

    # --- conditions

    def condition(self, node: Typed, positive: bool) -> str:
        """A function that gives a truth value."""
        if node.op == "matches":
            raise self.compiler.refuse(node, "patterns have no SQL that both databases share")
        text, part = (self.compiler.value(arg) for arg in node.args)
        a, b = text.sql, part.sql
        if node.op == "icontains":
            a, b = self._lower(a), self._lower(b)
        find = "instr" if self._sqlite else "strpos"
        sql = {
            "contains": f"{find}({a}, {b}) > 0",
            "icontains": f"{find}({a}, {b}) > 0",
            "startsWith": f"substr({a}, 1, length({b})) = {b}",
            "endsWith": f"(length({a}) >= length({b}) and substr({a}, length({a}) - length({b}) + 1) = {b})",
        }.get(node.op)
        if sql is None:
            raise self.compiler.refuse(node)
        if positive:
            return sql
        nulls = [part.sql for part in (text, part) if part.nullable]
        return f"(not ({sql}){''.join(f' or {one} is null' for one in nulls)})"

    def day_bounds(self, left: Typed, right: Typed, op: str, positive: bool) -> str | None:
        """`date(moment)` beside a known date is a range of moments, which uses an index."""
        compiler = self.compiler
        if left.op != "date" or len(left.args) != 1 or not compiler._known(right) or compiler._known(left):
            return None
        from ghl.engine.expressions.sql import bounds  # the two halves of one compiler

        day = compiler._evaluated(right)
        if not isinstance(day, date):
            return "1 = 0" if positive else "1 = 1"
        moment = compiler.value(left.args[0])
        first, after = bounds(day, compiler.env)
        low, high = compiler.param(first, "text"), compiler.param(after, "text")
        m = moment.sql
        sql = {
            "eq": f"({m} >= {low} and {m} < {high})", "lt": f"{m} < {low}", "le": f"{m} < {high}",
            "gt": f"{m} >= {high}", "ge": f"{m} >= {low}",
        }[op]  # fmt: skip
        return sql if positive else f"(not ({sql}) or {m} is null)"

    # --- values

    def value(self, node: Typed) -> Value:
        """A function's or an operator's value."""
        from ghl.engine.expressions.sql import Value  # the two halves of one compiler

        if node.op in ("add", "sub", "mul", "div", "mod", "neg"):
            return Value(self._arithmetic(node), node.type)
        if node.type is Type.BOOL:
            return Value(f"case when {self.condition(node, True)} then 1 else 0 end", Type.BOOL, False)
        if node.op == "size" and node.args[0].type is Type.LIST:
            inner = self.compiler.value(node.args[0])
            if inner.field is None or not inner.field.size:
                raise self.compiler.refuse(node)
            return Value(inner.field.size.format(r=inner.alias), Type.NUMBER, False)
        args = [self.compiler.value(arg) for arg in node.args]
        sql = self._function(node, args)
        if sql is None:
            raise self.compiler.refuse(node)
        return Value(sql, node.type)

    def _function(self, node: Typed, args: list[Value]) -> str | None:
        a = args[0].sql
        match node.op:
            case "size":
                return f"length({a})"
            case "lower":
                return self._lower(a)
            case "upper":
                return f"upper({a})" if self._sqlite else f'upper({a} collate "und-x-icu") collate "C"'
            case "trim":
                return f"{'trim' if self._sqlite else 'btrim'}({a}, {self.compiler.param(BLANKS, 'text')})"
            case "abs":
                return f"abs({a})"
            case "round":
                real = self._real(a)
                up = f"{self._whole(f'{real} + 0.5')}"
                down = f"-{self._whole(f'-{real} + 0.5')}"
                return f"case when {a} >= 0 then {up} else {down} end"
            case "floor" | "ceil":
                real, whole = self._real(a), self._whole(self._real(a))
                sign, step = ("<", "-") if node.op == "floor" else (">", "+")
                return f"case when {real} {sign} {whole} then {whole} {step} 1 else {whole} end"
            case "number":
                return self._number(args[0])
            case "currency":
                return f"nullif({args[0].currency}, '')"
            case "year" | "month" | "day" | "weekday" if node.args[0].type is Type.DATE:
                return self._date_part(node.op, a)
            case "days_since" | "days_until":
                return self._days(node, a)
        return None

    def _lower(self, sql: str) -> str:
        return f"lower({sql})" if self._sqlite else f'lower({sql} collate "und-x-icu") collate "C"'

    def _number(self, amount: Value) -> str:
        cases: dict[int, list[str]] = {}
        for code, digits in EXPONENTS.items():
            if digits != 2:
                cases.setdefault(digits, []).append(f"'{code}'")
        whens = " ".join(
            f"when {amount.currency} in ({', '.join(codes)}) then {self._real(amount.sql)} / {10**digits}"
            for digits, codes in sorted(cases.items())
        )
        return f"case when {amount.currency} = '' then null {whens} else {self._real(amount.sql)} / 100 end"

    def _date_part(self, name: str, sql: str) -> str:
        if name == "weekday":
            if self._sqlite:
                return f"((cast(strftime('%w', {sql}) as integer) + 6) % 7 + 1)"
            return f"cast(extract(isodow from cast({sql} as date)) as bigint)"
        start, length = {"year": (1, 4), "month": (6, 2), "day": (9, 2)}[name]
        return f"cast(substr({sql}, {start}, {length}) as {'integer' if self._sqlite else 'bigint'})"

    def _milliseconds(self, sql: str) -> str:
        """A stored moment as milliseconds since 1970."""
        if self._sqlite:
            return f"(unixepoch({sql}) * 1000 + cast(substr({sql}, 21, 3) as integer))"
        return f"cast(extract(epoch from cast({sql} as timestamptz)) * 1000 as bigint)"

    def _days(self, node: Typed, sql: str) -> str:
        env = self.compiler.env
        if node.args[0].type is Type.DATE:
            today = self.compiler.param(local_date(env.utc, env.zone).isoformat(), "text")
            if self._sqlite:
                since = f"cast(julianday({today}) - julianday({sql}) as integer)"
            else:
                since = f"(cast({today} as date) - cast({sql} as date))"
            return since if node.op == "days_since" else f"(-({since}))"
        now = self.compiler.param(int(env.utc.timestamp() * 1000), "bigint")
        passed = f"({now} - {self._milliseconds(sql)})" if node.op == "days_since" else f"({self._milliseconds(sql)} - {now})"
        return f"(case when {passed} % {DAY} < 0 then {passed} / {DAY} - 1 else {passed} / {DAY} end)"

    # --- arithmetic

    def _arithmetic(self, node: Typed) -> str:
        kinds = [arg.type for arg in node.args]
        if node.op == "neg":
            return f"(-{self.compiler.value(node.args[0]).sql})"
        if node.type is Type.NUMBER:
            a, b = (self._real(self.compiler.value(arg).sql) for arg in node.args)
            match node.op:
                case "div":
                    return f"({a} / nullif({b}, 0))"
                case "mod":
                    raise self.compiler.refuse(node, "the remainder differs between databases")
            return f"({a} {'+-*'[('add', 'sub', 'mul').index(node.op)]} {b})"
        if node.type is Type.TEXT:
            a, b = (self.compiler.value(arg).sql for arg in node.args)
            return f"({a} || {b})"
        if node.type is Type.DURATION and kinds[0] in (Type.DATETIME, Type.DATE):
            return self._difference(node)
        if node.type in (Type.DATETIME, Type.DATE):
            return self._shifted(node)
        raise self.compiler.refuse(node)

    def _difference(self, node: Typed) -> str:
        a, b = (self.compiler.value(arg).sql for arg in node.args)
        if node.args[0].type is Type.DATETIME:
            return f"({self._milliseconds(a)} - {self._milliseconds(b)})"
        if self._sqlite:
            return f"(cast(julianday({a}) - julianday({b}) as integer) * {DAY})"
        return f"((cast({a} as date) - cast({b} as date)) * cast({DAY} as bigint))"

    def _shifted(self, node: Typed) -> str:
        start, length = node.args if node.args[0].type in (Type.DATETIME, Type.DATE) else node.args[::-1]
        by: Any = self.compiler._evaluated(length) if self.compiler._known(length) else None
        if not isinstance(by, timedelta):
            raise self.compiler.refuse(length, "a length of time is written out")
        if node.op == "sub":
            by = -by
        sql = self.compiler.value(start).sql
        if node.type is Type.DATE:
            days = by.days
            if self._sqlite:
                return f"date({sql}, {self.compiler.param(f'{days:+d} days')})"
            return f"to_char(cast({sql} as date) + cast({days} as integer), 'YYYY-MM-DD')"
        ms = by // timedelta(milliseconds=1)
        if self._sqlite:
            return f"strftime('%Y-%m-%dT%H:%M:%fZ', {sql}, {self.compiler.param(f'{ms / 1000:+.3f} seconds')})"
        moved = f"cast({sql} as timestamptz) + {ms} * interval '1 millisecond'"
        return f"to_char(({moved}) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
