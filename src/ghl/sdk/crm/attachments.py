"""Attachments: files kept with a contact, their contents apart from the records."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from ghl.errors import Invalid
from ghl.sdk.fields import ContactId, Flag, Kept, Listing, Ref, Removed
from ghl.sdk.operation import M, Operation, Record, Resource, delete, get, op, post
from ghl.sdk.page import Page

AttachmentId = Annotated[str, Ref("attachment")]


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("the content is not base64", field="content") from None


Content = Annotated[
    bytes,
    BeforeValidator(_decoded),
    PlainSerializer(lambda content: base64.b64encode(content).decode(), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
"""Bytes, which are base64 in JSON."""


class Attachment(Kept):
    """A file of a contact. `digest` is the SHA-256 of its content, in hexadecimal."""

    name: str
    content_type: str
    size: int
    digest: str
    contact_id: str | None = None
    contact: str | None = None


class AttachmentContent(Record):
    """A file with its content."""

    id: str
    name: str
    content_type: str
    content: Annotated[Content, Field(description="The content; base64 in JSON")]


@post("/crm/contacts/{contact_id}/attachments")
class CreateAttachment(Operation[Attachment]):
    """Keep a file with a contact: at most 10 MiB, and 100 MiB for each contact, unless the settings say otherwise."""

    contact_id: ContactId = Field(kw_only=False)
    name: Annotated[str, Field(description="The file's name; folders in it are left out")]
    content: Annotated[Content, Field(description="The content; base64 in JSON")]
    content_type: Annotated[str | None, Field(description="Such as image/png; guessed from the name")] = None


@get("/crm/attachments/{attachment_id}")
class GetAttachment(Operation[Attachment]):
    """Show an attachment, without its content."""

    attachment_id: AttachmentId = Field(kw_only=False)


@get("/crm/attachments/{attachment_id}/content")
class DownloadAttachment(Operation[AttachmentContent]):
    """Read an attachment's content."""

    attachment_id: AttachmentId = Field(kw_only=False)


@get("/crm/attachments")
class ListAttachments(Listing[Page[Attachment]]):
    """List attachments."""

    contact_id: Annotated[ContactId | None, Flag(name="contact")] = None


@delete("/crm/attachments/{attachment_id}")
class DeleteAttachment(Operation[Removed]):
    """Delete an attachment; its content stays until it is purged, for an undo."""

    attachment_id: AttachmentId = Field(kw_only=False)


@post("/crm/attachments/{attachment_id}/restore", status=200)
class RestoreAttachment(Operation[Attachment]):
    """Restore a deleted attachment."""

    attachment_id: AttachmentId = Field(kw_only=False)


class Attachments(Resource[M], name="attachments"):
    """Files kept with a contact."""

    create = op(CreateAttachment)
    get = op(GetAttachment)
    download = op(DownloadAttachment)
    list = op(ListAttachments)
    delete = op(DeleteAttachment)
    restore = op(RestoreAttachment)
