"""The sender's loop: claim, prepare, decide, hand over, record; every state durable before the next.

A message is `sending` in the database before its channel is asked to do anything. Where a program dies
between that and the result, nobody can know what became of it: after its lease it is `unknown`, and its
class decides what follows (transactional mail is tried again under the same Message-ID, marketing is held).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ghl.engine.access import Caller
from ghl.engine.columns import State
from ghl.engine.db import Database
from ghl.engine.ids import draw
from ghl.engine.marketing.composing import (
    DEFERRED,
    FAILED,
    QUEUED,
    SENDING,
    SENT,
    SKIPPED,
    UNKNOWN,
    Draft,
    Refusal,
    data_for,
    decide,
    zone_name,
)
from ghl.engine.marketing.outgoing import Outgoing, Prepared
from ghl.engine.marketing.senders import sender_for
from ghl.engine.marketing.suppressions import suppressed
from ghl.engine.marketing.templates import source_of
from ghl.engine.records import store_of
from ghl.engine.rendering import renderer
from ghl.engine.tx import Shared, Tx
from ghl.errors import GhlError, TemplateError

LEASE = 60_000
CHUNK = 200
FIRST, LONGEST, GIVE_UP = 60_000, 4 * 3_600_000, 72 * 3_600_000
"""A deferred message is tried after a minute, then ever longer, for three days."""

_CLAIM = """select id from outbox where channel = :channel and state in (0, 4) and available_at <= :now_ms
order by available_at limit :limit"""
_TAKE = """update outbox set state = 1, lease_until = :until, worker_id = :worker, attempts = attempts + 1
where id = :id and state in (0, 4)"""
_ROWS = """select o.*, e.object_id, e.workflow_id from outbox o
left join enrollments e on o.source = 1 and e.id = o.source_id where o.id in ({ids}) order by o.id"""
_DETAILS = """insert into message_details (outbox_id, public_id, account_id, address, sender_id, template_version_id,
  message_id, hash, subject, reason, rule, at, rendered)
values (:id, :public_id, :account_id, :address, :sender_id, :version_id, :message_id, :hash, :subject, :reason, :rule,
  :now_ms, :rendered)
on conflict (outbox_id) do update set address = excluded.address, sender_id = excluded.sender_id,
  template_version_id = excluded.template_version_id, hash = excluded.hash, subject = excluded.subject,
  reason = excluded.reason, rule = excluded.rule, rendered = excluded.rendered"""
_RESULT = "update outbox set state = :state, available_at = :available_at, lease_until = null where id = :id"
_ANSWER = """update message_details set reason = :reason, code = :code, answer = :answer, sent_at = :sent_at
where outbox_id = :id"""


@dataclass(slots=True)
class Delivered:
    """What one round of the sender did."""

    sent: int = 0
    skipped: int = 0
    failed: int = 0
    deferred: int = 0
    unknown: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many messages were looked at."""
        return self.sent + self.skipped + self.failed + self.deferred + self.unknown


