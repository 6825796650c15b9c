"""The ledger's rows on their way: claimed, announced, kept; every state is durable before the next begins.

A message is `sending` in the database before its channel is asked to do anything. Where a program dies
between that and the result, nobody can know what became of it: its class decides what follows (marketing
mail is held as `unknown`, anything else is tried again under the same id).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ghl.engine.access import Caller
from ghl.engine.clock import milliseconds
from ghl.engine.db import Connection, Database
from ghl.engine.outbox import CLAIMED, DEFERRED, FAILED, QUEUED, SENDING, SENT, SKIPPED, UNKNOWN
from ghl.engine.tx import Shared, Tx

LEASE = 300_000
"""Milliseconds for which a claimed or sending row is nobody else's, unless its worker is known to be dead."""
DEATHS = 5
"""So many programs may die with a message in hand before it is given up."""

_READY = """select id, deaths from outbox where channel = :channel and state in (0, 4) and available_at <= :now_ms
order by available_at limit :limit"""
_ROWS = """select o.*, e.object_id, e.workflow_id, w.subject as about, w.name as workflow, w.public_id as workflow_public_id,
  d.message_id, d.at as first_at, d.rendered, d.reason, d.subject as rendered_subject, n.public_id as run_id
from outbox o left join enrollments e on o.source = 1 and e.id = o.source_id
left join enrollment_details n on o.source = 1 and n.enrollment_id = o.source_id
left join workflows w on w.id = e.workflow_id left join message_details d on d.outbox_id = o.id
where o.id in ({ids}) order by o.available_at, o.id"""
_LOST = """select o.id, o.state, o.deaths, o.attempts, v.kind, c.name as channel from outbox o join words c on c.id = o.channel
left join message_details d on d.outbox_id = o.id left join template_versions v on v.id = d.template_version_id
where o.lease_until is not null and o.state in (1, 2)
  and (o.lease_until < :now_ms or (o.worker_id > 0 and o.worker_id not in (select w.id from workers w)))"""
_DETAILS = """insert into message_details (outbox_id, account_id, address, sender_id, template_version_id,
  message_id, hash, subject, reason, rule, at, rendered)
values (:id, :account_id, :address, :sender_id, :version_id, :message_id, :hash, :subject, :reason, :rule,
  :now_ms, :rendered)
on conflict (outbox_id) do update set address = excluded.address, sender_id = excluded.sender_id,
  template_version_id = excluded.template_version_id, hash = excluded.hash, subject = excluded.subject,
  message_id = coalesce(message_details.message_id, excluded.message_id),
  reason = excluded.reason, rule = excluded.rule, rendered = excluded.rendered"""
_GIVEN_UP = """insert into message_details (outbox_id, account_id, at)
select id, account_id, :now_ms from outbox where id = :id on conflict (outbox_id) do nothing"""
_ANSWER = """update message_details set reason = :reason, rule = null, code = :code, answer = :answer, sent_at = :sent_at
where outbox_id = :id"""
# A late answer is better than none: even where the row was given up, what was sent was sent.
_RESULT = f"""update outbox set state = :state, available_at = :available_at, lease_until = null where id = :id and
((state = {SENDING} and worker_id = :worker) or (:state = {SENT} and state in ({QUEUED}, {DEFERRED}, {UNKNOWN})))"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a row: its state, when it may be tried again, and what was answered."""

    id: int
    state: int
    available_at: int
    reason: str | None = None
    code: str | None = None
    answer: str | None = None


