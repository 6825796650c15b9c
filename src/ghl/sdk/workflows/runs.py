"""Runs of workflows: enrolling people, and watching where they are."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ghl.sdk.fields import BulkResult, CompanyId, ContactId, Counts, DealId, Paged, Stamp, WorkflowId
from ghl.sdk.operation import Operation, Record, get, post
from ghl.sdk.page import Page

EnrollmentState = Literal["live", "parked", "done", "exited", "failed"]


class Enrollment(Record):
    """One run of a workflow for one object."""

    id: str
    workflow_id: str
    workflow: str
    version: Annotated[int | None, Field(description="The version it runs, or ran")] = None
    state: str
    step: str | None = None
    contact_id: str | None = None
    contact: str | None = None
    object_id: str | None = None
    entered_at: Stamp | None = None
    run_at: Annotated[Stamp | None, Field(description="When it is looked at next")] = None
    ended_at: Stamp | None = None
    outcome: str | None = None
    attempt: int = 0
    held: Annotated[str | None, Field(description="Why it does not move")] = None


class JournalEntry(Record):
    """One step that a run took."""

    at: Stamp
    step: str
    kind: str
    outcome: str
    detail: Any = None


class EnrollmentDetail(Enrollment):
    """A run with the steps it took, oldest first."""

    path: list[JournalEntry] = []


class EnrollResult(BulkResult):
    """Who was enrolled, and who was not and why."""

    enrollments: list[str] = []
    refused: Counts = {}


@post("/workflows/{workflow_id}/enrollments", status=200)
class Enroll(Operation[EnrollResult]):
    """Enroll records by hand: the trigger's filters are not asked, the re-entry rule is."""

    workflow_id: WorkflowId = Field(kw_only=False)
    contact_id: ContactId | None = None
    deal_id: DealId | None = None
    company_id: CompanyId | None = None
    where: Annotated[str | None, Field(description="Every record of the subject for which this is true")] = None
    dry_run: bool = False
    plan: str | None = None


@get("/workflows/enrollments")
class ListEnrollments(Paged[Page[Enrollment]]):
    """List runs, the newest first."""

    workflow_id: WorkflowId | None = None
    contact_id: ContactId | None = None
    state: EnrollmentState | None = None


@get("/workflows/enrollments/{enrollment_id}")
class GetEnrollment(Operation[EnrollmentDetail]):
    """Show a run with every step it took."""

    enrollment_id: str = Field(kw_only=False)
