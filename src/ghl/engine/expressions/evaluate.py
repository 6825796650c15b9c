"""The evaluator: one walk over the checked tree, with a recorder where somebody asks why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ghl.engine.expressions import values
from ghl.engine.expressions.records import Env, Record
from ghl.sdk.expressions.check import Checked, Typed
from ghl.sdk.expressions.schema import Type


@dataclass(slots=True)
class Trace:
    """A clause, its value, and the values of the fields that made it so."""

    clause: str
    result: Any
    values: dict[str, Any] = field(default_factory=dict)
    parts: list[Trace] = field(default_factory=list)

    def lines(self, depth: int = 0) -> list[str]:
        """For people: the deciding clauses first, each with what it saw."""
        mark = "yes" if self.result is True else "no " if self.result is False else str(self.result)
        seen = ", ".join(f"{name} is {_shown(value)}" for name, value in self.values.items())
        text = f"{'  ' * depth}{mark}  {self.clause}" + (f"    {seen}" if seen else "")
        return [text, *(line for part in self.parts for line in part.lines(depth + 1))]


def _shown(value: Any) -> str:
    return "missing" if value is None else f'"{value}"' if isinstance(value, str) else str(value)


def evaluate(checked: Checked, record: Record | None, env: Env) -> Any:
    """The value of an expression on a record; a condition is True or False, never None."""
    return _Walk(record, env, None).value(checked.root)


def trace(checked: Checked, record: Record | None, env: Env) -> Trace:
    """The same walk with every clause written down."""
    walk = _Walk(record, env, Trace("", None))
    walk.value(checked.root)
    assert walk.note is not None
    return walk.note.parts[0] if walk.note.parts else Trace(checked.text, None)


_CLAUSES = frozenset(
    ["and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "in", "has", "exists", "count", "contains", "icontains", "startsWith", "endsWith", "matches", "choice"]
)


class _Walk:
    def __init__(self, record: Record | None, env: Env, note: Trace | None) -> None:
        self.scopes: list[Record | None] = [record]
        self.env = env
        self.note = note

    def value(self, node: Typed) -> Any:
        """A part's value; a condition's is a truth value."""
        if self.note is None or node.op not in _CLAUSES:
            found = self._value(node)
        else:
            outer, self.note = self.note, Trace(node.text, None)
            outer.parts.append(self.note)
            found = self._value(node)
            self.note.result = bool(found) if node.type is Type.BOOL else found
            self.note = outer
        if node.type is Type.BOOL and node.op != "field":
            return bool(found)
        return found

    def truth(self, node: Typed) -> bool:
        """Whether a condition holds; a missing value does not."""
        return self.value(node) is True

    def _value(self, node: Typed) -> Any:
        match node.op:
            case "const":
                return values.money(node.value, self.env)
            case "field":
                return self._field(node)
            case "and":
                return self.truth(node.args[0]) and self.truth(node.args[1])
            case "or":
                return self.truth(node.args[0]) or self.truth(node.args[1])
            case "not":
                return not self.truth(node.args[0])
            case "eq" | "ne":
                same = values.equal(self.value(node.args[0]), self.value(node.args[1]), self.env)
                return same == (node.op == "eq")
            case "lt" | "le" | "gt" | "ge":
                return values.ordered(node.op, self.value(node.args[0]), self.value(node.args[1]), self.env)
            case "in":
                return self._member(node)
            case "has":
                return self.value(node.args[0]) is not None
            case "choice":
                return self.value(node.args[1 if self.truth(node.args[0]) else 2])
            case "list":
                return [self.value(item) for item in node.args]
            case "exists" | "count":
                return self._related(node)
            case "midnight":
                day = self.value(node.args[0])
                return None if day is None else values.midnight(day, self.env)
            case "neg":
                inner = self.value(node.args[0])
                return None if inner is None else -inner
            case "add" | "sub" | "mul" | "div" | "mod":
                return values.arithmetic(node.op, self.value(node.args[0]), self.value(node.args[1]))
            case _:
                return values.call(node.op, [self.value(arg) for arg in node.args], self.env, node.at)

    def _field(self, node: Typed) -> Any:
        if node.name in self.env.variables and not node.links:
            found = self.env.variables[node.name]
        else:
            record = self._linked(self.scopes[-1 - node.scope], node.links)
            found = record.value(node.name) if record is not None else None
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

    def _member(self, node: Typed) -> bool:
        item, group = self.value(node.args[0]), self.value(node.args[1])
        if item is None or group is None:
            return False
        if node.args[1].op == "list":
            return any(values.equal(item, one, self.env) for one in group)
        return isinstance(group, list | tuple | set | frozenset) and item in group

    def _related(self, node: Typed) -> Any:
        record = self._linked(self.scopes[-1], node.links)
        count, note = 0, self.note
        if record is not None:
            for other in record.related(node.name):
                self.scopes.append(other)
                # Each record has its own story; the clause is told with the number of those that fit.
                self.note = None
                holds = not node.args or self.truth(node.args[0])
                self.scopes.pop()
                count += holds
                if holds and node.op == "exists":
                    break
        self.note = note
        if note is not None:
            note.values[node.name] = count
        return count if node.op == "count" else count > 0
