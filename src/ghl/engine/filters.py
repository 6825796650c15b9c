"""Expressions over the account's records: checked, compiled, evaluated, explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ghl.engine import custom
from ghl.engine.columns import State
from ghl.engine.custom_filters import TYPES, custom_field
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
from ghl.engine.fields import Hanging, fields_of, is_record
from ghl.engine.filter_records import StateRecord, spread
from ghl.engine.stores import HIDDEN, store_of
from ghl.errors import ExpressionError
from ghl.sdk.expressions import Checked, Field, Link, Node, Relation, Schema, Type, check, from_json

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

SIDES = ("before", "after")


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
        declared = custom.definitions(tx, noun) if is_record(noun) else {}
        tx.memo[memo] = plain.with_custom(
            Field(one.name, TYPES[one.type], one.label or "", one.choices if one.type == "select" else ())
            for one in declared.values()
        )
    found: Schema = tx.memo[memo]
    return found


def _schema_of(tx: Tx, noun: str) -> Any:
    return lambda: schema(tx, noun)


def checked(
    tx: Tx, noun: str, text: str, *, use: str = "filter", event: str | None = None, expect: Type | None = Type.BOOL
) -> Checked:
    """An expression that fits a noun, written or as JSON.

    A trigger's may also name `before` and `after`, and their fields as `after.city`.
    """
    memo = ("checked", noun, text, use, event, expect)
    if memo not in tx.memo:
        known = schema(tx, noun if noun != "none" else "contact")
        if use != "filter":
            known = known.with_fields(_event_fields(known))
        tx.memo[memo] = check(read(text), known, expect=None if use == "key" else expect)
    found: Checked = tx.memo[memo]
    return found


def read(text: str) -> str | Node:
    """An expression as it was given: a text, or the JSON form that programs build."""
    if not text.lstrip().startswith("{"):
        return text
    import json  # filters by programs only

    try:
        return from_json(json.loads(text))
    except ValueError as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError(f"the expression is no JSON: {error}", hint='{"==": [{"field": "city"}, "Rome"]}') from None


def _event_fields(known: Schema) -> list[Field]:
    names = [*known.fields, *(f"custom.{key}" for key in known.custom)]
    sides = [Field(f"{side}.{name}", Type.ANY) for side in SIDES for name in names]
    return [Field(name, Type.ANY) for name in (*SIDES, "event")] + sides


# --- SQL


def compiled(tx: Tx, noun: str, text: str, *, prefix: str = "x") -> Fragment:
    """A condition as SQL over the alias `r`. ExpressionError where a part has none."""
    return compile_sql(checked(tx, noun, text), source(tx, noun), tx.dialect, env(tx), prefix=prefix)


def source(tx: Tx, noun: str) -> SqlSource:
    """Where a noun's fields are in the database."""
    memo = ("source", noun)
    if memo not in tx.memo:
        known = fields_of(noun)
        tx.memo[memo] = SqlSource(
            {name: _dialect(tx, place.sql) for name, place in known.places.items()},
            {name: SqlRelation(_seen(tx, one), _source_of(tx, one.noun)) for name, one in known.relations.items()},
            {
                name: SqlLink(key, store_of(other).table, _source_of(tx, other), other in HIDDEN and other != noun)
                for name, (other, key) in known.links.items()
            },
            lambda key: custom_field(tx, noun, key),
        )
    found: SqlSource = tx.memo[memo]
    return found


def _seen(tx: Tx, hanging: Hanging) -> str:
    """The rows of a relation that the caller may see."""
    owned = is_record(hanging.noun) and store_of(hanging.noun).owned
    return f"{hanging.sql}{tx.visible('{q}')}" if owned else hanging.sql


def _source_of(tx: Tx, noun: str) -> Any:
    return lambda: source(tx, noun)


def _dialect(tx: Tx, place: SqlField) -> SqlField:
    """Fill in what the two databases write differently."""
    if "{find}" in place.member:
        find = "instr" if tx.dialect == "sqlite" else "strpos"
        return replace(place, member=place.member.replace("{find}", find))
    return place


# --- values


def record(tx: Tx, noun: str, state: State | None) -> Record | None:
    """A record as the evaluator sees it."""
    return StateRecord(tx, noun, state) if state is not None else None


def holds(tx: Tx, noun: str, state: State | None, text: str, *, variables: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition is true of a record; `variables` are what an event carries."""
    found = checked(tx, noun, text, use="trigger")
    return evaluate(found, record(tx, noun, state), env(tx, _carried(noun, variables))) is True


def evaluated(tx: Tx, noun: str, state: State | None, text: str) -> Any:
    """The value of an expression on a record."""
    return evaluate(checked(tx, noun, text, use="key"), record(tx, noun, state), env(tx, _carried(noun, None)))


def why(tx: Tx, noun: str, state: State | None, text: str, *, variables: Mapping[str, Any] | None = None) -> Trace:
    """Each clause of a condition with the value that made it true or false."""
    found = checked(tx, noun, text, use="trigger")
    return trace(found, record(tx, noun, state), env(tx, _carried(noun, variables)))


def _carried(noun: str, variables: Mapping[str, Any] | None) -> dict[str, Any]:
    known = {"before": None, "after": None, "event": None}
    return known | spread(noun if noun != "none" else "contact", variables) if variables else known
