"""Notes: Markdown texts about a contact, a company or a deal."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.fields import (
    Bulk,
    BulkResult,
    CompanyId,
    ContactId,
    CustomFields,
    DealId,
    Flag,
    Kept,
    NoteId,
    Removed,
    UserId,
    Viewed,
)
from ghl.sdk.operation import Event, M, Operation, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page


class Note(Kept):
    """A text in Markdown; pinned notes come first on a record."""

    body: str
    pinned: bool = False
    author: str | None = None
    owner_id: str | None = None
    owner: str | None = None
    contact_id: str | None = None
    contact: str | None = None
    company_id: str | None = None
    company: str | None = None
    deal_id: str | None = None
    deal: str | None = None
    external_id: str | None = None
    custom_fields: dict[str, Any] = {}


class NoteFields(BaseModel):
    """The fields of a note that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    body: Annotated[str | None, Field(description="The text, in Markdown")] = None
    pinned: Annotated[bool | None, Field(description="Keep it on top")] = None
    owner_id: Annotated[UserId | None, Flag(name="owner")] = None
    contact_id: Annotated[
        ContactId | None, Flag(name="contact"), Field(description="The contact it is about")
    ] = None
    company_id: Annotated[
        CompanyId | None, Flag(name="company"), Field(description="The company it is about")
    ] = None
    deal_id: Annotated[DealId | None, Flag(name="deal"), Field(description="The deal it is about")] = None
    external_id: Annotated[str | None, Field(description="The id in another system")] = None
    custom_fields: Annotated[
        CustomFields | None, Flag(name="field"), Field(description="Declared custom fields")
    ] = None


class NoteChanges(NoteFields):
    """What an update can do beside writing fields."""

    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@post("/crm/notes")
class CreateNote(NoteFields, Operation[Note]):
    """Add a note."""


@get("/crm/notes/{note_id}")
class GetNote(Operation[Note]):
    """Show a note."""

    note_id: NoteId = Field(kw_only=False)


@get("/crm/notes")
class ListNotes(Viewed[Page[Note]]):
    """List notes, newest first."""

    pinned: bool | None = None
    contact_id: Annotated[ContactId | None, Flag(name="contact")] = None
    company_id: Annotated[CompanyId | None, Flag(name="company")] = None
    deal_id: Annotated[DealId | None, Flag(name="deal")] = None


@patch("/crm/notes/{note_id}")
class UpdateNote(NoteChanges, Operation[Note]):
    """Change fields of a note. A field left out stays, null clears."""

    note_id: NoteId = Field(kw_only=False)


@put("/crm/notes")
class UpsertNote(NoteChanges, Operation[Note]):
    """Create a note, or update the one with the same value of the match field."""

    match: Annotated[list[Literal["external_id"]], Field(description="Fields to match by, in order")] = ["external_id"]


@delete("/crm/notes/{note_id}")
class DeleteNote(Operation[Removed]):
    """Delete a note softly; it can be restored."""

    note_id: NoteId = Field(kw_only=False)


@post("/crm/notes/{note_id}/restore", status=200)
class RestoreNote(Operation[Note]):
    """Restore a note that was deleted."""

    note_id: NoteId = Field(kw_only=False)


@post("/crm/notes/bulk/create", status=200)
class CreateNotes(Operation[BulkResult]):
    """Create many notes in one transaction."""

    items: Annotated[list[NoteFields], Field(max_length=10_000)]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/notes/bulk/upsert", status=200)
class UpsertNotes(Operation[BulkResult]):
    """Create or update many notes in one transaction."""

    items: Annotated[list[NoteChanges], Field(max_length=10_000)]
    match: list[Literal["external_id"]] = ["external_id"]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/notes/bulk/update", status=200)
class UpdateNotes(Bulk, Operation[BulkResult]):
    """Change the same fields of many notes, chosen by ids or by an expression."""

    values: NoteChanges


@post("/crm/notes/bulk/delete", status=200)
class DeleteNotes(Bulk, Operation[BulkResult]):
    """Delete many notes softly."""


@post("/crm/notes/bulk/restore", status=200)
class RestoreNotes(Bulk, Operation[BulkResult]):
    """Restore many deleted notes."""


class NoteAdded(Event, name="note.added"):
    """A note was added."""

    note_id: str


class Notes(Resource[M], name="notes"):
    """Markdown notes."""

    create = op(CreateNote)
    get = op(GetNote)
    list = op(ListNotes)
    update = op(UpdateNote)
    upsert = op(UpsertNote)
    delete = op(DeleteNote)
    restore = op(RestoreNote)
    create_many = op(CreateNotes)
    upsert_many = op(UpsertNotes)
    update_many = op(UpdateNotes)
    delete_many = op(DeleteNotes)
    restore_many = op(RestoreNotes)
