"""Schedules: what fires now, whom it starts, and when it fires next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ghl.engine.clock import from_milliseconds, milliseconds
from ghl.engine.tx import Cause
from ghl.engine.workflows.cron import next_fire
from ghl.engine.workflows.entries import Entrant, enter
from ghl.sdk.times import zone_named

if TYPE_CHECKING:
    from ghl.engine.db import Connection
    from ghl.engine.tx import Tx
    from ghl.engine.workflows.versions import Versions

_ACTIVE = """from workflow_triggers t join workflows w on w.id = t.workflow_id and w.version_id = t.version_id
where t.next_at is not null and w.status = 'active' and w.deleted_at is null"""
_FIRING = f"select t.*, w.subject {_ACTIVE} and t.next_at <= :now_ms order by t.next_at, t.id limit 100"
_NEXT = f"select min(t.next_at) as at {_ACTIVE}"


def fire(system: Tx, versions: Versions) -> int:
    """Start what schedules start now; how many fired. What was missed while nobody worked fires once."""
    rows = system.all(_FIRING)
    for row in rows:
        version = versions.version(system.connection, row["version_id"])
        tx = system.acting(version.caller, Cause())
        following = next_time(tx, row["cron"], row["zone"])
        tx.run("update workflow_triggers set next_at = :next_at where id = :id", next_at=following, id=row["id"])
        if version.entry_id is not None:
            enter(tx, version, _due_for(tx, row))
        tx.finish()
    return len(rows)


def next_time(tx: Tx, cron: str, zone: str | None) -> int | None:
    """The first time after now at which a rule fires, in milliseconds."""
    name = tx.account.zone if zone in (None, "account") else zone
    following = next_fire(cron, zone_named(str(name)), from_milliseconds(tx.now_ms))
    return milliseconds(following) if following else None


def _due_for(tx: Tx, row: dict[str, Any]) -> list[Entrant]:
    """Whom a schedule starts: one run about nothing, or one per record that its filter selects."""
    where = json.loads(row["arguments"]).get("where")
    if row["subject"] == "none":
        return [Entrant(0, None)]
    return chosen(tx, row["subject"], where or "true")


def chosen(tx: Tx, subject: str, where: str) -> list[Entrant]:
    """Every record of a noun for which a condition is true, with the person each leads to."""
    from ghl.engine.lists import matching  # for schedules and enrollments over records
    from ghl.engine.stores import store_of

    numbers = matching(tx, store_of(subject), where)
    if subject == "contact":
        return [Entrant(number, number) for number in numbers]
    return [Entrant(number, person_of(tx, subject, number)) for number in numbers]


def person_of(tx: Tx, subject: str, object_id: int) -> int | None:
    """The contact that a record of this noun leads to."""
    if subject == "contact":
        return object_id
    if subject == "deal":
        row = tx.one(
            "select contact_id from deal_contacts where deal_id = :id order by is_primary desc, contact_id limit 1",
            id=object_id,
        )
        return int(row["contact_id"]) if row else None
    return None


def next_firing(connection: Connection) -> int | None:
    """When the next schedule fires, in milliseconds."""
    row = connection.one(_NEXT)
    return int(row["at"]) if row and row["at"] is not None else None
