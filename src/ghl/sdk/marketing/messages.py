"""The ledger: what was sent to whom, what was not, and why."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ghl.sdk.fields import BulkResult, ContactId, Flag, Paged, Stamp, TemplateId, WorkflowId
from ghl.sdk.operation import M, Operation, Record, Resource, get, op, post
from ghl.sdk.page import Page

State = Literal[
    "queued", "claimed", "sending", "sent", "deferred", "failed", "unknown", "skipped", "undone"
]


class Message(Record):
    """One message to one recipient. A refusal is a message too: `skipped`, with its reason."""

    id: str
    channel: str
    state: str
    reason: Annotated[str | None, Field(description="Why it is in this state, as a code")] = None
    rule: Annotated[str | None, Field(description="The rule that decided, in words")] = None
    contact_id: str | None = None
    contact: str | None = None
    address: str | None = None
    subject: str | None = None
    template: str | None = None
    workflow: str | None = None
    step: str | None = None
    sender: str | None = None
    message_id: str | None = None
    attempts: int = 0
    code: Annotated[str | None, Field(description="The server's answer code")] = None
    queued_at: Stamp | None = None
    sent_at: Stamp | None = None
    available_at: Annotated[Stamp | None, Field(description="When it is tried (again)")] = None


class MessageDetail(Message):
    """A message with what was rendered and what the server answered."""

    html: str | None = None
    text: str | None = None
    answer: str | None = None
    hash: str | None = None
    template_number: int | None = None


class Explanation(Record):
    """Why something happened or did not: the verdict, and the steps to it."""

    verdict: str
    lines: list[str] = []
    facts: dict[str, Any] = {}


@get("/messages")
class ListMessages(Paged[Page[Message]]):
    """List messages, the newest first."""

    state: State | None = None
    contact_id: Annotated[ContactId | None, Flag(name="contact")] = None
    workflow_id: Annotated[WorkflowId | None, Flag(name="workflow")] = None
    channel: str | None = None
    reason: str | None = None


@get("/messages/{message_id}")
class GetMessage(Operation[MessageDetail]):
    """Show a message, with what was rendered."""

    message_id: str = Field(kw_only=False)


@post("/messages")
class SendMessage(Operation[Message]):
    """Queue a template for a contact; the worker sends it if every rule allows."""

    template_id: Annotated[TemplateId, Flag(name="template")]
    contact_id: Annotated[ContactId, Flag(name="contact")]
    sender: str | None = None
    data: dict[str, Any] = {}
    key: Annotated[str | None, Field(description="Sent once for each key and contact")] = None


@post("/messages/retry", status=200)
class RetryMessages(Operation[BulkResult]):
    """Queue messages again: failed, skipped or unknown ones, with the same Message-ID."""

    ids: list[str] | None = None
    state: Annotated[Literal["failed", "unknown", "skipped"] | None, Field(description="All in this state")] = None
    dry_run: bool = False
    plan: str | None = None


@get("/messages/explain")
class ExplainMessage(Operation[list[Explanation]]):
    """Say why a message was sent or not: by its id, or everything about a contact."""

    message_id: str | None = None
    contact_id: Annotated[ContactId | None, Flag(name="contact")] = None
    workflow_id: Annotated[WorkflowId | None, Flag(name="workflow")] = None


class Messages(Resource[M], name="messages"):
    """What was sent and what was not."""

    list = op(ListMessages)
    get = op(GetMessage)
    send = op(SendMessage)
    retry = op(RetryMessages)
    explain = op(ExplainMessage)
