"""Fields: the built-in ones of every noun, and the custom ones that are declared here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.fields import Bulk, BulkResult, FieldId, Kept, Listing, Removed
from ghl.sdk.operation import M, Operation, Record, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page

FieldType = Literal["text", "number", "money", "date", "datetime", "bool", "select", "multi-select", "url", "json"]
FieldNoun = Literal["contact", "company", "deal", "product", "task", "activity", "note", "user"]


class CustomField(Kept):
    """A field of a noun: usable in every filter, import, export and template as `custom.NAME`."""

    name: str
    noun: str
    type: str
    label: str | None = None
    choices: list[str] = []
    indexed: bool = False
    description: str | None = None


class AnyField(Record):
    """A field of a noun, built in or custom."""

    id: str | None = None
    name: str
    noun: str
    type: str
    label: str | None = None
    custom: bool = False
    writable: bool = True
    filterable: bool = True
    indexed: bool = False
    choices: list[str] = []
    description: str | None = None


class Conversion(Record):
    """A value that a change of type cannot carry over."""

    record_id: str
    value: Any
    error: str


class FieldChange(CustomField):
    """A changed field, with what the change of its type did to the values."""

    converted: int = 0
    lost: list[Conversion] = []


class NewField(BaseModel):
    """What there is to say of a custom field that is declared."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    name: Annotated[str, Field(description="Its key: small letters, digits and _")]
    noun: Annotated[FieldNoun, Field(description="What has the field")] = "contact"
    type: Annotated[FieldType, Field(description="What its values are")] = "text"
    label: Annotated[str | None, Field(description="Its name for people")] = None
    choices: Annotated[list[str] | None, Field(description="The values of a select")] = None
    indexed: Annotated[bool, Field(description="Quick to filter by, a little dearer to write")] = False
    description: str | None = None


class FieldChanges(BaseModel):
    """What can be changed of a custom field."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    label: Annotated[str | None, Field(description="Its name for people")] = None
    type: Annotated[FieldType | None, Field(description="What its values are; they are converted")] = None
    choices: Annotated[list[str] | None, Field(description="The values of a select")] = None
    indexed: Annotated[bool | None, Field(description="Quick to filter by, a little dearer to write")] = None
    description: str | None = None


class WantedField(FieldChanges):
    """A custom field as it is to be: declared where there is none of this name."""

    name: Annotated[str, Field(description="Its key: small letters, digits and _")]
    noun: Annotated[FieldNoun, Field(description="What has the field")] = "contact"


@post("/fields")
class CreateField(NewField, Operation[CustomField]):
    """Declare a custom field. Names of built-in fields cannot be taken."""


@get("/fields/{field_id}")
class GetField(Operation[CustomField]):
    """Show a custom field."""

    field_id: FieldId = Field(kw_only=False)


@get("/fields")
class ListFields(Listing[Page[AnyField]]):
    """List the fields of a noun, built-in and custom ones."""

    noun: Annotated[FieldNoun | None, Field(description="Only of this noun")] = None
    custom: Annotated[bool | None, Field(description="Only custom ones, or only built-in ones")] = None


@patch("/fields/{field_id}")
class UpdateField(FieldChanges, Operation[FieldChange]):
    """Change a custom field. A new type or other choices convert the values; look first with a dry run."""

    field_id: FieldId = Field(kw_only=False)
    force: Annotated[bool, Field(description="Drop the values that the new type cannot hold")] = False
    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@put("/fields")
class UpsertField(WantedField, Operation[FieldChange]):
    """Declare a custom field, or change the one that the noun has of this name."""

    force: Annotated[bool, Field(description="Drop the values that the new type cannot hold")] = False
    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@delete("/fields/{field_id}")
class DeleteField(Operation[Removed]):
    """Delete a custom field; one that records have values of is refused, unless `force` clears them first."""

    field_id: FieldId = Field(kw_only=False)
    force: Annotated[bool, Field(description="Clear its values first")] = False


@post("/fields/{field_id}/restore", status=200)
class RestoreField(Operation[CustomField]):
    """Restore a deleted custom field."""

    field_id: FieldId = Field(kw_only=False)


@post("/fields/bulk/create", status=200)
class CreateFields(Operation[BulkResult]):
    """Declare many custom fields in one transaction."""

    items: Annotated[list[NewField], Field(max_length=10_000)]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/fields/bulk/upsert", status=200)
class UpsertFields(Operation[BulkResult]):
    """Declare or change many custom fields in one transaction."""

    items: Annotated[list[WantedField], Field(max_length=10_000)]
    force: Annotated[bool, Field(description="Drop the values that a new type cannot hold")] = False
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/fields/bulk/update", status=200)
class UpdateFields(Bulk, Operation[BulkResult]):
    """Change many custom fields in the same way, chosen by ids or by an expression."""

    values: FieldChanges
    force: Annotated[bool, Field(description="Drop the values that the new type cannot hold")] = False


@post("/fields/bulk/delete", status=200)
class DeleteFields(Bulk, Operation[BulkResult]):
    """Delete many custom fields; one with values is refused, unless `force` clears them first."""

    force: Annotated[bool, Field(description="Clear their values first")] = False


@post("/fields/bulk/restore", status=200)
class RestoreFields(Bulk, Operation[BulkResult]):
    """Restore many deleted custom fields."""


class Fields(Resource[M], name="fields"):
    """Built-in and custom fields."""

    create = op(CreateField)
    get = op(GetField)
    list = op(ListFields)
    update = op(UpdateField)
    upsert = op(UpsertField)
    delete = op(DeleteField)
    restore = op(RestoreField)
    create_many = op(CreateFields)
    upsert_many = op(UpsertFields)
    update_many = op(UpdateFields)
    delete_many = op(DeleteFields)
    restore_many = op(RestoreFields)
