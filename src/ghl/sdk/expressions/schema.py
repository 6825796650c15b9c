"""What an expression may name: the typed fields of a noun, its related records, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

NONE: Mapping[str, Any] = MappingProxyType({})


class Type(StrEnum):
    """The type of a value."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    BOOL = "bool"
    DURATION = "duration"
    LIST = "list"
    """Texts, such as tags."""
    JSON = "json"
    NULL = "null"
    ANY = "any"
    """A value whose type only the moment knows, such as what an event carries."""

    @property
    def a(self) -> str:
        """As it stands in a sentence."""
        return f"an {self}" if self is Type.ANY else str(self) if self is Type.NULL else f"a {self}"


class Field(NamedTuple):
    """A field by its name."""

    name: str
    type: Type
    label: str = ""
    choices: tuple[str, ...] = ()
    """The only texts that it can have."""
    lower: bool = False
    """Its texts are kept in small letters, and what they are compared with is taken so."""


class Relation(NamedTuple):
    """Records that hang on this one, for `exists` and `count`."""

    name: str
    schema: Callable[[], Schema]


class Link(NamedTuple):
    """The one record that a field leads to, such as `company` of a deal. A link by the name of the
    schema's noun is the record itself."""

    name: str
    schema: Callable[[], Schema]


class Function(NamedTuple):
    """A function with its forms: each the types it takes and the type it gives."""

    name: str
    forms: tuple[tuple[tuple[Type, ...], Type], ...]
    sentence: str
    example: str = ""


class Schema:
    """The names of a noun. `variables` are names beside the fields, such as what an event carries, known in
    every part of an expression; `functions` are those that `Env.functions` performs, not where SQL is needed."""

    __slots__ = ("custom", "fields", "functions", "links", "noun", "relations", "variables")

    def __init__(
        self,
        noun: str,
        fields: Mapping[str, Field],
        relations: Mapping[str, Relation] = NONE,
        links: Mapping[str, Link] = NONE,
        custom: Mapping[str, Field] = NONE,
        variables: Mapping[str, Field] = NONE,
        functions: Mapping[str, Function] = NONE,
    ) -> None:
        self.noun = noun
        self.fields = fields
        self.relations = relations
        self.links = links
        self.custom = custom
        self.variables = variables
        self.functions = functions

    def _with(self, **changed: Mapping[str, Any]) -> Schema:
        return Schema(**{name: getattr(self, name) for name in self.__slots__} | changed)

    def with_custom(self, fields: Iterable[Field]) -> Schema:
        """The same with custom fields: `custom.key`, and bare `key` where no built-in has the name."""
        return self._with(custom={one.name: one for one in fields})

    def with_fields(self, fields: Iterable[Field]) -> Schema:
        """The same with more names that `Env.variables` has the values of; they may have dots."""
        return self._with(variables={**self.variables, **{one.name: one for one in fields}})

    def with_functions(self, functions: Iterable[Function]) -> Schema:
        """The same with functions that `Env.functions` performs."""
        return self._with(functions={**self.functions, **{one.name: one for one in functions}})

    def find(self, path: tuple[str, ...]) -> tuple[Field, str] | None:
        """A field of this record and its name in full; None where there is no such field."""
        if len(path) == 1:
            name = path[0]
            if name in self.fields:
                return self.fields[name], name
            if name in self.custom:
                return self.custom[name], f"custom.{name}"
            return None
        if len(path) == 2 and path[0] == "custom" and path[1] in self.custom:
            return self.custom[path[1]], f"custom.{path[1]}"
        name = ".".join(path)
        return (self.fields[name], name) if name in self.fields else None

    def names(self) -> list[str]:
        """Every name that may be written."""
        own = [*self.fields, *self.custom, *(f"custom.{key}" for key in self.custom)]
        return [*own, *(name for name in self.links if name not in self.fields), *self.variables]
