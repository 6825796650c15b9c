"""What an undo does to mail: what is queued stays here, what left is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


def undone(tx: Tx, change_set_id: int) -> list[str]:
    """Hold back queued messages that only this set caused; what was sent is listed."""
    tx.run("marketing/messages/undo", set_id=change_set_id)
    sent = tx.value("marketing/messages/left", set_id=change_set_id)
    return [f"{sent} message{'' if sent == 1 else 's'} sent because of it cannot be taken back"] if sent else []
