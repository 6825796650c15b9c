"""Deals: opportunities with an amount, a stage, people and product lines."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ghl.sdk.crm.deal_moves import AbandonDeal, LoseDeal, MoveDeal, ReopenDeal, WinDeal
from ghl.sdk.crm.deal_records import Deal, DealChanges, DealFields, Status
from ghl.sdk.crm.timeline import DealTimeline
from ghl.sdk.fields import (
    Bulk,
    BulkResult,
    CompanyId,
    ContactId,
    DealId,
    Flag,
    PipelineId,
    Removed,
    StageId,
    TagId,
    UserId,
    Viewed,
)
from ghl.sdk.operation import Event, M, Operation, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page

Match = Literal["external_id", "name"]


@post("/crm/deals")
class CreateDeal(DealFields, Operation[Deal]):
    """Create a deal. Without a stage it starts in the first one of its pipeline."""

    strict_tags: Annotated[bool, Field(description="Refuse tags that do not exist yet")] = False


@get("/crm/deals/{deal_id}")
class GetDeal(Operation[Deal]):
    """Show a deal."""

    deal_id: DealId = Field(kw_only=False)


@get("/crm/deals")
class ListDeals(Viewed[Page[Deal]]):
    """List deals, newest first."""

    pipeline_id: Annotated[PipelineId | None, Flag(name="pipeline"), Field(description="In this pipeline")] = None
    stage_id: Annotated[StageId | None, Flag(name="stage"), Field(description="In this stage")] = None
    status: Annotated[Status | None, Field(description="With this status")] = None
    owner_id: Annotated[UserId | None, Flag(name="owner"), Field(description="Owned by this user")] = None
    company_id: Annotated[CompanyId | None, Flag(name="company"), Field(description="With this company")] = None
    contact_id: Annotated[ContactId | None, Flag(name="contact"), Field(description="With this person")] = None
    tag_id: Annotated[TagId | None, Flag(name="tag"), Field(description="With this tag")] = None


@patch("/crm/deals/{deal_id}")
class UpdateDeal(DealChanges, Operation[Deal]):
    """Change fields of a deal. A field left out stays, null clears, a list replaces."""

    deal_id: DealId = Field(kw_only=False)


@put("/crm/deals")
class UpsertDeal(DealChanges, Operation[Deal]):
    """Create a deal, or update the one with the same value of the match fields."""

    match: Annotated[list[Match], Field(description="Fields to match by, in order")] = ["external_id"]


@delete("/crm/deals/{deal_id}")
class DeleteDeal(Operation[Removed]):
    """Delete a deal softly: it leaves lists and boards and can be restored."""

    deal_id: DealId = Field(kw_only=False)


@post("/crm/deals/{deal_id}/restore", status=200)
class RestoreDeal(Operation[Deal]):
    """Restore a deleted deal in its stage, with its relations."""

    deal_id: DealId = Field(kw_only=False)


@post("/crm/deals/bulk/create", status=200)
class CreateDeals(Operation[BulkResult]):
    """Create many deals in one transaction."""

    items: Annotated[list[DealFields], Field(max_length=10_000)]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/deals/bulk/upsert", status=200)
class UpsertDeals(Operation[BulkResult]):
    """Create or update many deals in one transaction."""

    items: Annotated[list[DealChanges], Field(max_length=10_000)]
    match: list[Match] = ["external_id"]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/deals/bulk/update", status=200)
class UpdateDeals(Bulk, Operation[BulkResult]):
    """Change the same fields of many deals, chosen by ids or by an expression."""

    values: DealChanges


@post("/crm/deals/bulk/delete", status=200)
class DeleteDeals(Bulk, Operation[BulkResult]):
    """Delete many deals softly."""


@post("/crm/deals/bulk/restore", status=200)
class RestoreDeals(Bulk, Operation[BulkResult]):
    """Restore many deleted deals."""


@post("/crm/deals/tag", status=200)
class TagDeals(Bulk, Operation[BulkResult]):
    """Add tags to deals, chosen by ids or by an expression."""

    tags: Annotated[list[str], Field(min_length=1)]
    strict_tags: Annotated[bool, Field(description="Refuse tags that do not exist yet")] = False


@post("/crm/deals/untag", status=200)
class UntagDeals(Bulk, Operation[BulkResult]):
    """Take tags away from deals, chosen by ids or by an expression."""

    tags: Annotated[list[str], Field(min_length=1)]


class DealCreated(Event, name="deal.created"):
    """A deal was created."""

    deal_id: str


class DealChanged(Event, name="deal.changed"):
    """Fields of a deal changed; `before` and `after` hold them."""

    deal_id: str
    before: dict[str, Any]
    after: dict[str, Any]


class DealStageChanged(Event, name="deal.stage_changed"):
    """A deal moved from stage `before` to stage `after`."""

    deal_id: str
    before: str
    after: str


class DealStatusChanged(Event, name="deal.status_changed"):
    """A deal went from status `before` to status `after`."""

    deal_id: str
    before: str
    after: str


class DealDeleted(Event, name="deal.deleted"):
    """A deal was deleted."""

    deal_id: str


class DealRestored(Event, name="deal.restored"):
    """A deleted deal is back."""

    deal_id: str


class Deals(Resource[M], name="deals"):
    """Opportunities."""

    create = op(CreateDeal)
    get = op(GetDeal)
    list = op(ListDeals)
    update = op(UpdateDeal)
    upsert = op(UpsertDeal)
    delete = op(DeleteDeal)
    restore = op(RestoreDeal)
    move = op(MoveDeal)
    win = op(WinDeal)
    lose = op(LoseDeal)
    abandon = op(AbandonDeal)
    reopen = op(ReopenDeal)
    create_many = op(CreateDeals)
    upsert_many = op(UpsertDeals)
    update_many = op(UpdateDeals)
    delete_many = op(DeleteDeals)
    restore_many = op(RestoreDeals)
    tag = op(TagDeals)
    untag = op(UntagDeals)
    timeline = op(DealTimeline)
