"""The rights of a person: an export of everything that is stored of her, and being forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine.data.staging import forget_person
from ghl.engine.dispatch import handles
from ghl.engine.history import chain, shown_change
from ghl.engine.marketing.suppressions import STORE as SUPPRESSIONS
from ghl.engine.marketing.suppressions import hashed, key_of
from ghl.engine.outbox import public_id
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.sdk.erasure import ErasePerson, Erasure, ExportPerson, PersonExport

if TYPE_CHECKING:
    from ghl.engine.columns import State
    from ghl.engine.tx import Tx

OWNED = ("note", "task", "activity", "attachment")
"""Records about a person that go with her."""


@handles(ExportPerson)
def export(request: ExportPerson, tx: Tx) -> PersonExport:
    """Everything that is stored about a person, by kind."""
    store = store_of("contact")
    state = store.one(tx, request.contact_id, deleted=True)
    records: dict[str, list[dict[str, Any]]] = {}
    for noun in (*OWNED, "deal"):
        other = store_of(noun)
        shown = other.present(tx, other.load(tx, _about(tx, other, noun, state["id"])))
        records[other.plural] = [record.model_dump(mode="json") for record in shown]
    records["history"] = [
        shown_change(tx, row, "contact", state["public_id"]).model_dump(mode="json")
        for row in chain(tx, state["change_id"])
    ]
    for kind in ("events", "messages", "enrollments", "suppressions", "journal"):
        records[kind] = [_plain(tx, row) for row in tx.all(f"erasure/{kind}", id=state["id"])]
    contact = store.present(tx, [state])[0].model_dump(mode="json")
    return PersonExport(contact=contact, records={kind: rows for kind, rows in records.items() if rows})


def _plain(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if value is not None}
    for name in ("payload", "rendered", "context", "detail"):
        if isinstance(shown.get(name), str):
            shown[name] = json.loads(shown[name])
    if "message" in shown:
        shown["id"] = public_id(tx, shown.pop("message"))
    if "word" in shown:
        shown["name"] = tx.spelled(shown.pop("word"))
    return shown


def _about(tx: Tx, store: Store[Any], noun: str, number: int) -> list[int]:
    condition = (
        "r.id in (select c.deal_id from deal_contacts c where c.contact_id = :id)" if noun == "deal" else "r.contact_id = :id"
    )
    rows = tx.all(f"select r.id from {store.table} r where r.account_id = :account_id and {condition} order by r.id", id=number)
    return [row["id"] for row in rows]


@handles(ErasePerson)
def erase(request: ErasePerson, tx: Tx) -> Erasure:
    """Remove a person everywhere; a keyed hash of her addresses stays suppressed."""
    if tx.dialect == "sqlite":
        tx.connection.run("pragma secure_delete = on")
    store = store_of("contact")
    state = store.one(tx, request.contact_id, deleted=True, lock=True)
    removed: dict[str, int] = {}
    _suppress(tx, state, removed)
    remove_person(tx, state, removed)
    tx.changes.counts["contact erased"] += 1
    return Erasure(id=state["public_id"], removed=removed)


def remove_person(tx: Tx, state: State, removed: dict[str, int]) -> None:
    """Remove a contact and everything that is stored about it, and count what went."""
    store = store_of("contact")
    for noun in OWNED:
        other = store_of(noun)
        for start in _portions(_about(tx, other, noun, state["id"])):
            for record in other.load(tx, start, lock=True):
                forget(tx, other, record)
                removed[other.plural] = removed.get(other.plural, 0) + 1
    for kind in ("deal_contacts", "waits", "rendered", "queued", "journal", "context", "runs", "event_payloads", "misses"):
        count = tx.run(f"erasure/forget_{kind}", id=state["id"])
        if count:
            removed[kind] = count
    staged = forget_person(tx, state)
    if staged:
        removed["import_rows"] = staged
    forget(tx, store, state)
    for kind in ("addresses", "tags", "companies", "followers", "aliases", "judgements"):
        tx.run(f"erasure/forget_{kind}", id=state["id"])
    tx.run("erasure/forget_contents")
    tx.run("repeats/forget")
    _forget_words(tx)
    removed["contacts"] = removed.get("contacts", 0) + 1


def _forget_words(tx: Tx) -> None:
    """Full-text search keeps removed words until its segments are merged."""
    if tx.dialect == "sqlite":
        for noun in ("contact", "note", "task", "activity"):
            table = f"{store_of(noun).plural}_search"
            tx.run(f"insert into {table} ({table}) values ('optimize')")


def _portions(numbers: list[int]) -> Iterable[list[int]]:
    return (numbers[start : start + 500] for start in range(0, len(numbers), 500))


def _suppress(tx: Tx, state: State, removed: dict[str, int]) -> None:
    """The list keeps a hash, so that no import brings the person back; her address itself goes."""
    for channel, field in (("email", "emails"), ("sms", "phones")):
        for values in state[field].values():
            key = key_of(tx, channel, values["address"])
            for row in tx.all("erasure/listed", channel=channel, key=key):
                forget(tx, SUPPRESSIONS, SUPPRESSIONS.load(tx, [row["id"]], lock=True)[0])
            secret = hashed(tx, key)
            if tx.one("erasure/hashed", channel=channel, key=secret) is None:
                tx.run("erasure/list_hash", channel=channel, key=secret, public_id=tx.public_id())
            removed["suppressions"] = removed.get("suppressions", 0) + 1


def forget(tx: Tx, store: Store[Any], state: State) -> None:
    """Remove a record with its history, its search words and its indexed values, for good."""
    number = state["id"]
    if store.searched and tx.dialect == "sqlite":
        row = tx.one(f"select search_text from {store.table} where account_id = :account_id and id = :id", id=number)
        tx.run(
            f"insert into {store.plural}_search ({store.plural}_search, rowid, search_text) values ('delete', :id, :text)",
            id=number, text=row["search_text"] if row else "",
        )  # fmt: skip
    for change in [row["id"] for row in chain(tx, state["change_id"])]:
        tx.run("erasure/forget_change", id=change)
    tx.run("erasure/forget_values", noun=store.noun, id=number)
    tx.retire(store.table, number)
    tx.run(f"delete from {store.table} where account_id = :account_id and id = :id", id=number)


