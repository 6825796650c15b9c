"""Loops: workflows that start one another, and steps that lead to one another without a wait, are stopped and named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ghl.engine.workflows.batch import BROKE, FAILED

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

DEEPEST = 20
"""So many workflows may start one another in a row before the next one is refused."""
LONGEST = 100
"""So many steps may follow one another without a wait."""

_CAUSE = """select d.event_id, w.name from enrollments n join workflows w on w.id = n.workflow_id
join enrollment_details d on d.enrollment_id = n.id where n.id = :id"""
_RUNNING = """select id, n, journal_id from batch where hop - rested >= :longest and outcome = 1"""


def cycle(names: Sequence[str]) -> str:
    """The shortest run of names that repeats at the end, once around: `A → B → A`."""
    for length in range(1, len(names) // 2 + 1):
        if list(names[-length:]) == list(names[-2 * length : -length]):
            around = list(names[-length:])
            first = min(range(length), key=lambda n: list(names).index(around[n]))
            around = around[first:] + around[:first]
            return " → ".join([*around, around[0]])
    return " → ".join(names)


def starters(tx: Tx, event_id: int | None) -> list[str]:
    """The workflows that led to an event by starting one another, the first one first."""
    names: list[str] = []
    while event_id is not None and len(names) <= 2 * DEEPEST:
        event = tx.connection.one("select enrollment_id from events where id = :id", {"id": event_id})
        if event is None or event["enrollment_id"] is None:
            break
        run = tx.connection.one(_CAUSE, {"id": event["enrollment_id"]})
        if run is None:
            break
        names.append(run["name"])
        event_id = run["event_id"]
    return names[::-1]


def started_too_often(tx: Tx, event_id: int | None, workflow: str) -> str:
    """What is told of an entry that is refused."""
    names = starters(tx, event_id)
    told = {
        "error": f"{cycle([*names, workflow])} start one another, {len(names)} times in a row",
        "code": "loop", "hint": "put a condition on one of the triggers",
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False)


def stop_runaways(tx: Tx) -> int:
    """End runs of the batch that have taken too many steps without a wait; how many they are."""
    rows = tx.connection.tuples(_RUNNING, {"longest": LONGEST})
    for _, n, journal_id in rows:
        names: list[str] = []
        number = journal_id
        while number is not None and len(names) < LONGEST:
            row = tx.connection.one(
                "select j.prev_id, s.name from journal j join workflow_steps s on s.id = j.step_id where j.id = :id",
                {"id": number},
            )
            if row is None:
                break
            names.append(row["name"])
            number = row["prev_id"]
        told = {
            "error": f"{cycle(names[::-1])} repeat without a wait: stopped after {LONGEST} steps", "code": "loop",
            "hint": "put a `wait` into the loop",
        }  # fmt: skip
        tx.connection.run(
            f"update batch set outcome = {BROKE}, state = {FAILED}, next_id = null, detail = :told where n = :n",
            {"told": json.dumps(told, ensure_ascii=False), "n": n},
        )
    return len(rows)
