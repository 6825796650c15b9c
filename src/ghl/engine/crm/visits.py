"""Where a deal was and for how long: one row per stay in a stage, closed and opened with each move.

The rows follow every write of a deal's stage, an undo's too. When an undo takes back the very change that
opened the present visit, the visit goes and the one before it is open again as it was: the table is then
what it was before the move. Any other way back is a move like every other. A redo enters the stage again
at the moment of the change that it brings back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ghl.engine.clock import from_milliseconds
from ghl.engine.columns import State
from ghl.engine.history import chain, values
from ghl.sdk.times import parse_stamp, stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


@dataclass(frozen=True, slots=True)
class Move:
    """What a change of stage does to the visits."""

    entered_at: str
    actor: str
    left: dict[str, Any] | None
    """The visit that ends, or with `back_to` never was."""
    back_to: int | None = None
    """The visit that goes on."""


def planned(tx: Tx, old: State, new: State) -> Move:
    """What to do when a deal's stage changes; nothing is written yet."""
    current = tx.one("crm/visits/current", deal_id=old["id"])
    reverses = tx.changes.reverses
    if current is not None and reverses is not None and current["change_id"] == reverses:
        previous = tx.one("crm/visits/before", deal_id=old["id"], id=current["id"])
        if previous is not None and previous["stage_id"] == new["stage_id"]:
            return Move(previous["entered_at"], "", current, previous["id"])
    again = _brought_back(tx, reverses, old, new) if reverses is not None else None
    entered_at, actor = again or (tx.now, tx.caller.actor)
    if current is not None:
        entered_at = max(entered_at, current["entered_at"])
    return Move(entered_at, actor, current)


def _brought_back(tx: Tx, reverses: int, old: State, new: State) -> tuple[str, str] | None:
    """Moment and actor of the change that a redo repeats: the undone set's change of this stage."""
    undone = tx.value(
        """select s.undoes from changes c join change_sets s on s.id = c.change_set_id
        where s.account_id = :account_id and c.id = :id""",
        id=reverses,
    )
    if undone is None:
        return None
    for row in chain(tx, reverses):
        if row["change_set_id"] == undone:
            before, after = values(row["before"]), values(row["after"])
            if before.get("stage_id") == old["stage_id"] and after.get("stage_id") == new["stage_id"]:
                return stamp(from_milliseconds(row["at"])), row["actor"]
        elif row["change_set_id"] < undone:
            return None
    return None


def enter(tx: Tx, deal: State, entered_at: str, actor: str) -> None:
    """Open a visit for the deal's stage, made by the deal's newest change."""
    tx.run(
        "crm/visits/enter", id=tx.key("stage_visits"), deal_id=deal["id"], pipeline_id=deal["pipeline_id"],
        stage_id=deal["stage_id"], entered_at=entered_at, actor=actor, change_id=deal["change_id"],
    )  # fmt: skip


def perform(tx: Tx, move: Move, deal: State) -> None:
    """Write a move; the deal has its new stage and change."""
    if move.left is not None and move.back_to is not None:
        tx.run("crm/visits/forget", id=move.left["id"])
        tx.run("crm/visits/stay", id=move.back_to)
        return
    if move.left is not None:
        stayed = parse_stamp(move.entered_at) - parse_stamp(move.left["entered_at"])
        tx.run(
            "crm/visits/leave", id=move.left["id"], left_at=move.entered_at, seconds=int(stayed.total_seconds())
        )
    enter(tx, deal, move.entered_at, move.actor)
