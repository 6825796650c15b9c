"""Expressions as JSON, for programs that build filters: `{"&&": [{"==": [{"field": "city"}, "Lisbon"]}, …]}`."""

from __future__ import annotations

import re
from typing import Any

from ghl.errors import ExpressionError
from ghl.sdk.expressions.syntax import MACROS, POWER, WORDS, within_range
from ghl.sdk.expressions.tree import (
    MOST_DIGITS,
    MOST_LEVELS,
    MOST_PARTS,
    Binary,
    Call,
    Choice,
    Items,
    Literal,
    Logic,
    Name,
    Node,
    Related,
    Unary,
    joined,
)

_OPERATORS = frozenset(POWER) - {"?", "&&", "||"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def to_json(node: Node) -> Any:
    """A tree as JSON: literals as they are, everything else an object with one key."""
    match node:
        case Literal(value=value):
            return value
        case Name(path=path):
            return {"field": ".".join(path)}
        case Unary(operator=operator, operand=operand):
            return {"!" if operator == "!" else "negative": to_json(operand)}
        case Logic(operator=operator, parts=parts):
            return {operator: [to_json(part) for part in parts]}
        case Binary(operator=operator, left=left, right=right):
            return {operator: [to_json(left), to_json(right)]}
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return {"?": [to_json(condition), to_json(then), to_json(otherwise)]}
        case Items(items=items):
            return [to_json(item) for item in items]
        case Call(function=function, arguments=arguments):
            return {"call": [function, *(to_json(argument) for argument in arguments)]}
        case Related(kind=kind, relation=relation, condition=condition, variable=variable):
            form: dict[str, Any] = {"of": ".".join(relation)}
            if condition is not None:
                form["where"] = to_json(condition)
            if variable is not None:
                form["as"] = variable
            return {kind: form}
    raise AssertionError(f"a kind of node nobody writes: {node}")


def from_json(form: Any) -> Node:
    """A tree from JSON. Raises ExpressionError naming the key at fault."""
    return _Reader().node(form, 0)


class _Reader:
    def __init__(self) -> None:
        self._parts = 0

    def node(self, form: Any, depth: int) -> Node:
        self._parts += 1
        if depth > MOST_LEVELS or self._parts > MOST_PARTS:
            raise _wrong(f"an expression has at most {MOST_LEVELS} levels and {MOST_PARTS:,} parts")
        if form is None or isinstance(form, bool | int | float | str):
            return Literal(0, _value(form))
        if isinstance(form, list):
            return Items(0, self._all(form, depth))
        if not isinstance(form, dict) or len(form) != 1:
            raise _wrong("each object has one key: an operator, `field`, `call`, `exists` or `count`")
        ((key, value),) = form.items()
        return self._made(str(key), value, depth + 1)

    def _all(self, forms: list[Any], depth: int) -> tuple[Node, ...]:
        return tuple(self.node(form, depth + 1) for form in forms)

    def _made(self, key: str, value: Any, depth: int) -> Node:
        if key == "field":
            return Name(0, _path(value))
        if key == "!":
            return Unary(0, "!", self.node(value, depth))
        if key == "negative":
            return Unary(0, "-", self.node(value, depth))
        if key in MACROS and isinstance(value, dict):
            return self._related(key, value, depth)
        if isinstance(value, list):
            if key in ("&&", "||") and len(value) > 1:
                return joined(0, key, self._all(value, depth))
            if key in _OPERATORS and len(value) == 2:
                return Binary(0, key, *self._all(value, depth))
            if key == "?" and len(value) == 3:
                return Choice(0, *self._all(value, depth))
            if key == "call" and value and value[0] not in MACROS:
                return Call(0, _name(value[0], "a function"), self._all(value[1:], depth))
        raise _wrong(f'"{key}" is no operator, or does not take this')

    def _related(self, key: str, form: dict[str, Any], depth: int) -> Node:
        unknown = form.keys() - {"of", "where", "as"}
        if unknown:
            raise _wrong(f'"{key}" takes `of`, `where` and `as`, and no "{sorted(unknown)[0]}"')
        condition = self.node(form["where"], depth) if "where" in form else None
        variable = None if form.get("as") is None else _name(form["as"], "`as`")
        if variable is not None and condition is None:
            raise _wrong("`as` names the record of a `where`")
        return Related(0, key, _path(form.get("of")), condition, variable)


def _value(form: bool | int | float | str | None) -> Any:
    if isinstance(form, str):
        if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in form):
            raise _wrong("a text holds a character that cannot be stored")
    elif isinstance(form, int | float) and not isinstance(form, bool):
        if abs(form) > MOST_DIGITS and isinstance(form, int) and abs(form) < 10**100:
            form = float(form)
        if not within_range(form):
            raise _wrong("a number is between 1e-99 and 1e100 in size")
    return form


def _name(value: Any, what: str) -> str:
    if not isinstance(value, str) or not _NAME.match(value) or value in WORDS:
        raise _wrong(f"{what} is a name with letters, digits and _")
    return value


def _path(value: Any) -> tuple[str, ...]:
    if not isinstance(value, str) or not value:
        raise _wrong("`field` and `of` are names such as city or company.name")
    return tuple(_name(part, f'"{value}"') for part in value.split("."))


def _wrong(message: str) -> ExpressionError:
    return ExpressionError(message, hint='{"==": [{"field": "city"}, "Lisbon"]}')
