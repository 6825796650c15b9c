"""What the deletion, restoring and merging of a contact does to her runs, in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


def deleted(tx: Tx, person_id: int) -> None:
    """A deleted contact's runs are held; their due times are kept."""
    tx.run(
        """update enrollments set due_at = coalesce(run_at, due_at), run_at = null
        where account_id = :account_id and person_id = :id and state = 1""",
        id=person_id,
    )


def restored(tx: Tx, person_id: int) -> None:
    """A restored contact's runs go on; what became due meanwhile is done in the order it was due."""
    tx.run(
        """update enrollments set run_at = due_at, due_at = null
        where account_id = :account_id and person_id = :id and state = 1 and run_at is null and due_at is not null""",
        id=person_id,
    )


IMMEDIATE = {"contact.deleted": deleted, "contact.restored": restored}
"""Events that the engine hears at once, not through the inbox."""
