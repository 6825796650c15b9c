"""A contact, as it is answered with."""

from __future__ import annotations

from typing import Any

from ghl.sdk.fields import Kept, Stamp
from ghl.sdk.operation import Record


class EmailAddress(Record):
    """An e-mail address of a contact; exactly one is primary."""

    address: str
    label: str | None = None
    primary: bool = False


class PhoneNumber(Record):
    """A phone number of a contact in E.164 (or as it was given, where it is no number)."""

    number: str
    label: str | None = None
    primary: bool = False


class CompanyLink(Record):
    """A company that a contact belongs to, and as what."""

    company_id: str
    name: str | None = None
    role: str | None = None
    primary: bool = False


class Follower(Record):
    """A user who follows a contact."""

    user_id: str
    name: str | None = None


class Contact(Kept):
    """A person. `email`, `phone` and `company_id` are the primary ones of the lists beside them."""

    first_name: str | None = None
    last_name: str | None = None
    name: str = ""
    email: str | None = None
    emails: list[EmailAddress] = []
    phone: str | None = None
    phones: list[PhoneNumber] = []
    company_id: str | None = None
    company: str | None = None
    companies: list[CompanyLink] = []
    job_title: str | None = None
    tags: list[str] = []
    owner_id: str | None = None
    owner: str | None = None
    followers: list[Follower] = []
    lifecycle_stage: str | None = None
    lead_score: int = 0
    source: str | None = None
    dnd: list[str] = []
    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    website: str | None = None
    birthday: str | None = None
    zone: str | None = None
    locale: str | None = None
    external_id: str | None = None
    custom_fields: dict[str, Any] = {}
    last_activity_at: Stamp | None = None
