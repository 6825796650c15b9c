"""The board of a pipeline: a column per stage with its sums and its biggest deals."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ghl.sdk.fields import ContactId, Flag, PipelineId, UserId
from ghl.sdk.money import Money
from ghl.sdk.operation import Operation, Record, get


class DealCard(Record):
    """A deal in short. `days_in_stage` are whole days."""

    id: str
    name: str
    amount: Money | None = None
    days_in_stage: int = 0
    owner: str | None = None
    contact: str | None = None
    company: str | None = None
    status: str = "open"


class BoardColumn(Record):
    """A stage on the board: how many deals, their sums per currency, the biggest ones."""

    stage_id: str
    name: str
    probability: int = 0
    sets_status: str | None = None
    count: int = 0
    amounts: list[Money] = []
    cards: list[DealCard] = []


class BoardEnding(Record):
    """Deals that have ended one way: how many, and their sums per currency."""

    status: str
    count: int = 0
    amounts: list[Money] = []


class Board(Record):
    """The columns of a pipeline, and how deals have ended in it.

    A column has the open deals of its stage; one whose stage sets a status has the deals of that status.
    """

    pipeline_id: str
    name: str
    columns: list[BoardColumn] = []
    endings: list[BoardEnding] = []


@get("/crm/pipelines/{pipeline_id}/board")
class BoardPipeline(Operation[Board]):
    """Show the board of a pipeline: each stage with count, sums and its biggest deals."""

    pipeline_id: PipelineId = Field(kw_only=False)
    owner_id: Annotated[UserId | None, Flag(name="owner"), Field(description="Only deals of this user")] = None
    contact_id: Annotated[ContactId | None, Flag(name="contact"), Field(description="Only with this person")] = None
    cards: Annotated[int, Field(ge=0, le=100, description="Deals shown per stage")] = 10
