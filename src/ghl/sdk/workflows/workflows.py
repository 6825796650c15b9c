"""Workflows: applying a definition, and letting it run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ghl.sdk.fields import Counts, Kept, Listing, WorkflowId
from ghl.sdk.operation import M, Operation, Record, Resource, delete, get, op, post
from ghl.sdk.page import Page
from ghl.sdk.workflows.runs import Enroll, GetEnrollment, ListEnrollments

Status = Literal["draft", "active", "paused", "archived"]


class Workflow(Kept):
    """An automation: what starts it, whom it is about, and which version new people enter."""

    name: str
    description: str | None = None
    status: str = "draft"
    subject: str = "contact"
    re_entry: str = "never"
    number: int | None = None
    trigger_type: str | None = None
    steps: int = 0
    live: int | None = None


class StepCount(Record):
    """A step of the current version, with how many people stand before it."""

    name: str
    kind: str
    summary: str = ""
    next: str | None = None
    other: str | None = None
    waiting: int = 0


class WorkflowDetail(Workflow):
    """A workflow with its definition, its steps and counts of people."""

    definition: dict[str, Any] = {}
    source: str | None = None
    plan: list[StepCount] = []
    counts: Counts = {}


class Applied(Record):
    """What applying a definition did."""

    workflow: Workflow
    created: bool = False
    changed: bool = False
    number: int
    inside: Annotated[int, Field(description="People inside older versions")] = 0
    waiting: Annotated[str, Field(description="What they do: keep, migrate, restart or exit")] = "keep"
    warnings: list[str] = []
    change_set: int | None = None
    digest: str | None = None
    dry_run: bool = False


@post("/workflows/apply", status=200)
class ApplyWorkflow(Operation[Applied]):
    """Put a definition into force: a new workflow, or a new version of the one with its name."""

    source: Annotated[str | None, Field(description="The text of a workflow file")] = None
    file: Annotated[str, Field(description="Its name, for error messages")] = "workflow.yaml"
    definition: Annotated[dict[str, Any] | None, Field(description="The same as data")] = None
    waiting: Annotated[
        Literal["keep", "migrate", "restart", "exit"],
        Field(description="What people inside do: stay on their version, go on at the same step, start again, leave"),
    ] = "keep"
    dry_run: bool = False
    plan: str | None = None


@get("/workflows")
class ListWorkflows(Listing[Page[Workflow]]):
    """List workflows."""

    status: Status | None = None


@get("/workflows/{workflow_id}")
class GetWorkflow(Operation[WorkflowDetail]):
    """Show a workflow: its steps, who waits where, and its definition."""

    workflow_id: WorkflowId = Field(kw_only=False)


@post("/workflows/{workflow_id}/activate", status=200)
class ActivateWorkflow(Operation[Workflow]):
    """Let a workflow run: triggers start it and people move."""

    workflow_id: WorkflowId = Field(kw_only=False)


@post("/workflows/{workflow_id}/pause", status=200)
class PauseWorkflow(Operation[Workflow]):
    """Pause a workflow: nobody enters, and those inside stay where they are."""

    workflow_id: WorkflowId = Field(kw_only=False)


@post("/workflows/{workflow_id}/resume", status=200)
class ResumeWorkflow(Operation[Workflow]):
    """Resume a paused workflow; what became due meanwhile is done in the order it was due."""

    workflow_id: WorkflowId = Field(kw_only=False)


@post("/workflows/{workflow_id}/archive", status=200)
class ArchiveWorkflow(Operation[Workflow]):
    """Archive a workflow: nobody enters, and those inside leave."""

    workflow_id: WorkflowId = Field(kw_only=False)


@delete("/workflows/{workflow_id}")
class DeleteWorkflow(Operation[Workflow]):
    """Delete an archived workflow or a draft."""

    workflow_id: WorkflowId = Field(kw_only=False)


class WebhookSecret(Record):
    """What receivers check the signatures of webhooks with (Standard Webhooks). It is shown this once."""

    secret: str


@post("/workflows/webhook-secret", status=200)
class NewWebhookSecret(Operation[WebhookSecret]):
    """Make a new secret that signs the account's webhooks; for a day the old one signs beside it."""


class Workflows(Resource[M], name="workflows"):
    """Automations."""

    apply = op(ApplyWorkflow)
    list = op(ListWorkflows)
    get = op(GetWorkflow)
    activate = op(ActivateWorkflow)
    pause = op(PauseWorkflow)
    resume = op(ResumeWorkflow)
    archive = op(ArchiveWorkflow)
    delete = op(DeleteWorkflow)
    enroll = op(Enroll)
    enrollments = op(ListEnrollments)
    enrollment = op(GetEnrollment)
    webhook_secret = op(NewWebhookSecret)
