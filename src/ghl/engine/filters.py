"""Expressions over the account's records: checked, compiled, evaluated, explained."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ghl.engine import custom
from ghl.engine.columns import State
from ghl.engine.expressions import (
    Env,
    Fragment,
    Record,
    SqlField,
    SqlLink,
    SqlRelation,
    SqlSource,
    Trace,
    compile_sql,
    evaluate,
    trace,
)
from ghl.engine.fields import fields_of
from ghl.engine.records import store_of
from ghl.sdk.expressions import Checked, Field, Link, Relation, Schema, Type, check
from ghl.sdk.money import Money
from ghl.sdk.times import parse_stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_CUSTOM = {
    "text": Type.TEXT, "url": Type.TEXT, "select": Type.TEXT, "number": Type.NUMBER, "money": Type.MONEY,
    "date": Type.DATE, "datetime": Type.DATETIME, "bool": Type.BOOL, "multi-select": Type.LIST, "json": Type.JSON,
}  # fmt: skip
EVENT_FIELDS = (Field("before", Type.ANY), Field("after", Type.ANY), Field("event", Type.ANY))
_DAYS = re.compile(r"\{days\}\((.*?)\)$")
_MOMENT = re.compile(r"\{moment\}\((.*?)\)$")


def env(tx: Tx, variables: Mapping[str, Any] | None = None) -> Env:
    """The moment and the account of a transaction."""
    return Env(tx.at, tx.account.tzinfo, tx.account.currency, variables or {})


# --- names and types


def schema(tx: Tx, noun: str) -> Schema:
    """What may be named of a noun's records, custom fields included."""
    memo = ("schema", noun)
    if memo not in tx.memo:
        known = fields_of(noun)
        plain = Schema(
            noun,
            {name: place.field for name, place in known.places.items()},
            {name: Relation(name, _schema_of(tx, one.noun)) for name, one in known.relations.items()},
            {name: Link(name, _schema_of(tx, other)) for name, (other, _) in known.links.items()},
        )
        declared = custom.definitions(tx, noun) if noun != "event" else {}
        tx.memo[memo] = plain.with_custom(
            Field(one.name, _CUSTOM[one.type], one.label or "", one.choices if one.type == "select" else ())
            for one in declared.values()
        )
    found: Schema = tx.memo[memo]
    return found


def _schema_of(tx: Tx, noun: str) -> Any:
    return lambda: schema(tx, noun)


def checked(
    tx: Tx, noun: str, text: str, *, use: str = "filter", event: str | None = None, expect: Type | None = Type.BOOL
) -> Checked:
    """An expression that fits a noun; a trigger's may also name `before` and `after`."""
    memo = ("checked", noun, text, use, event, expect)
    if memo not in tx.memo:
        known = schema(tx, noun if noun != "none" else "contact")
        if use != "filter":
            known = known.with_fields(EVENT_FIELDS)
        tx.memo[memo] = check(text, known, expect=None if use == "key" else expect)
    found: Checked = tx.memo[memo]
    return found


# --- SQL


def compiled(tx: Tx, noun: str, text: str) -> Fragment:
    """A condition as SQL over the alias `r`. ExpressionError where a part has none."""
    return compile_sql(checked(tx, noun, text), source(tx, noun), tx.dialect, env(tx))


def source(tx: Tx, noun: str) -> SqlSource:
    """Where a noun's fields are in the database."""
    memo = ("source", noun)
    if memo not in tx.memo:
        known = fields_of(noun)
        tx.memo[memo] = SqlSource(
            {name: _dialect(tx, place.sql) for name, place in known.places.items()},
            {name: SqlRelation(one.sql, _source_of(tx, one.noun)) for name, one in known.relations.items()},
            {
                name: SqlLink(key, store_of(other).table, _source_of(tx, other))
                for name, (other, key) in known.links.items()
            },
            lambda key: _custom_field(tx, noun, key),
        )
    found: SqlSource = tx.memo[memo]
    return found


def _source_of(tx: Tx, noun: str) -> Any:
    return lambda: source(tx, noun)


def _dialect(tx: Tx, place: SqlField) -> SqlField:
    """Fill in what the two databases write differently."""
    if "{days}" in place.sql:
        column = _DAYS.search(place.sql)[1]  # type: ignore[index]
        sql = (
            f"((:now_ms / 1000 - unixepoch({column})) / 86400)"
            if tx.dialect == "sqlite"
            else f"cast(floor((cast(:now_ms as bigint) / 1000.0 - extract(epoch from cast({column} as timestamptz))) / 86400) as bigint)"
        )
        return SqlField(place.type, sql, place.nullable)
    if "{moment}" in place.sql:
        column = _MOMENT.search(place.sql)[1]  # type: ignore[index]
        sql = (
            f"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1000.0, 'unixepoch')"
            if tx.dialect == "sqlite"
            else f"to_char(to_timestamp({column} / 1000.0) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
        )
        return SqlField(place.type, sql, place.nullable)
    return place


