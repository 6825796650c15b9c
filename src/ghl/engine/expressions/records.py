"""What an expression is evaluated on: a record with its values, links and related records; and the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ghl.sdk.names import fold


class Record(Protocol):
    """A record as the evaluator sees it. A value is None where there is none."""

    def value(self, name: str) -> Any:
        """The value of a field by its name in full, such as `custom.size`: a str, int, float, bool,
        date, aware datetime, Money, or a list of str."""

    def related(self, name: str) -> Iterable[Record]:
        """The records of a relation."""

    def link(self, name: str) -> Record | None:
        """The record that a link leads to."""


class FoldedList(list[str]):
    """Texts that are found whatever their case and accents, such as tags."""

    def __contains__(self, item: object) -> bool:
        return isinstance(item, str) and fold(item) in {fold(one) for one in self}


@dataclass(slots=True)
class MappingRecord:
    """A record from plain dictionaries."""

    values: Mapping[str, Any] = field(default_factory=dict)
    relations: Mapping[str, Iterable[Record]] = field(default_factory=dict)
    links: Mapping[str, Record] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        return self.values.get(name)

    def related(self, name: str) -> Iterable[Record]:
        return self.relations.get(name, ())

    def link(self, name: str) -> Record | None:
        return self.links.get(name)


@dataclass(slots=True)
class Env:
    """The moment and the account that an expression is asked in.

    `variables` are names beside the fields, such as `before` and `after` of an event; `functions`
    perform those that the schema adds, and give a value of the declared type or None.
    """

    now: datetime
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    currency: str = "USD"
    variables: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    @property
    def utc(self) -> datetime:
        """The moment in UTC, to the millisecond, as it is stored."""
        moment = self.now.astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
