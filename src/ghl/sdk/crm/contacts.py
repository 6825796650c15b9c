"""Contacts: people with addresses, tags, an owner and custom fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.crm.contact_records import CompanyLink as CompanyLink
from ghl.sdk.crm.contact_records import Contact as Contact
from ghl.sdk.crm.contact_records import EmailAddress as EmailAddress
from ghl.sdk.crm.contact_records import PhoneNumber as PhoneNumber
from ghl.sdk.crm.duplicates import DismissDuplicate, FindDuplicates, MergeContacts, UnmergeContacts
from ghl.sdk.crm.engagement import AdjustScore, FollowContact, SetScore, UnfollowContact
from ghl.sdk.crm.timeline import ContactTimeline
from ghl.sdk.fields import (
    Bulk,
    BulkResult,
    CompanyId,
    ContactId,
    CustomFields,
    Flag,
    Removed,
    TagId,
    UserId,
    Viewed,
)
from ghl.sdk.operation import Event, M, Operation, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page

Channel = Literal["email", "sms", "call", "all"]


class EmailInput(BaseModel):
    """An e-mail address to put on a contact."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    address: str
    label: str | None = None
    primary: bool = False


class PhoneInput(BaseModel):
    """A phone number to put on a contact."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    number: str
    label: str | None = None
    primary: bool = False


class CompanyInput(BaseModel):
    """A company to put a contact into."""

    model_config = ConfigDict(extra="ignore", defer_build=True)
    company_id: CompanyId
    role: str | None = None
    primary: bool = False


class FollowerInput(BaseModel):
    """A user to let follow a contact."""

    model_config = ConfigDict(extra="ignore", defer_build=True)
    user_id: UserId


class ContactFields(BaseModel):
    """The fields of a contact that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    first_name: Annotated[str | None, Field(description="Given name")] = None
    last_name: Annotated[str | None, Field(description="Family name")] = None
    email: Annotated[str | None, Flag("-e"), Field(description="Primary e-mail; others are kept")] = None
    emails: Annotated[list[EmailInput | str] | None, Field(description="All e-mails; replaces the set")] = None
    phone: Annotated[str | None, Field(description="Primary phone; others are kept")] = None
    phones: Annotated[list[PhoneInput | str] | None, Field(description="All phones; replaces the set")] = None
    company_id: Annotated[CompanyId | None, Field(description="Primary company, by id or exact name")] = None
    companies: Annotated[list[CompanyInput | str] | None, Field(description="All companies; replaces")] = None
    job_title: str | None = None
    tags: Annotated[list[str] | None, Flag(name="tag"), Field(description="All tags; replaces the set")] = None
    owner_id: Annotated[UserId | None, Flag(name="owner"), Field(description="The user who owns it")] = None
    followers: Annotated[list[FollowerInput | str] | None, Field(description="Users who follow it; replaces")] = None
    lifecycle_stage: Annotated[str | None, Field(description="Such as lead, customer; moves only forward")] = None
    lead_score: Annotated[int | None, Field(description="Engagement score")] = None
    source: Annotated[str | None, Field(description="Where the contact came from")] = None
    dnd: Annotated[list[Channel] | None, Field(description="Channels that must not be used")] = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: Annotated[str | None, Field(description="ISO 3166 code or a name")] = None
    website: str | None = None
    birthday: Annotated[str | None, Field(description="A date")] = None
    zone: Annotated[str | None, Field(description="IANA time zone, such as Europe/Lisbon")] = None
    locale: Annotated[str | None, Field(description="Language tag, such as pt-PT")] = None
    external_id: Annotated[str | None, Field(description="The id in another system")] = None
    custom_fields: Annotated[
        CustomFields | None, Flag(name="field"), Field(description="Declared custom fields, key=value")
    ] = None


class ContactChanges(ContactFields):
    """What an update can do beside writing fields."""

    add_tags: Annotated[list[str] | None, Field(description="Tags to add, the others stay")] = None
    remove_tags: Annotated[list[str] | None, Field(description="Tags to take away")] = None
    move_back: Annotated[bool, Field(description="Let the lifecycle stage move back")] = False
    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@post("/crm/contacts")
class CreateContact(ContactFields, Operation[Contact]):
    """Create a contact. A taken e-mail is a duplicate error with the other contact's id."""

    strict_tags: Annotated[bool, Field(description="Refuse tags that do not exist yet")] = False


@get("/crm/contacts/{contact_id}")
class GetContact(Operation[Contact]):
    """Show a contact."""

    contact_id: ContactId = Field(kw_only=False)


