"""Arithmetic as SQL: what goes out of range is null in both databases, where one would fail and the other not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghl.engine.expressions.clocks import DAY, FIRST, FIRST_DAY, LAST, LAST_DAY
from ghl.engine.expressions.sql_text import Value, refuse
from ghl.engine.expressions.values import BLANKS, EXACT, NUMERAL
from ghl.sdk.expressions.schema import Type
from ghl.sdk.expressions.tree import MOST_DIGITS
from ghl.sdk.expressions.typed import Typed

if TYPE_CHECKING:
    from ghl.engine.expressions.sql import Compiler

_SIGNS = {"add": "+", "sub": "-", "mul": "*"}


class Numbers:
    """The arithmetic of one compilation."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self._texts = compiler.texts

    def arithmetic(self, node: Typed) -> Value:
        """A sum, difference, product, quotient or remainder of two numbers; all are floating ones."""
        parts = [self._compiler.value(arg, Type.NUMBER) for arg in node.args]
        if any(part.type is not Type.NUMBER for part in parts):
            raise refuse(node)
        if node.op == "neg":
            return Value(f"(-{self._real(parts[0])})", Type.NUMBER, parts[0].nullable, floating=True)
        a, b = (self._real(part) for part in parts)
        match node.op:
            case "mod":
                sql = self._remainder(a, b)
            case "div":
                sql = self._in_range(f"{a} / nullif({b}, 0)")
            case _:
                sql = self._in_range(f"{a} {_SIGNS[node.op]} {b}")
        return Value(sql, Type.NUMBER, floating=True)

    def _real(self, value: Value) -> str:
        return value.sql if value.floating else self._texts.real(value.sql)

    def _in_range(self, sql: str) -> str:
        return self._texts.let(
            sql, lambda v: f"case when abs({v}) < 1e100 and (abs({v}) >= 1e-99 or {v} = 0) then {v} end"
        )

    def _remainder(self, a: str, b: str) -> str:
        let, whole = self._texts.let, self._texts.whole

        def rest(x: str, y: str) -> str:
            small = f"abs({x}) <= {MOST_DIGITS} and abs({y}) <= {MOST_DIGITS} and {y} <> 0"
            # Beyond 64 bits the casts would fail, so they come second.
            return (
                f"case when {small} then case when {x} = {whole(x)} and {y} = {whole(y)}"
                f" then {self._texts.real(f'{whole(x)} % {whole(y)}')} end end"
            )

        return let(a, lambda x: let(b, lambda y: rest(x, y)))

    def rounded(self, name: str, value: Value) -> str:
        """A whole number near a number."""
        texts = self._texts
        real = self._real(value)
        if name == "abs" or (name == "round") == texts.sqlite:
            # SQLite rounds halves away from zero, PostgreSQL to the even neighbour.
            return f"{name}({real})"

        def near(v: str) -> str:
            if name == "round":
                found = f"trunc({v} + case when {v} < 0 then -0.5 else 0.5 end)"
            else:
                sign, step = ("<", "-") if name == "floor" else (">", "+")
                cut = texts.real(f"cast({v} as integer)")
                found = f"{cut} {step} ({v} {sign} {cut})"
            return f"case when abs({v}) < {EXACT:.1f} then {found} else {v} end"

        return texts.let(real, near)

    def of_amount(self, amount: Value) -> str:
        """An amount without its currency."""
        from ghl.sdk.currencies import EXPONENTS  # amounts are rare in filters

        by_places: dict[int, list[str]] = {}
        for code, places in EXPONENTS.items():
            if places != 2:
                by_places.setdefault(places, []).append(f"'{code}'")

        def divided(v: str) -> str:
            whens = " ".join(
                f"when {v} in ({', '.join(codes)}) then {10**places}.0" for places, codes in sorted(by_places.items())
            )
            return f"case when coalesce({v}, '') = '' then null {whens} else 100.0 end"

        divisor = self._texts.real(f"({self._texts.let(amount.currency, divided, simple=amount.simple)})")
        return f"({self._texts.real(amount.sql)} / {divisor})"

    def of_text(self, text: Value) -> str:
        """A text as a number; null where it is none."""
        blanks = self._texts.param(BLANKS, "text")
        if self._texts.sqlite:
            trimmed = f"trim({text.sql}, {blanks})"
            kind = "json_type(case when json_valid({v}) then {v} end) in ('integer', 'real') and length({v}) < 70"
            number = "cast({v} as real)"
        else:
            trimmed = f"btrim({text.sql}, {blanks})"
            kind = "{v} ~ " + self._texts.param(f"^({NUMERAL})$", "text")
            number = "cast({v} as double precision)"
        found = self._texts.let(trimmed, lambda v: f"case when {kind.format(v=v)} then {number.format(v=v)} end")
        return self._in_range(found)

    def floor_days(self, milliseconds: str) -> str:
        """Whole days, downwards; both databases divide towards zero."""
        return self._texts.let(
            milliseconds, lambda v: f"case when {v} % {DAY} < 0 then {v} / {DAY} - 1 else {v} / {DAY} end"
        )

    # --- moments, dates and lengths of time

    def moved(self, node: Typed) -> Value:
        """A sum or difference of which no side is known; everything is a whole number."""
        compiler = self._compiler
        if node.op == "neg":
            inner = compiler.value(node.args[0])
            return Value(f"(-{inner.sql})", Type.DURATION, inner.nullable, counted=True)
        parts = [compiler.value(arg, counted=True) for arg in node.args]
        if any(part.type is Type.ANY for part in parts):
            raise refuse(node)
        dates = Type.DATE in (parts[0].type, parts[1].type)
        sides = [self._days_of(part) if dates and part.type is Type.DURATION else part.sql for part in parts]
        sql = f"({sides[0]} {_SIGNS[node.op]} {sides[1]})"
        if node.type is Type.DURATION:
            sql = f"({sql} * {DAY})" if dates else sql
            return Value(sql, Type.DURATION, any(part.nullable for part in parts), counted=True)
        first, last = (FIRST_DAY, LAST_DAY) if node.type is Type.DATE else (FIRST, LAST)
        guarded = self._texts.let(sql, lambda v: f"case when {v} between {first} and {last} then {v} end")
        return Value(guarded, node.type, counted=True)

    def _days_of(self, part: Value) -> str:
        """A length of time as days; null where it is not a whole number of them."""
        return self._texts.let(part.sql, lambda v: f"case when {v} % {DAY} = 0 then {v} / {DAY} end", simple=part.simple)

