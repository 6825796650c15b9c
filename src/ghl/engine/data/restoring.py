"""Reading a copy into an empty account: the same ids, dates and relations, one change set for all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import Elements, Part, State
from ghl.engine.data.bulk import insert_many
from ghl.engine.data.hanging import HANGING, set_addresses_aside
from ghl.engine.data.runs import Run, find
from ghl.engine.data.stored import FORMAT, ORDER, VERSION
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.errors import Conflict, Invalid
from ghl.nouns import NOUNS
from ghl.sdk.data import imports as contract
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_MUST_BE_EMPTY = ("company", "contact", "deal", "product", "activity", "note", "task")
_GIVES_WAY = ("pipeline", "sender", "view", "template", "tag", "user")
"""What a new account has from its beginning and nobody uses yet."""


def begin(request: contract.BeginReading, tx: Tx) -> contract.Import:
    """Begin to read a copy, or go on."""
    header = request.header
    if header.get("format") != FORMAT:
        raise Invalid("this is no copy of everything", hint="ghl export FILE.jsonl makes one", field="header")
    if header.get("version") != VERSION:
        raise Invalid(f"the copy has format {header.get('version')}; this program reads {VERSION}", field="header")
    about = {"fingerprint": str(header.get("id", ""))[:100], "noun": "everything", "options_hash": ""}
    row = tx.one("data/imports/stopped", **about)
    if row is None:
        _refuse_full(tx)
        number = tx.key("imports")
        tx.run(
            "data/imports/insert", id=number, public_id=tx.public_id(), file=request.file, options='{"columns": []}',
            trial=0, plan_id=None, total=None, actor=tx.caller.actor, **about,
        )  # fmt: skip
        run = Run.of(tx.one("data/imports/by_key", id=number) or {})
        _join(tx, run)
        _settings(tx, header.get("settings") or {})
        _give_way(tx)
        run.row["change_set_id"] = tx.changes.set_id if tx.changes.counts else None
        run.save(tx, line=0, done=0)
        return run.shown(tx)
    return Run.of(row).shown(tx, resumed=True)


def _refuse_full(tx: Tx) -> None:
    for noun in _MUST_BE_EMPTY:
        store = store_of(noun)
        if tx.one(f"select id from {store.table} where account_id = :account_id limit 1"):
            raise Conflict(
                f"the account has {store.plural} already; a copy is read into an empty one", hint="ghl init NEW.db"
            )


def _give_way(tx: Tx) -> None:
    for noun in _GIVES_WAY:
        store = store_of(noun)
        rows = tx.all(f"select id from {store.table} where account_id = :account_id and deleted_at is null")
        for state in store.load(tx, [row["id"] for row in rows], lock=True):
            store.remove(tx, state)


def _settings(tx: Tx, values: dict[str, Any]) -> None:
    from ghl.engine.accounts.settings import checked, write

    plain = {name: values[name] for name in ("zone", "currency", "country", "locale", "postal_address") if values.get(name)}
    bag = {name: value for name, value in (values.get("settings") or {}).items() if value is not None}
    write(tx, {name: checked(name, value) for name, value in (plain | bag).items()})
    if values.get("erasure_key"):
        tx.run("marketing/suppressions/make_key", purpose="erasure", value=str(values["erasure_key"]))


def _join(tx: Tx, run: Run) -> None:
    tx.events.silent = True
    tx.options = replace(tx.options, origin="import")
    if run.row["change_set_id"] is None:
        tx.changes.name = f"import {run.row['file']}"[:200]
    else:
        tx.changes.go_on_with(run.row["change_set_id"])


def read(request: contract.ReadRecords, tx: Tx) -> contract.ReadCopy:
    """Read a portion."""
    run = find(tx, request.import_id, lock=True)
    if run.noun != "everything" or run.row["state"] != "running":
        raise Conflict("this import reads no copy", hint="begin again")
    if request.noun not in ORDER:
        raise Invalid(f'a copy has no "{request.noun}"', field="noun")
    _join(tx, run)
    if request.noun == "workflows":
        new, waiting = _workflows(tx, request.records), list[dict[str, Any]]()
    else:
        new, waiting = Reading(tx, store_of(NOUNS[request.noun].singular)).read(request.records)
    run.counts[request.noun] += new
    if tx.changes.counts and run.row["change_set_id"] is None:
        run.row["change_set_id"] = tx.changes.set_id
    run.save(tx, line=0, done=run.row["done"] + new)
    return contract.ReadCopy(id=run.row["public_id"], count=new, skipped=len(request.records) - new - len(waiting), waiting=waiting)


def _workflows(tx: Tx, records: list[dict[str, Any]]) -> int:
    from ghl.sdk.workflows.workflows import ApplyWorkflow, ArchiveWorkflow, PauseWorkflow

    new = 0
    for record in records:
        if tx.one("select id from workflows where account_id = :account_id and name_key = :key and deleted_at is null", key=fold(record["name"])):
            continue
        source = record.get("source")
        tx.send(ApplyWorkflow(source=source) if source else ApplyWorkflow(definition=record["definition"]))
        # Its text says how it began; somebody may have stopped it since.
        stopped = {"paused": PauseWorkflow, "archived": ArchiveWorkflow}.get(record.get("status", ""))
        now = tx.one("select status from workflows where account_id = :account_id and name_key = :key and deleted_at is null", key=fold(record["name"]))
        if stopped and now and now["status"] != record["status"]:
            tx.send(stopped(workflow_id=record["name"]))
        new += 1
    return new


class Reading:
    """Turns records of a copy into states."""

    def __init__(self, tx: Tx, store: Store[Any]) -> None:
        self.tx, self.store = tx, store
        self._keys: dict[tuple[str, str], int] = {}

    def read(self, records: list[dict[str, Any]]) -> tuple[int, list[dict[str, Any]]]:
        """Write the records that are not there; how many, and those whose parent is still to come."""
        self.find(self.store.noun, [record["id"] for record in records])
        there = {record["id"] for record in records if (self.store.noun, record["id"]) in self._keys}
        self._find_references(records)
        waiting = [r for r in records if self._waits(r)]
        for record in records:
            if record["id"] in there and not self._waits(record):
                self._set_parent(record)
        states = [self._state(record) for record in records if record["id"] not in there]
        if self.store.noun == "contact":
            set_addresses_aside(self.tx, states)
        insert_many(self.tx, self.store, states, follow=self.store.noun not in ("deal", "pipeline"))
        by_id = {record["id"]: record for record in records}
        hang = HANGING.get(self.store.noun)
        for state in states:
            if hang:
                hang(self, state, by_id[state["public_id"]])
        return len(states), [{"id": r["id"], self._parent: r[self._parent]} for r in waiting]

    @property
    def _parent(self) -> str:
        """The column that refers to a record of the same noun."""
        return next((c.name for c in self.store.columns if c.kind == "ref" and c.noun == self.store.noun), "")

    def _waits(self, record: dict[str, Any]) -> bool:
        parent = record.get(self._parent)
        return bool(parent) and (self.store.noun, parent) not in self._keys

    def _set_parent(self, record: dict[str, Any]) -> None:
        if set(record) == {"id", self._parent}:
            self.tx.run(
                f"update {self.store.table} set {self._parent} = :parent where account_id = :account_id and id = :id",
                parent=self._keys[self.store.noun, record[self._parent]], id=self._keys[self.store.noun, record["id"]],
            )  # fmt: skip

    # --- references

    def _find_references(self, records: list[dict[str, Any]]) -> None:
        for column in self.store.columns:
            if column.kind == "ref":
                self.find(column.noun, [r[column.name] for r in records if r.get(column.name)])
        for part in self.store.parts:
            if part.noun:
                self.find(part.noun, [one[part.noun] for r in records for one in r.get(part.field, ())])
        if self.store.noun == "deal":
            self.find("product", [one["product_id"] for r in records for one in r.get("lines", ()) if one.get("product_id")])
            for noun in ("pipeline", "stage"):
                self.find(noun, [one[f"{noun}_id"] for r in records for one in r.get("visits", ()) if one.get(f"{noun}_id")])

    def find(self, noun: str, ids: list[str]) -> None:
        """Look up these records at once."""
        wanted = [one for one in dict.fromkeys(ids) if (noun, one) not in self._keys]
        table = "stages" if noun == "stage" else store_of(noun).table
        for start in range(0, len(wanted), 400):
            part = wanted[start : start + 400]
            marks = ", ".join(f":k{n}" for n in range(len(part)))
            rows = self.tx.connection.tuples(
                f"select public_id, id from {table} where account_id = :account_id and public_id in ({marks})",
                self.tx.params({f"k{n}": one for n, one in enumerate(part)}),
            )
            self._keys |= {(noun, public): number for public, number in rows}

    def key(self, noun: str, public_id: str | None) -> int | None:
        """The row of a record that is there; one that is missing makes the copy incomplete."""
        if public_id is None:
            return None
        number = self._keys.get((noun, public_id))
        if number is None:
            raise Invalid(f"the copy names {noun} {public_id}, which it does not hold", field="records")
        return number

    # --- states

    def _state(self, record: dict[str, Any]) -> State:
        store, state = self.store, self.store.blank(self.tx)
        state |= {"public_id": record["id"], "created_at": record["created_at"], "updated_at": record["updated_at"]}
        state["deleted_at"] = record.get("deleted_at")
        for column in store.columns:
            value = record.get(column.name)
            if value is None:
                continue
            if column.kind == "money":
                state |= {column.name: value["minor"], f"{column.name}_currency": value["currency"]}
            elif column.kind == "ref":
                waits = column.name == self._parent and self._waits(record)
                state[column.name] = None if waits else self.key(column.noun, value)
            elif column.kind == "json":
                state[column.name] = json.dumps(value, ensure_ascii=False)
            else:
                state[column.name] = int(value) if column.kind == "bool" else value
        for part in store.parts:
            state[part.field] = self._elements(part, record.get(part.field, []))
        state["custom"] = record.get("custom", {})
        if "address_key" in record:
            state["address_key"] = record["address_key"]
        store.derive(self.tx, state)
        if "stage_entered_at" in record:
            state["stage_entered_at"] = record["stage_entered_at"]
        return state

    def _elements(self, part: Part, items: list[dict[str, Any]]) -> Elements:
        elements: Elements = {}
        for item in items:
            values = dict(item)
            if part.noun:
                key: Any = self.key(part.noun, values.pop(part.noun))
            elif part.field == "stages":
                key = self.tx.key("stages")
            elif part.field == "lines":
                number = values.pop("number")
                values["product_id"] = self.key("product", values["product_id"])
                product = values["product_id"]
                key = f"p{product}#{number}" if product is not None else f"n{fold(values['name'])}#{number}"
            else:
                key = values.pop("key")
            elements[key] = values
        return elements
