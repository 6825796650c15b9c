"""A checked expression: every name found, every operator with the types it works on."""

from __future__ import annotations

from typing import Any

from ghl.sdk.expressions.schema import Field, Schema, Type
from ghl.sdk.expressions.tree import Node
from ghl.sdk.expressions.unparse import unparse


class Typed:
    """A part of a checked expression: what is done to its arguments, and the type of the result.

    `op` is one of: `const` (in `value`); `field` (its name in full, `links` that lead to its record,
    `scope` how many records out); `variable`; `and`, `or`, `not`; `eq`, `ne`, `lt`, `le`, `gt`, `ge`;
    `in`, `list`; `has`, `choice`; `exists`, `count` (the relation in `name`); `add`, `sub`, `mul`,
    `div`, `mod`, `neg`; `midnight` (a date as a moment); `call` (a function beside the language's);
    or the name of a function.
    """

    __slots__ = ("args", "at", "field", "links", "name", "op", "scope", "source", "type", "value")

    def __init__(
        self,
        op: str,
        type: Type,
        at: int,
        args: tuple[Typed, ...] = (),
        *,
        source: Node,
        value: Any = None,
        name: str = "",
        links: tuple[str, ...] = (),
        scope: int = 0,
        field: Field | None = None,
    ) -> None:
        self.op = op
        self.type = type
        self.at = at
        self.args = args
        self.value = value
        self.name = name
        self.links = links
        self.scope = scope
        self.field = field
        self.source = source

    def as_constant(self, type: Type, value: Any) -> Typed:
        """The same place with a value that is known."""
        return Typed("const", type, self.at, value=value, source=self.source)

    @property
    def text(self) -> str:
        """The part as it is written."""
        return unparse(self.source)


class Checked:
    """An expression that fits its schema."""

    __slots__ = ("root", "schema", "text")

    def __init__(self, root: Typed, schema: Schema, text: str) -> None:
        self.root = root
        self.schema = schema
        self.text = text

    @property
    def type(self) -> Type:
        """The type of the whole."""
        return self.root.type
