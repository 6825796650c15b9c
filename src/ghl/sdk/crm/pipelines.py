"""Pipelines: ordered stages with probabilities, and how deals move through them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.crm.boards import BoardPipeline
from ghl.sdk.crm.pipeline_reports import ReportPipeline
from ghl.sdk.fields import Bulk, BulkResult, CustomFields, Flag, Kept, Listing, PipelineId, Removed, StageId
from ghl.sdk.operation import Event, M, Operation, Record, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page

Ending = Literal["won", "lost"]


class Stage(Record):
    """A place in a pipeline. `probability` is in percent; a deal that enters takes the status it sets."""

    id: str
    name: str
    probability: int = 0
    sets_status: Ending | None = None


class Pipeline(Kept):
    """A way of deals, from its first stage to its last."""

    name: str = ""
    stages: list[Stage] = []
    position: int = 0
    stale_days: int | None = None
    custom_fields: dict[str, Any] = {}


class StageInput(BaseModel):
    """A stage of a pipeline. With `id` and another name it is renamed; without, its name says which it is."""

    model_config = ConfigDict(extra="ignore", defer_build=True)
    id: Annotated[StageId | None, Field(description="The stage that is meant, by id or present name")] = None
    name: Annotated[str | None, Field(description="Its name from now on")] = None
    probability: Annotated[
        int | None, Field(ge=0, le=100, description="In percent; evenly spaced where it is left out")
    ] = None
    sets_status: Annotated[Ending | None, Field(description="won or lost: what entering it makes of a deal")] = None
    after: Annotated[str | None, Field(description="In `add_stages`: the stage it comes after")] = None


class PipelineFields(BaseModel):
    """The fields of a pipeline that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    name: Annotated[str | None, Field(description="Name; unique")] = None
    stages: Annotated[
        list[StageInput | str] | None,
        Flag(name="stage"),
        Field(min_length=1, max_length=50, description="All stages in order; replaces them, known ones keep their deals"),
    ] = None
    position: Annotated[int | None, Field(description="Its place among the pipelines")] = None
    stale_days: Annotated[
        int | None, Field(ge=1, le=3650, description="Days in one stage after which an open deal is stale")
    ] = None
    custom_fields: Annotated[
        CustomFields | None, Flag(name="field"), Field(description="Declared custom fields, key=value")
    ] = None


class PipelineChanges(PipelineFields):
    """What an update can do beside writing fields."""

    add_stages: Annotated[
        list[StageInput | str] | None, Field(description="Stages to add, before those that end a deal")
    ] = None
    remove_stages: Annotated[list[str] | None, Field(description="Stages to remove; no deal may be in them")] = None
    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@post("/crm/pipelines")
class CreatePipeline(PipelineFields, Operation[Pipeline]):
    """Create a pipeline. Without stages it gets New, Qualified, Proposal, Won and Lost."""


@get("/crm/pipelines/{pipeline_id}")
class GetPipeline(Operation[Pipeline]):
    """Show a pipeline with its stages."""

    pipeline_id: PipelineId = Field(kw_only=False)


@get("/crm/pipelines")
class ListPipelines(Listing[Page[Pipeline]]):
    """List pipelines, newest first."""


@patch("/crm/pipelines/{pipeline_id}")
class UpdatePipeline(PipelineChanges, Operation[Pipeline]):
    """Rename, reorder, add or remove stages. A stage with deals in it is in use and is not removed."""

    pipeline_id: PipelineId = Field(kw_only=False)
    move_deals_to: Annotated[
        StageId | None, Field(description="Move deals of removed stages to this stage first")
    ] = None


@put("/crm/pipelines")
class UpsertPipeline(PipelineChanges, Operation[Pipeline]):
    """Create a pipeline, or update the one with this name."""

    match: Annotated[list[Literal["name"]], Field(description="Fields to match by, in order")] = ["name"]


@delete("/crm/pipelines/{pipeline_id}")
class DeletePipeline(Operation[Removed]):
    """Delete a pipeline softly. With open deals in it it is in use, unless they move to another one."""

    pipeline_id: PipelineId = Field(kw_only=False)
    move_to: Annotated[
        PipelineId | None, Field(description="Move open deals to this pipeline: same stage, else its first")
    ] = None


@post("/crm/pipelines/{pipeline_id}/restore", status=200)
class RestorePipeline(Operation[Pipeline]):
    """Restore a deleted pipeline with its stages."""

    pipeline_id: PipelineId = Field(kw_only=False)


@post("/crm/pipelines/bulk/create", status=200)
class CreatePipelines(Operation[BulkResult]):
    """Create many pipelines in one transaction."""

    items: Annotated[list[PipelineFields], Field(max_length=1000)]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/pipelines/bulk/upsert", status=200)
class UpsertPipelines(Operation[BulkResult]):
    """Create or update many pipelines in one transaction."""

    items: Annotated[list[PipelineChanges], Field(max_length=1000)]
    match: list[Literal["name"]] = ["name"]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/crm/pipelines/bulk/update", status=200)
class UpdatePipelines(Bulk, Operation[BulkResult]):
    """Change the same fields of many pipelines, chosen by ids or by an expression."""

    values: PipelineChanges


@post("/crm/pipelines/bulk/delete", status=200)
class DeletePipelines(Bulk, Operation[BulkResult]):
    """Delete many pipelines softly; those with open deals are in use."""


@post("/crm/pipelines/bulk/restore", status=200)
class RestorePipelines(Bulk, Operation[BulkResult]):
    """Restore many deleted pipelines."""


class PipelineCreated(Event, name="pipeline.created"):
    """A pipeline was created."""

    pipeline_id: str


class PipelineChanged(Event, name="pipeline.changed"):
    """A pipeline or its stages changed; `before` and `after` hold the fields."""

    pipeline_id: str
    before: dict[str, Any]
    after: dict[str, Any]


class Pipelines(Resource[M], name="pipelines"):
    """Ordered stages."""

    create = op(CreatePipeline)
    get = op(GetPipeline)
    list = op(ListPipelines)
    update = op(UpdatePipeline)
    upsert = op(UpsertPipeline)
    delete = op(DeletePipeline)
    restore = op(RestorePipeline)
    board = op(BoardPipeline)
    report = op(ReportPipeline)
    create_many = op(CreatePipelines)
    upsert_many = op(UpsertPipelines)
    update_many = op(UpdatePipelines)
    delete_many = op(DeletePipelines)
    restore_many = op(RestorePipelines)
