"""Attachments: files kept with a contact, their contents apart from the records."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ghl.sdk.fields import ContactId, Flag, Kept, Listing, Removed
from ghl.sdk.operation import M, Operation, Record, Resource, delete, get, op, post
from ghl.sdk.page import Page

AttachmentId = Annotated[str, Field(description="The attachment")]


class Attachment(Kept):
    """A file of a contact. `digest` is the SHA-256 of its content, in hexadecimal."""

    name: str
    content_type: str
    size: int
    digest: str
    contact_id: str | None = None
    contact: str | None = None


class AttachmentContent(Record):
    """A file with its content in base64."""

    id: str
    name: str
    content_type: str
    content: str


@post("/crm/contacts/{contact_id}/attachments")
class CreateAttachment(Operation[Attachment]):
    """Keep a file with a contact: at most 10 MiB, and 100 MiB for each contact."""

    contact_id: ContactId
    name: Annotated[str, Field(description="The file's name; folders in it are left out")]
    content: Annotated[str, Field(description="The content in base64")]
    content_type: str | None = None


@get("/crm/attachments/{attachment_id}")
class GetAttachment(Operation[Attachment]):
    """Show an attachment, without its content."""

    attachment_id: str


@get("/crm/attachments/{attachment_id}/content")
class DownloadAttachment(Operation[AttachmentContent]):
    """Read an attachment's content."""

    attachment_id: str


@get("/crm/attachments")
class ListAttachments(Listing[Page[Attachment]]):
    """List attachments."""

    contact_id: Annotated[ContactId | None, Flag(name="contact")] = None


@delete("/crm/attachments/{attachment_id}")
class DeleteAttachment(Operation[Removed]):
    """Delete an attachment; its content stays until it is purged, for an undo."""

    attachment_id: str


@post("/crm/attachments/{attachment_id}/restore", status=200)
class RestoreAttachment(Operation[Attachment]):
    """Restore a deleted attachment."""

    attachment_id: str


class Attachments(Resource[M], name="attachments"):
    """Files kept with a contact."""

    create = op(CreateAttachment)
    get = op(GetAttachment)
    download = op(DownloadAttachment)
    list = op(ListAttachments)
    delete = op(DeleteAttachment)
    restore = op(RestoreAttachment)
