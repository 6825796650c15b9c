"""The stages of pipelines: reading them, and finding one by name within its pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ghl.errors import Ambiguous, NotFound
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage. `sets_status` is what entering it makes of a deal; a retired one was removed."""

    id: int
    public_id: str
    pipeline_id: int
    name: str
    name_key: str
    position: int
    probability: int
    sets_status: str | None
    retired: int
    pipeline: str


def stages(tx: Tx, pipeline_id: int | None = None, *, retired: bool = False) -> list[Stage]:
    """The stages of a pipeline in their order, or of all; with `retired`, the removed ones after them."""
    known: list[Stage] | None = tx.memo.get("stages")
    if known is None:
        known = tx.memo["stages"] = [Stage(**row) for row in tx.all("crm/stages/of_account")]
    return [s for s in known if pipeline_id in (None, s.pipeline_id) and (retired or not s.retired)]


def forget(tx: Tx) -> None:
    """After a pipeline was written."""
    tx.memo.pop("stages", None)


def stage(tx: Tx, number: int) -> Stage:
    """The stage with this row key, removed or not."""
    return next(s for s in stages(tx, retired=True) if s.id == number)


def pipelines(tx: Tx) -> list[tuple[int, str]]:
    """Row keys and names of the live pipelines, in their order."""
    return [(row["id"], row["name"]) for row in tx.all("crm/stages/pipelines")]


def find(tx: Tx, reference: str, pipeline_id: int | None = None, *, field: str = "stage_id") -> Stage:
    """The stage that a reference names: its name in this pipeline, or its id in any.

    Without a pipeline the name must be one that only one live pipeline has.
    """
    text = reference.strip()
    live = {number for number, _ in pipelines(tx)}
    every = [s for s in stages(tx) if s.pipeline_id in live or s.pipeline_id == pipeline_id]
    here = [s for s in every if pipeline_id in (None, s.pipeline_id)]
    key = fold(text)
    found = [s for s in here if s.name_key == key]
    found = found or [s for s in every if len(text) >= 6 and s.public_id.endswith(text.lower())]
    if len(found) == 1:
        return found[0]
    if not found:
        raise missing(tx, text, here, pipeline_id, field)
    matches = [f"{s.public_id[-6:]} {s.pipeline} › {s.name}" for s in found[:5]]
    raise Ambiguous(
        f'"{text}" fits {len(found)} stages',
        hint=f"name the pipeline too, or use the id: {', '.join(matches)}",
        field=field,
        matches=[s.public_id for s in found[:5]],
    )


def missing(tx: Tx, text: str, known: list[Stage], pipeline_id: int | None, field: str) -> NotFound:
    """The error for a stage that is not there, with the nearest one and all that are."""
    import difflib  # only when something went wrong

    names = list(dict.fromkeys(s.name for s in known))
    folded = {fold(name): name for name in names}
    close = difflib.get_close_matches(fold(text), list(folded), 1)
    maybe = f"{folded[close[0]]}?   " if close else ""
    within = next((name for number, name in pipelines(tx) if number == pipeline_id), None)
    return NotFound(
        f'pipeline {within} has no stage "{text}"' if within else f'there is no stage "{text}"',
        hint=f"{maybe}stages: {', '.join(names)}" if names else "ghl pipelines list",
        field=field,
    )
