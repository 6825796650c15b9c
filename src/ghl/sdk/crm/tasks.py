"""Tasks: things to do, with a due time and somebody who does them."""

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
    Removed,
    Stamp,
    TaskId,
    UserId,
    Viewed,
    When,
)
from ghl.sdk.operation import Event, M, Operation, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page

Status = Literal["open", "done"]
Priority = Literal["low", "normal", "high"]


class Task(Kept):
    """Something to do. `due_at` is in UTC; words such as `tomorrow 10:00` are read in your zone, else the account's."""

    title: str
    body: str | None = None
    kind: str | None = None
    priority: str | None = None
    status: Status = "open"
    due_at: Stamp | None = None
    done_at: Stamp | None = None
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


class TaskFields(BaseModel):
    """The fields of a task that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    title: Annotated[str | None, Field(description="What to do")] = None
    body: Annotated[str | None, Field(description="More, in Markdown")] = None
    kind: Annotated[str | None, Field(description="Such as call, email, to-do")] = None
    priority: Annotated[Priority | None, Field(description="low, normal or high")] = None
    due_at: Annotated[When | None, Flag(name="due"), Field(description="When it is due")] = None
    owner_id: Annotated[UserId | None, Flag(name="assignee"), Field(description="Who does it")] = None
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


class TaskChanges(TaskFields):
    """What an update can do beside writing fields."""

    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@post("/crm/tasks")
class CreateTask(TaskFields, Operation[Task]):
    """Create a task."""


@get("/crm/tasks/{task_id}")
class GetTask(Operation[Task]):
    """Show a task."""

    task_id: TaskId = Field(kw_only=False)


@get("/crm/tasks")
class ListTasks(Viewed[Page[Task]]):
    """List tasks, newest first."""

    status: Status | None = None
    owner_id: Annotated[UserId | None, Flag(name="assignee")] = None
    contact_id: Annotated[ContactId | None, Flag(name="contact")] = None
    company_id: Annotated[CompanyId | None, Flag(name="company")] = None
    deal_id: Annotated[DealId | None, Flag(name="deal")] = None


@patch("/crm/tasks/{task_id}")
class UpdateTask(TaskChanges, Operation[Task]):
    """Change fields of a task. A field left out stays, null clears."""

    task_id: TaskId = Field(kw_only=False)


@put("/crm/tasks")
class UpsertTask(TaskChanges, Operation[Task]):
    """Create a task, or update the one with the same value of the match field."""

    match: Annotated[list[Literal["external_id"]], Field(description="Fields to match by, in order")] = ["external_id"]


@delete("/crm/tasks/{task_id}")
class DeleteTask(Operation[Removed]):
    """Delete a task softly; it can be restored."""

    task_id: TaskId = Field(kw_only=False)


@post("/crm/tasks/{task_id}/restore", status=200)
class RestoreTask(Operation[Task]):
    """Restore a task that was deleted."""

    task_id: TaskId = Field(kw_only=False)


@post("/crm/tasks/bulk/create", status=200)
class CreateTasks(Operation[BulkResult]):
    """Create many tasks in one transaction."""

    items: Annotated[list[TaskFields], Field(max_length=10_000)]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/tasks/bulk/upsert", status=200)
class UpsertTasks(Operation[BulkResult]):
    """Create or update many tasks in one transaction."""

    items: Annotated[list[TaskChanges], Field(max_length=10_000)]
    match: list[Literal["external_id"]] = ["external_id"]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/tasks/bulk/update", status=200)
class UpdateTasks(Bulk, Operation[BulkResult]):
    """Change the same fields of many tasks, chosen by ids or by an expression."""

    values: TaskChanges


@post("/crm/tasks/bulk/delete", status=200)
class DeleteTasks(Bulk, Operation[BulkResult]):
    """Delete many tasks softly."""


@post("/crm/tasks/bulk/restore", status=200)
class RestoreTasks(Bulk, Operation[BulkResult]):
    """Restore many deleted tasks."""


@post("/crm/tasks/{task_id}/complete", status=200)
class CompleteTask(Operation[Task]):
    """Mark a task as done."""

    task_id: TaskId = Field(kw_only=False)


@post("/crm/tasks/{task_id}/reopen", status=200)
class ReopenTask(Operation[Task]):
    """Mark a task as not done."""

    task_id: TaskId = Field(kw_only=False)


class TaskCreated(Event, name="task.created"):
    """A task was created."""

    task_id: str


class TaskCompleted(Event, name="task.completed"):
    """A task was done."""

    task_id: str


class Tasks(Resource[M], name="tasks"):
    """Things to do."""

    create = op(CreateTask)
    get = op(GetTask)
    list = op(ListTasks)
    update = op(UpdateTask)
    upsert = op(UpsertTask)
    delete = op(DeleteTask)
    restore = op(RestoreTask)
    create_many = op(CreateTasks)
    upsert_many = op(UpsertTasks)
    update_many = op(UpdateTasks)
    delete_many = op(DeleteTasks)
    restore_many = op(RestoreTasks)
    complete = op(CompleteTask)
    reopen = op(ReopenTask)
