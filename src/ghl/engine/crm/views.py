"""Saved views: checked when they are saved, so that they work when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.filters import checked
from ghl.engine.records import STORES, Store, store_of
from ghl.errors import Duplicate, Invalid
from ghl.sdk.crm import views as contract
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class ViewStore(Store[contract.View]):
    """Views."""

    noun = "view"
    table = "saved_views"
    record = contract.View
    columns = (Column("noun"), Column("name"), Column("filter", "body"), Column("sort"), Column("columns", "json", default="[]"))
    searched = False
    owned = False
    filters = {"noun": "r.noun = :noun"}

    def assign(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        values = dict(values)
        if "where" in values:
            values["filter"] = values.pop("where")
        super().assign(tx, state, values)

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["name"]:
            raise Invalid("a view needs a name", field="name")
        store = next(store_of(noun) for noun in STORES if store_of(noun).table == state["noun"])
        if state["filter"]:
            checked(tx, store.noun, state["filter"])
        sort = (state["sort"] or "").lstrip("+-")
        if sort and sort not in store.sorts:
            raise Invalid(f'{state["noun"]} cannot be sorted by "{sort}"', hint=f"one of: {', '.join(store.sorts)}", field="sort")
        row = tx.one("crm/views/taken", noun=state["noun"], key=state["name_key"])
        if row is not None and row["id"] != state["id"] and state["deleted_at"] is None:
            raise Duplicate(f'there is a view "{state["name"]}" of {state["noun"]} already', field="name")

    def dress(self, tx: Tx, state: State, data: dict[str, Any]) -> None:
        data["where"] = state["filter"]
        data["columns"] = data["columns"] or []

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The view of the noun with this name."""
        row = tx.one("crm/views/taken", noun=values.get("noun", "contacts"), key=fold(values["name"]))
        return int(row["id"]) if row else None


STORE = ViewStore()

crud.handle(
    STORE, create=contract.CreateView, get=contract.GetView, list=contract.ListViews, update=contract.UpdateView,
    upsert=contract.UpsertView, delete=contract.DeleteView, restore=contract.RestoreView,
)  # fmt: skip
