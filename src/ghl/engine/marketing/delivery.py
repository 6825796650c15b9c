"""The sender's loop: claim, prepare, announce, hand over, keep the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ghl.engine.access import Caller
from ghl.engine.channels import Receipt
from ghl.engine.clock import VirtualClock
from ghl.engine.db import Connection, Database
from ghl.engine.marketing import hooks
from ghl.engine.marketing.composing import Refusal, decide
from ghl.engine.marketing.drafts import Drafts, contacts_of
from ghl.engine.marketing.ledger import Ledger, Verdict
from ghl.engine.marketing.outgoing import Outgoing, Prepared
from ghl.engine.marketing.senders import make_default
from ghl.engine.marketing.suppressions import store_key, suppress, suppressed
from ghl.engine.marketing.unsubscribing import PURPOSE
from ghl.engine.marketing.verdicts import bounced, verdict
from ghl.engine.outbox import FAILED, SENT, SETTLED, UNKNOWN
from ghl.engine.tx import Shared, Tx

if TYPE_CHECKING:
    from ghl.engine.channels.http import Http

CHUNK = 200
"""Messages of one round that go into a folder, with one commit."""
ONE_BY_ONE = 50
"""Messages of one round that leave the machine, each with a commit of its own."""
AT_ONCE = 8
"""Webhooks that are under way at the same time: one slow receiver does not hold the others up."""


@dataclass(slots=True)
class Delivered:
    """What rounds of the sender did."""

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

    def count(self, state: int) -> None:
        """One message has come to this state."""
        name = {SENT: "sent", FAILED: "failed", UNKNOWN: "unknown"}.get(state, "deferred")
        setattr(self, name, getattr(self, name) + 1)

    def skip(self, reason: str) -> None:
        """One message is not sent, by a rule."""
        self.skipped += 1
        self.reasons[reason] = self.reasons.get(reason, 0) + 1


class Delivery:
    """Sends what is queued in a store."""

    def __init__(
        self,
        database: Database,
        shared: Shared,
        *,
        identity: str,
        folder: str | None = None,
        http: Http | None = None,
        stopping: Callable[[], bool] = lambda: False,
        fault: Callable[[str], None] | None = None,
    ) -> None:
        self.database = database
        self.shared = shared
        self.identity = identity
        self.ledger = Ledger(database, shared)
        self.outgoing = Outgoing(shared.clock, identity=identity, folder=folder)
        self._http = http
        self._ready: set[int] = set()
        self._portion = ONE_BY_ONE
        self._stopping = stopping
        self._fault = fault or (lambda point: None)

    def close(self) -> None:
        """Close the connections to servers."""
        self.outgoing.close()

    def abort(self) -> None:
        """Hang up on servers that do not answer, from another thread."""
        self.outgoing.abort()

    def recover(self) -> int:
        """Queue again what dead programs left; how many messages."""
        return self.ledger.recover()

    def round(self) -> Delivered:
        """Send one portion of everything that is due; how it went."""
        done = Delivered()
        self._mail(done)
        if not self._stopping():
            self._webhooks(done)
        return done

    def _own(self, connection: Connection, account_id: int) -> Tx:
        return Tx(connection, Caller(account_id=account_id, actor="sender", origin="worker"), self.shared)

    # --- mail

    def _mail(self, done: Delivered) -> None:
        rows = self.ledger.claim("email", self._portion)
        if not rows:
            return
        self._fault("claimed")
        self._prepare_accounts(rows)
        with self.database.read() as connection:
            prepared = [
                one
                for account_id in dict.fromkeys(row["account_id"] for row in rows)
                for one in Drafts(self._own(connection, account_id), self.outgoing).of(
                    [row for row in rows if row["account_id"] == account_id]
                )
            ]
        leaving = any(p.sender is not None and not p.sender["url"].startswith("outbox:") for p in prepared)
        size = 1 if leaving else CHUNK
        self._portion = ONE_BY_ONE if leaving else CHUNK
        results: list[tuple[Prepared, Receipt]] = []
        paused: dict[int, float] = {}
        for start in range(0, len(prepared), size):
            if self._stopping():
                self.ledger.put_back(p.draft.row for p in prepared[start:])
                break
            part = [p for p in prepared[start : start + size] if p.sender is None or p.sender["id"] not in paused]
            ready = self._announce(part, results, done)
            results = []
            self._fault("sending")
            for one in ready:
                receipt = self.outgoing.send(one)
                results.append((one, receipt))
                self._fault("sent")
                if receipt.scope == "sender" and one.sender is not None:
                    paused[one.sender["id"]] = receipt.retry_after or 60.0
        self._announce([], results, done)
        self._pause(prepared, paused)

    def _prepare_accounts(self, rows: list[dict[str, Any]]) -> None:
        """What an account needs before its first mail: a key for links, and a sender.

        An account that never had a sender gets a folder to write its mail to.
        """
        for account_id in dict.fromkeys(row["account_id"] for row in rows):
            if account_id in self._ready:
                continue
            with self.database.write() as connection:
                tx = self._own(connection, account_id)
                store_key(tx, PURPOSE)
                if connection.one("select 1 as found from senders where account_id = :id limit 1", {"id": account_id}) is None:
                    make_default(tx)
                tx.finish()
            self._ready.add(account_id)

    def _pause(self, prepared: list[Prepared], paused: dict[int, float]) -> None:
        """Where a sender as a whole is refused, its messages that are still claimed are not tried now."""
        for sender_id, seconds in paused.items():
            rest = [p.draft.row for p in prepared if p.sender and p.sender["id"] == sender_id]
            self.ledger.put_back(rest, self.ledger.now() + round(seconds * 1000))

    def _announce(
        self, drafts: list[Prepared], results: list[tuple[Prepared, Receipt]], done: Delivered
    ) -> list[Prepared]:
        """One transaction: keep what became of those before, and set the next to `sending`."""
        if not drafts and not results:
            return []
        ready: list[Prepared] = []
        with self.database.write() as connection:
            now = self.ledger.now()
            self._keep(connection, results, now, done)
            mine = self.ledger.mine(connection, (p.draft.row for p in drafts))
            drafts = [p for p in drafts if p.draft.row["id"] in mine]
            for account_id in dict.fromkeys(p.draft.row["account_id"] for p in drafts):
                tx = self._own(connection, account_id)
                ready += self._set_sending(tx, [p for p in drafts if p.draft.row["account_id"] == account_id], done)
                tx.finish()
        return ready

    def _set_sending(self, tx: Tx, drafts: list[Prepared], done: Delivered) -> list[Prepared]:
        """The rules are asked once more where it counts: in the transaction after which it leaves."""
        contacts = contacts_of(tx, (p.draft.row for p in drafts))
        listed = suppressed(tx, "email", [p.draft.key for p in drafts if p.draft.key])
        details, ready = [], []
        for one in drafts:
            draft = one.draft
            if draft.refusal is None:
                draft.contact = contacts.get(draft.row["subject_id"])
                draft.refusal = decide(tx, draft, listed)
            if draft.refusal:
                done.skip(draft.refusal.reason)
            else:
                one.message_id, one.at = self.outgoing.message_id(one), tx.now_ms
                ready.append(one)
            details.append(_details(tx, one))
        self.ledger.announce(tx.connection, details, tx.now_ms)
        hooks.wake(tx.connection, (one.draft.row for one in drafts if one.draft.refusal), tx.now_ms)
        return ready

    def _keep(self, connection: Connection, results: list[tuple[Prepared, Receipt]], now: int, done: Delivered) -> None:
        if not results:
            return
        verdicts = [verdict(one, receipt, now) for one, receipt in results]
        for found in verdicts:
            done.count(found.state)
        self.ledger.keep(connection, verdicts, now)
        rows = (one.draft.row for one, _ in results)
        hooks.wake(connection, _settled(verdicts, rows), now)
        for one, receipt in results:
            if one.draft.address and bounced(receipt):
                tx = self._own(connection, one.draft.row["account_id"])
                suppress(tx, "email", one.draft.address, "bounced", receipt.detail[:200] or None)
                tx.finish()

    # --- webhooks

    def _webhooks(self, done: Delivered) -> None:
        rows = self.ledger.claim("webhook", AT_ONCE * 4)
        if not rows:
            return
        with self.database.read() as connection:
            calls = [
                call
                for account_id in dict.fromkeys(row["account_id"] for row in rows)
                for call in hooks.Hooks(self._own(connection, account_id), self.identity).of(
                    [row for row in rows if row["account_id"] == account_id]
                )
            ]
        with self.database.write() as connection:
            mine = self.ledger.mine(connection, rows)
            calls = [call for call in calls if call.row["id"] in mine]
            now = self.ledger.now()
            self.ledger.announce(connection, [self._of_call(call, now) for call in calls], now)
            hooks.wake(connection, (call.row for call in calls if call.refusal), now)
        ready = [call for call in calls if call.refusal is None]
        for _ in range(len(calls) - len(ready)):
            done.skip("template")
        self._fault("calling")
        verdicts = self._called(ready)
        self._fault("called")
        for found in verdicts:
            done.count(found.state)
        with self.database.write() as connection:
            now = self.ledger.now()
            self.ledger.keep(connection, verdicts, now)
            hooks.wake(connection, _settled(verdicts, (call.row for call in ready)), now)

    def _called(self, calls: list[hooks.Call]) -> list[Verdict]:
        if not calls:
            return []
        if self._http is None and isinstance(self.shared.clock, VirtualClock):
            # Virtual time reaches nobody: unless it was given a way out, webhooks become files beside the mail.
            folder, now = Path(self.outgoing.folder or "outbox"), self.ledger.now()
            return [hooks.verdict(call, hooks.write(call, folder), now) for call in calls]
        from concurrent.futures import ThreadPoolExecutor  # where webhooks are sent

        from ghl.engine.channels.http import Http  # as above

        http = self._http = self._http or Http()
        clock = self.shared.clock
        with ThreadPoolExecutor(min(AT_ONCE, len(calls))) as pool:
            receipts = list(pool.map(lambda call: hooks.send(call, http, clock), calls))
        now = self.ledger.now()
        return [hooks.verdict(call, receipt, now) for call, receipt in zip(calls, receipts, strict=True)]

    def _of_call(self, call: hooks.Call, now: int) -> dict[str, Any]:
        return {
            "id": call.row["id"], "account_id": call.row["account_id"],
            "address": call.url[:500] or None, "sender_id": None, "version_id": None, "message_id": call.id,
            "now_ms": now, "hash": None, "subject": f"{call.method} webhook",
            "reason": "template" if call.refusal else None, "rule": call.refusal,
            "rendered": json.dumps({"html": None, "text": call.body.decode()}) if call.body else None,
        }  # fmt: skip


def _settled(verdicts: Iterable[Verdict], rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows that nothing more will become of."""
    return (row for row, found in zip(rows, verdicts, strict=True) if found.state in SETTLED)


def _details(tx: Tx, one: Prepared) -> dict[str, Any]:
    draft, rendered = one.draft, one.rendered
    refusal: Refusal | None = draft.refusal
    kept = None
    if rendered and not refusal:
        kept = json.dumps({"html": rendered.html or None, "text": rendered.text}, ensure_ascii=False)
    return {
        "id": draft.row["id"], "account_id": tx.account_id, "address": draft.address,
        "sender_id": one.sender["id"] if one.sender else None,
        "version_id": draft.template["id"] if draft.template else None, "message_id": one.message_id,
        "now_ms": tx.now_ms, "hash": rendered.hash if rendered else None,
        "subject": rendered.subject if rendered else None, "reason": refusal.reason if refusal else None,
        "rule": refusal.rule if refusal else None, "rendered": kept,
    }  # fmt: skip

