"""Expressions as JSON, for programs that build filters: `{"and": [{"==": [{"field": "city"}, "Lisbon"]}, …]}`."""

from __future__ import annotations

from typing import Any

from ghl.errors import ExpressionError
from ghl.sdk.expressions.tree import Binary, Call, Choice, Items, Literal, Name, Node, Related, Unary

_OPERATORS = ("&&", "||", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%")
DEEPEST = 50


def to_json(node: Node) -> Any:
    """A tree as JSON: literals as they are, everything else an object with one key."""
    match node:
        case Literal(value=value):
            return value
        case Name(path=path):
            return {"field": ".".join(path)}
        case Unary(operator=operator, operand=operand):
            return {"!" if operator == "!" else "negative": to_json(operand)}
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


def from_json(form: Any, depth: int = 0) -> Node:
    """A tree from JSON. Raises ExpressionError naming the key at fault."""
    if depth > DEEPEST:
        raise _wrong(f"an expression is at most {DEEPEST} levels deep")
    if form is None or isinstance(form, bool | int | float | str):
        return Literal(0, form)
    if isinstance(form, list):
        return Items(0, tuple(from_json(item, depth + 1) for item in form))
    if not isinstance(form, dict) or len(form) != 1:
        raise _wrong("each object has one key: an operator, field, call, exists or count")
    ((key, value),) = form.items()
    return _made(str(key), value, depth + 1)


def _made(key: str, value: Any, depth: int) -> Node:
    if key == "field" and isinstance(value, str) and all(part.isidentifier() for part in value.split(".")):
        return Name(0, tuple(value.split(".")))
    if key in ("!", "negative"):
        return Unary(0, "!" if key == "!" else "-", from_json(value, depth))
    if key in _OPERATORS and isinstance(value, list) and len(value) == 2:
        return Binary(0, key, from_json(value[0], depth), from_json(value[1], depth))
    if key == "?" and isinstance(value, list) and len(value) == 3:
        return Choice(0, *(from_json(part, depth) for part in value))
    if key == "call" and isinstance(value, list) and value and isinstance(value[0], str) and value[0].isidentifier():
        return Call(0, value[0], tuple(from_json(part, depth) for part in value[1:]))
    if key in ("exists", "count") and isinstance(value, dict) and isinstance(value.get("of"), str):
        condition = from_json(value["where"], depth) if "where" in value else None
        variable = value.get("as")
        if variable is not None and not (isinstance(variable, str) and variable.isidentifier()):
            raise _wrong("`as` is a name")
        return Related(0, key, tuple(value["of"].split(".")), condition, variable)
    raise _wrong(f'"{key}" is no operator, or has the wrong shape')


def _wrong(message: str) -> ExpressionError:
    return ExpressionError(message, hint='{"==": [{"field": "city"}, "Lisbon"]}')
