"""Imports: what a file's columns become, its rows in portions, and what became of each of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.fields import Counts, Paged, Removed, Stamp
from ghl.sdk.operation import Event, M, Operation, Record, Resource, delete, get, op, post, query
from ghl.sdk.page import Page

Mode = Literal["create", "update", "upsert", "suppress"]
Policy = Literal["overwrite", "fill", "append", "never"]
Verdict = Literal["created", "changed", "unchanged", "merged", "rejected"]
DateOrder = Literal["iso", "ymd", "mdy", "dmy"]


class ImportColumn(Record):
    """What becomes of one column: a field, how its values are read, and what it may overwrite."""

    column: str
    target: str | None = None
    policy: Policy | None = None
    label: str | None = None
    dates: DateOrder | None = None
    decimal: str | None = None
    confidence: float = 1.0
    note: str | None = None
    question: str | None = None


class ImportMapping(Record):
    """What becomes of each column of a file, in the file's order, and where that comes from."""

    noun: str
    columns: list[ImportColumn]
    preset: str | None = None
    profile: str | None = None
    guessed: bool = True


@query("/import-mapping")
class MapColumns(Operation[ImportMapping]):
    """Say what the columns of a file become: by a saved profile, a ready mapping, or a guess.

    A column whose dates could be read in two ways comes back with a question, until `dates` says.
    """

    noun: Annotated[str, Field(description="The plural noun of the records, such as contacts")]
    columns: Annotated[list[str], Field(max_length=2000, description="The columns in the file's order")]
    sample: Annotated[list[dict[str, Any]], Field(max_length=2000, description="Some rows, by column")] = []
    file: Annotated[str | None, Field(description="The file's name; a profile of that name is used")] = None
    profile: Annotated[str | None, Field(description="A saved profile, or a ready mapping (hubspot, …)")] = None
    targets: Annotated[
        dict[str, str | None], Field(description="Your word for some columns: column to field, null to leave out")
    ] = {}
    policies: Annotated[dict[str, Policy], Field(description="By column or field: what may be overwritten")] = {}
    dates: Annotated[DateOrder | None, Field(description="The order of day, month and year")] = None


class ColumnInput(BaseModel):
    """A column of a mapping, as it was answered or changed by hand."""

    model_config = ConfigDict(extra="ignore", defer_build=True)
    column: str
    target: str | None = None
    policy: Policy | None = None
    label: str | None = None
    dates: DateOrder | None = None
    decimal: str | None = None
    question: str | None = None


class Tally(Record):
    """Something that happened to a number of rows."""

    text: str
    count: int


class Automation(Record):
    """A workflow that a live run would start, and for how many records at most."""

    workflow: str
    event: str
    count: int
    filtered: bool = False
    """Whether the trigger has a filter, so that fewer may enter."""


class Import(Record):
    """One run of an import, or the plan of one."""

    id: str
    noun: str
    file: str
    state: str
    """running, planned, finished or abandoned."""
    trial: bool = False
    live: bool = False
    mode: str = "upsert"
    match: list[str] = []
    columns: list[ImportColumn] = []
    profile: str | None = None
    total: int | None = None
    done: int = 0
    line: int = 0
    """The last line of the file that is done; a run that was stopped goes on behind it."""
    resumed: bool = False
    counts: Counts = {}
    differences: list[Tally] = []
    notices: list[Tally] = []
    automations: list[Automation] = []
    plan: str | None = None
    """The digest by which a plan is applied."""
    change_set: int | None = None
    actor: str = ""
    started_at: Stamp
    finished_at: Stamp | None = None


@post("/imports")
class BeginImport(Operation[Import]):
    """Begin an import, go on with one that was stopped, or apply a plan.

    The same file with the same choices goes on where it stopped. With `trial` nothing but the plan is
    kept. With `digest` the plan is done exactly, or refused before anything is written.
    """

    noun: str
    file: Annotated[str, Field(max_length=500)]
    fingerprint: Annotated[str, Field(min_length=8, max_length=100, description="A hash of the file's content")]
    columns: Annotated[list[ColumnInput], Field(max_length=2000, description="Left out where a plan is applied")] = []
    mode: Mode = "upsert"
    match: Annotated[list[str] | None, Field(description="Fields to match by, in order")] = None
    total: Annotated[int | None, Field(ge=0, description="About how many rows there are")] = None
    trial: Annotated[bool, Field(description="Say what would happen; keep nothing but the plan")] = False
    live: Annotated[bool, Field(description="Let events through, so that workflows start")] = False
    digest: Annotated[str | None, Field(description="The plan to apply")] = None
    profile: Annotated[str | None, Field(description="The name to keep the mapping under")] = None
    guessed: Annotated[bool, Field(description="Whether nobody has looked at the mapping")] = True
    strict_tags: Annotated[bool, Field(description="Refuse tags that do not exist yet")] = False


