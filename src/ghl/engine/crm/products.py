"""Products: their fields, prices, and how one is found by a name that is not quite its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.records import Store
from ghl.errors import Duplicate, Invalid
from ghl.sdk.crm import products as contract
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class ProductStore(Store[contract.Product]):
    """Products."""

    noun = "product"
    table = "product_records"
    record = contract.Product
    columns = (
        Column("name", default=""),
        Column("sku", length=100),
        Column("family"),
        Column("description", length=10_000, lines=True),
        Column("price", "money"),
        Column("active", "bool", default=1),
        Column("external_id"),
    )
    derived = ("name_key", "loose_key")
    owned = False
    sorts = Store.sorts | {"price": ("price_currency", "price")}
    filters = {"family": "r.family = :family"}

    def derive(self, tx: Tx, state: State) -> None:
        state["name_key"] = fold(state["name"])
        state["loose_key"] = loose(state["name"])

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["name"]:
            raise Invalid("a product needs a name", hint="ghl products add --name 'GTX Pro'", field="name")
        back = old is not None and old["deleted_at"] is not None and state["deleted_at"] is None
        if state["sku"] and (back or old is None or state["sku"] != old["sku"]):
            holder = tx.one("crm/products/by_sku", sku=state["sku"])
            if holder is not None and holder["id"] != state["id"]:
                raise Duplicate(
                    f'article number {state["sku"]} belongs to "{holder["name"]}"',
                    hint=f"ghl products show {holder['public_id'][-6:]}",
                    field="sku",
                    id=holder["public_id"],
                )

    def words(self, state: State) -> Iterable[str | None]:
        return state["name"], state["sku"], state["family"], state["external_id"]

    def announce(self, tx: Tx, old: State | None, new: State, changed: frozenset[str], change_id: int) -> None:
        if "deleted_at" not in changed:
            name = "product.created" if old is None else "product.changed"
            tx.events.emit(name, "product", new["id"], change_id=change_id)

    def named(self, tx: Tx, text: str) -> list[int]:
        found = super().named(tx, text)
        if not found:
            row = tx.one("crm/products/by_sku", sku=text)
            found = [row["id"]] if row else []
        return found

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The one product that has the same value of a match field, in the order of the fields."""
        for field in match:
            value = values.get(field)
            found = self._matches(tx, field, value) if value else []
            if len(found) > 1:
                raise Duplicate(
                    f'{len(found)} products have the {field.replace("_", " ")} "{value}"',
                    hint="name one by its id, or match by sku",
                    field=field,
                )
            if found:
                return found[0]
        return None

    def _matches(self, tx: Tx, field: str, value: str) -> list[int]:
        if field == "sku":
            row = tx.one("crm/products/by_sku", sku=value.strip())
            return [row["id"]] if row else []
        if field == "external_id":
            return [row["id"] for row in tx.all("crm/products/by_external_id", external_id=value)]
        return super().named(tx, value)


def loose(name: str) -> str:
    """A name's key without spaces: `GTXPro` and `GTX Pro` have the same."""
    return fold(name).replace(" ", "")


def closest(tx: Tx, name: str) -> tuple[int, str] | None:
    """Row key and name of the one product that an import means by a name: its own, or but for spaces.

    None where there is none, or where several are equally close.
    """
    exact = Store.named(STORE, tx, name)
    rows = tx.all("crm/products/by_loose_name", key=loose(name))
    rows = [row for row in rows if row["id"] in exact] or rows
    return (rows[0]["id"], rows[0]["name"]) if len(rows) == 1 else None


STORE = ProductStore()

crud.handle(
    STORE,
    create=contract.CreateProduct,
    get=contract.GetProduct,
    list=contract.ListProducts,
    update=contract.UpdateProduct,
    upsert=contract.UpsertProduct,
    delete=contract.DeleteProduct,
    restore=contract.RestoreProduct,
    create_many=contract.CreateProducts,
    upsert_many=contract.UpsertProducts,
    update_many=contract.UpdateProducts,
    delete_many=contract.DeleteProducts,
    restore_many=contract.RestoreProducts,
)