@get("/crm/contacts")
class ListContacts(Viewed[Page[Contact]]):
    """List contacts, newest first."""

    tag_id: Annotated[TagId | None, Flag(name="tag"), Field(description="With this tag")] = None
    company_id: Annotated[CompanyId | None, Flag(name="company"), Field(description="In this company")] = None
    owner_id: Annotated[UserId | None, Flag(name="owner"), Field(description="Owned by this user")] = None


@patch("/crm/contacts/{contact_id}")
class UpdateContact(ContactChanges, Operation[Contact]):
    """Change fields of a contact. A field left out stays, null clears, a list replaces."""

    contact_id: ContactId = Field(kw_only=False)


@put("/crm/contacts")
class UpsertContact(ContactChanges, Operation[Contact]):
    """Create a contact, or update the one with the same value of the match fields."""

    match: Annotated[
        list[Literal["email", "phone", "external_id"]], Field(description="Fields to match by, in order")
    ] = ["email", "external_id"]


@delete("/crm/contacts/{contact_id}")
class DeleteContact(Operation[Removed]):
    """Delete a contact softly: it leaves lists and audiences and can be restored."""

    contact_id: ContactId = Field(kw_only=False)


@post("/crm/contacts/{contact_id}/restore", status=200)
class RestoreContact(Operation[Contact]):
    """Restore a deleted contact with its relations."""

    contact_id: ContactId = Field(kw_only=False)


@post("/crm/contacts/bulk/create", status=200)
class CreateContacts(Operation[BulkResult]):
    """Create many contacts in one transaction."""

    items: Annotated[list[ContactFields], Field(max_length=10_000)]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/contacts/bulk/upsert", status=200)
class UpsertContacts(Operation[BulkResult]):
    """Create or update many contacts in one transaction."""

    items: Annotated[list[ContactChanges], Field(max_length=10_000)]
    match: list[Literal["email", "phone", "external_id"]] = ["email", "external_id"]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/contacts/bulk/update", status=200)
class UpdateContacts(Bulk, Operation[BulkResult]):
    """Change the same fields of many contacts, chosen by ids or by an expression."""

    values: ContactChanges


@post("/crm/contacts/bulk/delete", status=200)
class DeleteContacts(Bulk, Operation[BulkResult]):
    """Delete many contacts softly."""


@post("/crm/contacts/bulk/restore", status=200)
class RestoreContacts(Bulk, Operation[BulkResult]):
    """Restore many deleted contacts."""


@post("/crm/contacts/tag", status=200)
class TagContacts(Bulk, Operation[BulkResult]):
    """Add tags to contacts, chosen by ids or by an expression."""

    tags: Annotated[list[str], Field(min_length=1)]
    strict_tags: Annotated[bool, Field(description="Refuse tags that do not exist yet")] = False


@post("/crm/contacts/untag", status=200)
class UntagContacts(Bulk, Operation[BulkResult]):
    """Take tags away from contacts, chosen by ids or by an expression."""

    tags: Annotated[list[str], Field(min_length=1)]


class ContactCreated(Event, name="contact.created"):
    """A contact was created."""

    contact_id: str


class ContactChanged(Event, name="contact.changed"):
    """Fields of a contact changed; `before` and `after` hold them."""

    contact_id: str
    before: dict[str, Any]
    after: dict[str, Any]


class ContactTagAdded(Event, name="contact.tag_added"):
    """Tags were added to a contact; `after` lists them."""

    contact_id: str
    after: list[str]


class ContactTagRemoved(Event, name="contact.tag_removed"):
    """Tags were taken from a contact; `before` lists them."""

    contact_id: str
    before: list[str]


class ContactDeleted(Event, name="contact.deleted"):
    """A contact was deleted."""

    contact_id: str


class ContactMerged(Event, name="contact.merged"):
    """Other contacts were merged into this one."""

    contact_id: str


class Contacts(Resource[M], name="contacts"):
    """People."""

    create = op(CreateContact)
    get = op(GetContact)
    list = op(ListContacts)
    update = op(UpdateContact)
    upsert = op(UpsertContact)
    delete = op(DeleteContact)
    restore = op(RestoreContact)
    create_many = op(CreateContacts)
    upsert_many = op(UpsertContacts)
    update_many = op(UpdateContacts)
    delete_many = op(DeleteContacts)
    restore_many = op(RestoreContacts)
    tag = op(TagContacts)
    untag = op(UntagContacts)
    duplicates = op(FindDuplicates)
    dismiss = op(DismissDuplicate)
    merge = op(MergeContacts)
    unmerge = op(UnmergeContacts)
    follow = op(FollowContact)
    unfollow = op(UnfollowContact)
    set_score = op(SetScore)
    adjust_score = op(AdjustScore)
    timeline = op(ContactTimeline)
