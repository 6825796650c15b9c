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
    left: dict[str, Any] | None
    """The visit that ends, or with `back_to` never was."""
    back_to: int | None = None
    """The visit that goes on."""
    actor: str | None = None
    change_id: int | None = None
    """Of the change that a redo brings back; None where it is a new one."""


def planned(tx: Tx, old: State, new: State) -> Move:
    """What to do when a deal's stage changes; nothing is written yet."""
    current = tx.one("crm/visits/current", deal_id=old["id"])
    reverses = tx.changes.reverses
    stages = old["stage_id"], new["stage_id"]
    again = _undone(tx, reverses, *stages) if reverses is not None else None
    if current is not None and reverses is not None:
        # What is taken back may itself be a redo: then the visit is that of the first change.
        first = _undone(tx, again["id"], *reversed(stages)) if again else None
        if current["change_id"] in (reverses, first["id"] if first else reverses):
            previous = tx.one("crm/visits/before", deal_id=old["id"], id=current["id"])
            if previous is not None and previous["stage_id"] == new["stage_id"]:
                return Move(previous["entered_at"], current, previous["id"])
    entered_at = stamp(from_milliseconds(again["at"])) if again else tx.now
    if current is not None:
        entered_at = max(entered_at, current["entered_at"])
    if again is None:
        return Move(entered_at, current)
    return Move(entered_at, current, actor=again["actor"], change_id=again["id"])


def _undone(tx: Tx, change_id: int, was: int, becomes: int) -> dict[str, Any] | None:
    """Where a change belongs to an undo: the change of this stage in the set that was undone."""
    undone = tx.value(
        """select s.undoes from changes c join change_sets s on s.id = c.change_set_id
        where s.account_id = :account_id and c.id = :id""",
        id=change_id,
    )
    if undone is None:
        return None
    for row in chain(tx, change_id):
        if row["change_set_id"] == undone:
            before, after = values(row["before"]), values(row["after"])
            if before.get("stage_id") == was and after.get("stage_id") == becomes:
                return row
        elif row["change_set_id"] < undone:
            break
    return None


def begin(tx: Tx, deal: State) -> None:
    """The visits of a new deal: the earlier ones that it has brought with it, and the present one.

    Where a deal that comes from elsewhere was before the first of them, nobody knows; reports must not
    take it for a deal that was never in those stages.
    """
    blind = int(tx.options.origin == "import" or deal["stage_entered_at"] < tx.now)
    for stage_id, entered_at in deal.pop("came_through", ()):
        stay = {"id": enter(tx, deal | {"stage_id": stage_id}, entered_at, blind=blind), "entered_at": entered_at}
        # An open deal has left that stage, but nobody knows when.
        _leave(tx, stay, deal["stage_entered_at"], known=deal["status"] != "open")
        blind = 0
    enter(tx, deal, deal["stage_entered_at"], blind=blind)


def enter(
    tx: Tx, deal: State, entered_at: str, *, actor: str | None = None, change_id: int | None = None, blind: int = 0
) -> int:
    """Open a visit for the deal's stage; made by the caller with the deal's newest change if nothing else is said."""
    number = tx.key("stage_visits")
    tx.run(
        "crm/visits/enter", id=number, deal_id=deal["id"], pipeline_id=deal["pipeline_id"],
        stage_id=deal["stage_id"], entered_at=entered_at, actor=actor or tx.caller.actor,
        change_id=change_id or deal["change_id"], blind=blind,
    )  # fmt: skip
    return number


def _leave(tx: Tx, visit: dict[str, Any], left_at: str, *, known: bool = True) -> None:
    stayed = parse_stamp(left_at) - parse_stamp(visit["entered_at"])
    seconds = int(stayed.total_seconds()) if known else None
    tx.run("crm/visits/leave", id=visit["id"], left_at=left_at, seconds=seconds)


def perform(tx: Tx, move: Move, deal: State) -> None:
    """Write a move; the deal has its new stage and change."""
    if move.left is not None and move.back_to is not None:
        tx.run("crm/visits/forget", id=move.left["id"])
        tx.run("crm/visits/stay", id=move.back_to)
        return
    if move.left is not None:
        _leave(tx, move.left, move.entered_at)
    enter(tx, deal, move.entered_at, actor=move.actor, change_id=move.change_id)
