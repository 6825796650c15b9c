"""What an undo does to runs: those that only the undone change started end as `undone`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_RUNS = """select d.enrollment_id from enrollment_details d join events e on e.id = d.event_id
join changes c on c.id = e.change_id join enrollments n on n.id = d.enrollment_id
where e.account_id = :account_id and c.change_set_id = :set_id and n.state < 3"""


def undone(tx: Tx, change_set_id: int) -> list[str]:
    """End the runs that events of this set have started."""
    rows = tx.all(_RUNS, set_id=change_set_id)
    for row in rows:
        tx.run(
            "update enrollments set state = 4, run_at = null, due_at = null where account_id = :account_id and id = :id",
            id=row["enrollment_id"],
        )
        tx.run(
            "update enrollment_details set ended_at = :now_ms, outcome = 'undone' where enrollment_id = :id",
            id=row["enrollment_id"],
        )
    return []
