"""Branches: one statement for a group where the condition compiles, the evaluator where it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ghl.engine.records import store_of
from ghl.errors import ExpressionError

if TYPE_CHECKING:
    from ghl.engine.workflows.actions import Group


def branch(group: Group) -> None:
    """Those for whom the condition is true go on with `then`, the others with `else`."""
    text = group.step.arguments["when"]
    other = "null" if group.step.other_id is None else str(group.step.other_id)
    group.set(f"touched = 0, outcome = 4, next_id = {other}")
    taken = true_for(group, text)
    following = "null" if group.step.next_id is None else str(group.step.next_id)
    if taken is None:
        group.set(f"outcome = 3, next_id = {following}", " and touched = 1")
    else:
        group.tx.connection.many_tuples(
            f"update batch set outcome = 3, next_id = {following} where n = ?", [(n,) for n in taken]
        )
    if group.step.arguments.get("guards"):
        skipped = json.dumps({"skipped": group.step.arguments["guards"]})
        group.set("detail = :detail", " and outcome = 4", detail=skipped)


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
        f"""update batch set touched = 1 where n in (select b.n from batch b cross join {table} r
        where {group.joined} and r.id = b.{key} and ({fragment.sql}))""",
        group.tx.params(fragment.params),
    )
    return None


def _evaluated(group: Group, text: str) -> list[int]:
    from ghl.engine.workflows.subjects import Subjects  # for conditions that SQL cannot hold

    subjects = Subjects(group.tx, group.step.version.subject)
    rows = group.rows()
    subjects.load([(row[1], row[3]) for row in rows])
    return [row[0] for row in rows if subjects.holds(text, row[2], row[3], enrollment_id=row[1])]
