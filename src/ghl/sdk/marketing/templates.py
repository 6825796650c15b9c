"""Templates: the texts of messages, with a version for every change."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.fields import ContactId, Kept, Listing, Removed, TemplateId
from ghl.sdk.operation import M, Operation, Record, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page

Kind = Literal["marketing", "transactional"]


class Template(Kept):
    """A message's subject and body, in Jinja2 within limits.

    `marketing` mail respects every opt-out, carries an unsubscribe link and is held where its outcome
    is unknown; `transactional` mail goes to people who opted out of marketing and is tried again.
    """

    name: str
    kind: Kind = "marketing"
    subject: str
    html: str | None = None
    markdown: Annotated[str | None, Field(description="The body in Markdown, of which the HTML is made")] = None
    body: Annotated[str | None, Field(description="The text part, or all of it where there is no HTML")] = None
    description: str | None = None
    file: Annotated[str | None, Field(description="The file it was read from")] = None
    number: int | None = None


class TemplateFields(BaseModel):
    """The fields of a template that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    kind: Annotated[Kind | None, Field(description="marketing or transactional")] = None
    subject: Annotated[str | None, Field(description="The subject line")] = None
    html: Annotated[str | None, Field(description="The HTML body; a text part is made from it")] = None
    markdown: Annotated[str | None, Field(description="The body in Markdown, instead of HTML")] = None
    body: Annotated[str | None, Field(description="The text body")] = None
    description: str | None = None


class RenderedMessage(Record):
    """A template filled in for one contact."""

    subject: str
    html: str | None = None
    text: str
    hash: str


@post("/templates")
class CreateTemplate(TemplateFields, Operation[Template]):
    """Create a template; its texts are checked first, with the line of what is wrong."""

    name: str


@get("/templates/{template_id}")
class GetTemplate(Operation[Template]):
    """Show a template."""

    template_id: TemplateId = Field(kw_only=False)


@get("/templates")
class ListTemplates(Listing[Page[Template]]):
    """List templates."""


@patch("/templates/{template_id}")
class UpdateTemplate(TemplateFields, Operation[Template]):
    """Change a template; mail that is queued already keeps the version it was queued with."""

    template_id: TemplateId = Field(kw_only=False)
    name: str | None = None
    version: int | None = None


@put("/templates")
class UpsertTemplate(TemplateFields, Operation[Template]):
    """Create a template, or change the one with this name."""

    name: str
    match: list[Literal["name"]] = ["name"]


@put("/templates/file")
class ApplyTemplate(Operation[Template]):
    """Create or change the template that a file describes: front matter with its subject, then its body."""

    source: Annotated[str, Field(description="The text of the file")]
    file: Annotated[str, Field(description="Its name: .html, .md or .txt says what the body is")]


@delete("/templates/{template_id}")
class DeleteTemplate(Operation[Removed]):
    """Delete a template that no active workflow uses."""

    template_id: TemplateId = Field(kw_only=False)


@post("/templates/{template_id}/restore", status=200)
class RestoreTemplate(Operation[Template]):
    """Restore a deleted template."""

    template_id: TemplateId = Field(kw_only=False)


@get("/templates/{template_id}/preview")
class PreviewTemplate(Operation[RenderedMessage]):
    """Fill a template in for a contact; nothing is sent."""

    template_id: TemplateId = Field(kw_only=False)
    contact_id: ContactId
    data: dict[str, Any] = {}


class Templates(Resource[M], name="templates"):
    """Texts of messages."""

    create = op(CreateTemplate)
    get = op(GetTemplate)
    list = op(ListTemplates)
    update = op(UpdateTemplate)
    upsert = op(UpsertTemplate)
    apply = op(ApplyTemplate)
    delete = op(DeleteTemplate)
    restore = op(RestoreTemplate)
    preview = op(PreviewTemplate)
