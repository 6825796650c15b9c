"""People inside a workflow whose definition was replaced: moved when they are claimed, hurried where they are not to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghl.engine.workflows.batch import EXITED, LEFT, TOOK

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

CHUNK = 20_000

_MOVED = f"""update batch set step_id = m.to_step_id, touched = 2 from step_moves m
where m.step_id = batch.step_id and batch.outcome = {TOOK} and batch.touched <> 3
and m.version_id = (select max(x.version_id) from step_moves x where x.step_id = m.step_id)"""
# The journal names the step that was left, so those who leave keep it.
_LEAVING = f"""update batch set outcome = {LEFT}, state = {EXITED}, next_id = null,
step_id = (select e.step_id from enrollments e where e.id = batch.id) where touched = 2 and step_id is null"""
_STAYING = """update batch set touched = 0, attempt = 0,
next_id = (select s.next_id from workflow_steps s where s.id = batch.step_id) where touched = 2"""
_HURRIED = "update enrollments set run_at = ?, state = 1 where id = ? and (state = 2 or coalesce(run_at, 0) > ? or {which})"
_ALL = "run_at is null"
_REPLACED = "1 = 0) and exists (select 1 from step_moves m where m.step_id = enrollments.step_id"
_CHUNK = """select id, object_id, slot from enrollments where workflow_id = :id and state < 3
and (object_id > :object or (object_id = :object and slot > :slot)) order by object_id, slot limit :size"""


def to_new_versions(tx: Tx) -> bool:
    """Move those of the batch whose step has a successor in a newer version; whether anybody was moved."""
    connection = tx.connection
    if connection.one("select 1 as found from step_moves limit 1") is None:
        return False
    # A successor may itself have been replaced since.
    for turn in range(20):
        if not connection.run(_MOVED):
            return turn > 0
        connection.run(_LEAVING)
        connection.run(_STAYING)
    return True


def hurry(tx: Tx) -> int:
    """Make people of a workflow due now, a portion at a time: their move is not to wait for their own time.

    Those whose workflow was archived leave even where they are held; others are hurried only where their
    step was replaced.
    """
    row = tx.connection.one("select * from hurries order by workflow_id limit 1")
    if row is None:
        return 0
    place = {"id": row["workflow_id"], "object": row["after_object"], "slot": row["after_slot"]}
    found = tx.connection.tuples(_CHUNK, {**place, "size": CHUNK})
    now = tx.now_ms
    tx.connection.many_tuples(
        _HURRIED.format(which=_ALL if row["everybody"] else _REPLACED), [(now, run[0], now) for run in found]
    )
    if len(found) < CHUNK:
        tx.connection.run("delete from hurries where workflow_id = :id", place)
    else:
        tx.connection.run(
            "update hurries set after_object = :object, after_slot = :slot where workflow_id = :id",
            {"id": row["workflow_id"], "object": found[-1][1], "slot": found[-1][2]},
        )
    return max(1, len(found))