class BadRow(BaseModel):
    """A row that could not be read from its file."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    line: int
    error: str


class RejectedRow(Record):
    """A row that was not taken, and why."""

    line: int
    error: str


class ImportProgress(Record):
    """What became of a portion of rows; the counts are those of the whole import so far."""

    id: str
    line: int
    done: int
    counts: Counts = {}
    rejected: list[RejectedRow] = []
    change_set: int | None = None


@post("/imports/{import_id}/rows", status=200)
class ImportRows(Operation[ImportProgress]):
    """Import a portion of rows; it and the place reached are kept in one transaction."""

    import_id: str = Field(kw_only=False)
    after: Annotated[int, Field(ge=0, description="The last line that was done before")]
    lines: Annotated[list[int], Field(max_length=20_000, description="The line of each row")]
    rows: Annotated[list[Any], Field(max_length=20_000, description="Cells in order, or fields by name")]
    unreadable: Annotated[list[BadRow], Field(max_length=20_000)] = []


@post("/imports/{import_id}/finish", status=200)
class FinishImport(Operation[Import]):
    """Say that all rows were sent."""

    import_id: str = Field(kw_only=False)
    blank: Annotated[int, Field(ge=0, description="Rows of the file without a value, which were not sent")] = 0


@get("/imports/{import_id}")
class GetImport(Operation[Import]):
    """Show an import or a plan, by id or by the plan's digest."""

    import_id: str = Field(kw_only=False)


@get("/imports")
class ListImports(Paged[Page[Import]]):
    """List imports and plans, newest first."""


class ImportRow(Record):
    """What became of one row, or will."""

    line: int
    verdict: str
    record_id: str | None = None
    name: str | None = None
    error: str | None = None
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}


@get("/imports/{import_id}/rows")
class ListImportRows(Paged[Page[ImportRow]]):
    """List what became of the rows: all of a plan's, the rejected ones of a run."""

    import_id: str = Field(kw_only=False)
    verdict: Verdict | None = None
    page_size: Annotated[int, Field(ge=1, le=1000, description="Rows in a page")] = 100


class ImportProfile(Record):
    """A mapping kept under a name."""

    name: str
    noun: str
    columns: list[ImportColumn]
    guessed: bool
    updated_at: Stamp


@get("/import-profiles")
class ListProfiles(Paged[Page[ImportProfile]]):
    """List the mappings that were kept."""

    noun: str | None = None


@delete("/import-profiles/{noun}/{name}")
class DeleteProfile(Operation[Removed]):
    """Forget a kept mapping."""

    noun: str = Field(kw_only=False)
    name: str = Field(kw_only=False)


class ReadCopy(Record):
    """What was read of a portion of a copy; `waiting` are records that name one which comes later."""

    id: str
    count: int
    skipped: int = 0
    waiting: list[dict[str, Any]] = []


@post("/imports/copy")
class BeginReading(Operation[Import]):
    """Begin to read a copy into an empty account, or go on with one that was stopped."""

    header: Annotated[dict[str, Any], Field(description="The first line of the copy")]
    file: Annotated[str, Field(max_length=500)] = "copy"


@post("/imports/{import_id}/copy", status=200)
class ReadRecords(Operation[ReadCopy]):
    """Read a portion of a copy: ids, dates and relations as they were; what is there already is skipped."""

    import_id: str = Field(kw_only=False)
    noun: str
    records: Annotated[list[dict[str, Any]], Field(max_length=1000)]


class ImportFinished(Event, name="import.finished"):
    """An import is done; one event for the whole of it."""

    import_id: str
    noun: str
    counts: Counts


class Imports(Resource[M], name="imports"):
    """Runs of imports."""

    map = op(MapColumns)
    begin = op(BeginImport)
    rows = op(ImportRows)
    finish = op(FinishImport)
    get = op(GetImport)
    list = op(ListImports)
    show_rows = op(ListImportRows)
    profiles = op(ListProfiles)
    forget_profile = op(DeleteProfile)
    begin_copy = op(BeginReading)
    copy = op(ReadRecords)
