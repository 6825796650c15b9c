"""Moving deals: to a stage, won, lost, abandoned and open again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.crm import stages
from ghl.engine.crm.deals import STORE
from ghl.engine.dispatch import handles
from ghl.engine.stores import resolve
from ghl.errors import Conflict
from ghl.sdk.crm import deal_moves as contract
from ghl.sdk.crm.deal_records import Deal

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


@handles(contract.MoveDeal)
def move(request: contract.MoveDeal, tx: Tx) -> Deal:
    """Move a deal to a stage of its pipeline, or of another one."""
    state = STORE.one(tx, request.deal_id, lock=True)
    within = state["pipeline_id"]
    if request.pipeline_id is not None:
        within = resolve(tx, "pipeline", request.pipeline_id, field="pipeline_id")
    goal, here = stages.find(tx, request.stage, within, field="stage"), stages.stage(tx, state["stage_id"])
    if request.forward_only and goal.pipeline_id == here.pipeline_id and goal.position < here.position:
        raise Conflict(
            f"{STORE.label(state)} is in {here.name}; {goal.name} comes before it",
            hint="leave out --forward-only to move it back",
            field="stage",
        )
    values: dict[str, Any] = {"stage_id": goal.public_id}
    if request.lost_reason is not None:
        values["lost_reason"] = request.lost_reason
    return _changed(tx, state, values, version=request.version)


@handles(contract.WinDeal)
def win(request: contract.WinDeal, tx: Tx) -> Deal:
    """Mark a deal as won."""
    return _end(tx, request, "won", None)


@handles(contract.LoseDeal)
def lose(request: contract.LoseDeal, tx: Tx) -> Deal:
    """Mark a deal as lost."""
    return _end(tx, request, "lost", request.reason)


@handles(contract.AbandonDeal)
def abandon(request: contract.AbandonDeal, tx: Tx) -> Deal:
    """Mark a deal as abandoned."""
    return _end(tx, request, "abandoned", request.reason)


@handles(contract.ReopenDeal)
def reopen(request: contract.ReopenDeal, tx: Tx) -> Deal:
    """Open a deal again."""
    values = {"status": "open"}
    if request.stage_id is not None:
        values["stage_id"] = request.stage_id
    return _changed(tx, STORE.one(tx, request.deal_id, lock=True), values)


def _end(tx: Tx, request: Any, status: str, reason: str | None) -> Deal:
    values: dict[str, Any] = {"status": status}
    if reason is not None:
        values["lost_reason"] = reason
    if request.closed_at is not None:
        values["closed_at"] = request.closed_at
    return _changed(tx, STORE.one(tx, request.deal_id, lock=True), values)


def _changed(tx: Tx, state: dict[str, Any], values: dict[str, Any], version: int | None = None) -> Deal:
    return STORE.present(tx, [STORE.update(tx, state, values, version=version)])[0]
