"""Saved views: a filter, a sort and columns under a name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.fields import Kept, Listing, Removed, ViewId
from ghl.sdk.operation import M, Operation, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page

ViewNoun = Literal["contacts", "companies", "deals", "products", "tasks", "activities", "notes"]


class View(Kept):
    """A list that is asked for often: `ghl contacts list --view NAME`."""

    name: str
    noun: str
    where: str | None = None
    sort: str | None = None
    columns: list[str] = []


class ViewFields(BaseModel):
    """The fields of a view that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    where: Annotated[str | None, Field(description="The filter")] = None
    sort: Annotated[str | None, Field(description="The sort; `-` before it reverses")] = None
    columns: Annotated[list[str] | None, Field(description="The columns, in order")] = None


@post("/views")
class CreateView(ViewFields, Operation[View]):
    """Save a view; its filter and sort are checked first."""

    name: Annotated[str, Field(description="The view's name, unique for its noun")]
    noun: Annotated[ViewNoun, Field(description="What it lists")] = "contacts"


@get("/views/{view_id}")
class GetView(Operation[View]):
    """Show a view."""

    view_id: ViewId = Field(kw_only=False)


@get("/views")
class ListViews(Listing[Page[View]]):
    """List views."""

    noun: ViewNoun | None = None


@patch("/views/{view_id}")
class UpdateView(ViewFields, Operation[View]):
    """Change a view."""

    view_id: ViewId = Field(kw_only=False)
    name: str | None = None
    version: int | None = None


@put("/views")
class UpsertView(ViewFields, Operation[View]):
    """Save a view, or change the one with this name."""

    name: str
    noun: ViewNoun = "contacts"
    match: list[Literal["name"]] = ["name"]


@delete("/views/{view_id}")
class DeleteView(Operation[Removed]):
    """Delete a view."""

    view_id: ViewId = Field(kw_only=False)


@post("/views/{view_id}/restore", status=200)
class RestoreView(Operation[View]):
    """Restore a deleted view."""

    view_id: ViewId = Field(kw_only=False)


class Views(Resource[M], name="views"):
    """Saved views."""

    create = op(CreateView)
    get = op(GetView)
    list = op(ListViews)
    update = op(UpdateView)
    upsert = op(UpsertView)
    delete = op(DeleteView)
    restore = op(RestoreView)
