"""Entering a workflow: the re-entry rule is held by one statement, so that nobody enters twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ghl.engine.eventlog import shard_of
from ghl.engine.workflows.versions import Version

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_ENTER = """insert into enrollments
(account_id, workflow_id, object_id, person_id, slot, shard, state, step_id, run_at)
values (:account_id, :workflow_id, :object_id, :person_id, :slot, :shard, 1, :step_id, :run_at)
on conflict do nothing returning id"""
_BEEN = """select 1 as been from enrollments where workflow_id = :workflow_id and object_id = :object_id
and {who} limit 1"""


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody (or something) that is to enter: the object, its person, and what started it."""

    object_id: int
    person_id: int | None
    event_id: int | None = None
    depth: int = 0
    key: str | None = None
    context: dict[str, Any] | None = None


def enter(tx: Tx, version: Version, entrants: Sequence[Entrant]) -> tuple[list[str], dict[str, int]]:
    """Enroll, by the workflow's re-entry rule; the public ids of the runs, and the refusals by reason."""
    entered: list[str] = []
    refused: dict[str, int] = {}
    details = []
    for entrant in entrants:
        reason, slot = _slot(tx, version, entrant)
        row = None
        if reason is None:
            row = tx.one(
                _ENTER, workflow_id=version.workflow_id, object_id=entrant.object_id,
                person_id=entrant.person_id, slot=slot, step_id=version.entry_id, run_at=tx.now_ms,
                shard=shard_of(tx.dialect, entrant.person_id, entrant.object_id),
            )  # fmt: skip
            if row is None:
                reason = "is inside already"
        if reason is not None or row is None:
            refused[reason or ""] = refused.get(reason or "", 0) + 1
            continue
        public_id = tx.public_id()
        entered.append(public_id)
        details.append(
            (
                row["id"], public_id, tx.now_ms, entrant.key, entrant.event_id, entrant.depth,
                json.dumps(entrant.context or {}, ensure_ascii=False),
            )
        )  # fmt: skip
    if details:
        tx.connection.many_tuples(
            """insert into enrollment_details
            (enrollment_id, public_id, entered_at, reentry_key, event_id, depth, context) values (?, ?, ?, ?, ?, ?, ?)""",
            details,
        )
    return entered, refused


def _slot(tx: Tx, version: Version, entrant: Entrant) -> tuple[str | None, int]:
    """The place that a run takes: one per object, one per key, or a new one each time."""
    if version.re_entry == "keyed":
        key = entrant.key or ""
        tx.run(
            """insert into reentry_keys (workflow_id, key) values (:workflow_id, :key)
            on conflict (workflow_id, key) do nothing""",
            workflow_id=version.workflow_id, key=key,
        )  # fmt: skip
        row = tx.one(
            "select id from reentry_keys where workflow_id = :workflow_id and key = :key",
            workflow_id=version.workflow_id, key=key,
        )  # fmt: skip
        assert row is not None
        return None, int(row["id"])
    if version.re_entry == "always" or entrant.object_id == 0:
        highest = tx.value(
            "select coalesce(max(slot), 0) as n from enrollments where workflow_id = :workflow_id and object_id = :object_id and state < 3",
            workflow_id=version.workflow_id, object_id=entrant.object_id,
        )  # fmt: skip
        return None, int(highest) + 1
    if version.re_entry == "never" and been(tx, version.workflow_id, entrant):
        return "was here before, and re_entry is never", 0
    return None, 0


def been(tx: Tx, workflow_id: int, entrant: Entrant) -> bool:
    """Whether a run of this workflow for this object exists, ended or not."""
    who = "person_id = :person_id" if entrant.person_id is not None else "person_id is null"
    found = tx.one(
        _BEEN.format(who=who), workflow_id=workflow_id, object_id=entrant.object_id, person_id=entrant.person_id
    )
    return found is not None