class Delivery:
    """Sends what is queued on one channel of a store."""

    def __init__(
        self,
        database: Database,
        shared: Shared,
        *,
        identity: str,
        folder: str | None = None,
        worker_id: int = 0,
        fault: Callable[[str], None] | None = None,
    ) -> None:
        self.database = database
        self.shared = shared
        self.worker_id = worker_id
        self.outgoing = Outgoing(shared.clock, identity=identity, folder=folder)
        self._fault = fault or (lambda point: None)

    def close(self) -> None:
        """Close the connections to servers."""
        self.outgoing.close()

    # --- claiming

    def round(self, channel: str = "email", limit: int = CHUNK) -> Delivered:
        """Send one portion of what is due; how it went."""
        ids = self._claim(channel, limit)
        done = Delivered()
        if not ids:
            return done
        self._fault("claimed")
        with self.database.read() as connection:
            rows = connection.all(_ROWS.format(ids=",".join(map(str, ids))))
            drafts = self._drafts(Tx(connection, _system(0), self.shared), rows)
        one_by_one = self.outgoing.one_by_one(drafts)
        size = 1 if one_by_one else len(drafts)
        pending: list[tuple[Prepared, Any]] = []
        for start in range(0, len(drafts), size):
            ready = self._announce(drafts[start : start + size], pending, done)
            pending = []
            self._fault("sending")
            for prepared in ready:
                pending.append((prepared, self.outgoing.send(prepared)))
                self._fault("sent")
        self._announce([], pending, done)
        return done

    def _claim(self, channel: str, limit: int) -> list[int]:
        with self.database.read() as connection:
            word = self.shared.words.find(connection, "channel", channel)
            if word is None:
                return []
            tx = Tx(connection, _system(0), self.shared)
            params = {"channel": word, "now_ms": tx.now_ms, "limit": limit}
            if not connection.tuples(_CLAIM, {**params, "limit": 1}):
                return []
        with self.database.write() as connection:
            lock = " for update skip locked" if connection.dialect == "postgres" else ""
            ids = [row[0] for row in connection.tuples(_CLAIM + lock, params)]
            until = tx.now_ms + LEASE
            connection.many(
                _TAKE, [{"id": number, "until": until, "worker": self.worker_id} for number in ids]
            )
        return ids

    def recover(self) -> int:
        """What a dead program left: claimed messages are queued again, those under way are in doubt."""
        moved = 0
        with self.database.write() as connection:
            tx = Tx(connection, _system(0), self.shared)
            moved += connection.run(
                "update outbox set state = 0, lease_until = null where state = 1 and lease_until < :now_ms",
                {"now_ms": tx.now_ms},
            )
            lost = connection.all(
                """select o.id, v.kind from outbox o left join message_details d on d.outbox_id = o.id
                left join template_versions v on v.id = d.template_version_id
                where o.state = 2 and o.lease_until < :now_ms""",
                {"now_ms": tx.now_ms},
            )
            for row in lost:
                again = row["kind"] == "transactional" or row["kind"] is None
                connection.run(
                    "update outbox set state = :state, lease_until = null, available_at = :now_ms where id = :id",
                    {"state": QUEUED if again else UNKNOWN, "now_ms": tx.now_ms, "id": row["id"]},
                )
                connection.run(
                    "update message_details set reason = 'in_doubt', rule = :rule where outbox_id = :id",
                    {"id": row["id"], "rule": "the program that sent it ended before the answer was kept"},
                )
        return moved + len(lost)

    # --- preparing

    def _drafts(self, tx: Tx, rows: list[dict[str, Any]]) -> list[Prepared]:
        by_account: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            by_account.setdefault(row["account_id"], []).append(row)
        prepared: list[Prepared] = []
        for account_id, mine in by_account.items():
            own = Tx(tx.connection, _system(account_id), self.shared)
            prepared += self._drafts_of(own, mine)
        return prepared

    def _drafts_of(self, tx: Tx, rows: list[dict[str, Any]]) -> list[Prepared]:
        contacts = self._contacts(tx, rows)
        return [self._prepare(tx, row, contacts.get(row["subject_id"])) for row in rows]

    @staticmethod
    def _contacts(tx: Tx, rows: Iterable[dict[str, Any]]) -> dict[int, State]:
        ids = list(dict.fromkeys(row["subject_id"] for row in rows if row["subject_id"]))
        return {state["id"]: state for state in store_of("contact").load(tx, ids)}

    def _prepare(self, tx: Tx, row: dict[str, Any], contact: State | None) -> Prepared:
        detail = json.loads(row["detail"] or "{}")
        step = self._step(tx, detail.get("step"))
        version = self._version(tx, detail, step)
        draft = Draft(row, detail, contact, version, step)
        prepared = Prepared(draft)
        if version is None:
            draft.refusal = Refusal("no_template", "the template is gone")
            return prepared
        sender = self._sender(tx, detail.get("sender") or step.get("sender"))
        prepared.sender = sender
        if sender is not None:
            self.outgoing.prepare_url(tx, sender)
        else:
            draft.refusal = Refusal("no_sender", "there is no sender, or several and none is the default")
            return prepared
        keys = [key for key, values in contact["emails"].items() if values["is_primary"]] if contact else []
        draft.refusal = decide(tx, draft, suppressed(tx, "email", keys))
        if draft.refusal is None:
            assert contact is not None
            self._render(tx, prepared, contact, version)
        return prepared

    def _render(self, tx: Tx, prepared: Prepared, contact: State, version: dict[str, Any]) -> None:
        draft = prepared.draft
        data = tx.memo.get(("data", contact["id"]))
        if data is None:
            data = tx.memo["data", contact["id"]] = data_for(tx, contact)
        more = {**(draft.step.get("data") or {}), **(draft.detail.get("data") or {})}
        if draft.row["object_id"] and draft.row["object_id"] != contact["id"]:
            more |= self._object(tx, draft.row)
        prepared.links = self.outgoing.links(tx, contact, draft)
        data = {**data, **more, "unsubscribe_url": prepared.links.url or prepared.links.mailto}
        source = source_of(version)
        try:
            subject = draft.step.get("subject")
            if subject:
                source = source_of({**version, "subject": subject})
            prepared.rendered = renderer().render(source, data, zone=zone_name(tx, contact))
        except TemplateError as error:
            draft.refusal = Refusal("template", f"the template cannot be filled in: {error.message}")

    @staticmethod
    def _object(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
        from ghl.engine.marketing.composing import shown

        subject = tx.value("select subject from workflows where account_id = :account_id and id = :id", id=row["workflow_id"])
        if subject in (None, "contact", "none"):
            return {}
        states = store_of(subject).load(tx, [row["object_id"]])
        return {subject: shown(tx, subject, states[0])} if states else {}

    @staticmethod
    def _step(tx: Tx, number: int | None) -> dict[str, Any]:
        memo = ("step", number)
        if memo not in tx.memo:
            text = tx.value("select arguments from workflow_steps where id = :id", id=number) if number else None
            tx.memo[memo] = json.loads(text) if text else {}
        found: dict[str, Any] = tx.memo[memo]
        return found

    @staticmethod
    def _version(tx: Tx, detail: dict[str, Any], step: dict[str, Any]) -> dict[str, Any] | None:
        number = detail.get("template_version")
        if number is None:
            public = detail.get("template") or step.get("template_id")
            memo = ("current", public)
            if memo not in tx.memo:
                found = tx.one("marketing/templates/current", public_id=public) if public else None
                tx.memo[memo] = found["id"] if found else None
            number = tx.memo[memo]
        memo = ("version", number)
        if memo not in tx.memo:
            tx.memo[memo] = tx.one("marketing/templates/version", id=number) if number else None
        version: dict[str, Any] | None = tx.memo[memo]
        return version

    @staticmethod
    def _sender(tx: Tx, wanted: str | None) -> State | None:
        memo = ("sender", wanted)
        if memo not in tx.memo:
            try:
                tx.memo[memo] = sender_for(tx, wanted)
            except GhlError:
                tx.memo[memo] = None
        found: State | None = tx.memo[memo]
        return found

    # --- the transaction that sets `sending`, and keeps the results of what was sent before

    def _announce(
        self, drafts: list[Prepared], results: list[tuple[Prepared, Any]], done: Delivered
    ) -> list[Prepared]:
        if not drafts and not results:
            return []
        ready: list[Prepared] = []
        with self.database.write() as connection:
            self._keep(connection, results, done)
            for account_id in dict.fromkeys(p.draft.row["account_id"] for p in drafts):
                tx = Tx(connection, _system(account_id), self.shared)
                mine = [p for p in drafts if p.draft.row["account_id"] == account_id]
                ready += self._set_sending(tx, mine, done)
        return ready

    def _set_sending(self, tx: Tx, drafts: list[Prepared], done: Delivered) -> list[Prepared]:
        """The rules are asked once more where it counts: in the transaction after which it leaves."""
        contacts = self._contacts(tx, (p.draft.row for p in drafts))
        listed = suppressed(tx, "email", [p.draft.key for p in drafts if p.draft.key])
        rows, states, ready = [], [], []
        for prepared in drafts:
            draft = prepared.draft
            if draft.refusal is None:
                draft.contact = contacts.get(draft.row["subject_id"])
                draft.refusal = decide(tx, draft, listed)
            state = SKIPPED if draft.refusal else SENDING
            if draft.refusal:
                done.skipped += 1
                done.reasons[draft.refusal.reason] = done.reasons.get(draft.refusal.reason, 0) + 1
            else:
                prepared.message_id = self.outgoing.message_id(prepared)
                ready.append(prepared)
            rows.append(self._details(tx, prepared))
            states.append(
                {
                    "id": draft.row["id"], "state": state,
                    "until": tx.now_ms + LEASE if state == SENDING else None,
                }
            )  # fmt: skip
        tx.connection.many(_DETAILS, rows)
        tx.connection.many("update outbox set state = :state, lease_until = :until where id = :id", states)
        return ready

    @staticmethod
    def _details(tx: Tx, prepared: Prepared) -> dict[str, Any]:
        draft, rendered = prepared.draft, prepared.rendered
        return {
            "id": draft.row["id"], "public_id": tx.public_id(), "account_id": tx.account_id,
            "address": draft.address, "sender_id": prepared.sender["id"] if prepared.sender else None,
            "version_id": draft.template["id"] if draft.template else None,
            "message_id": prepared.message_id, "now_ms": tx.now_ms,
            "hash": rendered.hash if rendered else None, "subject": rendered.subject if rendered else None,
            "reason": draft.refusal.reason if draft.refusal else None,
            "rule": draft.refusal.rule if draft.refusal else None,
            "rendered": json.dumps({"html": rendered.html or None, "text": rendered.text}, ensure_ascii=False)
            if rendered and not draft.refusal
            else None,
        }  # fmt: skip

    def _keep(self, connection: Any, results: list[tuple[Prepared, Any]], done: Delivered) -> None:
        if not results:
            return
        now = Tx(connection, _system(0), self.shared).now_ms
        rows, answers = [], []
        for prepared, receipt in results:
            row = prepared.draft.row
            state, available_at = self._verdict(prepared, receipt, now)
            name = {SENT: "sent", DEFERRED: "deferred", FAILED: "failed", UNKNOWN: "unknown", QUEUED: "unknown"}[state]
            setattr(done, name, getattr(done, name) + 1)
            rows.append({"id": row["id"], "state": state, "available_at": available_at})
            answers.append(
                {
                    "id": row["id"], "reason": receipt.reason or None,
                    "code": receipt.status or (str(receipt.code) if receipt.code else None),
                    "answer": receipt.detail or None, "sent_at": now if state == SENT else None,
                }
            )  # fmt: skip
        connection.many(_RESULT, rows)
        connection.many(_ANSWER, answers)

    @staticmethod
    def _verdict(prepared: Prepared, receipt: Any, now: int) -> tuple[int, int]:
        """The state after a try, and when the next one may be."""
        row = prepared.draft.row
        outcome = str(receipt.outcome)
        if outcome == "sent":
            return SENT, now
        if outcome == "failed":
            return FAILED, now
        if outcome == "unknown":
            return (QUEUED, now) if prepared.draft.transactional else (UNKNOWN, now)
        tries = row["attempts"]
        plain = min(LONGEST, FIRST * 3 ** max(0, tries - 1))
        wait = int(receipt.retry_after * 1000) if receipt.retry_after else plain
        if tries and plain >= LONGEST and tries > 3 + (GIVE_UP - LONGEST) // LONGEST:
            return FAILED, now
        return DEFERRED, now + round(wait * (0.9 + 0.2 * draw("deferred", f"{row['id']}:{tries}")))


def _system(account_id: int) -> Caller:
    return Caller(account_id=account_id, actor="sender", origin="worker")
