"""The timeline of a record: everything that happened to it, in one list."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ghl.sdk.fields import CompanyId, ContactId, DealId, Paged, Stamp
from ghl.sdk.operation import Record, get
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


class Timeline(Paged[Page[TimelineEntry]]):
    """What every timeline takes; it is newest first."""


@get("/crm/contacts/{contact_id}/timeline")
class ContactTimeline(Timeline):
    """Everything that happened to a contact, newest first."""

    contact_id: ContactId = Field(kw_only=False)


@get("/crm/companies/{company_id}/timeline")
class CompanyTimeline(Timeline):
    """Everything that happened to a company, newest first."""

    company_id: CompanyId = Field(kw_only=False)


@get("/crm/deals/{deal_id}/timeline")
class DealTimeline(Timeline):
    """Everything that happened to a deal, newest first."""

    deal_id: DealId = Field(kw_only=False)
