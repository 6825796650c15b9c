"""Branches: one statement for a group where the condition compiles, the evaluator where it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ghl.engine.stores import store_of
from ghl.engine.workflows.batch import NO, YES
from ghl.errors import ExpressionError

if TYPE_CHECKING:
    from ghl.engine.workflows.actions import Group


def branch(group: Group) -> None:
    """Those for whom the condition is true go on with `then`, the others with `else`."""
    text = group.step.arguments["when"]
    other = "null" if group.step.other_id is None else str(group.step.other_id)
    group.set(f"touched = 0, outcome = {NO}, next_id = {other}")
    taken = true_for(group, text)
    following = "null" if group.step.next_id is None else str(group.step.next_id)
    if taken is None:
        group.set(f"outcome = {YES}, next_id = {following}", " and touched = 1")
    else:
        group.tx.connection.many_tuples(
            f"update batch set outcome = {YES}, next_id = {following} where n = ?", [(n,) for n in taken]
        )
    if group.step.arguments.get("guards"):
        skipped = json.dumps({"skipped": group.step.arguments["guards"]})
        group.set("detail = :detail", f" and outcome = {NO}", detail=skipped)


def true_for(group: Group, text: str) -> list[int] | None:
    """The numbers of the rows for which a condition is true; None where `touched` marks them already."""
    subject = group.step.version.subject
    if subject == "none":
        return _evaluated(group, text)
    from ghl.engine.filters import compiled  # the language is loaded when a condition is met

    try:
        fragment = compiled(group.tx, subject, text)
    except ExpressionError:
        return _evaluated(group, text)
    table = store_of(subject).table
    key = "person_id" if subject == "contact" else "object_id"
    group.tx.connection.run(
        f"""update batch set touched = 1 where {group.at} and exists (select 1 from {table} r
        where r.id = batch.{key} and r.deleted_at is null and ({fragment.sql}))""",
        group.tx.params(fragment.params),
    )
    return None


def _evaluated(group: Group, text: str) -> list[int]:
    from ghl.engine.workflows.subjects import Subjects  # for conditions that SQL cannot hold

    subjects = Subjects(group.tx, group.step.version.subject)
    members = group.rows()
    subjects.load((one.object_id, one.person_id) for one in members)
    return [one.n for one in members if subjects.holds(text, one.object_id, one.person_id)]
