"""Contacts that may be one person: found with evidence, merged with rules, and taken apart again."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ghl.sdk.fields import ContactId, Counts
from ghl.sdk.operation import Operation, Record, get, post


class Evidence(Record):
    """What speaks for two contacts being one, field by field; a negative score speaks against it."""

    field: str
    left: str | None = None
    right: str | None = None
    score: float


class DuplicatePair(Record):
    """Two contacts that may be one person, with a score from 0 to 1."""

    left_id: str
    left: str
    right_id: str
    right: str
    score: float
    evidence: list[Evidence] = []


class DuplicateList(Record):
    """Pairs, the most likely first."""

    items: list[DuplicatePair]
    total: int
    compared: int = 0


class FieldChoice(Record):
    """What a merge does with a field that is not the same for all: what is kept, whose it is, what gives way."""

    field: str
    value: str | None = None
    chosen_from: str
    """The name of the contact whose value is kept; `all` where lists are united."""
    contact_id: str | None = None
    others: list[str] = []


class MergeResult(Record):
    """What a merge did, or would do."""

    contact_id: str
    merged: list[str] = []
    fields: list[FieldChoice] = []
    moved: Counts = {}
    change_set: int | None = None
    digest: str | None = None
    dry_run: bool = False


class UnmergeResult(Record):
    """What taking a merge apart brought back, and what had changed since."""

    restored: list[str] = []
    kept: list[str] = []
    change_set: int | None = None
    dry_run: bool = False


class Judged(Record):
    """Two contacts that a person has looked at."""

    left_id: str
    right_id: str
    duplicate: bool = False


@get("/crm/contacts/duplicates")
class FindDuplicates(Operation[DuplicateList]):
    """Find contacts that may be one person, scored with evidence per field."""

    min_score: Annotated[float, Field(ge=0, le=1, description="Leave out pairs below this")] = 0.6
    contact_id: Annotated[ContactId | None, Field(description="Only pairs with this contact")] = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 50


@post("/crm/contacts/duplicates/dismiss", status=200)
class DismissDuplicate(Operation[Judged]):
    """Remember that two contacts are two people."""

    contact_id: ContactId
    other_id: ContactId


@post("/crm/contacts/{contact_id}/merge", status=200)
class MergeContacts(Operation[MergeResult]):
    """Merge other contacts into this one. Their ids live on as names of it; `unmerge` takes it apart."""

    contact_id: Annotated[ContactId, Field(description="The one that stays")] = Field(kw_only=False)
    others: Annotated[list[ContactId], Field(min_length=1, max_length=50, description="Those merged into it")]
    prefer: Annotated[
        Literal["survivor", "newest", "oldest"],
        Field(description="Whose non-empty value wins where fields differ"),
    ] = "survivor"
    fields: Annotated[
        dict[str, str], Field(description="Field by field: the contact whose value wins")
    ] = {}
    dry_run: bool = False
    plan: str | None = None


@post("/crm/contacts/{contact_id}/unmerge", status=200)
class UnmergeContacts(Operation[UnmergeResult]):
    """Take the latest merge into this contact apart: exactly, for everything untouched since."""

    contact_id: ContactId = Field(kw_only=False)
    dry_run: bool = False
    plan: str | None = None
