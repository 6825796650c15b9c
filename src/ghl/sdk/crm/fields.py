"""Fields: the built-in ones of every noun, and the custom ones that are declared here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ghl.sdk.fields import FieldId, Kept, Listing, Removed
from ghl.sdk.operation import M, Operation, Record, Resource, delete, get, op, patch, post
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


@post("/fields")
class CreateField(Operation[CustomField]):
    """Declare a custom field. Names of built-in fields cannot be taken."""

    name: Annotated[str, Field(description="Its key: small letters, digits and _")]
    noun: Annotated[FieldNoun, Field(description="What has the field")] = "contact"
    type: Annotated[FieldType, Field(description="What its values are")] = "text"
    label: Annotated[str | None, Field(description="Its name for people")] = None
    choices: Annotated[list[str] | None, Field(description="The values of a select")] = None
    indexed: Annotated[bool, Field(description="Quick to filter by, a little dearer to write")] = False
    description: str | None = None


@get("/fields/{field_id}")
class GetField(Operation[CustomField]):
    """Show a custom field."""

    field_id: FieldId


@get("/fields")
class ListFields(Listing[Page[AnyField]]):
    """List the fields of a noun, built-in and custom ones."""

    noun: Annotated[FieldNoun | None, Field(description="Only of this noun")] = None
    custom: Annotated[bool | None, Field(description="Only custom ones, or only built-in ones")] = None


@patch("/fields/{field_id}")
class UpdateField(Operation[FieldChange]):
    """Change a custom field. A new type or other choices convert the values; look first with a dry run."""

    field_id: FieldId
    label: str | None = None
    type: FieldType | None = None
    choices: list[str] | None = None
    indexed: bool | None = None
    description: str | None = None
    force: Annotated[bool, Field(description="Drop the values that the new type cannot hold")] = False
    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@delete("/fields/{field_id}")
class DeleteField(Operation[Removed]):
    """Delete a custom field; one that records have values of is refused, unless `force` clears them first."""

    field_id: FieldId
    force: Annotated[bool, Field(description="Clear its values first")] = False


@post("/fields/{field_id}/restore", status=200)
class RestoreField(Operation[CustomField]):
    """Restore a deleted custom field."""

    field_id: FieldId


class Fields(Resource[M], name="fields"):
    """Built-in and custom fields."""

    create = op(CreateField)
    get = op(GetField)
    list = op(ListFields)
    update = op(UpdateField)
    delete = op(DeleteField)
    restore = op(RestoreField)
