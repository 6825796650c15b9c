"""Comparisons as SQL: plain where they hold, so that an index is used; told apart from null where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.expressions.intervals import Interval, of_comparison, reduced, since
from ghl.engine.expressions.sql_text import FALSE, TIMES, TRUE, Value, refuse, written
from ghl.engine.expressions.unknown_types import as_type
from ghl.engine.expressions.values import fitting
from ghl.sdk.expressions.schema import Type
from ghl.sdk.expressions.typed import Typed
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.expressions.sql import Compiler

SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
OPPOSITE = {"eq": "ne", "lt": "ge", "ge": "lt", "le": "gt", "gt": "le"}
MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
LONGEST_KEY = 500
"""Texts are cut to this length in an index of custom fields."""


class Comparisons:
    """The comparisons of one compilation."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self._texts = compiler.texts

    def condition(self, node: Typed, positive: bool) -> str:
        """Two values beside each other; a value that is known stands to the right."""
        compiler, op = self._compiler, node.op
        left, right = node.args
        if op == "ne":
            op, positive = "eq", not positive
        if compiler.known(left):
            left, right, op = right, left, MIRRORED[op]
        if not compiler.known(right):
            return self._beside(left, right, op, positive)
        sought = compiler.evaluated(right)
        if right.type is Type.ANY and left.type is not Type.ANY:
            sought = as_type(sought, left.type, compiler.env)
        if sought is None:
            return FALSE if positive else TRUE
        counted = self._counted(left, op, sought, positive)
        if counted is not None:
            return counted
        found = compiler.value(left, beside=right.type)
        place = found.place
        mark = self._texts.constant(sought, right.type if right.type is not Type.ANY else found.type)
        if positive and place is not None and not (isinstance(sought, str) and len(sought) >= LONGEST_KEY):
            if op == "eq" and place.equals:
                return place.equals.format(r=found.alias, v=mark.sql)
            if op != "eq" and place.ranged:
                return place.ranged.format(r=found.alias, v=mark.sql, op=SIGNS[op])
        return self._compared(found, mark, op, positive)

    def _beside(self, left: Typed, right: Typed, op: str, positive: bool) -> str:
        """Two values of the row."""
        a, b = self._compiler.value(left), self._compiler.value(right)
        if Type.ANY in (a.type, b.type):
            raise refuse(left)
        if a.type in TIMES and (a.counted or b.counted):
            a, b = self._compiler.value(left, counted=True), self._compiler.value(right, counted=True)
        return self._compared(a, b, op, positive)

    def _compared(self, a: Value, b: Value, op: str, positive: bool) -> str:
        if Type.MONEY in (a.type, b.type):
            return self._amounts(a, b, op, positive)
        right = b.sql
        if a.type is Type.TEXT and op != "eq" and not self._texts.sqlite:
            # By code point whatever the database's own order is; a column of ours has that order and its index.
            right = f'({right}) collate "C"'
        holds = f"{a.sql} {SIGNS[op]} {right}"
        return holds if positive else self.otherwise(holds, f"{a.sql} {SIGNS[OPPOSITE[op]]} {right}", a, b)

    def otherwise(self, holds: str, opposite: str, *parts: Value) -> str:
        """Where a condition does not hold: its opposite, or something in it is missing."""
        nullable = [part for part in parts if part.nullable]
        if not nullable:
            return opposite
        if all(part.simple for part in nullable):
            return f"({opposite}{''.join(f' or {part.sql} is null' for part in nullable)})"
        return f"(({holds}) is not true)"

    def _amounts(self, a: Value, b: Value, op: str, positive: bool) -> str:
        """Across currencies nothing is equal, less or more; an amount without a currency is missing."""
        same = f"{a.currency} = {b.currency} and {a.currency} <> ''"
        if positive:
            return f"({same} and {a.sql} {SIGNS[op]} {b.sql})"
        return f"(not ({same}) or {a.sql} {SIGNS[OPPOSITE[op]]} {b.sql})"

    # --- moments, dates and days beside a known value

    def _counted(self, left: Typed, op: str, sought: Any, positive: bool) -> str | None:
        """A comparison with a moment, a date or a number of days as a range of what is stored."""
        compiler = self._compiler
        moment = compiler.records.since(left)
        interval = of_comparison(left, op, sought) if moment is not None or left.op not in ("field", "variable") or left.type in TIMES else None
        if interval is None:
            return None
        if interval.empty:
            return FALSE if positive else TRUE
        if left.op == "count":
            return self._number_of(left, interval, positive)
        leaf, interval = reduced(left, interval, compiler)
        if moment is not None:
            interval = since(interval, compiler)
        elif leaf.type not in TIMES:
            return None
        interval = interval.of_domain(Type.DATETIME if moment is not None else leaf.type)
        if interval.empty:
            return FALSE if positive else TRUE
        return self._within(moment or compiler.value(leaf), interval, positive)

    def _number_of(self, node: Typed, interval: Interval, positive: bool) -> str | None:
        """Whether there is at least one, or none, is asked without counting."""
        if interval.high is None and interval.low == 1:
            return self._compiler.exists(node, positive)
        if interval.high == 0:
            return self._compiler.exists(node, not positive)
        return None

    def _within(self, value: Value, interval: Interval, positive: bool) -> str:
        interval = interval.clipped(value.type)
        low, high = interval.low, interval.high
        if low is None and high is None:
            return f"{value.sql} is {'not ' if positive else ''}null"

        def mark(bound: int) -> str:
            if value.counted or value.type is Type.DURATION:
                return self._texts.param(bound, "bigint")
            return self._texts.param(written(bound, value.type), "text")

        place = value.place
        if positive and place is not None and place.equals and low == high and low is not None:
            return place.equals.format(r=value.alias, v=mark(low))
        if positive and place is not None and place.ranged:
            bounds = [(">=", low), ("<=", high)]
            asked = [place.ranged.format(r=value.alias, v=mark(b), op=op) for op, b in bounds if b is not None]
            return asked[0] if len(asked) == 1 else f"({' and '.join(asked)})"
        sql = value.sql
        if low is None or high is None:
            sign, against = (">=", "<") if high is None else ("<=", ">")
            bound = mark(low if low is not None else high)  # type: ignore[arg-type]
            holds, opposite = f"{sql} {sign} {bound}", f"{sql} {against} {bound}"
        elif low == high:
            bound = mark(low)
            holds, opposite = f"{sql} = {bound}", f"{sql} <> {bound}"
        else:
            between = f"between {mark(low)} and {mark(high)}"
            holds, opposite = f"{sql} {between}", f"{sql} not {between}"
        return holds if positive else self.otherwise(holds, opposite, value)

    # --- lists

    def member(self, node: Typed, positive: bool) -> str:
        """Whether a value is one of a list that is written out, or of a field's."""
        item, group = node.args
        if group.op == "list":
            return self._one_of(node, item, group, positive)
        if self._compiler.known(group):
            raise refuse(group, "a list that an event carries")
        found = self._compiler.value(group)
        place = found.place
        if place is None or not place.member:
            raise refuse(group)
        if self._compiler.known(item):
            sought = self._compiler.evaluated(item)
            if not isinstance(sought, str):
                return FALSE if positive else TRUE
            mark = self._texts.param(fold(sought) if place.folded else sought, "text")
        elif place.folded:
            raise refuse(item, "what is looked for is written out")
        else:
            value = self._compiler.value(item)
            mark = value.sql
        sql = place.member.format(r=found.alias, v=mark)
        if positive:
            return sql
        # Of a value of the row the member may be null.
        return f"not {sql}" if self._compiler.known(item) else f"(({sql}) is not true)"

    def _one_of(self, node: Typed, item: Typed, group: Typed, positive: bool) -> str:
        compiler = self._compiler
        if item.type in (Type.TEXT, Type.NUMBER, Type.BOOL) and not compiler.known(item):
            value = compiler.value(item)
            plain = value.place is None or not value.place.equals
            if plain and all(compiler.known(one) for one in group.args):
                return self._in_list(value, group, positive)
        clauses = [
            compiler.truth(Typed("eq", Type.BOOL, item.at, (item, one), source=node.source), positive)
            for one in group.args
        ]
        decides, idle = (TRUE, FALSE) if positive else (FALSE, TRUE)
        if decides in clauses:
            return decides
        clauses = [clause for clause in clauses if clause != idle]
        return f"({(' or ' if positive else ' and ').join(clauses)})" if clauses else idle

    def _in_list(self, value: Value, group: Typed, positive: bool) -> str:
        every = [fitting(self._compiler.evaluated(arg), value.type) for arg in group.args]
        found = [one for one in every if one is not None]
        if not found:
            return FALSE if positive else TRUE
        marks = ", ".join(self._texts.constant(one, value.type).sql for one in found)
        return (
            f"{value.sql} in ({marks})"
            if positive
            else self.otherwise(f"{value.sql} in ({marks})", f"{value.sql} not in ({marks})", value)
        )

