"""From syntax tree back to text, in one canonical form."""

from __future__ import annotations

import json
from typing import Any

from ghl.sdk.expressions.syntax import COMPARING, POWER, UNARY
from ghl.sdk.expressions.tree import Binary, Call, Choice, Items, Literal, Logic, Name, Node, Related, Unary

_QUOTED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t", "\r": r"\r"})


def unparse(node: Node) -> str:
    """The text of a tree; parsing it gives an equal tree."""
    return _text(node, 0)


def _text(node: Node, outer: int) -> str:
    match node:
        case Literal(value=value):
            text = literal(value)
            # A sign before it would be taken as part of another number.
            return f"({text})" if outer >= UNARY and text[0] == "-" else text
        case Name(path=path):
            return ".".join(path)
        case Unary(operator=operator, operand=operand):
            inner = _text(operand, UNARY)
            # A minus before a number is read as part of it.
            if operator == "-" and inner[0] in ".0123456789":
                inner = f"({inner})"
            return f"{operator}{inner}"
        case Logic(operator=operator, parts=parts):
            power = POWER[operator]
            text = f" {operator} ".join(_text(part, power) for part in parts)
            return f"({text})" if power <= outer else text
        case Binary(operator=operator, left=left, right=right):
            power = POWER[operator]
            # Comparisons do not follow each other, so both of their sides stand in brackets where they are some.
            sides = _text(left, power if power == COMPARING else power - 1), _text(right, power)
            text = f"{sides[0]} {operator} {sides[1]}"
            return f"({text})" if power <= outer else text
        case Choice(condition=condition, then=then, otherwise=otherwise):
            text = f"{_text(condition, 1)} ? {_text(then, 0)} : {_text(otherwise, 0)}"
            return f"({text})" if outer >= 1 else text
        case Items(items=items):
            return f"[{', '.join(_text(item, 0) for item in items)}]"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(_text(argument, 0) for argument in arguments)})"
        case Related(kind=kind, relation=relation, condition=condition, variable=variable):
            return _related(kind, ".".join(relation), condition, variable)
    raise AssertionError(f"a kind of node nobody writes: {node}")


def _related(kind: str, name: str, condition: Node | None, variable: str | None) -> str:
    if condition is None:
        return f"{kind}({name})"
    inner = _text(condition, 0)
    return f"{kind}({name}, {inner})" if variable is None else f"{name}.{kind}({variable}, {inner})"


def literal(value: Any) -> str:
    """A text, number, truth value or null as it is written."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return f'"{value.translate(_QUOTED)}"'
    return json.dumps(value)
