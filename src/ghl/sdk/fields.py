"""The words that contracts share: references, stamps, addresses, paging and bulk requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, PlainSerializer

from ghl.sdk.operation import Operation, R, Record


@dataclass(frozen=True, slots=True)
class Ref:
    """Marks a field that names a record: its id, the last six or more characters of it, or a unique name."""

    noun: str


@dataclass(frozen=True, slots=True)
class Flag:
    """How the CLI spells a field: a short letter, another long name."""

    short: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Marks an object that holds numbers by what they count: people read it as words."""


COUNTED = Counted()
Counts = Annotated[dict[str, int], COUNTED]


def _stamp(value: datetime) -> str:
    from ghl.sdk.times import stamp  # most programs never serialise one

    return stamp(value)


Stamp = Annotated[AwareDatetime, PlainSerializer(_stamp, return_type=str, when_used="json")]
"""A moment in UTC, `2026-11-24T10:00:00.000Z` on the wire."""

When = Annotated[str, Field(description="A date or time: ISO, or words such as `tomorrow 10:00`, `+2 days`")]

ContactId = Annotated[str, Ref("contact")]
CompanyId = Annotated[str, Ref("company")]
DealId = Annotated[str, Ref("deal")]
PipelineId = Annotated[str, Ref("pipeline")]
StageId = Annotated[str, Ref("stage")]
ProductId = Annotated[str, Ref("product")]
TaskId = Annotated[str, Ref("task")]
NoteId = Annotated[str, Ref("note")]
ActivityId = Annotated[str, Ref("activity")]
TagId = Annotated[str, Ref("tag")]
UserId = Annotated[str, Ref("user")]
FieldId = Annotated[str, Ref("field")]
ViewId = Annotated[str, Ref("view")]
TemplateId = Annotated[str, Ref("template")]
SenderId = Annotated[str, Ref("sender")]
WorkflowId = Annotated[str, Ref("workflow")]

CustomFields = dict[str, JsonValue]


class Kept(Record):
    """What every stored record answers with: identity, version and times (UTC)."""

    id: str
    version: int
    created_at: Stamp
    updated_at: Stamp
    deleted_at: Stamp | None = None


class Listing(Operation[R], Generic[R]):
    """What every list takes."""

    where: Annotated[str | None, Field(description="An expression that must be true")] = None
    search: Annotated[str | None, Field(description="Words, each one a prefix")] = None
    sort: Annotated[str | None, Field(description="A field to sort by; `-` before it reverses")] = None
    page: Annotated[int | None, Field(ge=1, description="Number of the page, from 1")] = None
    page_size: Annotated[int, Field(ge=1, le=100, description="Records in a page")] = 20
    cursor: Annotated[str | None, Field(description="The `next_cursor` of the page before")] = None
    deleted: Annotated[bool, Field(description="The deleted ones instead of the live ones")] = False


class Paged(Operation[R], Generic[R]):
    """What lists take that have one order of their own."""

    page: Annotated[int | None, Field(ge=1, description="Number of the page, from 1")] = None
    page_size: Annotated[int, Field(ge=1, le=100, description="Records in a page")] = 20
    cursor: Annotated[str | None, Field(description="The `next_cursor` of the page before")] = None


class Viewed(Listing[R], Generic[R]):
    """What lists of nouns with saved views take."""

    view: Annotated[
        str | None, Ref("view"), Field(description="A saved view: its filter beside others, its sort where none is given")
    ] = None


class Bulk(BaseModel):
    """How the records of a bulk request are chosen, and whether it is for real."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    ids: Annotated[list[str] | None, Field(description="The records, each by id or unique name")] = None
    where: Annotated[str | None, Field(description="Every record for which this is true")] = None
    partial: Annotated[bool, Field(description="Do what can be done and report the rest")] = False
    dry_run: Annotated[bool, Field(description="Say what would happen, with a digest; change nothing")] = False
    plan: Annotated[str | None, Field(description="Do exactly what the dry run with this digest said")] = None


class Failure(Record):
    """One record that a bulk request could not change, and why."""

    id: str | None = None
    index: int | None = None
    error: str
    code: str
    hint: str | None = None
    field: str | None = None


class BulkResult(Record):
    """What a bulk request did: how many records, the failures, and the change set that undoes it."""

    count: int
    unchanged: int = 0
    failed: int = 0
    failures: list[Failure] = []
    ids: list[str] = []
    change_set: int | None = None
    digest: str | None = None
    dry_run: bool = False


class Removed(Record):
    """The answer of a removal."""

    id: str
    deleted: bool = True


class Change(Record):
    """One change of a record: who, when, from where, and the fields before and after."""

    id: int
    change_set: int
    at: Stamp
    actor: str
    origin: str
    reason: str | None = None
    kind: str
    noun: str
    record_id: str
    name: Annotated[str | None, Field(description="What the record is called, where a change set is shown")] = None
    version: int | None = None
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
