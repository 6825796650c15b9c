"""Custom fields: declared, listed beside the built-in ones, converted, indexed and removed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ghl.engine import crud, custom
from ghl.engine.columns import Column, State
from ghl.engine.dispatch import handles
from ghl.engine.fields import fields_of
from ghl.engine.records import Store, store_of
from ghl.errors import Conflict, Duplicate, GhlError, InUse, Invalid
from ghl.sdk.crm import fields as contract
from ghl.sdk.fields import Removed
from ghl.sdk.page import Page

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

NOUNS = ("contact", "company", "deal", "product", "task", "activity", "note", "user")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


class FieldStore(Store[contract.CustomField]):
    """Custom fields."""

    noun = "field"
    table = "field_definitions"
    record = contract.CustomField
    columns = (
        Column("noun"),
        Column("name"),
        Column("label"),
        Column("type"),
        Column("choices", "json", default="[]"),
        Column("indexed", "bool", default=0),
        Column("description", length=2000),
    )
    searched = False
    owned = False

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not _KEY.fullmatch(state["name"]):
            raise Invalid(
                f'"{state["name"]}" cannot be the name of a field', hint="small letters, digits and _, such as shoe_size", field="name"
            )
        choices = json.loads(state["choices"] or "[]")
        if state["type"] in ("select", "multi-select") and not choices:
            raise Invalid(f"a {state['type']} needs choices", hint="--choices small --choices large", field="choices")
        if state["deleted_at"] is None:
            self._refuse_taken(tx, state)

    def _refuse_taken(self, tx: Tx, state: State) -> None:
        noun, name = state["noun"], state["name"]
        if name in built_in(noun) or name == "custom":
            raise Conflict(f"`{name}` is a built-in field of a {noun}", hint=f"ghl fields list --noun {noun}", field="name")
        taken = tx.one("crm/fields/taken", noun=noun, key=state["name_key"])
        if taken is not None and taken["id"] != state["id"]:
            raise Duplicate(f'a {noun} has a custom field "{name}" already', field="name", id=taken["public_id"])

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        tx.memo.pop(("custom", new["noun"]), None)
        tx.memo.pop(("schema", new["noun"]), None)
        if changed & {"indexed", "type", "deleted_at"}:
            reindex(tx, new)

    def named(self, tx: Tx, text: str) -> list[int]:
        noun, _, name = text.rpartition(".")
        rows = tx.all("crm/fields/named", name=name.removeprefix("custom."))
        return [row["id"] for row in rows if not noun or row["noun"] == noun]


STORE = FieldStore()

crud.handle(STORE, create=contract.CreateField, get=contract.GetField, restore=contract.RestoreField)


def built_in(noun: str) -> dict[str, Any]:
    """The built-in fields of a noun: those of its contract, and those that only filters know."""
    shown = store_of(noun).record.model_fields
    return {name: info for name, info in shown.items() if name != "custom_fields"} | {
        name: place for name, place in fields_of(noun).places.items() if name not in shown
    }


@handles(contract.ListFields)
def list_fields(request: contract.ListFields, tx: Tx) -> Page[contract.AnyField]:
    """Fields of one noun or of all, built-in ones first."""
    if request.where or request.search or request.cursor:
        raise Invalid("fields are listed by noun", hint="ghl fields list --noun contact", field="where")
    found: list[contract.AnyField] = []
    for noun in (request.noun,) if request.noun else NOUNS:
        if not request.custom:
            found += _built_in_fields(noun)
        if request.custom is not False:
            found += [
                contract.AnyField(
                    name=one.name, noun=noun, type=one.type, label=one.label, custom=True, indexed=one.indexed,
                    choices=list(one.choices),
                )
                for one in custom.definitions(tx, noun).values()
            ]  # fmt: skip
    return Page[contract.AnyField](items=found, total=len(found), page=1, page_size=max(1, len(found)))


def _built_in_fields(noun: str) -> list[contract.AnyField]:
    places = fields_of(noun).places
    store = store_of(noun)
    own = {column.name for column in store.columns} | {part.field for part in store.parts} | {"email", "phone", "name"}
    found = []
    for name, info in built_in(noun).items():
        place = places.get(name)
        found.append(
            contract.AnyField(
                name=name, noun=noun, type=str(place.field.type) if place else "list", writable=name in own,
                filterable=place is not None, description=getattr(info, "description", None),
                choices=list(place.field.choices) if place else [],
            )
        )  # fmt: skip
    return found


@handles(contract.UpdateField)
def update(request: contract.UpdateField, tx: Tx) -> contract.FieldChange:
    """Change a custom field, and its values where its type changes."""
    state = STORE.one(tx, request.field_id, lock=True)
    values = crud.given(request, "field_id", "force")
    lost: list[contract.Conversion] = []
    converted = 0
    if values.get("type") and values["type"] != state["type"]:
        converted, lost = _convert(tx, state, values["type"], values.get("choices"), force=request.force)
        if lost and not request.force:
            first = lost[0]
            raise Conflict(
                f"{len(lost)} values of {state['name']} are no {values['type']}, such as {first.value!r}",
                hint="--dry-run --force shows all of them; --force drops them",
                lost=[one.model_dump(mode="json") for one in lost[:50]],
            )
    shown = STORE.present(tx, [STORE.update(tx, state, values)])[0]
    return contract.FieldChange.model_validate(shown.model_dump() | {"converted": converted, "lost": lost[:100]})


def _convert(
    tx: Tx, state: State, to: str, choices: list[str] | None, *, force: bool
) -> tuple[int, list[contract.Conversion]]:
    """Convert every value of a field; those that cannot be are told, and dropped only where asked."""
    known = choices if choices is not None else json.loads(state["choices"] or "[]")
    definition = custom.Definition(state["id"], state["name"], state["label"], to, tuple(known), False)
    plan: list[tuple[int, Any]] = []
    lost: list[contract.Conversion] = []
    for record in _holders(tx, state):
        value = record["custom"][state["name"]]
        try:
            plan.append((record["id"], custom.encode(tx, definition, _plain(value))))
        except GhlError as error:
            lost.append(contract.Conversion(record_id=record["public_id"], value=value, error=error.message))
            plan.append((record["id"], None))
    if lost and not force:
        return 0, lost
    store = store_of(state["noun"])
    for number, value in plan:
        record = store.load(tx, [number], lock=True)[0]
        kept = {k: v for k, v in record["custom"].items() if k != state["name"]}
        store.write(tx, record, record | {"custom": kept if value is None else kept | {state["name"]: value}})
    return len(plan) - len(lost), lost


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"minor", "currency"}:
        from ghl.sdk.money import Money

        return str(Money(**value))
    return value


def _holders(tx: Tx, state: State) -> list[State]:
    """The live records that have a value of a field."""
    store = store_of(state["noun"])
    found = f"{store.table} r where r.account_id = :account_id and r.deleted_at is null"
    has = f"json_extract(r.custom, '$.{state['name']}') is not null" if tx.dialect == "sqlite" else f"cast(r.custom as json) -> '{state['name']}' is not null"
    numbers = [row["id"] for row in tx.all(f"select r.id from {found} and {has} order by r.id")]
    records: list[State] = []
    for start in range(0, len(numbers), 500):
        records += store.load(tx, numbers[start : start + 500])
    return records


def reindex(tx: Tx, state: State) -> None:
    """Fill or empty the index of a field's values."""
    tx.run("crm/fields/empty_index", id=state["id"])
    if not state["indexed"] or state["deleted_at"] is not None:
        return
    rows = []
    for record in _holders(tx, state):
        text, number = custom.keys(record["custom"][state["name"]])
        rows.append({"field_id": state["id"], "record_id": record["id"], "text": text, "number": number})
    if rows:
        tx.many("crm/fields/add_index", rows)


@handles(contract.DeleteField)
def delete(request: contract.DeleteField, tx: Tx) -> Removed:
    """Delete a custom field that nothing has a value of, or clear the values first."""
    state = STORE.one(tx, request.field_id, lock=True)
    holders = _holders(tx, state)
    if holders and not request.force:
        raise InUse(
            f"{len(holders)} {store_of(state['noun']).table} have a value of {state['name']}", hint="--force clears them first"
        )
    store = store_of(state["noun"])
    for record in holders:
        locked = store.load(tx, [record["id"]], lock=True)[0]
        store.write(tx, locked, locked | {"custom": {k: v for k, v in locked["custom"].items() if k != state["name"]}})
    return Removed(id=STORE.remove(tx, state)["public_id"])
