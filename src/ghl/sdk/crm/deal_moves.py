"""How deals move: to another stage, won, lost, abandoned, open again."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ghl.sdk.crm.deal_records import Deal
from ghl.sdk.fields import DealId, Flag, PipelineId, StageId, When
from ghl.sdk.operation import Operation, post, put


@put("/crm/deals/{deal_id}/stage")
class MoveDeal(Operation[Deal]):
    """Move a deal to another stage. A stage that sets a status sets it; moving out of one reopens the deal."""

    deal_id: DealId = Field(kw_only=False)
    stage: Annotated[StageId, Field(description="Stage, by name in the pipeline or by id")]
    pipeline_id: Annotated[
        PipelineId | None, Flag(name="pipeline"), Field(description="Another pipeline to move it to")
    ] = None
    forward_only: Annotated[bool, Field(description="Refuse a move to an earlier stage")] = False
    lost_reason: Annotated[str | None, Flag(name="reason"), Field(description="Why it is lost")] = None
    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@post("/crm/deals/{deal_id}/win", status=200)
class WinDeal(Operation[Deal]):
    """Mark a deal as won, and move it to the stage for it where the pipeline has one."""

    deal_id: DealId = Field(kw_only=False)
    closed_at: Annotated[When | None, Field(description="When; now if left out")] = None


@post("/crm/deals/{deal_id}/lose", status=200)
class LoseDeal(Operation[Deal]):
    """Mark a deal as lost, and move it to the stage for it where the pipeline has one."""

    deal_id: DealId = Field(kw_only=False)
    reason: Annotated[str | None, Field(description="Why, in words that a report can count")] = None
    closed_at: Annotated[When | None, Field(description="When; now if left out")] = None


@post("/crm/deals/{deal_id}/abandon", status=200)
class AbandonDeal(Operation[Deal]):
    """Mark a deal as abandoned; it stays in its stage."""

    deal_id: DealId = Field(kw_only=False)
    reason: Annotated[str | None, Field(description="Why, in words that a report can count")] = None
    closed_at: Annotated[When | None, Field(description="When; now if left out")] = None


@post("/crm/deals/{deal_id}/reopen", status=200)
class ReopenDeal(Operation[Deal]):
    """Open a closed deal again: in its stage, or in the one it was in before it closed."""

    deal_id: DealId = Field(kw_only=False)
    stage_id: Annotated[
        StageId | None, Flag(name="stage"), Field(description="Stage to put it into, by name or id")
    ] = None
