"""What an expression may name: the typed fields of a noun, its related records, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


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
    JSON = "json"
    NULL = "null"
    ANY = "any"
    """A value whose type only the moment knows, such as what an event carries."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its name."""

    name: str
    type: Type
    label: str = ""
    choices: tuple[str, ...] = ()
    lower: bool = False
    """Its texts are kept in small letters, and what they are compared with is taken so."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Records that hang on this one, for `exists` and `count`."""

    name: str
    schema: Callable[[], Schema]


@dataclass(frozen=True, slots=True)
class Link:
    """The one record that a field leads to, such as `company` of a deal."""

    name: str
    schema: Callable[[], Schema]


@dataclass(frozen=True, slots=True)
class Schema:
    """The names of a noun."""

    noun: str
    fields: Mapping[str, Field]
    relations: Mapping[str, Relation] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    custom: Mapping[str, Field] = field(default_factory=dict)

    def with_custom(self, fields: Iterable[Field]) -> Schema:
        """The same with custom fields: `custom.key`, and bare `key` where no built-in has the name."""
        return replace(self, custom={one.name: one for one in fields})

    def with_fields(self, fields: Iterable[Field]) -> Schema:
        """The same with more names, such as what an event carries."""
        return replace(self, fields={**self.fields, **{one.name: one for one in fields}})

    def find(self, path: tuple[str, ...]) -> tuple[Field, str] | None:
        """A field of this record and its name in full; None where there is no such field."""
        name = ".".join(path)
        if len(path) == 2 and path[0] == "custom" and path[1] in self.custom:
            return self.custom[path[1]], name
        if name in self.fields:
            return self.fields[name], name
        if len(path) == 1 and name in self.custom:
            return self.custom[name], f"custom.{name}"
        return None

    def names(self) -> list[str]:
        """Every name that may be written."""
        return [*self.fields, *self.custom, *(f"custom.{key}" for key in self.custom), *self.links]
