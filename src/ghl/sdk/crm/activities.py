"""Activities: calls, meetings, e-mails and other contact with people."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.fields import (
    ActivityId,
    Bulk,
    BulkResult,
    CompanyId,
    ContactId,
    CustomFields,
    DealId,
    Flag,
    Kept,
    Removed,
    Stamp,
    UserId,
    Viewed,
    When,
)
from ghl.sdk.operation import Event, M, Operation, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page

Kind = Literal["call", "meeting", "email", "other"]


class Activity(Kept):
    """Contact with a person: what kind, when (UTC), with what outcome."""

    kind: Kind
    direction: str | None = None
    outcome: str | None = None
    subject: str | None = None
    body: str | None = None
    seconds: int | None = None
    at: Stamp
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


class ActivityFields(BaseModel):
    """The fields of an activity that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    kind: Annotated[Kind | None, Field(description="call, meeting, email or other")] = None
    direction: Annotated[Literal["in", "out"] | None, Field(description="in or out")] = None
    outcome: Annotated[str | None, Field(description="Such as reached, voicemail, no-show")] = None
    subject: Annotated[str | None, Field(description="What it was about")] = None
    body: str | None = None
    seconds: Annotated[int | None, Field(ge=0, description="How long it took")] = None
    at: Annotated[When | None, Field(description="When it was, or will be; now if left out")] = None
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


class ActivityChanges(ActivityFields):
    """What an update can do beside writing fields."""

    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@post("/crm/activities")
class CreateActivity(ActivityFields, Operation[Activity]):
    """Log an activity."""


@get("/crm/activities/{activity_id}")
class GetActivity(Operation[Activity]):
    """Show an activity."""

    activity_id: ActivityId = Field(kw_only=False)


@get("/crm/activities")
class ListActivities(Viewed[Page[Activity]]):
    """List activities, newest first."""

    kind: Kind | None = None
    contact_id: Annotated[ContactId | None, Flag(name="contact")] = None
    company_id: Annotated[CompanyId | None, Flag(name="company")] = None
    deal_id: Annotated[DealId | None, Flag(name="deal")] = None
    owner_id: Annotated[UserId | None, Flag(name="owner")] = None


@patch("/crm/activities/{activity_id}")
class UpdateActivity(ActivityChanges, Operation[Activity]):
    """Change fields of an activity. A field left out stays, null clears."""

    activity_id: ActivityId = Field(kw_only=False)


@put("/crm/activities")
class UpsertActivity(ActivityChanges, Operation[Activity]):
    """Create an activity, or update the one with the same value of the match field."""

    match: Annotated[list[Literal["external_id"]], Field(description="Fields to match by, in order")] = ["external_id"]


@delete("/crm/activities/{activity_id}")
class DeleteActivity(Operation[Removed]):
    """Delete an activity softly; it can be restored."""

    activity_id: ActivityId = Field(kw_only=False)


@post("/crm/activities/{activity_id}/restore", status=200)
class RestoreActivity(Operation[Activity]):
    """Restore an activity that was deleted."""

    activity_id: ActivityId = Field(kw_only=False)


@post("/crm/activities/bulk/create", status=200)
class CreateActivities(Operation[BulkResult]):
    """Create many activities in one transaction."""

    items: Annotated[list[ActivityFields], Field(max_length=10_000)]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/activities/bulk/upsert", status=200)
class UpsertActivities(Operation[BulkResult]):
    """Create or update many activities in one transaction."""

    items: Annotated[list[ActivityChanges], Field(max_length=10_000)]
    match: list[Literal["external_id"]] = ["external_id"]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/activities/bulk/update", status=200)
class UpdateActivities(Bulk, Operation[BulkResult]):
    """Change the same fields of many activities, chosen by ids or by an expression."""

    values: ActivityChanges


@post("/crm/activities/bulk/delete", status=200)
class DeleteActivities(Bulk, Operation[BulkResult]):
    """Delete many activities softly."""


@post("/crm/activities/bulk/restore", status=200)
class RestoreActivities(Bulk, Operation[BulkResult]):
    """Restore many deleted activities."""


class ActivityLogged(Event, name="activity.logged"):
    """An activity was logged."""

    activity_id: str


class Activities(Resource[M], name="activities"):
    """Calls, meetings, e-mails and other contact."""

    create = op(CreateActivity)
    get = op(GetActivity)
    list = op(ListActivities)
    update = op(UpdateActivity)
    upsert = op(UpsertActivity)
    delete = op(DeleteActivity)
    restore = op(RestoreActivity)
    create_many = op(CreateActivities)
    upsert_many = op(UpsertActivities)
    update_many = op(UpdateActivities)
    delete_many = op(DeleteActivities)
    restore_many = op(RestoreActivities)
