"""How each noun's records are shown: the columns of its table, and views written by hand."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

# The columns of a table, as name and header; what is empty everywhere is left out.
COLUMNS: dict[str, str] = {
    "contacts": "id name email company tags phone city owner",
    "companies": "id name domain industry city country employees owner tags",
    "deals": "id name amount stage status company owner days_in_stage",
    "pipelines": "id name stages stale_days",
    "products": "id name sku family price active",
    "activities": "id at kind direction outcome subject contact deal owner",
    "notes": "id created_at body contact company deal author pinned",
    "tasks": "id title due_at status priority owner contact deal",
    "tags": "id name contacts companies deals",
    "fields": "name noun type label choices custom writable filterable indexed",
    "views": "id noun name where sort columns",
    "attachments": "id name content_type size contact created_at",
    "users": "id name email zone active manager office",
    "workflows": "id name status trigger_type subject steps live",
    "templates": "id name kind subject number file",
    "senders": "id name url from_address default secret",
    "messages": "id state reason contact address subject workflow sent_at",
    "suppressions": "id address channel reason source created_at",
    "events": "id at name noun subject_id contact_id change_set",
    "changes": "id at actor counts reason name origin undoes undone_by",
    "imports": "id file noun state mode done counts change_set plan",
}
RECORDS: dict[str, str] = {
    "ImportProfile": "name noun guessed updated_at",
    "Change": "at actor origin kind before after change_set",
    "Enrollment": "id workflow version contact state step run_at outcome",
    "TimelineEntry": "at kind title about actor",
}
HEADERS = {"number": "version", "trigger_type": "trigger", "run_at": "looks next", "due_at": "due", "created_at": "created", "days_in_stage": "days", "contact_id": "contact", "sent_at": "sent"}
VIEWS: dict[tuple[str, str], str] = {
    ("contacts", "Contact"): "contacts:show",
    ("contacts", "DuplicateList"): "contacts:duplicates",
    ("contacts", "MergeResult"): "merging:merged",
    ("", "TodayList"): "today:show",
    ("", "UndoResult"): "changes:undone",
    ("changes", "ChangeSetDetail"): "changes:show",
    ("workflows", "WorkflowDetail"): "workflows:show",
    ("workflows", "Applied"): "workflows:applied",
    ("workflows", "EnrollmentDetail"): "workflows:enrollment",
    ("workflows", "EnrollResult"): "workflows:enrolled",
    ("templates", "Template"): "templates:show",
    ("templates", "RenderedMessage"): "templates:preview",
    ("messages", "MessageDetail"): "messages:show",
    ("messages", "Explanation"): "messages:explained",
    ("pipelines", "Board"): "pipelines:board",
    ("pipelines", "PipelineReport"): "pipelines:report",
}


def columns_of(noun: str, record: str, fields: list[str] | None) -> list[tuple[str, str]]:
    """The columns of a list: what was asked for, else the noun's own."""
    if fields:
        return [(name, name) for name in fields]
    names = (RECORDS.get(record) or COLUMNS.get(noun, "id name")).split()
    return [(name, HEADERS.get(name, name.removesuffix("_id").replace("_", " "))) for name in names]


def view_of(noun: str, record: str) -> Callable[[Any, Any], None] | None:
    """The view of a record that was written by hand."""
    place = VIEWS.get((noun, record))
    if place is None:
        return None
    module, _, function = place.partition(":")
    try:
        view: Callable[[Any, Any], None] = getattr(import_module(f"ghl.cli.views.{module}"), function)
    except ModuleNotFoundError:
        return None
    return view
