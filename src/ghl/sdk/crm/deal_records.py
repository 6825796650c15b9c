"""What a deal holds, and what can be written of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.fields import (
    CompanyId,
    ContactId,
    CustomFields,
    Flag,
    Kept,
    PipelineId,
    ProductId,
    StageId,
    Stamp,
    UserId,
    When,
)
from ghl.sdk.money import Money
from ghl.sdk.operation import Record

Status = Literal["open", "won", "lost", "abandoned"]


class DealContact(Record):
    """A person in a deal, and as what; exactly one is primary."""

    contact_id: str
    name: str | None = None
    role: str | None = None
    primary: bool = False


class DealLine(Record):
    """What is sold: a product, or a text of its own; `amount` is quantity times price."""

    product_id: str | None = None
    name: str
    quantity: str = "1"
    price: Money | None = None
    amount: Money | None = None


class Deal(Kept):
    """An opportunity. With lines, `amount` is their sum; `probability` (percent) is its own, else its stage's."""

    name: str = ""
    amount: Money | None = None
    pipeline_id: str
    pipeline: str
    stage_id: str
    stage: str
    status: Status = "open"
    lost_reason: str | None = None
    probability: int = 0
    company_id: str | None = None
    company: str | None = None
    contact_id: str | None = None
    contact: str | None = None
    contacts: list[DealContact] = []
    owner_id: str | None = None
    owner: str | None = None
    lines: list[DealLine] = []
    expected_close_on: str | None = None
    opened_at: Stamp | None = None
    closed_at: Stamp | None = None
    stage_entered_at: Stamp
    days_in_stage: int = 0
    next_activity_at: Stamp | None = None
    tags: list[str] = []
    source: str | None = None
    description: str | None = None
    external_id: str | None = None
    custom_fields: dict[str, Any] = {}


class DealContactInput(BaseModel):
    """A person to put into a deal."""

    model_config = ConfigDict(extra="ignore", defer_build=True)
    contact_id: ContactId
    role: str | None = None
    primary: bool = False


class DealLineInput(BaseModel):
    """A line to put on a deal: a product (its price where none is given), or a name with a price."""

    model_config = ConfigDict(extra="ignore", defer_build=True)
    product_id: ProductId | None = None
    name: str | None = None
    quantity: Annotated[Decimal, Field(gt=0, le=1_000_000_000, decimal_places=6)] = Decimal(1)
    price: Money | None = None


class DealFields(BaseModel):
    """The fields of a deal that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    name: Annotated[str | None, Field(description="What it is about")] = None
    amount: Annotated[Money | None, Field(description="Such as 12.50 EUR; computed where there are lines")] = None
    pipeline_id: Annotated[
        PipelineId | None, Flag(name="pipeline"), Field(description="Pipeline, by id or name; the only one if left out")
    ] = None
    stage_id: Annotated[
        StageId | None, Flag(name="stage"), Field(description="Stage, by id or by name in the pipeline")
    ] = None
    status: Annotated[Status | None, Field(description="Apart from the stage; closing moves to the stage for it")] = None
    lost_reason: Annotated[str | None, Field(description="Why it was lost or abandoned")] = None
    probability: Annotated[
        int | None, Field(ge=0, le=100, description="In percent; null is the stage's own")
    ] = None
    company_id: Annotated[CompanyId | None, Flag(name="company"), Field(description="Company, by id or name")] = None
    contact_id: Annotated[
        ContactId | None, Flag(name="contact"), Field(description="Primary contact; others are kept")
    ] = None
    contacts: Annotated[list[DealContactInput | str] | None, Field(description="All contacts; replaces the set")] = None
    owner_id: Annotated[UserId | None, Flag(name="owner"), Field(description="The user who owns it")] = None
    lines: Annotated[
        list[DealLineInput | str] | None, Flag(name="line"), Field(max_length=500, description="All lines; replaces")
    ] = None
    expected_close_on: Annotated[When | None, Field(description="The day it should close")] = None
    opened_at: Annotated[When | None, Field(description="When it began; now if left out")] = None
    closed_at: Annotated[When | None, Field(description="When it ended; now if left out")] = None
    tags: Annotated[list[str] | None, Flag(name="tag"), Field(description="All tags; replaces the set")] = None
    source: Annotated[str | None, Field(description="Where the deal came from")] = None
    description: str | None = None
    external_id: Annotated[str | None, Field(description="The id in another system")] = None
    custom_fields: Annotated[
        CustomFields | None, Flag(name="field"), Field(description="Declared custom fields, key=value")
    ] = None


class DealChanges(DealFields):
    """What an update can do beside writing fields."""

    add_tags: Annotated[list[str] | None, Field(description="Tags to add, the others stay")] = None
    remove_tags: Annotated[list[str] | None, Field(description="Tags to take away")] = None
    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None
