"""Which stage and which status a deal gets: the two are apart, and each may decide the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.crm import stages
from ghl.engine.crm.stages import Stage
from ghl.engine.stores import resolve
from ghl.errors import Invalid

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

FIELDS = frozenset({"pipeline_id", "pipeline", "stage_id", "stage", "status", "probability"})
"""The fields of the contract that are decided here and nowhere else."""


def place(tx: Tx, state: State, values: dict[str, Any]) -> None:
    """Put pipeline, stage, status and probability into a state.

    A stage that sets a status sets it, and leaving such a stage opens the deal again. A status that is
    asked for moves the deal to the stage for it, where the pipeline has one and no stage was asked for.
    """
    old = stages.stage(tx, state["stage_id"]) if state["stage_id"] is not None else None
    probability = _override(tx, state, values)
    new = _wanted(tx, state, old, values)
    moved = old is None or new.id != old.id
    chosen = moved and (values.get("stage_id") or values.get("stage")) is not None
    asked, was = values.get("status"), state["status"]
    status = was
    if moved and new.sets_status:
        status = new.sets_status
    elif moved and old is not None and was == old.sets_status:
        status = "open"
    if asked is not None and asked != was:
        if chosen and new.sets_status not in (None, asked):
            raise Invalid(f"stage {new.name} makes a deal {new.sets_status}, not {asked}", field="status")
        status = asked
        if not chosen:
            new = _stage_for(tx, state, new, asked)
    if status != was and "closed_at" not in values:
        state["closed_at"] = None
    state |= {
        "pipeline_id": new.pipeline_id, "stage_id": new.id, "status": status, "probability": probability,
    }  # fmt: skip


def effective(tx: Tx, state: State) -> int:
    """A deal's probability in percent: certain once it is closed, else its own, else its stage's."""
    if state["status"] != "open":
        return 100 if state["status"] == "won" else 0
    if state["probability"] is not None:
        return int(state["probability"])
    return stages.stage(tx, state["stage_id"]).probability


def _override(tx: Tx, state: State, values: dict[str, Any]) -> int | None:
    """The probability of its own; the effective one sent back is not one."""
    stored: int | None = state["probability"]
    if "probability" not in values:
        return stored
    given: int | None = values["probability"]
    if given is not None and state["stage_id"] is not None and given == effective(tx, state):
        return stored
    return given


def _wanted(tx: Tx, state: State, old: Stage | None, values: dict[str, Any]) -> Stage:
    within, stage = values.get("pipeline_id", values.get("pipeline")), values.get("stage_id", values.get("stage"))
    named = resolve(tx, "pipeline", str(within), field="pipeline_id") if within is not None else None
    if old is not None and named in (None, old.pipeline_id) and stage in (None, old.public_id):
        return old
    pipeline_id = named if named is not None else old.pipeline_id if old is not None else None
    if stage is not None:
        found = stages.find(tx, str(stage), pipeline_id if pipeline_id is not None else _only(tx))
        if named is not None and found.pipeline_id != named:
            raise Invalid(
                f"stage {found.name} belongs to pipeline {found.pipeline}",
                hint=f"stages: {', '.join(s.name for s in stages.stages(tx, named))}",
                field="stage_id",
            )
        return found
    if pipeline_id is None:
        pipeline_id = _only(tx) or _which(tx)
    same = [s for s in stages.stages(tx, pipeline_id) if old is not None and s.name_key == old.name_key]
    return same[0] if same else first(tx, pipeline_id)


def first(tx: Tx, pipeline_id: int) -> Stage:
    """Where deals of a pipeline begin: its first stage that does not end them."""
    every = stages.stages(tx, pipeline_id)
    return next((s for s in every if s.sets_status is None), every[0])


def _only(tx: Tx) -> int | None:
    live = stages.pipelines(tx)
    return live[0][0] if len(live) == 1 else None


def _which(tx: Tx) -> int:
    names = [name for _, name in stages.pipelines(tx)]
    if not names:
        raise Invalid("there is no pipeline yet", hint="ghl pipelines add --name Sales", field="pipeline_id")
    raise Invalid(
        "`pipeline_id` is required: there are several pipelines",
        hint=f"one of: {', '.join(names)}",
        field="pipeline_id",
    )


def _stage_for(tx: Tx, state: State, current: Stage, status: str) -> Stage:
    """The stage that fits a status: the one that sets it, else one that sets none."""
    if status in ("won", "lost"):
        every = stages.stages(tx, current.pipeline_id)
        found = [s for s in every if s.sets_status == status]
        if current.sets_status == status or found:
            return current if current.sets_status == status else found[0]
    return current if current.sets_status is None else _where_it_was(tx, state, current)


def _where_it_was(tx: Tx, state: State, current: Stage) -> Stage:
    """The last stage a deal was in that did not end it."""
    plain = {s.id: s for s in stages.stages(tx, current.pipeline_id) if s.sets_status is None}
    if state["id"] is not None:
        for row in tx.all("crm/visits/last_of", deal_id=state["id"]):
            if row["stage_id"] in plain:
                return plain[row["stage_id"]]
    return first(tx, current.pipeline_id)
