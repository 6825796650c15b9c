"""Changing one record per person of a group, set-based: the change rows and the record's new version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.changelog import CHANGED
from ghl.engine.stores import store_of

if TYPE_CHECKING:
    from ghl.engine.workflows.actions import Group


def change_all(
    group: Group,
    noun: str,
    key: str,
    *,
    condition: str,
    before: str | None,
    after: str | None,
    params: dict[str, Any],
    assignments: str = "",
) -> int:
    """Mark the rows whose live record meets the condition, and change each of those records once.

    `condition` is SQL over the row of the batch and its record `r`; `before` and `after` are over the record
    `c`; `assignments` are further columns to set.
    Returns how many records changed; their rows are left with `touched = 1` and the change's number.
    """
    tx, connection, table = group.tx, group.tx.connection, store_of(noun).table
    first = ""
    if crowded(group, key):
        # Two runs of one person in one batch change her once; the second finds it done at its own step.
        first = f" and n in (select min(n) from batch where {group.at} and {key} is not null group by {key})"
    if group.change != "null":
        group.set("touched = 0", " and touched <> 0")
    count = connection.run(
        f"""update batch set touched = 1 where {group.at}{first} and exists
        (select 1 from {table} r where r.id = batch.{key} and r.deleted_at is null and ({condition}))""",
        params,
    )
    if not count:
        return 0
    number = group.change = group.batch.numbers("changes", f"{group.at} and touched = 1", column="change_no")
    connection.run(
        f"""insert into changes (id, prev_id, change_set_id, noun, record_id, kind, version, enrollment_id, before, after)
        select {number}, c.change_id, :set_id, :noun, c.id, {CHANGED}, c.version + 1, b.id, {before or "null"}, {after or "null"}
        from batch b cross join {table} c
        where {group.joined} and b.touched = 1 and c.id = b.{key} order by b.n""",
        {**params, **group.batch.bases, "set_id": tx.changes.set_id, "noun": tx.word("noun", noun)},
    )
    more = f", {assignments}" if assignments else ""
    connection.run(
        f"""update {table} set version = version + 1, updated_at = :now, change_id = {number}{more}
        from batch b where {table}.id = +b.{key} and {group.joined} and b.touched = 1""",
        {**params, **group.batch.bases, "now": tx.now},
    )
    tx.changes.counted(noun, CHANGED, count)
    return count


def crowded(group: Group, key: str) -> bool:
    """Whether two runs of the group may be about one record: then they differ in their slots, or it is the
    contact of two of the workflow's objects."""
    if key == "person_id" and group.step.version.subject != "contact":
        return True
    return group.batch.slot > 0
