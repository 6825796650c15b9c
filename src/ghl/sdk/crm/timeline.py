"""The timeline of a record: everything that happened to it, in one list."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ghl.sdk.fields import Stamp
from ghl.sdk.operation import Operation, Record, get
from ghl.sdk.page import Page


class TimelineEntry(Record):
    """One thing that happened: a change, a note, a task, an activity, a message, a stage, a workflow."""

    at: Stamp
    kind: str
    title: str
    about: str | None = None
    actor: str | None = None
    noun: str | None = None
    id: str | None = None
    details: dict[str, Any] = {}


@get("/crm/timeline/{noun}/{record_id}")
class ShowTimeline(Operation[Page[TimelineEntry]]):
    """The timeline of a contact, a company or a deal, newest first."""

    noun: Literal["contact", "company", "deal"]
    record_id: Annotated[str, Field(description="The record: id, the end of it, or a unique name")]
    page_size: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: str | None = None
