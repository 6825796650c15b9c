"""Steps that reach outside: a row of the ledger for each person, and where it matters, its answer.

A step goes on when its row is written; the sender does the rest. Where the step says what follows an
error (`stop` or `goto`), the run waits at it instead, until the ledger knows what became of the row: it is
woken by that, and finds the answer when the step is performed again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine.db import Connection
from ghl.engine.outbox import FAILED, SETTLED
from ghl.engine.stores import store_of
from ghl.engine.workflows.batch import SKIPPED as PASSED
from ghl.engine.workflows.batch import WAITING
from ghl.engine.workflows.failures import failed
from ghl.errors import Unreachable

if TYPE_CHECKING:
    from ghl.engine.workflows.actions import Group

PATIENCE = 4 * 86_400_000
"""Milliseconds after which no answer counts as an error: more than the ledger goes on trying."""
_ANSWERS = """select b.n, o.state, d.reason, d.answer from batch b
join outbox o on o.source = 1 and o.source_id = b.id and o.seq = b.hop - 1 and o.part = 0
left join message_details d on d.outbox_id = o.id where {at}"""
_WAKE = "update enrollments set run_at = ? where id = ? and hop = ? and step_id = ? and state = 1 and run_at > ?"


def send_email(group: Group) -> None:
    """A row of the ledger for each person; the sender renders it and decides when it leaves.

    The template's text is pinned here: mail that is queued keeps it.
    """
    public_id = group.step.arguments.get("template_id")
    detail: dict[str, Any] = {"step": group.step.id}
    if public_id is not None:
        found = group.tx.one("marketing/templates/current", public_id=public_id)
        detail["template_version"] = found["id"] if found else 0
    _enqueue(group, "email", detail, anybody=bool(group.step.arguments.get("to")))


def webhook(group: Group) -> None:
    """A row of the outbox for each person."""
    _enqueue(group, "webhook", {"step": group.step.id}, anybody=True)


def _enqueue(group: Group, channel: str, detail: dict[str, Any], *, anybody: bool) -> None:
    """What later steps write is not in what this one sends: the versions of its records are kept."""
    tx, about, policy = group.tx, group.step.version.subject, group.step.policy
    awaited = policy is not None and policy.then in ("stop", "goto")
    fresh = ""
    if awaited:
        answered = _answered(group)
        fresh = f" and n not in ({','.join(map(str, answered))})" if answered else ""
        detail = detail | {"awaited": True}
    somebody = "" if anybody else " and person_id is not null"
    versions = _version("contact", "contact_records", "person_id")
    if about not in ("contact", "none"):
        versions += f" || ',' || {_version(about, store_of(about).table, 'object_id')}"
    tx.connection.run(
        f"""insert into outbox (account_id, channel, source, source_id, seq, part, subject_id, state, available_at, detail)
        select account_id, :channel, 1, id, hop, 0, coalesce(person_id, 0), 0, :now_ms, :detail || {versions} || '}}}}'
        from batch where {group.at}{somebody}{fresh} on conflict (source, source_id, seq, part) do nothing""",
        {
            "channel": tx.word("channel", channel), "now_ms": tx.now_ms,
            "detail": json.dumps(detail)[:-1] + ', "versions": {',
        },
    )  # fmt: skip
    if awaited:
        group.set(
            f"outcome = {WAITING}, run_at = :until, next_id = {group.step.id}", f"{fresh}{somebody}",
            until=tx.now_ms + PATIENCE,
        )  # fmt: skip
    if somebody:
        group.set(f"outcome = {PASSED}, detail = :why", " and person_id is null", why=json.dumps("no contact"))


def _version(noun: str, table: str, column: str) -> str:
    version = f"(select cast(v.version as text) from {table} v where v.id = batch.{column})"
    return f"'\"{noun}\": ' || coalesce({version}, 'null')"


def _answered(group: Group) -> list[int]:
    """Those who were waiting for what became of their row: its failure is the step's, the rest goes on."""
    people = {one.n: one for one in group.rows()}
    found = group.tx.connection.tuples(_ANSWERS.format(at=group.joined))
    for n, state, reason, answer in found:
        if state == FAILED or state not in SETTLED:
            why = str(answer or reason or "refused") if state == FAILED else "no answer in four days"
            failed(group, people[n], Unreachable(f"it could not be delivered: {why}"), final=True)
    return [row[0] for row in found]


def wake(connection: Connection, rows: Iterable[dict[str, Any]], now: int) -> None:
    """Wake the runs that wait for these rows of the ledger, which are settled."""
    waiting = []
    for row in rows:
        detail = json.loads(row["detail"] or "{}")
        if detail.get("awaited"):
            waiting.append((now, row["source_id"], row["seq"] + 1, detail["step"], now))
    if waiting:
        connection.many_tuples(_WAKE, waiting)
