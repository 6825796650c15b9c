"""Waits that depend on a person's zone, on a date of hers, or on something to happen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ghl.engine.clock import milliseconds
from ghl.engine.workflows.subjects import Subjects
from ghl.engine.workflows.waits import until_due, wait_due, zone_for
from ghl.sdk.times import zone_named
from ghl.sdk.workflows.durations import parse_duration

if TYPE_CHECKING:
    from ghl.engine.workflows.actions import Group


def wait_in_zone(group: Group) -> None:
    """A length of time, then the next weekday or clock time in the zone."""
    arguments = group.step.arguments
    rows, subjects, zone = _people(group)
    due = [
        (milliseconds(wait_due(arguments, now=group.tx.at, zone=zone(row))), row[0]) for row in rows
    ]
    assert subjects is not None
    group.tx.connection.many_tuples("update batch set run_at = ?, outcome = 5 where n = ?", due)


def _people(group: Group) -> tuple[list[tuple[Any, ...]], Subjects, Any]:
    rows = group.rows()
    subjects = Subjects(group.tx, group.step.version.subject)
    subjects.load([(row[1], row[3]) for row in rows])
    account = zone_named(group.tx.account.zone)
    chosen = group.step.arguments.get("zone", "contact")

    def zone(row: tuple[Any, ...]) -> Any:
        return zone_for(chosen, subjects.zone(row[3]), account)

    return rows, subjects, zone


def wait_until(group: Group) -> None:
    """Until a date field with its offset, a date, or the next such time of day."""
    arguments, step = group.step.arguments, group.step
    rows, subjects, zone = _people(group)
    waiting: list[tuple[Any, ...]] = []
    passing: list[tuple[Any, ...]] = []
    leaving: list[tuple[Any, ...]] = []
    for n, enrollment_id, object_id, person_id, *_ in rows:
        value = subjects.value(arguments["field"], object_id, person_id) if "field" in arguments else None
        row = (n, enrollment_id, object_id, person_id)
        due = until_due(arguments, now=group.tx.at, zone=zone(row), value=value)
        if due.missing:
            detail = json.dumps(f"{arguments.get('field')} is empty")
            (leaving if arguments.get("missing", "exit") == "exit" else passing).append((detail, n))
        elif due.past:
            detail = json.dumps({"past": due.at.isoformat()})
            (leaving if arguments.get("past") == "exit" else passing).append((detail, n))
        else:
            waiting.append((milliseconds(due.at), n))
    past = arguments.get("past", "continue")
    following = step.other_id if isinstance(past, dict) or past == "continue" else step.next_id
    number = "null" if following is None else str(following)
    run = group.tx.connection.many_tuples
    run("update batch set run_at = ?, outcome = 5 where n = ?", waiting)
    run(f"update batch set outcome = 2, next_id = {number}, detail = ? where n = ?", passing)
    run("update batch set outcome = 8, state = 4, next_id = null, detail = ? where n = ?", leaving)


def wait_for(group: Group) -> None:
    """Test now; then subscribe, with the time-out as the time to look again.

    The subscription names the step that follows when it is met; where the time-out comes first, the
    person goes on at `other`.
    """
    from ghl.engine.workflows.branching import true_for  # conditions are met less often than waits

    arguments, step, tx = group.step.arguments, group.step, group.tx
    timeout = tx.now_ms + parse_duration(str(arguments.get("timeout", "30 days"))).total_seconds * 1000
    other = "null" if step.other_id is None else str(step.other_id)
    if "when" in arguments:
        group.set("touched = 0")
        met = true_for(group, arguments["when"])
        if met is not None:
            tx.connection.many_tuples("update batch set touched = 1 where n = ?", [(n,) for n in met])
        group.set("outcome = 3", " and touched = 1")
        events = condition_events(step.version.subject)
    else:
        group.set("touched = 0")
        events = [arguments["event"]]
    group.set(f"outcome = 5, run_at = :timeout, next_id = {other}", " and touched = 0", timeout=timeout)
    subject = "coalesce(person_id, object_id)"
    newest = tx.value("select coalesce(max(id), 0) as n from events")
    kept = json.dumps({"step": step.id, "where": arguments.get("where"), "when": arguments.get("when")})
    word = tx.word("event", events[0]) if "event" in arguments else 0
    tx.connection.run(
        f"""insert into waits (enrollment_id, event_name, subject_id, since, filter)
        select id, :name, {subject}, :since, :filter from batch where {group.at} and touched = 0
        on conflict (enrollment_id) do update set event_name = excluded.event_name,
        subject_id = excluded.subject_id, since = excluded.since, filter = excluded.filter""",
        {"name": word, "since": newest, "filter": kept},
    )


def condition_events(subject: str) -> list[str]:
    """The events after which a condition about this subject may have become true: any of its person's."""
    return ["*"]
