"""Waits that depend on a person's zone, on a date of hers, or on something to happen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ghl.engine.clock import milliseconds
from ghl.engine.workflows.batch import EXITED, LEFT, SKIPPED, WAITING, YES
from ghl.engine.workflows.subjects import Subjects
from ghl.engine.workflows.waits import until_due, wait_due, zone_for
from ghl.sdk.times import zone_named
from ghl.sdk.workflows.durations import parse_duration

if TYPE_CHECKING:
    from ghl.engine.workflows.actions import Group, Member


def wait_in_zone(group: Group) -> None:
    """A length of time, then the next weekday or clock time in the zone."""
    arguments = group.step.arguments
    members, _, zone = _people(group)
    due = [
        (milliseconds(wait_due(arguments, now=group.tx.at, zone=zone(one))), one.n) for one in members
    ]
    group.tx.connection.many_tuples(f"update batch set run_at = ?, outcome = {WAITING} where n = ?", due)


def _people(group: Group) -> tuple[list[Member], Subjects, Callable[[Member], ZoneInfo]]:
    members = group.rows()
    subjects = Subjects(group.tx, group.step.version.subject)
    subjects.load((one.object_id, one.person_id) for one in members)
    account = zone_named(group.tx.account.zone)
    chosen = group.step.arguments.get("zone", "contact")

    def zone(one: Member) -> ZoneInfo:
        return zone_for(chosen, subjects.zone(one.person_id), account)

    return members, subjects, zone


def wait_until(group: Group) -> None:
    """Until a date field with its offset, a date, or the next such time of day."""
    arguments, step = group.step.arguments, group.step
    members, subjects, zone = _people(group)
    waiting: list[tuple[Any, ...]] = []
    passing: list[tuple[Any, ...]] = []
    leaving: list[tuple[Any, ...]] = []
    for one in members:
        n, field = one.n, arguments.get("field")
        value = subjects.value(field, one.object_id, one.person_id) if field else None
        due = until_due(arguments, now=group.tx.at, zone=zone(one), value=value)
        if due.missing:
            detail = json.dumps(f"{field} is empty")
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
    run(f"update batch set run_at = ?, outcome = {WAITING} where n = ?", waiting)
    run(f"update batch set outcome = {SKIPPED}, next_id = {number}, detail = ? where n = ?", passing)
    run(f"update batch set outcome = {LEFT}, state = {EXITED}, next_id = null, detail = ? where n = ?", leaving)


def wait_for(group: Group) -> None:
    """Test now; then subscribe, with the time-out as the time to look again.

    The subscription names the step, whose `next` follows when it is met; where the time-out comes first,
    the person goes on at `other`.
    """
    from ghl.engine.workflows.branching import true_for  # conditions are met less often than waits

    arguments, step, tx = group.step.arguments, group.step, group.tx
    timeout = tx.now_ms + parse_duration(str(arguments.get("timeout", "30 days"))).total_seconds * 1000
    other = "null" if step.other_id is None else str(step.other_id)
    group.set("touched = 0")
    if "when" in arguments:
        met = true_for(group, arguments["when"])
        if met is not None:
            tx.connection.many_tuples("update batch set touched = 1 where n = ?", [(n,) for n in met])
        group.set(f"outcome = {YES}", " and touched = 1")
    group.set(f"outcome = {WAITING}, run_at = :timeout, next_id = {other}", " and touched = 0", timeout=timeout)
    # On SQLite events are numbered in the order of their commits. On PostgreSQL the shard's inbox is empty
    # here, so what is handled later was not seen by the test, whatever its number.
    since = tx.value("select coalesce(max(id), 0) as n from events") if tx.dialect == "sqlite" else 0
    for noun, key in _about(step.version.subject, arguments.get("event")):
        tx.connection.run(
            f"""insert into waits (enrollment_id, noun, subject_id, event_name, step_id, since, filtered)
            select id, :noun, {key}, :name, :step, :since, :filtered from batch
            where {group.at} and touched = 0 and {key} is not null
            on conflict (enrollment_id, noun) do update set subject_id = excluded.subject_id,
            event_name = excluded.event_name, step_id = excluded.step_id, since = excluded.since,
            filtered = excluded.filtered""",
            {
                "noun": tx.word("noun", noun) if noun else 0, "since": since, "step": step.id,
                "name": tx.word("event", arguments["event"]) if "event" in arguments else 0,
                "filtered": int("when" in arguments or bool(arguments.get("where"))),
            },
        )  # fmt: skip


def _about(subject: str, event: str | None) -> list[tuple[str, str]]:
    """Whose events count: the record a run is about, and its person; for a run about nothing, anybody's."""
    if subject == "none":
        return [("", "account_id")]
    if subject == "contact":
        return [("contact", "person_id")]
    if event is None:
        return [(subject, "object_id"), ("contact", "person_id")]
    return [("contact", "person_id")] if event.startswith("contact.") else [(subject, "object_id")]
