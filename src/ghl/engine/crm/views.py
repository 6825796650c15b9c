"""Saved views: checked when they are saved, so that they work when they are asked for."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, get_args

from ghl.engine import crud, custom
from ghl.engine.columns import Column, State
from ghl.engine.filters import checked
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.errors import Duplicate, Invalid, NotFound
from ghl.nouns import NOUNS
from ghl.sdk.crm import views as contract
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class ViewStore(Store[contract.View]):
    """Views."""

    noun = "view"
    table = "saved_views"
    record = contract.View
    columns = (
        Column("noun"),
        Column("name", length=100),
        Column("filter", "body"),
        Column("sort"),
        Column("columns", "json", default="[]"),
    )
    searched = False
    owned = False
    filters = {"noun": "r.noun = :noun"}

    def assign(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        values = _spelled(values, state["noun"])
        if "where" in values:
            values["filter"] = values.pop("where")
        super().assign(tx, state, values)

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["name"]:
            raise Invalid("a view needs a name", field="name")
        store = store_of(NOUNS[state["noun"]].singular)
        if state["filter"]:
            checked(tx, store.noun, state["filter"])
        sort = (state["sort"] or "").lstrip("+-")
        if sort and sort not in store.sorts:
            raise Invalid(f'{state["noun"]} cannot be sorted by "{sort}"', hint=f"one of: {', '.join(store.sorts)}", field="sort")
        for name in json.loads(state["columns"] or "[]"):
            self._check_column(tx, store, name)
        row = tx.one("crm/views/taken", noun=state["noun"], key=state["name_key"])
        if row is not None and row["id"] != state["id"] and state["deleted_at"] is None:
            raise Duplicate(f'there is a view "{state["name"]}" of {state["noun"]} already', field="name", id=row["public_id"])

    def _check_column(self, tx: Tx, store: Store[Any], name: str) -> None:
        known = [name for name in store.record.model_fields if name != "custom_fields"]
        known += [f"custom.{key}" for key in custom.definitions(tx, store.noun)]
        if name not in known and name.removeprefix("custom_fields.") not in custom.definitions(tx, store.noun):
            close = difflib.get_close_matches(name, known, 1)
            hint = f"{close[0]}?" if close else f"one of: {', '.join(known)}"
            raise Invalid(f'a {store.noun} has no column "{name}"', hint=hint, field="columns")

    def missing(self, reference: str, deleted: State | None = None) -> NotFound:
        noun, name = _split(reference)
        of = f" of {noun}" if noun else ""
        hint = f"ghl views list --noun {noun}" if noun else "ghl views list"
        return NotFound(f'there is no view "{name}"{of}', hint=hint, field="view_id")

    def named(self, tx: Tx, text: str) -> list[int]:
        """Views of this name; `contacts.Hot` is one of contacts, by name or id."""
        noun, name = _split(text)
        if not noun:
            return super().named(tx, text)
        rows = tx.all("crm/views/of_noun", noun=noun)
        found = [row["id"] for row in rows if row["name_key"] == fold(name)]
        if not found and len(name) >= 6:
            found = [row["id"] for row in rows if row["public_id"].endswith(name.lower())]
        return found

    def dress(self, tx: Tx, state: State, data: dict[str, Any]) -> None:
        data["where"] = state["filter"]
        data["columns"] = data["columns"] or []

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The view of the noun with this name."""
        values = _spelled(values, "contacts")
        row = tx.one("crm/views/taken", noun=values.get("noun", "contacts"), key=fold(values["name"]))
        return int(row["id"]) if row else None


def _split(reference: str) -> tuple[str, str]:
    """The noun that a reference to a view begins with, if it does, and the rest."""
    noun, dot, name = reference.partition(".")
    return (noun, name) if dot and noun in get_args(contract.ViewNoun) else ("", reference)


def _spelled(values: dict[str, Any], of: str | None) -> dict[str, Any]:
    """The values of a view; its name may begin with its noun, as references to views do: `deals.Hot`."""
    noun, name = _split(values.get("name") or "")
    if noun and noun != values.get("noun", of):
        raise Invalid(f'a view of {values.get("noun", of)} cannot be called "{values["name"]}"', hint=f"--noun {noun}", field="name")
    return {**values, "name": name} if noun else dict(values)


STORE = ViewStore()

crud.handle(
    STORE, create=contract.CreateView, get=contract.GetView, list=contract.ListViews, update=contract.UpdateView,
    upsert=contract.UpsertView, delete=contract.DeleteView, restore=contract.RestoreView,
)  # fmt: skip
