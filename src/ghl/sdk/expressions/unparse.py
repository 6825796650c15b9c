"""From syntax tree back to text, in one canonical form."""

from __future__ import annotations

import json
from typing import Any

from ghl.sdk.expressions.tree import Binary, Call, Choice, Items, Literal, Name, Node, Related, Unary

_POWER = {"||": 2, "&&": 3, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}


def unparse(node: Node) -> str:
    """The text of a tree; parsing it gives an equal tree."""
    return _text(node, 0)


def _text(node: Node, outer: int) -> str:
    match node:
        case Literal(value=value):
            return _literal(value)
        case Name(path=path):
            return ".".join(path)
        case Unary(operator=operator, operand=operand):
            inner = _text(operand, 7)
            # A minus before a number would be read as part of it.
            if operator == "-" and inner[:1] in "-.0123456789":
                inner = f"({inner})"
            return f"{operator}{inner}"
        case Binary(operator=operator, left=left, right=right):
            power = _POWER[operator]
            # Comparisons do not chain, so both of their sides stand in brackets where they are comparisons.
            sides = _text(left, power if power == 4 else power - 1), _text(right, power)
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
            name = ".".join(relation)
            if variable is not None and condition is not None:
                return f"{name}.{kind}({variable}, {_text(condition, 0)})"
            return f"{kind}({name}, {_text(condition, 0)})" if condition is not None else f"{kind}({name})"
    raise AssertionError(f"a kind of node nobody writes: {node}")


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        plain = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + plain.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r") + '"'
    return json.dumps(value)
