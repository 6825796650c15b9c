"""Companies: organisations, the people in them, and the groups they belong to."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.crm.timeline import CompanyTimeline
from ghl.sdk.fields import (
    Bulk,
    BulkResult,
    CompanyId,
    ContactId,
    CustomFields,
    Flag,
    Kept,
    Removed,
    TagId,
    UserId,
    Viewed,
)
from ghl.sdk.money import Money
from ghl.sdk.operation import Event, M, Operation, Record, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page

Match = Literal["domain", "external_id", "name"]


class ContactLink(Record):
    """A person in a company, and as what; `primary` says that it is the person's main company."""

    contact_id: str
    name: str | None = None
    role: str | None = None
    primary: bool = False


class Company(Kept):
    """An organisation. `contacts` shows the first 50 of its people, `contact_count` counts them all."""

    name: str = ""
    domain: str | None = None
    phone: str | None = None
    website: str | None = None
    industry: str | None = None
    employees: int | None = None
    founded: int | None = None
    revenue: Money | None = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    description: str | None = None
    external_id: str | None = None
    parent_id: str | None = None
    parent: str | None = None
    owner_id: str | None = None
    owner: str | None = None
    tags: list[str] = []
    contacts: list[ContactLink] = []
    contact_count: int = 0
    custom_fields: dict[str, Any] = {}


