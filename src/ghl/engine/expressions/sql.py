"""The compiler to SQL: conditions that are never null where it matters, because `!` is pushed down to the leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ghl.engine.expressions.evaluate import Walk
from ghl.engine.expressions.records import Env
from ghl.engine.expressions.sources import SqlSource
from ghl.engine.expressions.sql_comparisons import Comparisons
from ghl.engine.expressions.sql_depth import MOST, parser_depth
from ghl.engine.expressions.sql_functions import Functions
from ghl.engine.expressions.sql_records import Records
from ghl.engine.expressions.sql_text import FALSE, LONGEST, TRUE, Fragment, Texts, Value, refuse
from ghl.sdk.expressions.schema import Type
from ghl.sdk.expressions.typed import Checked, Typed

_UNKNOWN = frozenset(["field", "exists", "count", "call"])


def compile_sql(
    checked: Checked, source: SqlSource, dialect: str, env: Env, *, alias: str = "r", prefix: str = "x"
) -> Fragment:
    """A checked condition as SQL over an alias; every value in it is a parameter that begins with `prefix`.

    It is true exactly where the evaluator says so. ExpressionError where a part has no SQL, such as a
    pattern: then the evaluator is the way.
    """
    compiler = Compiler(source, dialect, env, alias, prefix)
    sql = compiler.truth(checked.root, True)
    if dialect == "sqlite" and parser_depth(sql) > MOST:
        raise refuse(checked.root, "it is too deeply nested")
    return Fragment(sql, compiler.texts.params)


class Compiler:
    """One compilation: conditions here, and what they are about in the parts beside it."""

    def __init__(self, source: SqlSource, dialect: str, env: Env, alias: str, prefix: str) -> None:
        self.env = env
        self.texts = Texts(dialect, prefix)
        self.records = Records(self, alias, source)
        self.comparisons = Comparisons(self)
        self.functions = Functions(self)
        self._folded: dict[int, tuple[Typed, bool, Any]] = {}

    # --- what is known before any row is looked at

    def known(self, node: Typed) -> bool:
        """Whether a part is the same for every row: what is written out, and what an event carries."""
        found = self._folded.get(id(node))
        if found is None:
            known = node.op not in _UNKNOWN and (node.op != "variable" or node.name in self.env.variables)
            known = known and all(self.known(arg) for arg in node.args)
            # The node is kept too, so that its number is nobody else's.
            found = (node, known, Walk(None, self.env, None).value(node) if known else None)
            self._folded[id(node)] = found
        return found[1]

    def evaluated(self, node: Typed) -> Any:
        """The value of a part that is known."""
        assert self.known(node)
        return self._folded[id(node)][2]

    # --- conditions

    def truth(self, node: Typed, positive: bool) -> str:
        """A condition that is true exactly where the part is (or, negated, is not); it may be null
        instead of false, since nothing negates it."""
        if self.known(node):
            return TRUE if (self.evaluated(node) is True) == positive else FALSE
        sql = _TRUTHS.get(node.op, Compiler._called)(self, node, positive)
        if len(sql) > LONGEST:
            raise refuse(node, "it becomes too long")
        return sql

    def joined(self, node: Typed, positive: bool) -> str:
        """`&&` and `||`; without the parts that are known and change nothing."""
        every = (node.op == "and") == positive
        decides, idle = (FALSE, TRUE) if every else (TRUE, FALSE)
        parts = [self.truth(arg, positive) for arg in node.args]
        if decides in parts:
            return decides
        parts = [part for part in parts if part != idle]
        if not parts:
            return idle
        return parts[0] if len(parts) == 1 else f"({(' and ' if every else ' or ').join(parts)})"

    def opposite(self, node: Typed, positive: bool) -> str:
        return self.truth(node.args[0], not positive)

    def comparison(self, node: Typed, positive: bool) -> str:
        return self.comparisons.condition(node, positive)

    def member(self, node: Typed, positive: bool) -> str:
        return self.comparisons.member(node, positive)

    def has(self, node: Typed, positive: bool) -> str:
        """A list is there where it has an item, an amount where it has a currency."""
        value = self.value(node.args[0])
        if value.type is Type.MONEY:
            return f"{value.currency} {'<>' if positive else '='} ''"
        if value.type is Type.LIST:
            assert value.place is not None
            return f"{value.place.size.format(r=value.alias)} {'>' if positive else '='} 0"
        if not value.nullable and value.place is not None:
            return TRUE if positive else FALSE
        return f"{value.sql} is {'not ' if positive else ''}null"

    def choice(self, node: Typed, positive: bool) -> str:
        ways = [self.truth(arg, positive) for arg in node.args[1:]]
        return f"case when {self.truth(node.args[0], True)} then {ways[0]} else {ways[1]} end"

    def exists(self, node: Typed, positive: bool) -> str:
        return f"{'' if positive else 'not '}exists ({self.records.select(node, '1')})"

    def field(self, node: Typed, positive: bool) -> str:
        value = self.value(node)
        if value.type is not Type.BOOL:
            raise refuse(node)
        return f"{value.sql} = 1" if positive else self.comparisons.otherwise(f"{value.sql} = 1", f"{value.sql} = 0", value)

    def _called(self, node: Typed, positive: bool) -> str:
        return self.functions.condition(node, positive)

    # --- values

    def value(self, node: Typed, beside: Type | None = None, *, counted: bool = False) -> Value:
        """A part's value as SQL; a date or moment as a number where that is asked for."""
        if self.known(node):
            type_ = node.type if node.type is not Type.ANY else beside or node.type
            return self.texts.constant(self.evaluated(node), type_, counted=counted)
        found = _VALUES.get(node.op, Compiler._worked_out)(self, node)
        if counted:
            found = self.functions.as_count(found)
        if len(found.sql) > LONGEST:
            raise refuse(node, "it becomes too long")
        return found

    def _field_value(self, node: Typed) -> Value:
        return self.records.field(node)

    def _count_value(self, node: Typed) -> Value:
        return Value(f"({self.records.select(node, 'count(*)')})", Type.NUMBER, nullable=False)

    def _choice_value(self, node: Typed) -> Value:
        if node.type in (Type.MONEY, Type.LIST, Type.ANY, Type.JSON):
            raise refuse(node, "choose between conditions instead")
        ways = [self.value(arg, node.type) for arg in node.args[1:]]
        # Of a mixture of texts and numbers, all become numbers.
        counted = any(way.counted or (way.place is not None and way.place.storage == "ms") for way in ways)
        if counted:
            ways = [self.value(arg, node.type, counted=True) for arg in node.args[1:]]
        sql = f"case when {self.truth(node.args[0], True)} then {ways[0].sql} else {ways[1].sql} end"
        return Value(f"({sql})", node.type, ways[0].nullable or ways[1].nullable, counted=counted)

    def _truth_value(self, node: Typed) -> Value:
        return Value(f"(case when {self.truth(node, True)} then 1 else 0 end)", Type.BOOL, nullable=False)

    def _worked_out(self, node: Typed) -> Value:
        return self._truth_value(node) if node.type is Type.BOOL else self.functions.value(node)


_TRUTHS: dict[str, Callable[[Compiler, Typed, bool], str]] = {
    "and": Compiler.joined, "or": Compiler.joined, "not": Compiler.opposite, "in": Compiler.member, "has": Compiler.has,
    "choice": Compiler.choice, "exists": Compiler.exists, "field": Compiler.field, "variable": Compiler.field,
    **dict.fromkeys(["eq", "ne", "lt", "le", "gt", "ge"], Compiler.comparison),
}  # fmt: skip
_VALUES: dict[str, Callable[[Compiler, Typed], Value]] = {
    "field": Compiler._field_value, "count": Compiler._count_value, "choice": Compiler._choice_value,
    **dict.fromkeys(["and", "or", "not", "in", "has", "exists", "eq", "ne", "lt", "le", "gt", "ge"], Compiler._truth_value),
}  # fmt: skip
