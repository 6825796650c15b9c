"""The evaluator: one walk over the checked tree, with a recorder where somebody asks why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ghl.engine.expressions import values
from ghl.engine.expressions.records import Env, FoldedList, Record
from ghl.engine.expressions.tracing import Trace
from ghl.engine.expressions.unknown_types import aligned
from ghl.engine.expressions.values import NoValue
from ghl.errors import GhlError
from ghl.sdk.expressions.schema import Type
from ghl.sdk.expressions.typed import Checked, Typed


def evaluate(checked: Checked, record: Record | None, env: Env) -> Any:
    """The value of an expression on a record; a condition is True or False, never None."""
    found = Walk(record, env, None).value(checked.root)
    return found is True if checked.root.type is Type.BOOL else found


def trace(checked: Checked, record: Record | None, env: Env) -> Trace:
    """The same walk with every clause written down."""
    walk = Walk(record, env, Trace(checked.text, None))
    found = walk.value(checked.root)
    assert walk.note is not None
    note = walk.note
    if len(note.parts) == 1 and note.parts[0].clause == checked.root.text:
        note = note.parts[0]
    note.result = found is True if checked.root.type is Type.BOOL else found
    return note


class Walk:
    """One evaluation."""

    def __init__(self, record: Record | None, env: Env, note: Trace | None) -> None:
        self.scopes: list[Record | None] = [record]
        self.env = env
        self.note = note

    def value(self, node: Typed) -> Any:
        """A part's value; None where something is missing or has no value."""
        if self.note is not None and (node.type is Type.BOOL or node.op in ("count", "choice")) and node.op != "const":
            return self._noted(node, self.note)
        return self._plain(node)

    def _plain(self, node: Typed) -> Any:
        perform = _OPERATIONS.get(node.op)
        try:
            if perform is not None:
                return perform(self, node)
            return values.call(node.op, [self._argument(arg) for arg in node.args], self.env)
        except NoValue as why:
            if self.note is not None:
                self.note.problems.append(str(why))
            return None

    def _noted(self, node: Typed, outer: Trace) -> Any:
        self.note = Trace(node.text, None)
        found = self._plain(node)
        plain_field = node.op in ("field", "variable")
        self.note.result = found is True if node.type is Type.BOOL and not plain_field else found
        if plain_field and len(outer.clause) > len(node.text):
            outer.values.update(self.note.values)
        else:
            outer.parts.append(self.note)
        self.note = outer
        return found

    def _argument(self, node: Typed) -> Any:
        """A list that is missing is empty."""
        found = self.value(node)
        return () if found is None and node.type is Type.LIST else found

    def truth(self, node: Typed) -> bool:
        """Whether a condition holds; a missing value does not."""
        return self.value(node) is True

    # --- operations

    def constant(self, node: Typed) -> Any:
        return values.constant(node.value, self.env)

    def variable(self, node: Typed) -> Any:
        found = self.env.variables.get(node.name)
        if self.note is not None:
            self.note.values[node.text] = found
        return found

    def field(self, node: Typed) -> Any:
        record = self._linked(self.scopes[-1 - node.scope], node.links)
        found = None
        if record is not None:
            try:
                found = values.fitting(record.value(node.name), node.type)
            except (GhlError, ValueError, TypeError) as error:
                raise NoValue(f"{node.text} cannot be read: {error}") from None
        if self.note is not None:
            self.note.values[node.text] = found
        return found

    @staticmethod
    def _linked(record: Record | None, links: tuple[str, ...]) -> Record | None:
        for link in links:
            if record is None:
                return None
            record = record.link(link)
        return record

    def both(self, node: Typed) -> bool:
        return all(self.truth(arg) for arg in node.args)

    def either(self, node: Typed) -> bool:
        return any(self.truth(arg) for arg in node.args)

    def opposite(self, node: Typed) -> bool:
        return not self.truth(node.args[0])

    def comparison(self, node: Typed) -> bool:
        left, right = node.args
        operator = "eq" if node.op == "ne" else node.op
        return self._compared(operator, left, self.value(left), right, self.value(right)) == (node.op != "ne")

    def _compared(self, operator: str, left: Typed, one: Any, right: Typed, other: Any) -> bool:
        if left.type is not right.type or left.type is Type.ANY:
            one, other = aligned(one, left.type, other, right.type, self.env)
        try:
            return values.compared(operator, one, other)
        except NoValue as why:
            if self.note is not None:
                self.note.problems.append(str(why))
            return False

    def member(self, node: Typed) -> bool:
        left, right = node.args
        item, group = self.value(left), self.value(right)
        if item is None or not isinstance(group, list | tuple | set | frozenset):
            return False
        if right.op == "list":
            return any(
                self._compared("eq", left, item, part, one) for part, one in zip(right.args, group, strict=True)
            )
        return item in group if isinstance(group, FoldedList) or isinstance(item, str) else False

    def has(self, node: Typed) -> bool:
        found = self.value(node.args[0])
        return found is not None and not (node.args[0].type is Type.LIST and len(found) == 0)

    def choice(self, node: Typed) -> Any:
        return self.value(node.args[1 if self.truth(node.args[0]) else 2])

    def items(self, node: Typed) -> list[Any]:
        return [self.value(item) for item in node.args]

    def negative(self, node: Typed) -> Any:
        inner = self.value(node.args[0])
        if inner is None:
            return None
        if isinstance(inner, bool):
            raise NoValue("a minus sign stands before a number")
        try:
            return -inner
        except (TypeError, OverflowError):
            raise NoValue("a minus sign stands before a number") from None

    def arithmetic(self, node: Typed) -> Any:
        return values.arithmetic(node.op, self.value(node.args[0]), self.value(node.args[1]))

    def call(self, node: Typed) -> Any:
        """A function that the schema adds."""
        perform = self.env.functions.get(node.name)
        if perform is None:
            raise NoValue(f"`{node.name}` is not known here")
        found = values.fitting(perform(*[self.value(arg) for arg in node.args]), node.type)
        if self.note is not None and node.type is not Type.BOOL:
            self.note.values[node.text] = found
        return found

    def related(self, node: Typed) -> Any:
        record, note, count = self._linked(self.scopes[-1 - node.scope], node.links), self.note, 0
        seen = 0
        for other in record.related(node.name) if record is not None else ():
            seen += 1
            self.scopes.append(other)
            # Each record has its own story; only that of the one that decides is told.
            self.note = Trace("", None) if note is not None and node.op == "exists" else None
            holds = not node.args or self.truth(node.args[0])
            if holds and note is not None and self.note is not None:
                note.parts += self.note.parts
            self.scopes.pop()
            count += holds
            if holds and node.op == "exists":
                break
        self.note = note
        if note is not None:
            note.values[node.name] = f"{count} of {seen}" if node.args and not (count and node.op == "exists") else count
        return count if node.op == "count" else count > 0


_OPERATIONS: dict[str, Callable[[Walk, Typed], Any]] = {
    "const": Walk.constant, "variable": Walk.variable, "field": Walk.field, "and": Walk.both, "or": Walk.either,
    "not": Walk.opposite, "in": Walk.member, "has": Walk.has, "choice": Walk.choice, "list": Walk.items,
    "exists": Walk.related, "count": Walk.related, "neg": Walk.negative, "call": Walk.call,
    **dict.fromkeys(["eq", "ne", "lt", "le", "gt", "ge"], Walk.comparison),
    **dict.fromkeys(["add", "sub", "mul", "div", "mod"], Walk.arithmetic),
}  # fmt: skip
