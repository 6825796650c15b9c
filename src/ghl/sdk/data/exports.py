"""Exports: records of a noun as rows, and everything as records that can be read back."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from ghl.sdk.operation import M, Operation, Record, Resource, get, op, query


class ExportColumns(Record):
    """The columns that an export of a noun has where nobody chooses: those that an import knows again."""

    columns: list[str]
    possible: list[str]


@get("/exports/{noun}/columns")
class ListExportColumns(Operation[ExportColumns]):
    """List the columns of an export, the declared custom fields among them."""

    noun: str = Field(kw_only=False)


class ExportPage(Record):
    """Some records of an export, oldest first, and the place behind them; null is the end."""

    records: list[dict[str, Any]]
    next: int | None = None


@query("/exports/{noun}/records")
class ExportRecords(Operation[ExportPage]):
    """Records of a noun as their lists show them, oldest first, in portions."""

    noun: str = Field(kw_only=False)
    where: Annotated[str | None, Field(description="An expression that must be true")] = None
    search: Annotated[str | None, Field(description="Words, each one a prefix")] = None
    after: Annotated[int, Field(ge=0, description="The `next` of the portion before")] = 0
    size: Annotated[int, Field(ge=1, le=1000)] = 500


class CopyHeader(Record):
    """The first line of a copy: what it is, of which account, and its settings."""

    format: str
    version: int
    id: str
    nouns: list[str]
    settings: dict[str, Any]


@get("/exports/copy")
class BeginCopy(Operation[CopyHeader]):
    """What a copy of everything begins with."""


@query("/exports/copy/{noun}")
class CopyRecords(Operation[ExportPage]):
    """Records of a noun as they are stored, deleted ones too, with public ids in place of row keys."""

    noun: str = Field(kw_only=False)
    after: Annotated[int, Field(ge=0)] = 0
    size: Annotated[int, Field(ge=1, le=1000)] = 500


class Exports(Resource[M], name="exports"):
    """Everything as a stream of records."""

    columns = op(ListExportColumns)
    records = op(ExportRecords)
    begin_copy = op(BeginCopy)
    copy = op(CopyRecords)
