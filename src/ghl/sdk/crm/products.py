"""Products: what is sold, with a price."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.fields import Bulk, BulkResult, CustomFields, Flag, Kept, ProductId, Removed, Viewed
from ghl.sdk.money import Money
from ghl.sdk.operation import Event, M, Operation, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page

Match = Literal["sku", "external_id", "name"]


class Product(Kept):
    """Something that is sold. The price is what a line of a deal takes where it names none."""

    name: str = ""
    sku: str | None = None
    family: str | None = None
    description: str | None = None
    price: Money | None = None
    active: bool = True
    external_id: str | None = None
    custom_fields: dict[str, Any] = {}


class ProductFields(BaseModel):
    """The fields of a product that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    name: Annotated[str | None, Field(description="Name")] = None
    sku: Annotated[str | None, Field(description="Article number; unique")] = None
    family: Annotated[str | None, Field(description="Series or group of products")] = None
    description: str | None = None
    price: Annotated[Money | None, Field(description="Price of one, such as 12.50 EUR")] = None
    active: Annotated[bool | None, Field(description="Whether it is still sold")] = None
    external_id: Annotated[str | None, Field(description="The id in another system")] = None
    custom_fields: Annotated[
        CustomFields | None, Flag(name="field"), Field(description="Declared custom fields, key=value")
    ] = None


class ProductChanges(ProductFields):
    """What an update can do beside writing fields."""

    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@post("/crm/products")
class CreateProduct(ProductFields, Operation[Product]):
    """Create a product. A taken article number is a duplicate error with the other product's id."""


@get("/crm/products/{product_id}")
class GetProduct(Operation[Product]):
    """Show a product."""

    product_id: ProductId = Field(kw_only=False)


@get("/crm/products")
class ListProducts(Viewed[Page[Product]]):
    """List products, newest first."""

    family: Annotated[str | None, Field(description="Of exactly this family")] = None


@patch("/crm/products/{product_id}")
class UpdateProduct(ProductChanges, Operation[Product]):
    """Change fields of a product. Lines of deals keep the price they were made with."""

    product_id: ProductId = Field(kw_only=False)


@put("/crm/products")
class UpsertProduct(ProductChanges, Operation[Product]):
    """Create a product, or update the one with the same value of the match fields."""

    match: Annotated[list[Match], Field(description="Fields to match by, in order")] = ["sku", "external_id", "name"]


@delete("/crm/products/{product_id}")
class DeleteProduct(Operation[Removed]):
    """Delete a product softly; lines of deals keep its name and price."""

    product_id: ProductId = Field(kw_only=False)


@post("/crm/products/{product_id}/restore", status=200)
class RestoreProduct(Operation[Product]):
    """Restore a deleted product."""

    product_id: ProductId = Field(kw_only=False)


@post("/crm/products/bulk/create", status=200)
class CreateProducts(Operation[BulkResult]):
    """Create many products in one transaction."""

    items: Annotated[list[ProductFields], Field(max_length=10_000)]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/products/bulk/upsert", status=200)
class UpsertProducts(Operation[BulkResult]):
    """Create or update many products in one transaction."""

    items: Annotated[list[ProductChanges], Field(max_length=10_000)]
    match: list[Match] = ["sku", "external_id", "name"]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/products/bulk/update", status=200)
class UpdateProducts(Bulk, Operation[BulkResult]):
    """Change the same fields of many products, chosen by ids or by an expression."""

    values: ProductChanges


@post("/crm/products/bulk/delete", status=200)
class DeleteProducts(Bulk, Operation[BulkResult]):
    """Delete many products softly."""


@post("/crm/products/bulk/restore", status=200)
class RestoreProducts(Bulk, Operation[BulkResult]):
    """Restore many deleted products."""


class ProductCreated(Event, name="product.created"):
    """A product was created."""

    product_id: str


class ProductChanged(Event, name="product.changed"):
    """Fields of a product changed; `before` and `after` hold them."""

    product_id: str
    before: dict[str, Any]
    after: dict[str, Any]


class Products(Resource[M], name="products"):
    """What is sold."""

    create = op(CreateProduct)
    get = op(GetProduct)
    list = op(ListProducts)
    update = op(UpdateProduct)
    upsert = op(UpsertProduct)
    delete = op(DeleteProduct)
    restore = op(RestoreProduct)
    create_many = op(CreateProducts)
    upsert_many = op(UpsertProducts)
    update_many = op(UpdateProducts)
    delete_many = op(DeleteProducts)
    restore_many = op(RestoreProducts)
