"""The syntax tree of an expression. Every node knows its place, from 0, in the text."""

from __future__ import annotations

from typing import Any, ClassVar

MOST_DIGITS = 2**53
"""Whole numbers up to here are exact in every program that reads them."""
MOST_PARTS = 1_000
MOST_LEVELS = 100


# Plain classes: a dataclass takes a hundred times as long to make, and every filter would wait for it.
class Node:
    """A part of an expression. Equal to another whatever their places; never changed."""

    __slots__ = ("at",)
    __match_args__: ClassVar[tuple[str, ...]] = ()
    at: int

    def _told(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__[1:]])

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._told() == other._told()

    def __hash__(self) -> int:
        return hash((type(self), *self._told()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, (self.at, *self._told())))})"


Expression = Node


class Literal(Node):
    """A text, number, truth value or null."""

    __slots__ = ("value",)
    __match_args__ = ("at", "value")

    def __init__(self, at: int, value: Any) -> None:
        self.at = at
        self.value = value

    def _told(self) -> tuple[Any, ...]:
        # 1, 1.0 and true are three values.
        return (type(self.value), self.value)


class Name(Node):
    """A field, such as `city`, `custom.size` or `company.name`."""

    __slots__ = ("path",)
    __match_args__ = ("at", "path")

    def __init__(self, at: int, path: tuple[str, ...]) -> None:
        self.at = at
        self.path = path

    @property
    def text(self) -> str:
        """As it is written."""
        return ".".join(self.path)


class Unary(Node):
    """`!` or `-`."""

    __slots__ = ("operand", "operator")
    __match_args__ = ("at", "operator", "operand")

    def __init__(self, at: int, operator: str, operand: Node) -> None:
        self.at = at
        self.operator = operator
        self.operand = operand


class Logic(Node):
    """Conditions joined by `&&` or by `||`, two or more; none of them is joined by the same sign."""

    __slots__ = ("operator", "parts")
    __match_args__ = ("at", "operator", "parts")

    def __init__(self, at: int, operator: str, parts: tuple[Node, ...]) -> None:
        self.at = at
        self.operator = operator
        self.parts = parts


class Binary(Node):
    """A comparison or an arithmetic sign between two parts."""

    __slots__ = ("left", "operator", "right")
    __match_args__ = ("at", "operator", "left", "right")

    def __init__(self, at: int, operator: str, left: Node, right: Node) -> None:
        self.at = at
        self.operator = operator
        self.left = left
        self.right = right


class Choice(Node):
    """`condition ? then : otherwise`."""

    __slots__ = ("condition", "otherwise", "then")
    __match_args__ = ("at", "condition", "then", "otherwise")

    def __init__(self, at: int, condition: Node, then: Node, otherwise: Node) -> None:
        self.at = at
        self.condition = condition
        self.then = then
        self.otherwise = otherwise


class Items(Node):
    """A list of values."""

    __slots__ = ("items",)
    __match_args__ = ("at", "items")

    def __init__(self, at: int, items: tuple[Node, ...]) -> None:
        self.at = at
        self.items = items


class Call(Node):
    """A function; a method's target is its first argument."""

    __slots__ = ("arguments", "function")
    __match_args__ = ("at", "function", "arguments")

    def __init__(self, at: int, function: str, arguments: tuple[Node, ...]) -> None:
        self.at = at
        self.function = function
        self.arguments = arguments


class Related(Node):
    """`exists` or `count` over related records, with a condition on each of them."""

    __slots__ = ("condition", "kind", "relation", "variable")
    __match_args__ = ("at", "kind", "relation", "condition", "variable")

    def __init__(
        self, at: int, kind: str, relation: tuple[str, ...], condition: Node | None = None, variable: str | None = None
    ) -> None:
        self.at = at
        self.kind = kind
        self.relation = relation
        self.condition = condition
        self.variable = variable


def joined(at: int, operator: str, parts: tuple[Node, ...]) -> Logic:
    """Conditions joined by one sign, flat: `a && (b && c)` is `a && b && c`."""
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, Logic) and part.operator == operator:
            flat += part.parts
        else:
            flat.append(part)
    return Logic(at, operator, tuple(flat))


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node."""
    match node:
        case Logic(parts=parts):
            return parts
        case Binary(left=left, right=right):
            return (left, right)
        case Call(arguments=arguments):
            return arguments
        case Unary(operand=operand):
            return (operand,)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Items(items=items):
            return items
        case Related(condition=condition) if condition is not None:
            return (condition,)
    return ()


def too_much(node: Node) -> Node | None:
    """The part with which an expression has more parts or levels than any program should walk."""
    level, parts = [node], 0
    for _ in range(MOST_LEVELS):
        parts += len(level)
        if parts > MOST_PARTS:
            return level[0]
        level = [child for one in level for child in children(one)]
        if not level:
            return None
    return level[0]
