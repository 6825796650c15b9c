"""The fields of every noun for expressions: each written once, with its place in SQL and on a record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import NO_DATE, Column, State
from ghl.engine.expressions import FoldedList, SqlField
from ghl.engine.records import Store, recall, remember, store_of
from ghl.sdk.expressions import Field, Type
from ghl.sdk.money import Money
from ghl.sdk.times import parse_stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

Read = Callable[["Tx", State], Any]

_TYPES = {
    "text": Type.TEXT, "body": Type.TEXT, "number": Type.NUMBER, "bool": Type.BOOL, "stamp": Type.DATETIME,
    "date": Type.DATE, "money": Type.MONEY, "ref": Type.TEXT,
}  # fmt: skip
_STATUS = {"deal": ("open", "won", "lost", "abandoned"), "task": ("open", "done")}


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


def _stamp(value: Any) -> Any:
    return None if value in (None, "", NO_DATE) else parse_stamp(value)


def _label(noun: str, alias: str) -> str:
    """The SQL of a record's name."""
    if noun == "contact":
        return f"nullif(trim(coalesce({alias}.first_name, '') || ' ' || coalesce({alias}.last_name, '')), '')"
    return f"{alias}.name" if noun != "task" else f"{alias}.title"


def _table(noun: str) -> str:
    return "stages" if noun == "stage" else store_of(noun).table


def _column(found: NounFields, column: Column) -> None:
    name, kind = column.name, column.kind
    if kind == "json":
        return
    if kind == "ref":
        _reference(found, column)
        return
    more = {"choices": _STATUS[found.noun]} if name == "status" and found.noun in _STATUS else {}
    sql, read = f"{{r}}.{name}", lambda tx, state: state[name]
    currency = ""
    if kind == "money":
        currency = f"{{r}}.{name}_currency"

        def read(tx: Tx, state: State) -> Any:
            code = state[f"{name}_currency"]
            return Money(minor=state[name], currency=code) if code else None

    elif kind == "stamp":
        sql = f"nullif(nullif({{r}}.{name}, ''), '{NO_DATE}')" if column.default is not None else sql
        read = lambda tx, state: _stamp(state[name])  # noqa: E731
    elif kind == "date":
        read = lambda tx, state: date.fromisoformat(state[name]) if state[name] else None  # noqa: E731
    elif kind == "bool":
        read = lambda tx, state: None if state[name] is None else bool(state[name])  # noqa: E731
    found.add(name, _TYPES[kind], SqlField(_TYPES[kind], sql, column.default is None, currency), read, **more)


def _reference(found: NounFields, column: Column) -> None:
    name, noun = column.name, column.noun
    short, table = name.removesuffix("_id"), _table(column.noun)

    def shown(index: int) -> Read:
        def read(tx: Tx, state: State) -> Any:
            number = state[name]
            remember(tx, noun, [number] if number is not None else [])
            known = recall(tx, noun, number)
            return known[index] if known else None

        return read

    look = f"(select {{what}} from {table} y where y.id = {{{{r}}}}.{name})"
    by_name = f"{{r}}.{name} in (select y.id from {table} y where y.account_id = :account_id and y.name = {{v}})"
    found.add(
        short, Type.TEXT,
        SqlField(Type.TEXT, look.format(what=_label(noun, "y")), equals=by_name if noun in ("stage", "user", "pipeline") else ""),
        shown(1),
    )  # fmt: skip
    found.add(name, Type.TEXT, SqlField(Type.TEXT, look.format(what="y.public_id")), shown(0))
    if noun in ("contact", "company", "deal", "user", "pipeline"):
        found.links[short] = (noun, f"{{r}}.{name}")


