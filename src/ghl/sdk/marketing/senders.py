"""Senders: where mail leaves from, and as whom."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ghl.sdk.fields import Flag, Kept, Listing, Removed, SenderId
from ghl.sdk.operation import M, Operation, Resource, delete, get, op, patch, post
from ghl.sdk.page import Page


class Sender(Kept):
    """A way out for mail. Its password is never answered."""

    name: str
    url: Annotated[str, Field(description="smtp://user@host:587, smtps://…, or outbox:FOLDER; no password")]
    from_address: str
    reply_to: str | None = None
    default: bool = False
    secret: Annotated[bool, Field(description="Whether a password is kept")] = False


@post("/senders")
class CreateSender(Operation[Sender]):
    """Create a sender. A password in the URL is kept apart and never shown again."""

    name: str
    url: Annotated[str, Field(description="smtp://user:password@host:587, smtps://…, or outbox:FOLDER")]
    from_address: Annotated[str, Flag(name="from"), Field(description='"Name <address>" or an address')]
    reply_to: str | None = None
    default: Annotated[bool, Field(description="Used where a step names none")] = False


@get("/senders/{sender_id}")
class GetSender(Operation[Sender]):
    """Show a sender, without its password."""

    sender_id: SenderId = Field(kw_only=False)


@get("/senders")
class ListSenders(Listing[Page[Sender]]):
    """List senders."""


@patch("/senders/{sender_id}")
class UpdateSender(Operation[Sender]):
    """Change a sender."""

    sender_id: SenderId = Field(kw_only=False)
    name: str | None = None
    url: str | None = None
    from_address: Annotated[str | None, Flag(name="from")] = None
    reply_to: str | None = None
    default: bool | None = None


@delete("/senders/{sender_id}")
class DeleteSender(Operation[Removed]):
    """Delete a sender."""

    sender_id: SenderId = Field(kw_only=False)


class Senders(Resource[M], name="senders"):
    """Where mail leaves from."""

    create = op(CreateSender)
    get = op(GetSender)
    list = op(ListSenders)
    update = op(UpdateSender)
    delete = op(DeleteSender)
