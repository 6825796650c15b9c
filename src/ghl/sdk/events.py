"""The event log: what happened, in order."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from ghl.sdk.fields import Paged, Stamp
from ghl.sdk.operation import M, Record, Resource, get, op
from ghl.sdk.page import Page


class EventRecord(Record):
    """Something that happened, with the values of its change where it is about one."""

    id: int
    at: Stamp
    name: str
    noun: str | None = None
    subject_id: str | None = None
    contact_id: str | None = None
    change_set: int | None = None
    depth: Annotated[int, Field(description="Workflow steps between a person's act and this")] = 0
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    payload: Any = None


@get("/events")
class ListEvents(Paged[Page[EventRecord]]):
    """List events, newest first, or with `after` in the order they happened."""

    name: Annotated[str | None, Field(description="Only events of this name")] = None
    after: Annotated[int | None, Field(ge=0, description="Only what happened after this event, oldest first")] = None


class Events(Resource[M], name="events"):
    """What happened."""

    list = op(ListEvents)
