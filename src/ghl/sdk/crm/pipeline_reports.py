"""The report of a pipeline: conversion, velocity, stale deals, forecast, wins and reasons of losses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ghl.sdk.crm.boards import DealCard
from ghl.sdk.fields import Flag, PipelineId, UserId, When
from ghl.sdk.money import Money
from ghl.sdk.operation import Operation, Record, get


class StageReport(Record):
    """What became of the deals of the cohort that were ever in a stage.

    `advanced` went on to a later stage or were won; `conversion` is its part of those that `entered`, from
    0 to 1. `unknown` came from elsewhere, by an import, when they were behind the stage already, and nobody knows
    whether they were ever in it; where there are such, nothing can be said of its conversion, and it is null.
    Days are those of finished stays whose beginning is known; a deal that came twice has two.
    """

    stage_id: str
    name: str
    probability: int = 0
    entered: int = 0
    advanced: int = 0
    lost: int = 0
    here: int = 0
    unknown: int = 0
    conversion: float | None = None
    average_days: float | None = None
    median_days: float | None = None


class ForecastMonth(Record):
    """Open deals expected to close in a month: their sum, and the sum weighted by probability.

    `month` is `2026-11`, or null where no date is expected.
    """

    month: str | None = None
    count: int = 0
    amount: Money
    weighted: Money


class LostReason(Record):
    """Why deals of the cohort were lost or abandoned."""

    reason: str | None = None
    count: int = 0


class PipelineReport(Record):
    """The report. `cohort` says in words which deals the figures are about; stale and forecast are of now."""

    pipeline_id: str
    name: str
    cohort: str
    deals: int = 0
    open: int = 0
    won: int = 0
    lost: int = 0
    abandoned: int = 0
    win_rate: Annotated[float | None, Field(description="won / (won + lost), from 0 to 1")] = None
    cycle_days: Annotated[float | None, Field(description="Average days from opened to won")] = None
    stages: list[StageReport] = []
    lost_reasons: list[LostReason] = []
    stale_days: int = 30
    stale_count: int = 0
    stale: list[DealCard] = []
    forecast: list[ForecastMonth] = []


@get("/crm/pipelines/{pipeline_id}/report")
class ReportPipeline(Operation[PipelineReport]):
    """Report on a pipeline: conversion and velocity by stage, stale deals, weighted forecast, win rate."""

    pipeline_id: PipelineId = Field(kw_only=False)
    since: Annotated[When | None, Field(description="Only deals opened at or after this; zone of the account")] = None
    until: Annotated[When | None, Field(description="Only deals opened before this; zone of the account")] = None
    owner_id: Annotated[UserId | None, Flag(name="owner"), Field(description="Only deals of this user")] = None
    stale_days: Annotated[
        int | None, Field(ge=1, le=3650, description="Days in a stage; the pipeline's own, else 30")
    ] = None
