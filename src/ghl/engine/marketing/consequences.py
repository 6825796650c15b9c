"""What an undo does to mail: what is queued stays here, what left is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine.changelog import CREATED, DELETED
from ghl.engine.outbox import DEFERRED, QUEUED, STATES, UNDONE, public_id
from ghl.engine.undo import Aftermath
from ghl.engine.workflows.consequences import runs_of

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


def called(tx: Tx, ids: Iterable[int]) -> dict[int, tuple[str, str | None]]:
    """The ids of messages; they have no name."""
    return {number: (public_id(tx, number), None) for number in ids}


def take_back(tx: Tx, row: dict[str, Any]) -> str | None:
    """A message that was queued by hand does not leave; why not, where it has left."""
    if row["kind"] != CREATED:
        return "what was taken out of the queue is not put back: ghl messages send"
    found = tx.one("marketing/messages/state", id=row["record_id"])
    if found is None or found["state"] not in (QUEUED, DEFERRED):
        return f"it is {STATES[found['state']]} already" if found else "it is not there any more"
    tx.run("marketing/messages/set_state", id=row["record_id"], state=UNDONE)
    public = public_id(tx, row["record_id"])
    tx.changes.record("message", row["record_id"], DELETED, public_id=public, version=2, prev_id=row["id"])
    return None


def undone(tx: Tx, change_set_id: int) -> Aftermath:
    """Hold back queued messages that only this set caused; what was sent is listed."""
    runs, sent, held = list(runs_of(tx, change_set_id)), 0, 0
    for start in range(0, len(runs), 500):
        ids = ",".join(map(str, runs[start : start + 500]))
        held += tx.run(tx.text("marketing/messages/undo").replace("{ids}", ids))
        row = tx.one(tx.text("marketing/messages/left").replace("{ids}", ids))
        sent += int(row["n"]) if row else 0
    return Aftermath(
        [f"{held:,} queued message{' does' if held == 1 else 's do'} not leave"] if held else [],
        [f"{sent:,} message{'' if sent == 1 else 's'} sent because of it cannot be taken back"] if sent else [],
    )
