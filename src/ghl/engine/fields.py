"""The fields of every noun for expressions: each written once, with its place in SQL and on a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import NO_DATE, Column, State
from ghl.engine.expressions import FoldedList, SqlField
from ghl.engine.records import Store
from ghl.engine.stores import HIDDEN, STORES, recall, remember, store_of
from ghl.sdk.expressions import Field, Type
from ghl.sdk.money import Money
from ghl.sdk.times import parse_stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

Read = Callable[["Tx", State], Any]

MORE = {
    "contact": "ghl.engine.crm.contacts_fields",
    "company": "ghl.engine.crm.companies_fields",
    "deal": "ghl.engine.crm.deals_fields",
    "pipeline": "ghl.engine.crm.pipelines_fields",
    "task": "ghl.engine.crm.tasks_fields",
    "event": "ghl.engine.row_fields",
    "line": "ghl.engine.row_fields",
    "visit": "ghl.engine.row_fields",
}
"""Modules whose `declare(found)` adds what a noun's columns do not say."""

_TYPES = {
    "text": Type.TEXT, "body": Type.TEXT, "number": Type.NUMBER, "bool": Type.BOOL, "stamp": Type.DATETIME,
    "date": Type.DATE, "money": Type.MONEY, "ref": Type.TEXT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A field with where it is: in the database, and on a record's state."""

    field: Field
    sql: SqlField
    read: Read


@dataclass(frozen=True, slots=True)
class Hanging:
    """Related records: the noun, and the SQL that joins them to `{r}` as `{q}`."""

    noun: str
    sql: str


@dataclass(slots=True)
class NounFields:
    """All that expressions know of a noun, but for its custom fields."""

    noun: str
    places: dict[str, Place] = field(default_factory=dict)
    relations: dict[str, Hanging] = field(default_factory=dict)
    links: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By name: the noun that a link leads to, and the SQL of its row key over `{r}`."""

    def add(self, name: str, type: Type, sql: SqlField, read: Read, **more: Any) -> None:
        """One more field."""
        self.places[name] = Place(Field(name, type, **more), sql, read)

    def choose(self, name: str, *choices: str) -> None:
        """The only values that a text field can have."""
        place = self.places[name]
        self.places[name] = Place(Field(name, place.field.type, choices=choices), place.sql, place.read)

    def hang(self, *nouns: str) -> None:
        """Records that refer to this one by a column of their own."""
        for noun in nouns:
            other = store_of(noun)
            self.relations[other.plural] = Hanging(
                noun, f"{other.table} {{q}} where {{q}}.{self.noun}_id = {{r}}.id and {{q}}.deleted_at is null"
            )

    def hang_through(self, name: str, noun: str, table: str) -> None:
        """Records that a table of links ties to this one."""
        other = store_of(noun).table
        self.relations[name] = Hanging(
            noun,
            f"{table} {{q}}l join {other} {{q}} on {{q}}.id = {{q}}l.{noun}_id"
            f" where {{q}}l.{self.noun}_id = {{r}}.id and {{q}}.deleted_at is null",
        )

    def part_of(self, column: str) -> Hanging:
        """Records of the same noun that refer to this one."""
        table = store_of(self.noun).table
        return Hanging(self.noun, f"{table} {{q}} where {{q}}.{column} = {{r}}.id and {{q}}.deleted_at is null")

    def main(self, name: str, noun: str, table: str, part: str) -> None:
        """The primary one of linked records: its name as `name`, its id as `name_id`, and a link to it."""
        key = (
            f"(select l.{noun}_id from {table} l where l.{self.noun}_id = {{r}}.id"
            f" order by l.is_primary desc, l.{noun}_id limit 1)"
        )
        self.links[name] = (noun, key)
        self.refer(name, noun, key, lambda state: main_link(state[part]))

    def refer(self, name: str, noun: str, key: str, read_key: Callable[[State], Any], by_name: str = "") -> None:
        """A reference: the other record's name as `name`, its id as `name_id`."""

        def shown(index: int) -> Read:
            def read(tx: Tx, state: State) -> Any:
                number = read_key(state)
                remember(tx, noun, [number] if number is not None else [])
                known = recall(tx, noun, number)
                return known[index] if known else None

            return read

        live = " and y.deleted_at is null" if noun in HIDDEN else ""
        tail = f"from {table_of(noun)} y where y.id = {key}{live})"
        shown_as = f"(select {label(noun, 'y')} {tail}"
        self.add(name, Type.TEXT, SqlField(Type.TEXT, shown_as, equals=by_name), shown(1))
        self.add(f"{name}_id", Type.TEXT, SqlField(Type.TEXT, f"(select y.public_id {tail}"), shown(0))


def moment(value: Any) -> Any:
    """A stored moment; None where there is none."""
    return None if value in (None, "", NO_DATE) else parse_stamp(value)


def label(noun: str, alias: str) -> str:
    """The SQL of a record's name, the same as the label of its store."""
    match noun:
        case "contact":
            name = f"trim(coalesce({alias}.first_name, '') || ' ' || coalesce({alias}.last_name, ''))"
            return f"coalesce(nullif({name}, ''), {alias}.public_id)"
        case "company":
            return f"coalesce(nullif({alias}.name, ''), {alias}.domain, {alias}.public_id)"
        case "deal" | "user":
            return f"coalesce(nullif({alias}.name, ''), {alias}.public_id)"
        case _:
            return f"{alias}.name"


def table_of(noun: str) -> str:
    """The table of a noun, stages included."""
    return "stages" if noun == "stage" else store_of(noun).table


def main_link(elements: dict[Any, dict[str, Any]]) -> Any:
    """The key of the primary link, else of the first."""
    ordered = sorted(elements.items(), key=lambda item: (-item[1]["is_primary"], item[0]))
    return ordered[0][0] if ordered else None


def _column(found: NounFields, column: Column) -> None:
    name, kind = column.name, column.kind
    if kind == "json":
        return
    if kind == "ref":
        _reference(found, column)
        return
    sql, read = f"{{r}}.{name}", lambda tx, state: state[name]
    equals = currency = ""
    if kind == "money":
        currency = f"{{r}}.{name}_currency"

        def read(tx: Tx, state: State) -> Any:
            code = state[f"{name}_currency"]
            return Money(minor=state[name], currency=code) if code else None

    elif kind == "text" and column.default == "":
        # Empty is missing, and an index on the column still finds a text.
        sql, equals = f"nullif({{r}}.{name}, '')", f"({{r}}.{name} = {{v}} and {{r}}.{name} <> '')"
        read = lambda tx, state: state[name] or None  # noqa: E731
    elif kind == "stamp":
        sql = f"nullif(nullif({{r}}.{name}, ''), '{NO_DATE}')" if column.default is not None else sql
        read = lambda tx, state: moment(state[name])  # noqa: E731
    elif kind == "date":
        read = lambda tx, state: date.fromisoformat(state[name]) if state[name] else None  # noqa: E731
    elif kind == "bool":
        read = lambda tx, state: None if state[name] is None else bool(state[name])  # noqa: E731
    nullable = column.default in (None, "") or kind == "stamp"
    found.add(name, _TYPES[kind], SqlField(_TYPES[kind], sql, nullable, currency, equals=equals), read)


def _reference(found: NounFields, column: Column) -> None:
    name, noun = column.name, column.noun
    by_name = ""
    if noun in ("stage", "user", "pipeline"):
        live = " and y.deleted_at is null" if noun in HIDDEN else ""
        by_name = f"{{r}}.{name} in (select y.id from {table_of(noun)} y where y.account_id = :account_id and y.name = {{v}}{live})"
    found.refer(name.removesuffix("_id"), noun, f"{{r}}.{name}", lambda state: state[name], by_name)
    if noun != "stage":
        found.links[name.removesuffix("_id")] = (noun, f"{{r}}.{name}")


def _head(found: NounFields) -> None:
    for name in ("created_at", "updated_at"):
        found.add(
            name, Type.DATETIME, SqlField(Type.DATETIME, f"{{r}}.{name}", False),
            (lambda key: lambda tx, state: moment(state[key]))(name),
        )  # fmt: skip
    found.add("id", Type.TEXT, SqlField(Type.TEXT, "{r}.public_id", False), lambda tx, state: state["public_id"])
    found.add("version", Type.NUMBER, SqlField(Type.NUMBER, "{r}.version", False), lambda tx, state: state["version"])


def _tags(found: NounFields) -> None:
    noun = found.noun
    table, owner = f"{noun}_tags", f"{noun}_id"
    member = (
        f"{{r}}.id in (select t.{owner} from {table} t join tags g on g.id = t.tag_id"
        " where g.account_id = :account_id and g.name_key = {v})"
    )
    size = f"(select count(*) from {table} t where t.{owner} = {{r}}.id)"

    def read(tx: Tx, state: State) -> Any:
        remember(tx, "tag", state["tags"])
        names = [known[1] for key in state["tags"] if (known := recall(tx, "tag", key))]
        return FoldedList(names) or None

    found.add("tags", Type.LIST, SqlField(Type.LIST, member=member, size=size, folded=True), read)
    found.hang_through("tags", "tag", table)


def _of_store(found: NounFields, store: Store[Any]) -> None:
    _head(found)
    for column in store.columns:
        _column(found, column)
    if any(part.field == "tags" for part in store.parts):
        _tags(found)
    found.links[found.noun] = (found.noun, "{r}.id")


_KNOWN: dict[str, NounFields] = {}


def fields_of(noun: str) -> NounFields:
    """What expressions know of a noun."""
    if noun not in _KNOWN:
        found = NounFields(noun)
        if is_record(noun):
            _of_store(found, store_of(noun))
        if noun in MORE:
            import_module(MORE[noun]).declare(found)
        _KNOWN[noun] = found
    return _KNOWN[noun]


def names(noun: str) -> Iterable[str]:
    """The names of a noun's own fields."""
    return fields_of(noun).places.keys()


def is_record(noun: str) -> bool:
    """Whether a noun's rows are records of a store, with custom fields."""
    return noun in STORES
