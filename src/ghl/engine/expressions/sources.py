"""Where the fields, related records and links of a noun are in the database, for the compiler to SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ghl.sdk.expressions.schema import Type


@dataclass(frozen=True, slots=True)
class SqlField:
    """A field as SQL over the alias `{r}`.

    `sql` gives its value (null where missing): texts, dates and moments as they are stored (ISO 8601,
    fixed width), numbers, truth values as 0 and 1; of an amount it is the minor units, and `currency` is
    beside it ('' where missing). Of a list, `member` is a condition over `{v}`, `size` a number; `folded`
    says that the value sought is folded first. `equals` is a condition over `{v}` that uses an index
    better than `sql = {v}`, and `ranged` one over `{v}` and the sign `{op}`; both are asked only with a
    value that is known. `storage` "ms" says that a moment is kept as milliseconds since 1970.
    """

    type: Type
    sql: str = ""
    nullable: bool = True
    currency: str = ""
    member: str = ""
    size: str = ""
    folded: bool = False
    equals: str = ""
    ranged: str = ""
    storage: str = ""
    since: SqlField | None = None
    """Of a number that is the whole days since a moment: that moment; `sql` is not used then."""


@dataclass(frozen=True, slots=True)
class SqlRelation:
    """Related records: what follows `from` over the alias `{q}`, joined to `{r}`."""

    sql: str
    source: Callable[[], SqlSource]


@dataclass(frozen=True, slots=True)
class SqlLink:
    """The one record that is linked: its row key over `{r}`, and the table it is in."""

    key: str
    table: str
    source: Callable[[], SqlSource]
    live: bool = False
    """Whether a deleted record is as good as none."""

    def condition(self, alias: str, around: str) -> str:
        """What ties the linked row, under its alias, to the row that it is linked from."""
        live = f" and {alias}.deleted_at is null" if self.live else ""
        return f"{alias}.id = {self.key.format(r=around)}{live}"


@dataclass(frozen=True, slots=True)
class SqlSource:
    """A noun's fields, relations and links. `custom` finds a custom field by its key."""

    fields: Mapping[str, SqlField]
    relations: Mapping[str, SqlRelation] = field(default_factory=dict)
    links: Mapping[str, SqlLink] = field(default_factory=dict)
    custom: Callable[[str], SqlField | None] = lambda key: None

    def find(self, name: str) -> SqlField | None:
        """A field by its name in full."""
        if name.startswith("custom."):
            return self.custom(name.removeprefix("custom."))
        return self.fields.get(name)
