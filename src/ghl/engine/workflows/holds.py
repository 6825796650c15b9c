"""What the deletion and restoring of a record does to the runs about it, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_HOLD = "update enrollments set due_at = coalesce(run_at, due_at), run_at = null"
_RELEASE = "update enrollments set run_at = due_at, due_at = null"
_HELD = " and run_at is null and due_at is not null"
_ABOUT = {
    "contact": "account_id = :account_id and person_id = :id and state = 1",
    "deal": """account_id = :account_id and object_id = :id and state = 1
        and workflow_id in (select w.id from workflows w where w.account_id = :account_id and w.subject = 'deal')""",
    "company": """account_id = :account_id and object_id = :id and state = 1
        and workflow_id in (select w.id from workflows w where w.account_id = :account_id and w.subject = 'company')""",
}


def _hold(noun: str) -> Callable[[Tx, int], None]:
    def hold(tx: Tx, record_id: int) -> None:
        """A deleted record's runs are held; their due times are kept."""
        tx.run(f"{_HOLD} where {_ABOUT[noun]}", id=record_id)

    return hold


def _release(noun: str) -> Callable[[Tx, int], None]:
    def release(tx: Tx, record_id: int) -> None:
        """A restored record's runs go on; what became due meanwhile is done in the order it was due."""
        tx.run(f"{_RELEASE} where {_ABOUT[noun]}{_HELD}", id=record_id)

    return release


IMMEDIATE = {f"{noun}.deleted": _hold(noun) for noun in _ABOUT} | {f"{noun}.restored": _release(noun) for noun in _ABOUT}
"""Events that the engine hears at once, not through the inbox."""
