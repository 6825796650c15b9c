"""Tags: labels for contacts, companies and deals, made on first use."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.fields import Bulk, BulkResult, Kept, Listing, Removed, TagId
from ghl.sdk.operation import M, Operation, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page


class Tag(Kept):
    """A label. Names are unique when folded: case and accents do not matter."""

    name: str
    description: str | None = None
    contacts: int = 0
    companies: int = 0
    deals: int = 0


class TagFields(BaseModel):
    """The fields of a tag that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    name: Annotated[str | None, Field(description="The tag's name")] = None
    description: str | None = None


class TagChanges(TagFields):
    """What an update can do beside writing fields."""

    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@post("/crm/tags")
class CreateTag(TagFields, Operation[Tag]):
    """Create a tag; one with the same folded name is a duplicate."""


@get("/crm/tags/{tag_id}")
class GetTag(Operation[Tag]):
    """Show a tag."""

    tag_id: TagId = Field(kw_only=False)


@get("/crm/tags")
class ListTags(Listing[Page[Tag]]):
    """List tags, newest first."""


@patch("/crm/tags/{tag_id}")
class UpdateTag(TagChanges, Operation[Tag]):
    """Change fields of a tag. A field left out stays, null clears."""

    tag_id: TagId = Field(kw_only=False)


@put("/crm/tags")
class UpsertTag(TagFields, Operation[Tag]):
    """Create a tag, or update the one with the same value of the match fields."""

    match: Annotated[list[Literal["name"]], Field(description="Fields to match by, in order")] = ["name"]


@delete("/crm/tags/{tag_id}")
class DeleteTag(Operation[Removed]):
    """Delete a tag; one that is in use is refused, unless `force` takes it off the records first."""

    tag_id: TagId = Field(kw_only=False)
    force: Annotated[bool, Field(description="Take it off every record that has it")] = False


@post("/crm/tags/{tag_id}/restore", status=200)
class RestoreTag(Operation[Tag]):
    """Restore a tag that was deleted."""

    tag_id: TagId = Field(kw_only=False)


@post("/crm/tags/bulk/create", status=200)
class CreateTags(Operation[BulkResult]):
    """Create many tags in one transaction."""

    items: Annotated[list[TagFields], Field(max_length=10_000)]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/tags/bulk/upsert", status=200)
class UpsertTags(Operation[BulkResult]):
    """Create or update many tags in one transaction."""

    items: Annotated[list[TagChanges], Field(max_length=10_000)]
    match: list[Literal["name"]] = ["name"]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/tags/bulk/update", status=200)
class UpdateTags(Bulk, Operation[BulkResult]):
    """Change the same fields of many tags, chosen by ids or by an expression."""

    values: TagChanges


@post("/crm/tags/bulk/delete", status=200)
class DeleteTags(Bulk, Operation[BulkResult]):
    """Delete many tags softly."""


@post("/crm/tags/bulk/restore", status=200)
class RestoreTags(Bulk, Operation[BulkResult]):
    """Restore many deleted tags."""


class Tags(Resource[M], name="tags"):
    """Labels."""

    create = op(CreateTag)
    get = op(GetTag)
    list = op(ListTags)
    update = op(UpdateTag)
    upsert = op(UpsertTag)
    delete = op(DeleteTag)
    restore = op(RestoreTag)
    create_many = op(CreateTags)
    upsert_many = op(UpsertTags)
    update_many = op(UpdateTags)
    delete_many = op(DeleteTags)
    restore_many = op(RestoreTags)