def _custom_field(tx: Tx, noun: str, key: str) -> SqlField | None:
    definition = custom.definitions(tx, noun).get(key)
    if definition is None:
        return None
    type_, sqlite = _CUSTOM[definition.type], tx.dialect == "sqlite"
    text = f"({{r}}.custom ->> '$.{key}')" if sqlite else f"(cast({{r}}.custom as json) ->> '{key}')"
    stored = f"(select v.record_id from field_values v where v.field_id = {definition.id}"
    if type_ is Type.MONEY:
        minor = f"(cast({{r}}.custom ->> '$.{key}.minor' as integer))" if sqlite else f"cast(cast({{r}}.custom as json) #>> '{{{{{key},minor}}}}' as bigint)"
        code = f"coalesce({{r}}.custom ->> '$.{key}.currency', '')" if sqlite else f"coalesce(cast({{r}}.custom as json) #>> '{{{{{key},currency}}}}', '')"
        return SqlField(type_, minor, True, code)
    if type_ is Type.LIST:
        each = (
            f"json_each({{r}}.custom, '$.{key}') j where j.value = {{v}}"
            if sqlite
            else f"jsonb_array_elements_text(cast({{r}}.custom as jsonb) -> '{key}') j where j = {{v}}"
        )
        size = (
            f"coalesce(json_array_length({{r}}.custom, '$.{key}'), 0)"
            if sqlite
            else f"coalesce(jsonb_array_length(cast({{r}}.custom as jsonb) -> '{key}'), 0)"
        )
        return SqlField(type_, member=f"exists (select 1 from {each})", size=size)
    if type_ is Type.NUMBER:
        sql = text if sqlite else f"cast({text} as double precision)"
        equals = f"{{r}}.id in {stored} and v.number_key = {{v}})" if definition.indexed else ""
        return SqlField(type_, sql, equals=equals)
    if type_ is Type.BOOL:
        return SqlField(type_, text if sqlite else f"(case {text} when 'true' then 1 when 'false' then 0 end)")
    equals = f"{{r}}.id in {stored} and v.text_key = {{v}})" if definition.indexed else ""
    return SqlField(type_, text, equals=equals)


# --- values


@dataclass(slots=True)
class StateRecord:
    """A record's state as the evaluator sees it; what hangs on it is fetched when it is asked for."""

    tx: Tx
    noun: str
    state: State

    def value(self, name: str) -> Any:
        if name.startswith("custom."):
            return self._custom(name.removeprefix("custom."))
        place = fields_of(self.noun).places.get(name)
        return place.read(self.tx, self.state) if place is not None else None

    def _custom(self, key: str) -> Any:
        found = self.state["custom"].get(key)
        definition = custom.definitions(self.tx, self.noun).get(key)
        if found is None or definition is None:
            return None
        match definition.type:
            case "money":
                return Money(**found)
            case "datetime":
                return parse_stamp(found)
            case "date":
                from datetime import date

                return date.fromisoformat(found)
        return found

    def related(self, name: str) -> Iterable[Record]:
        hanging = fields_of(self.noun).relations[name]
        chosen = "q.*" if hanging.noun == "event" else "q.id"
        table = store_of(self.noun).table
        body = hanging.sql.replace("{q}", "q").replace("{r}", "r")
        join, _, condition = body.partition(" where ")
        rows = self.tx.all(
            f"select {chosen} from {table} r cross join {join} where r.id = :record_id and r.account_id = :account_id and {condition}",
            record_id=self.state["id"],
        )
        if hanging.noun == "event":
            return [StateRecord(self.tx, "event", row) for row in rows]
        states = store_of(hanging.noun).load(self.tx, [row["id"] for row in rows])
        return [StateRecord(self.tx, hanging.noun, state) for state in states]

    def link(self, name: str) -> Record | None:
        if name == self.noun:
            return self
        noun, key = fields_of(self.noun).links[name]
        table = store_of(self.noun).table
        sql = key.replace("{r}", "r")
        number = self.tx.value(
            f"select {sql} as id from {table} r where r.id = :record_id and r.account_id = :account_id",
            record_id=self.state["id"],
        )
        states = store_of(noun).load(self.tx, [number]) if number is not None else []
        return StateRecord(self.tx, noun, states[0]) if states else None


def record(tx: Tx, noun: str, state: State | None) -> Record | None:
    """A record as the evaluator sees it."""
    return StateRecord(tx, noun, state) if state is not None else None


def holds(tx: Tx, noun: str, state: State | None, text: str, *, variables: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition is true of a record; `variables` are what an event carries."""
    found = checked(tx, noun, text, use="trigger")
    return evaluate(found, record(tx, noun, state), env(tx, _all(variables))) is True


def evaluated(tx: Tx, noun: str, state: State | None, text: str) -> Any:
    """The value of an expression on a record."""
    return evaluate(checked(tx, noun, text, use="key"), record(tx, noun, state), env(tx, _all(None)))


def why(tx: Tx, noun: str, state: State | None, text: str, *, variables: Mapping[str, Any] | None = None) -> Trace:
    """Each clause of a condition with the value that made it true or false."""
    return trace(checked(tx, noun, text, use="trigger"), record(tx, noun, state), env(tx, _all(variables)))


def _all(variables: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"before": None, "after": None, "event": None, **(variables or {})}
