"""The syntax tree of an expression. Every node knows its place, from 0, in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression."""

    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A text, number, truth value or null."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A field, such as `city`, `custom.size` or `company.name`."""

    path: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As it is written."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`!` or `-`."""

    operator: str = "!"
    operand: Node = field(default_factory=Node)


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """An operator between two parts."""

    operator: str = "=="
    left: Node = field(default_factory=Node)
    right: Node = field(default_factory=Node)


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """`condition ? then : otherwise`."""

    condition: Node = field(default_factory=Node)
    then: Node = field(default_factory=Node)
    otherwise: Node = field(default_factory=Node)


@dataclass(frozen=True, slots=True)
class Items(Node):
    """A list of values."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function; a method's target is its first argument."""

    function: str = ""
    arguments: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Related(Node):
    """`exists` or `count` over related records, with a condition on each of them."""

    kind: str = "exists"
    relation: tuple[str, ...] = ()
    condition: Node | None = None
    variable: str | None = None


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node."""
    match node:
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Items(items=items):
            return items
        case Call(arguments=arguments):
            return arguments
        case Related(condition=condition) if condition is not None:
            return (condition,)
    return ()