class CompanyFields(BaseModel):
    """The fields of a company that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    name: Annotated[str | None, Field(description="Name")] = None
    domain: Annotated[str | None, Field(description="Internet domain, such as acme.com; a match key")] = None
    phone: str | None = None
    website: str | None = None
    industry: str | None = None
    employees: Annotated[int | None, Field(ge=0, description="How many people work there")] = None
    founded: Annotated[int | None, Field(ge=1, le=9999, description="Year")] = None
    revenue: Annotated[Money | None, Field(description="Yearly revenue, such as 1200000 EUR")] = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: Annotated[str | None, Field(description="ISO 3166 code or a name")] = None
    description: str | None = None
    external_id: Annotated[str | None, Field(description="The id in another system")] = None
    parent_id: Annotated[CompanyId | None, Flag(name="parent"), Field(description="The company it is part of")] = None
    owner_id: Annotated[UserId | None, Flag(name="owner"), Field(description="The user who owns it")] = None
    tags: Annotated[list[str] | None, Flag(name="tag"), Field(description="All tags; replaces the set")] = None
    custom_fields: Annotated[
        CustomFields | None, Flag(name="field"), Field(description="Declared custom fields, key=value")
    ] = None


class CompanyChanges(CompanyFields):
    """What an update can do beside writing fields."""

    add_tags: Annotated[list[str] | None, Field(description="Tags to add, the others stay")] = None
    remove_tags: Annotated[list[str] | None, Field(description="Tags to take away")] = None
    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@post("/crm/companies")
class CreateCompany(CompanyFields, Operation[Company]):
    """Create a company. It needs a name or a domain."""

    strict_tags: Annotated[bool, Field(description="Refuse tags that do not exist yet")] = False


@get("/crm/companies/{company_id}")
class GetCompany(Operation[Company]):
    """Show a company with its people."""

    company_id: CompanyId = Field(kw_only=False)


@get("/crm/companies")
class ListCompanies(Viewed[Page[Company]]):
    """List companies, newest first."""

    tag_id: Annotated[TagId | None, Flag(name="tag"), Field(description="With this tag")] = None
    owner_id: Annotated[UserId | None, Flag(name="owner"), Field(description="Owned by this user")] = None
    parent_id: Annotated[CompanyId | None, Flag(name="parent"), Field(description="Part of this company")] = None
    contact_id: Annotated[ContactId | None, Flag(name="contact"), Field(description="With this person")] = None


@patch("/crm/companies/{company_id}")
class UpdateCompany(CompanyChanges, Operation[Company]):
    """Change fields of a company. A field left out stays, null clears, a list replaces."""

    company_id: CompanyId = Field(kw_only=False)


@put("/crm/companies")
class UpsertCompany(CompanyChanges, Operation[Company]):
    """Create a company, or update the one with the same value of the match fields."""

    match: Annotated[list[Match], Field(description="Fields to match by, in order")] = ["domain", "external_id", "name"]


@delete("/crm/companies/{company_id}")
class DeleteCompany(Operation[Removed]):
    """Delete a company softly; its people stay."""

    company_id: CompanyId = Field(kw_only=False)


@post("/crm/companies/{company_id}/restore", status=200)
class RestoreCompany(Operation[Company]):
    """Restore a deleted company with its people."""

    company_id: CompanyId = Field(kw_only=False)


@put("/crm/companies/{company_id}/contacts/{contact_id}")
class AddContact(Operation[Company]):
    """Put a person into a company, or change the role there. The change is one of the contact."""

    company_id: CompanyId = Field(kw_only=False)
    contact_id: ContactId = Field(kw_only=False)
    role: Annotated[str | None, Field(description="As what, such as buyer")] = None
    primary: Annotated[bool, Field(description="Make it the person's main company")] = False


@delete("/crm/companies/{company_id}/contacts/{contact_id}")
class RemoveContact(Operation[Company]):
    """Take a person out of a company. The change is one of the contact."""

    company_id: CompanyId = Field(kw_only=False)
    contact_id: ContactId = Field(kw_only=False)


@post("/crm/companies/bulk/create", status=200)
class CreateCompanies(Operation[BulkResult]):
    """Create many companies in one transaction."""

    items: Annotated[list[CompanyFields], Field(max_length=10_000)]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/companies/bulk/upsert", status=200)
class UpsertCompanies(Operation[BulkResult]):
    """Create or update many companies in one transaction."""

    items: Annotated[list[CompanyChanges], Field(max_length=10_000)]
    match: list[Match] = ["domain", "external_id", "name"]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/companies/bulk/update", status=200)
class UpdateCompanies(Bulk, Operation[BulkResult]):
    """Change the same fields of many companies, chosen by ids or by an expression."""

    values: CompanyChanges


@post("/crm/companies/bulk/delete", status=200)
class DeleteCompanies(Bulk, Operation[BulkResult]):
    """Delete many companies softly."""


@post("/crm/companies/bulk/restore", status=200)
class RestoreCompanies(Bulk, Operation[BulkResult]):
    """Restore many deleted companies."""


@post("/crm/companies/tag", status=200)
class TagCompanies(Bulk, Operation[BulkResult]):
    """Add tags to companies, chosen by ids or by an expression."""

    tags: Annotated[list[str], Field(min_length=1)]
    strict_tags: Annotated[bool, Field(description="Refuse tags that do not exist yet")] = False


@post("/crm/companies/untag", status=200)
class UntagCompanies(Bulk, Operation[BulkResult]):
    """Take tags away from companies, chosen by ids or by an expression."""

    tags: Annotated[list[str], Field(min_length=1)]


class CompanyCreated(Event, name="company.created"):
    """A company was created."""

    company_id: str


class CompanyChanged(Event, name="company.changed"):
    """Fields of a company changed; `before` and `after` hold them."""

    company_id: str
    before: dict[str, Any]
    after: dict[str, Any]


class CompanyDeleted(Event, name="company.deleted"):
    """A company was deleted."""

    company_id: str


class CompanyRestored(Event, name="company.restored"):
    """A deleted company is back."""

    company_id: str


class Companies(Resource[M], name="companies"):
    """Organisations."""

    create = op(CreateCompany)
    get = op(GetCompany)
    list = op(ListCompanies)
    update = op(UpdateCompany)
    upsert = op(UpsertCompany)
    delete = op(DeleteCompany)
    restore = op(RestoreCompany)
    add_contact = op(AddContact)
    remove_contact = op(RemoveContact)
    create_many = op(CreateCompanies)
    upsert_many = op(UpsertCompanies)
    update_many = op(UpdateCompanies)
    delete_many = op(DeleteCompanies)
    restore_many = op(RestoreCompanies)
    tag = op(TagCompanies)
    untag = op(UntagCompanies)
    timeline = op(CompanyTimeline)