class Ledger:
    """The rows of one worker."""

    def __init__(self, database: Database, shared: Shared) -> None:
        self.database = database
        self.shared = shared
        self.worker_id = 0

    def now(self) -> int:
        """The present in milliseconds."""
        return milliseconds(self.shared.clock.now())

    def tx(self, connection: Connection, account_id: int = 0) -> Tx:
        """A transaction of the sender."""
        return Tx(connection, Caller(account_id=account_id, actor="sender", origin="worker"), self.shared)

    def claim(self, channel: str, limit: int) -> list[dict[str, Any]]:
        """Take what is due on a channel, the oldest first; one alone where a program died with it before."""
        with self.database.read() as connection:
            word = self.shared.words.find(connection, "channel", channel)
            now = self.now()
            params = {"channel": word, "now_ms": now, "limit": 1}
            if word is None or not connection.tuples(_READY, params):
                return []
        with self.database.write() as connection:
            lock = " for update skip locked" if connection.dialect == "postgres" else ""
            found = connection.tuples(_READY + lock, {**params, "limit": limit})
            if not found:
                return []
            risky = next((place for place, row in enumerate(found) if row[1]), len(found))
            ids = ",".join(str(row[0]) for row in found[: risky or 1])
            connection.run(
                f"""update outbox set state = {CLAIMED}, lease_until = :until, worker_id = :worker,
                attempts = attempts + 1 where id in ({ids})""",
                {"until": now + LEASE, "worker": self.worker_id},
            )
            return connection.all(_ROWS.format(ids=ids))

    def mine(self, connection: Connection, rows: Iterable[dict[str, Any]]) -> set[int]:
        """Of these rows, those that are still this worker's by the claim that it made; they are locked."""
        attempts = {row["id"]: row["attempts"] for row in rows}
        if not attempts:
            return set()
        lock = " for update" if connection.dialect == "postgres" else ""
        found = connection.tuples(
            f"""select id, attempts from outbox where id in ({",".join(map(str, attempts))}) and state = {CLAIMED}
            and worker_id = :worker{lock}""",
            {"worker": self.worker_id},
        )
        return {row[0] for row in found if attempts[row[0]] == row[1]}

    def put_back(self, rows: Iterable[dict[str, Any]], available_at: int | None = None) -> None:
        """What was claimed and not begun is queued again, as if it had not been touched."""
        rows = list(rows)
        if not rows:
            return
        with self.database.write() as connection:
            connection.many(
                f"""update outbox set state = {QUEUED}, lease_until = null, attempts = attempts - 1,
                available_at = coalesce(cast(:at as bigint), available_at)
                where id = :id and state = {CLAIMED} and worker_id = :worker and attempts = :attempts""",
                [
                    {"id": row["id"], "worker": self.worker_id, "attempts": row["attempts"], "at": available_at}
                    for row in rows
                ],
            )

    def announce(self, connection: Connection, details: list[dict[str, Any]], now: int) -> None:
        """Write what is about to be done: those with a reason are skipped, the others are `sending`."""
        connection.many(_DETAILS, details)
        connection.many(
            "update outbox set state = :state, lease_until = :until where id = :id",
            [
                {"id": row["id"], "state": SKIPPED, "until": None}
                if row["reason"]
                else {"id": row["id"], "state": SENDING, "until": now + LEASE}
                for row in details
            ],
        )

    def keep(self, connection: Connection, verdicts: list[Verdict], now: int) -> None:
        """Write what became of messages."""
        connection.many(
            _RESULT,
            [
                {"id": one.id, "state": one.state, "available_at": one.available_at, "worker": self.worker_id}
                for one in verdicts
            ],
        )
        connection.many(
            _ANSWER,
            [
                {
                    "id": one.id, "reason": one.reason, "code": one.code, "answer": one.answer,
                    "sent_at": now if one.state == SENT else None,
                }
                for one in verdicts
            ],
        )  # fmt: skip

    def recover(self) -> int:
        """What dead programs left: claimed rows are queued again, those under way are in doubt; how many."""
        with self.database.read() as connection:
            if not connection.tuples(f"{_LOST} limit 1", {"now_ms": self.now()}):
                return 0
        with self.database.write() as connection:
            now = self.now()
            lost = connection.all(
                _LOST + (" for update of o skip locked" if connection.dialect == "postgres" else ""), {"now_ms": now}
            )
            for row in lost:
                self._free(connection, row, now)
        return len(lost)

    def _free(self, connection: Connection, row: dict[str, Any], now: int) -> None:
        held = row["channel"] == "email" and row["kind"] != "transactional"
        rule = "the program that sent it ended before the answer was kept"
        reason: str | None = "in_doubt"
        if row["state"] == CLAIMED:
            state, reason = (QUEUED, None) if row["deaths"] + 1 < DEATHS else (FAILED, "poison")
            rule = f"{DEATHS} programs ended while they prepared it"
        else:
            state = UNKNOWN if held or row["attempts"] >= DEATHS else DEFERRED
        connection.run(
            """update outbox set state = :state, lease_until = null, available_at = :now_ms,
            deaths = deaths + :died where id = :id""",
            {"state": state, "now_ms": now, "id": row["id"], "died": int(row["state"] == CLAIMED)},
        )
        if state == FAILED:
            connection.run(_GIVEN_UP, {"id": row["id"], "now_ms": now})
        if reason is not None:
            connection.run(
                "update message_details set reason = :reason, rule = :rule where outbox_id = :id",
                {"id": row["id"], "rule": rule, "reason": reason},
            )