def _head(found: NounFields, store: Store[Any]) -> None:
    for name in ("created_at", "updated_at"):
        found.add(
            name, Type.DATETIME, SqlField(Type.DATETIME, f"{{r}}.{name}", False),
            (lambda key: lambda tx, state: _stamp(state[key]))(name),
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


def _contact(found: NounFields) -> None:
    for plural, kind in (("emails", 1), ("phones", 2)):
        single = plural.removesuffix("s")
        shown = "key" if kind == 1 else "address"
        one = f"(select a.{shown} from contact_addresses a where a.contact_id = {{r}}.id and a.kind = {kind} and a.is_primary = 1)"
        held = f"a.account_id = :account_id and a.kind = {kind} and a.{shown} = {{v}}"
        live = " and a.live = 1" if kind == 1 else ""
        equals = f"{{r}}.id in (select a.contact_id from contact_addresses a where {held}{live} and a.is_primary = 1)"
        member = f"{{r}}.id in (select a.contact_id from contact_addresses a where {held}{live})"
        size = f"(select count(*) from contact_addresses a where a.contact_id = {{r}}.id and a.kind = {kind})"

        def primary(tx: Tx, state: State, plural: str = plural, kind: int = kind) -> Any:
            found = next(((k, v) for k, v in state[plural].items() if v["is_primary"]), None)
            return None if found is None else found[0] if kind == 1 else found[1]["address"]

        def every(tx: Tx, state: State, plural: str = plural, kind: int = kind) -> Any:
            elements = state[plural].items()
            return [k if kind == 1 else v["address"] for k, v in elements] or None

        found.add(single, Type.TEXT, SqlField(Type.TEXT, one, equals=equals if kind == 1 else ""), primary, lower=kind == 1)
        found.add(plural, Type.LIST, SqlField(Type.LIST, member=member, size=size), every, lower=kind == 1)
    found.add(
        "name", Type.TEXT, SqlField(Type.TEXT, _label("contact", "{r}")),
        lambda tx, state: " ".join(n for n in (state["first_name"], state["last_name"]) if n) or None,
    )  # fmt: skip
    found.add(
        "last_activity_at", Type.DATETIME, SqlField(Type.DATETIME, "nullif({r}.last_activity_at, '')"),
        lambda tx, state: _stamp(state["last_activity_at"]),
    )  # fmt: skip
    found.add(
        "dnd", Type.LIST,
        SqlField(
            Type.LIST, member="{r}.dnd like '%\"' || {v} || '\"%'", size="case when {r}.dnd = '[]' then 0 else 1 end"
        ),
        lambda tx, state: json.loads(state["dnd"] or "[]") or None,
    )  # fmt: skip
    key = "(select c.company_id from contact_companies c where c.contact_id = {r}.id order by c.is_primary desc, c.company_id limit 1)"
    found.links["company"] = ("company", key)

    def company(index: int) -> Read:
        def read(tx: Tx, state: State) -> Any:
            number = main_link(state["companies"])
            remember(tx, "company", [number] if number is not None else [])
            known = recall(tx, "company", number)
            return known[index] if known else None

        return read

    found.add("company", Type.TEXT, SqlField(Type.TEXT, f"(select y.name from companies y where y.id = {key})"), company(1))
    found.add("company_id", Type.TEXT, SqlField(Type.TEXT, f"(select y.public_id from companies y where y.id = {key})"), company(0))
    for noun in ("task", "note", "activity"):
        _hanging(found, noun)
    found.relations["deals"] = Hanging(
        "deal", "deal_contacts {q}l join deals {q} on {q}.id = {q}l.deal_id where {q}l.contact_id = {r}.id and {q}.deleted_at is null"
    )
    found.relations["companies"] = Hanging(
        "company",
        "contact_companies {q}l join companies {q} on {q}.id = {q}l.company_id"
        " where {q}l.contact_id = {r}.id and {q}.deleted_at is null",
    )
    found.relations["events"] = Hanging(
        "event", "events {q} where {q}.account_id = {r}.account_id and {q}.person_id = {r}.id"
    )


def main_link(elements: dict[Any, dict[str, Any]]) -> Any:
    """The key of the primary link, else of the first."""
    ordered = sorted(elements.items(), key=lambda item: (-item[1]["is_primary"], item[0]))
    return ordered[0][0] if ordered else None


def _hanging(found: NounFields, noun: str) -> None:
    table = store_of(noun).table
    found.relations[table] = Hanging(
        noun, f"{table} {{q}} where {{q}}.{found.noun}_id = {{r}}.id and {{q}}.deleted_at is null"
    )


def _deal(found: NounFields) -> None:
    found.add(
        "stage_entered_at", Type.DATETIME, SqlField(Type.DATETIME, "{r}.stage_entered_at", False),
        lambda tx, state: _stamp(state["stage_entered_at"]),
    )  # fmt: skip
    found.add(
        "next_activity_at", Type.DATETIME, SqlField(Type.DATETIME, "{r}.next_activity_at"),
        lambda tx, state: _stamp(state["next_activity_at"]),
    )  # fmt: skip
    found.add(
        "days_in_stage", Type.NUMBER, SqlField(Type.NUMBER, "{days}({r}.stage_entered_at)", False),
        lambda tx, state: int((tx.at - parse_stamp(state["stage_entered_at"])).total_seconds() // 86_400),
    )  # fmt: skip
    key = "(select c.contact_id from deal_contacts c where c.deal_id = {r}.id order by c.is_primary desc, c.contact_id limit 1)"
    found.links["contact"] = ("contact", key)
    found.relations["contacts"] = Hanging(
        "contact",
        "deal_contacts {q}l join contacts {q} on {q}.id = {q}l.contact_id where {q}l.deal_id = {r}.id and {q}.deleted_at is null",
    )
    for noun in ("task", "note", "activity"):
        _hanging(found, noun)
    found.relations["events"] = Hanging(
        "event",
        "events {q} where {q}.account_id = {r}.account_id and {q}.subject_id = {r}.id"
        " and {q}.noun = (select z.id from words z where z.kind = 'noun' and z.name = 'deal')",
    )


def _company(found: NounFields) -> None:
    found.relations["contacts"] = Hanging(
        "contact",
        "contact_companies {q}l join contacts {q} on {q}.id = {q}l.contact_id"
        " where {q}l.company_id = {r}.id and {q}.deleted_at is null",
    )
    for noun in ("deal", "task", "note", "activity"):
        _hanging(found, noun)


def _event(found: NounFields) -> None:
    found.add(
        "name", Type.TEXT,
        SqlField(
            Type.TEXT, "(select z.name from words z where z.id = {r}.name)", False,
            equals="{r}.name in (select z.id from words z where z.kind = 'event' and z.name = {v})",
        ),
        lambda tx, state: tx.spelled(state["name"]),
    )  # fmt: skip
    found.add(
        "at", Type.DATETIME, SqlField(Type.DATETIME, "{moment}({r}.at)", False),
        lambda tx, state: _milliseconds(state["at"]),
    )  # fmt: skip


def _milliseconds(value: int) -> Any:
    from ghl.engine.clock import from_milliseconds

    return from_milliseconds(value)


_MORE: dict[str, Callable[[NounFields], None]] = {"contact": _contact, "deal": _deal, "company": _company}
_KNOWN: dict[str, NounFields] = {}


def fields_of(noun: str) -> NounFields:
    """What expressions know of a noun."""
    if noun not in _KNOWN:
        found = NounFields(noun)
        if noun == "event":
            _event(found)
        else:
            store = store_of(noun)
            _head(found, store)
            for column in store.columns:
                _column(found, column)
            if any(part.field == "tags" for part in store.parts):
                _tags(found)
            if noun in _MORE:
                _MORE[noun](found)
            found.links[noun] = (noun, "{r}.id")
        _KNOWN[noun] = found
    return _KNOWN[noun]


def names(noun: str) -> Iterable[str]:
    """The names of a noun's own fields."""
    return fields_of(noun).places.keys()
