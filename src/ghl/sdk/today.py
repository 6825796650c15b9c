"""What waits for a person today: overdue tasks, deals with nothing planned, the manual queue."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ghl.sdk.fields import Counts, Stamp, UserId
from ghl.sdk.operation import Operation, Record, get


class TodayItem(Record):
    """One thing to do or to look at."""

    kind: Annotated[str, Field(description="overdue, due, planned, idle or manual")]
    noun: str
    id: str
    title: str
    due_at: Stamp | None = None
    about: str | None = None
    owner: str | None = None


class TodayList(Record):
    """The day's work, the most pressing first, with counts per kind."""

    items: list[TodayItem]
    counts: Counts = {}


@get("/today")
class Today(Operation[TodayList]):
    """Show overdue tasks, tasks of today, open deals with nothing planned, and what waits for a person."""

    owner: Annotated[UserId | None, Field(description="Only what belongs to this user")] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50
