"""Change sets: who changed what, from where, and taking it back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ghl.sdk.fields import Change, Counts, Listing, Paged, Stamp
from ghl.sdk.operation import M, Operation, Record, Resource, get, op, post
from ghl.sdk.page import Page


class ChangeSet(Record):
    """One command, import, merge or batch: the unit of undo."""

    id: int
    at: Stamp
    actor: str
    origin: str
    reason: str | None = None
    name: str | None = None
    open: bool = False
    undoes: int | None = None
    undone_by: int | None = None
    counts: Counts = {}


class ChangeSetDetail(ChangeSet):
    """A change set with its changes; at most 200 are shown, `total` counts all."""

    changes: list[Change] = []
    total: int = 0


class Refusal(Record):
    """One thing that cannot be undone, field by field, and why."""

    noun: str
    record_id: str
    name: str | None = None
    field: str | None = None
    reason: str
    change_set: int | None = None


class UndoResult(Record):
    """What an undo did, or would do: `undoes` is the set that is taken back, `change_set` the undo's own.

    `counts` says what was taken back, such as `{"contact created": 2}`.
    """

    change_set: int | None = None
    undoes: int | None = None
    counts: dict[str, int] = {}
    undone: int
    records: int
    kept: list[Refusal] = []
    ended: Annotated[list[str], Field(description="What ends with it: runs of workflows, queued mail")] = []
    not_undoable: Annotated[list[str], Field(description="What stays for good, such as mail that was sent")] = []
    dry_run: bool = False
    digest: str | None = None


@get("/changes")
class ListChangeSets(Listing[Page[ChangeSet]]):
    """List change sets, newest first."""


@get("/changes/{change_set_id}")
class GetChangeSet(Operation[ChangeSetDetail]):
    """Show a change set with the fields it changed, before and after."""

    change_set_id: int = Field(kw_only=False)


@get("/changes/history/{noun}/{record_id}")
class ListHistory(Paged[Page[Change]]):
    """The changes of one record, newest first."""

    noun: str = Field(kw_only=False)
    record_id: str = Field(kw_only=False)
    page_size: Annotated[int, Field(ge=1, le=100, description="Changes in a page")] = 50


@post("/changes/undo", status=200)
class Undo(Operation[UndoResult]):
    """Take back a change set, or your latest one: every field that still has the value it wrote."""

    change_set_id: Annotated[int | None, Field(description="Your latest interactive one if left out")] = None
    with_dependents: Annotated[bool, Field(description="Undo later sets that stand in the way too")] = False
    dry_run: bool = False
    plan: str | None = None


@post("/changes/redo", status=200)
class Redo(Operation[UndoResult]):
    """Take back an undo: the latest, or the one with this number."""

    change_set_id: int | None = None
    dry_run: bool = False
    plan: str | None = None


class OpenedChangeSet(Record):
    """A named change set that later operations may join."""

    id: int
    name: str
    expires_at: Stamp


class ClosedChangeSet(Record):
    """What a named change set held when it was closed."""

    id: int
    summary: Counts = {}


@post("/changes/open")
class OpenChangeSet(Operation[OpenedChangeSet]):
    """Open a named change set; it expires after an hour without a close."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


@post("/changes/{change_set_id}/close", status=200)
class CloseChangeSet(Operation[ClosedChangeSet]):
    """Close a named change set."""

    change_set_id: int = Field(kw_only=False)


class Changes(Resource[M], name="changes"):
    """Change sets."""

    list = op(ListChangeSets)
    show = op(GetChangeSet)
    history = op(ListHistory)
    open = op(OpenChangeSet)
    close = op(CloseChangeSet)


