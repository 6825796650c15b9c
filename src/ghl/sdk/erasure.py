"""The rights of a person: everything we know of her, and being forgotten."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from ghl.sdk.fields import ContactId, Counts
from ghl.sdk.operation import Operation, Record, get, post


class PersonExport(Record):
    """Everything that is stored about a person, by kind (GDPR articles 15 and 20)."""

    contact: dict[str, Any]
    records: dict[str, list[dict[str, Any]]]


class Erasure(Record):
    """What an erasure removed, by kind; a keyed hash of the addresses stays suppressed (GDPR article 17)."""

    id: str
    removed: Counts
    dry_run: bool = False


@get("/crm/contacts/{contact_id}/person")
class ExportPerson(Operation[PersonExport]):
    """Export everything that is stored about a person."""

    contact_id: ContactId = Field(kw_only=False)


@post("/crm/contacts/{contact_id}/erase", status=200)
class ErasePerson(Operation[Erasure]):
    """Erase a person from records, changes, events, messages and search. This cannot be undone."""

    contact_id: ContactId = Field(kw_only=False)
    dry_run: Annotated[bool, Field(description="Count what would be removed; change nothing")] = False
