"""Custom fields: declared, listed beside the built-in ones, converted, indexed and removed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.crm import field_values
from ghl.engine.dispatch import handles
from ghl.engine.fields import fields_of
from ghl.engine.lists import no_words
from ghl.engine.paging import Paging, cursor
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.errors import Conflict, Duplicate, InUse, Invalid
from ghl.nouns import load
from ghl.sdk.crm import fields as contract
from ghl.sdk.fields import Removed
from ghl.sdk.names import fold, search_words
from ghl.sdk.operation import choices_of
from ghl.sdk.page import Page
from ghl.sdk.wire import is_many

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

NOUNS = ("contact", "company", "deal", "product", "task", "activity", "note", "user")
SELECTS = ("select", "multi-select")
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
        Column("description", length=2000, lines=True),
    )
    searched = False
    owned = False

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not _KEY.fullmatch(state["name"] or ""):
            raise Invalid(
                f'"{state["name"] or ""}" cannot be the name of a field',
                hint="small letters, digits and _, such as shoe_size", field="name",
            )
        choices = json.loads(state["choices"] or "[]")
        if state["type"] in SELECTS and not choices:
            raise Invalid(f"a {state['type']} needs choices", hint="--choices small --choices large", field="choices")
        if len({fold(choice) for choice in choices}) < len(choices) or not all(map(fold, choices)):
            raise Invalid("choices are told apart by their letters, whatever their case", field="choices")
        if state["deleted_at"] is None:
            self._refuse_taken(tx, state)

    def _refuse_taken(self, tx: Tx, state: State) -> None:
        noun, name = state["noun"], state["name"]
        if name in built_in(noun) or name == "custom":
            raise Conflict(f"`{name}` is a built-in field of a {noun}", hint=f"ghl fields list --noun {noun}", field="name")
        taken = tx.one("crm/fields/taken", noun=noun, key=state["name_key"])
        if taken is not None and taken["id"] != state["id"]:
            raise Duplicate(f'a {noun} has a custom field "{name}" already', field="name", id=taken["public_id"])

    def write(self, tx: Tx, old: State, new: State) -> State:
        if tx.changes.reverses is not None and (new["type"], new["choices"]) != (old["type"], old["choices"]):
            field_values.refuse_written_since(tx, old, tx.changes.reverses)
        return super().write(tx, old, new)

    def remove(self, tx: Tx, state: State) -> State:
        count = field_values.live(tx, state)
        if count:
            held = store_of(state["noun"]).plural if count > 1 else state["noun"]
            raise InUse(f"{count} {held} {'have' if count > 1 else 'has'} a value of {state['name']}", hint="--force clears them first", users=count)
        return super().remove(tx, state)

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        for memo in ("custom", "schema", "source"):
            tx.memo.pop((memo, new["noun"]), None)
        if changed & {"indexed", "type", "deleted_at"}:
            field_values.reindex(tx, new)

    def named(self, tx: Tx, text: str) -> list[int]:
        noun, _, name = text.removeprefix("custom.").rpartition(".")
        rows = tx.all("crm/fields/named", name=name.strip().lower())
        return [row["id"] for row in rows if not noun or row["noun"] == noun]


STORE = FieldStore()

crud.handle(
    STORE, create=contract.CreateField, get=contract.GetField, restore=contract.RestoreField,
    create_many=contract.CreateFields, restore_many=contract.RestoreFields,
)  # fmt: skip


def built_in(noun: str) -> dict[str, Any]:
    """The built-in fields of a noun: those of its contract, and those that only filters know."""
    shown = store_of(noun).record.model_fields
    return {name: info for name, info in shown.items() if name != "custom_fields"} | {
        name: place for name, place in fields_of(noun).places.items() if name not in shown
    }


@handles(contract.ListFields)
def list_fields(request: contract.ListFields, tx: Tx) -> Page[contract.AnyField]:
    """Fields of one noun or of all, built-in ones first."""
    for name in ("where", "sort"):
        if getattr(request, name):
            raise Invalid(
                "fields are listed noun by noun, in their own order", hint="--noun contact, --custom, --search city",
                field=name,
            )  # fmt: skip
    found: list[contract.AnyField] = []
    for noun in (request.noun,) if request.noun else NOUNS:
        if not request.custom and not request.deleted:
            found += _built_in_fields(noun)
        if request.custom is not False:
            found += _custom_fields(tx, noun, deleted=request.deleted)
    if request.search:
        found = [one for one in found if _mentions(one, request.search)]
    if not request.model_fields_set & {"page", "page_size", "cursor"}:
        return Page[contract.AnyField](items=found, total=len(found), page=1, page_size=max(1, len(found)))
    paging = Paging(request)
    start = paging.offset if paging.after is None else paging.after
    end = start + paging.size
    following = cursor(end) if end < len(found) else None
    return Page[contract.AnyField](items=found[start:end], next_cursor=following, **paging.numbers(lambda: len(found)))


def _mentions(field: contract.AnyField, text: str) -> bool:
    words = search_words(text).split()
    if not words:
        raise no_words()
    told = fold(" ".join(filter(None, (field.name, field.label, field.description))))
    return all(word in told for word in words)


def _custom_fields(tx: Tx, noun: str, *, deleted: bool) -> list[contract.AnyField]:
    rows = tx.all("crm/fields/of_noun", noun=noun)
    ids = [row["id"] for row in rows if (row["deleted_at"] is not None) == deleted]
    shown = STORE.present(tx, STORE.load(tx, ids))
    return [contract.AnyField.model_validate(one.model_dump() | {"custom": True}) for one in shown]


def _built_in_fields(noun: str) -> list[contract.AnyField]:
    places = fields_of(noun).places
    writable = load(store_of(noun).plural).__operations__["update"].model_fields
    found = []
    for name, info in built_in(noun).items():
        place = places.get(name)
        about = writable.get(name) if name != "version" else None
        found.append(
            contract.AnyField(
                name=name, noun=noun, type=str(place.field.type) if place else _type(info), writable=about is not None,
                filterable=place is not None, description=about.description if about else None,
                choices=list((place and place.field.choices) or choices_of(about and about.annotation)),
            )
        )  # fmt: skip
    return found


def _type(info: Any) -> str:
    """The type of a field that only answers have."""
    if is_many(info.annotation):
        return "list"
    return "datetime" if "datetime" in str(info.annotation).lower() else "text"


@handles(contract.UpdateField)
def update(request: contract.UpdateField, tx: Tx) -> contract.FieldChange:
    """Change a custom field, and its values where its type or its choices change."""
    state = STORE.one(tx, request.field_id, lock=True)
    values = crud.given(request, "field_id", "force")
    return _change(tx, state, values, force=request.force, version=request.version)[1]


@handles(contract.UpsertField)
def upsert(request: contract.UpsertField, tx: Tx) -> contract.FieldChange:
    """Declare a custom field, or change it."""
    return _put(tx, request, force=request.force, version=request.version)[1]


@handles(contract.UpsertFields)
def upsert_many(request: contract.UpsertFields, tx: Tx) -> Any:
    """Declare or change custom fields in order."""

    def one(item: contract.WantedField) -> str | None:
        changed, shown = _put(tx, item, force=request.force)
        return shown.id if changed else None

    return crud.each(tx, request.items, one, partial=request.partial)


@handles(contract.UpdateFields)
def update_many(request: contract.UpdateFields, tx: Tx) -> Any:
    """Change custom fields in the same way."""
    values = crud.given(request.values)

    def one(state: State) -> str | None:
        changed, shown = _change(tx, state, values, force=request.force)
        return shown.id if changed else None

    return crud.over(tx, STORE, request, one)


def _put(
    tx: Tx, wanted: contract.WantedField, *, force: bool, version: int | None = None
) -> tuple[bool, contract.FieldChange]:
    values = crud.given(wanted, "force")
    row = tx.one("crm/fields/taken", noun=wanted.noun, key=fold(wanted.name))
    if row is None:
        values |= {"type": values.get("type") or "text"}
        shown = STORE.present(tx, [STORE.create(tx, values)])[0]
        return True, contract.FieldChange.model_validate(shown.model_dump())
    state = STORE.load(tx, [row["id"]], lock=True)[0]
    changes = {name: value for name, value in values.items() if name not in ("noun", "name")}
    return _change(tx, state, changes, force=force, version=version)


def _change(
    tx: Tx, state: State, values: dict[str, Any], *, force: bool, version: int | None = None
) -> tuple[bool, contract.FieldChange]:
    """The changed field, and whether anything differs; its values follow another type and other choices."""
    to = values.get("type") or state["type"]
    if "type" in values:
        values = values | {"type": to}  # null leaves it
    known = json.loads(state["choices"] or "[]")
    choices = known if values.get("choices") is None else values["choices"]
    if to != state["type"] or (to in SELECTS and choices != known):
        STORE.check(tx, state | {"type": to, "choices": json.dumps(choices)}, state)
        converted, lost = field_values.convert(tx, state, to, choices, force=force)
    else:
        converted, lost = 0, []
    if lost and not force:
        raise Conflict(
            f"{len(lost)} values of {state['name']} are no {to}, such as {lost[0].value!r}",
            hint="--dry-run --force shows all of them; --force drops them", field="type",
            lost=[one.model_dump(mode="json") for one in lost[:50]],
        )  # fmt: skip
    new = STORE.update(tx, state, values, version=version)
    shown = STORE.present(tx, [new])[0].model_dump() | {"converted": converted, "lost": lost[:100]}
    return new is not state, contract.FieldChange.model_validate(shown)


@handles(contract.DeleteField)
def delete(request: contract.DeleteField, tx: Tx) -> Removed:
    """Delete a custom field that nothing has a value of, or clear the values first."""
    return Removed(id=_remove(tx, STORE.one(tx, request.field_id, lock=True), force=request.force))


@handles(contract.DeleteFields)
def delete_many(request: contract.DeleteFields, tx: Tx) -> Any:
    """Delete custom fields."""
    return crud.over(tx, STORE, request, lambda state: _remove(tx, state, force=request.force))


def _remove(tx: Tx, state: State, *, force: bool) -> str:
    if force:
        for record in field_values.holders(tx, state):
            field_values.put(tx, state, record, None)
    return str(STORE.remove(tx, state)["public_id"])
