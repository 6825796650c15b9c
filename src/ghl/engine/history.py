"""The chain of a record's changes: its history, and what it was at an earlier version."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ghl.engine.changelog import CREATED, KINDS
from ghl.engine.clock import from_milliseconds
from ghl.engine.columns import State
from ghl.engine.records import Store
from ghl.engine.stores import STORES, past, recall, remember, store_of
from ghl.sdk.fields import Change
from ghl.sdk.times import stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

ONE = """select c.*, s.actor, s.origin, s.at, s.reason from changes c join change_sets s on s.id = c.change_set_id
where s.account_id = :account_id and c.id = :id"""


def chain(tx: Tx, change_id: int | None) -> Iterator[dict[str, Any]]:
    """The changes of a record from this one back to its creation, or to where history ends."""
    while change_id is not None:
        row = tx.one(ONE, id=change_id)
        if row is None:
            return
        yield row
        change_id = row["prev_id"]


def values(text: str | None) -> dict[str, Any]:
    """Fields of a change, as they were stored."""
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def put_fields(store: Store[Any], state: State, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Put the fields of a change back into a state: what it wrote goes, what was before comes."""
    parts = {part.field: part for part in store.parts}
    for name in before.keys() | after.keys():
        if name in parts:
            elements = dict(state[name])
            for key in after.get(name, {}):
                elements.pop(parts[name].restored(key), None)
            for key, columns in before.get(name, {}).items():
                elements[parts[name].restored(key)] = columns
            state[name] = elements
        elif name.startswith("custom."):
            key = name.removeprefix("custom.")
            state["custom"] = {k: v for k, v in state["custom"].items() if k != key}
            if before.get(name) is not None:
                state["custom"][key] = before[name]
        else:
            state[name] = before[name]


def as_of(tx: Tx, store: Store[Any], state: State, version: int) -> dict[str, Any] | None:
    """The record as the contract has it, as it was at an earlier version; None where history ends before."""
    tx.flush()
    past = dict(state)
    for row in chain(tx, state["change_id"]):
        if row["version"] <= version:
            past["version"] = row["version"]
            if row["kind"] == CREATED:
                past["updated_at"] = state["created_at"]
            elif row["id"] != state["change_id"]:
                past["updated_at"] = stamp(from_milliseconds(row["at"]))
            shown: dict[str, Any] = store.present(tx, [past])[0].model_dump(mode="json")
            return shown
        put_fields(store, past, values(row["before"]), values(row["after"]))
    return None


def shown_change(tx: Tx, row: dict[str, Any], noun: str, public_id: str) -> Change:
    """A change as the contract has it."""
    before, after = values(row["before"]), values(row["after"])
    if noun in STORES and row["kind"] != CREATED:
        store = store_of(noun)
        before, after = readable(tx, store, before), readable(tx, store, after)
    return Change(
        id=row["id"], change_set=row["change_set_id"], at=from_milliseconds(row["at"]), actor=row["actor"],
        origin=tx.spelled(row["origin"]), reason=row["reason"], kind=KINDS.get(row["kind"], "changed"),
        noun=noun, record_id=public_id, version=row["version"],
        before=before, after=after,
    )  # fmt: skip


def readable(tx: Tx, store: Store[Any], fields: dict[str, Any]) -> dict[str, Any]:
    """Stored fields of a change in the words of the contract: names for references, money as money."""
    with past(tx):
        return _readable(tx, store, fields)


def _readable(tx: Tx, store: Store[Any], fields: dict[str, Any]) -> dict[str, Any]:
    columns = {column.name: column for column in store.columns}
    parts = {part.field: part for part in store.parts}
    shown: dict[str, Any] = {}
    for name, value in fields.items():
        if name in parts:
            part = parts[name]
            elements = {part.restored(key): values for key, values in value.items()}
            if part.noun:
                remember(tx, part.noun, elements)
            shown[name] = part.decode(tx, elements)
        elif name in columns and columns[name].kind == "ref":
            remember(tx, columns[name].noun, [value] if value is not None else [])
            found = recall(tx, columns[name].noun, value)
            shown[name.removesuffix("_id")] = found[1] if found else None
        elif name in columns and columns[name].kind == "money":
            currency = fields.get(f"{name}_currency")
            shown[name] = {"minor": value, "currency": currency} if currency else value
        elif name in columns and columns[name].kind in ("bool", "json"):
            shown[name] = columns[name].decode({name: value})
        elif name.endswith("_currency") and name.removesuffix("_currency") in columns:
            shown.setdefault(name.removesuffix("_currency"), {"currency": value})
        else:
            shown[name] = value
    return shown
