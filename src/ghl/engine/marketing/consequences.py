"""What an undo does to mail: what is queued stays here, what left is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghl.engine.workflows.consequences import runs_of

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


def undone(tx: Tx, change_set_id: int) -> list[str]:
    """Hold back queued messages that only this set caused; what was sent is listed."""
    runs, sent = list(runs_of(tx, change_set_id)), 0
    for start in range(0, len(runs), 500):
        ids = ",".join(map(str, runs[start : start + 500]))
        tx.run(tx.text("marketing/messages/undo").replace("{ids}", ids))
        row = tx.one(tx.text("marketing/messages/left").replace("{ids}", ids))
        sent += int(row["n"]) if row else 0
    return [f"{sent} message{'' if sent == 1 else 's'} sent because of it cannot be taken back"] if sent else []
