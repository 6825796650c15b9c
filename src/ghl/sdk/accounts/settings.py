"""Settings of an account: zone, currency, country, locale, postal address, and what programs ask for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ghl.sdk.operation import M, Operation, Record, Resource, get, op, patch

LIFECYCLE = [
    "subscriber", "lead", "marketing qualified lead", "sales qualified lead", "opportunity", "customer", "evangelist",
]  # fmt: skip


class AccountSettings(Record):
    """An account's settings. `zone` is an IANA name, `currency` ISO 4217, `country` ISO 3166."""

    id: str
    version: int
    name: str
    zone: str
    currency: str
    country: str
    locale: str
    postal_address: str = ""
    public_url: str | None = None
    lifecycle_stages: list[str] = LIFECYCLE
    purge_after_days: int | None = None
    retention_days: dict[str, int] = {}
    attachment_limit: int = 10 * 1024 * 1024
    contact_attachments_limit: int = 100 * 1024 * 1024


@get("/settings")
class ShowSettings(Operation[AccountSettings]):
    """Show the account's settings."""


@patch("/settings")
class SetSettings(Operation[AccountSettings]):
    """Change settings of the account."""

    name: Annotated[str | None, Field(description="The account's name")] = None
    zone: Annotated[str | None, Field(description="IANA time zone")] = None
    currency: Annotated[str | None, Field(description="ISO 4217, for amounts without one")] = None
    country: Annotated[str | None, Field(description="ISO 3166, for phone numbers without one")] = None
    locale: Annotated[str | None, Field(description="Language tag")] = None
    postal_address: Annotated[str | None, Field(description="Printed under marketing mail")] = None
    public_url: Annotated[str | None, Field(description="Where `ghl serve` is reached from outside")] = None
    lifecycle_stages: Annotated[list[str] | None, Field(description="In order; a contact moves only forward")] = None
    purge_after_days: Annotated[int | None, Field(ge=1, description="A worker removes deleted records for good after so many days")] = None
    retention_days: Annotated[dict[str, int] | None, Field(description="Days that a worker keeps a kind of history: events, journal, messages, deliveries, changes")] = None
    attachment_limit: Annotated[int | None, Field(ge=1, le=11_000_000, description="Bytes that one file may have")] = None
    contact_attachments_limit: Annotated[int | None, Field(ge=1, description="Bytes that a contact's files may have together")] = None
    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


class Settings(Resource[M], name="settings"):
    """The account's settings."""

    show = op(ShowSettings)
    set = op(SetSettings)
