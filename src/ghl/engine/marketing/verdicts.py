"""What a server's answer means for a mail: done, given up, tried again and when, or a doubt that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghl.engine.channels import Outcome, Receipt
from ghl.engine.ids import draw
from ghl.engine.marketing.ledger import Verdict
from ghl.engine.outbox import DEFERRED, FAILED, SENT, UNKNOWN

if TYPE_CHECKING:
    from ghl.engine.marketing.outgoing import Prepared

FIRST, LONGEST, GIVE_UP = 60_000, 4 * 3_600_000, 72 * 3_600_000
"""A deferred message is tried after a minute, then ever longer, for three days."""
DOUBTS = 5
"""So often a message whose answer was lost is sent again; then it is left to a person."""

GONE = ("no_such_mailbox", "no_such_domain", "mailbox_disabled", "bad_address")
"""Refusals for good that mean the address: it gets nothing any more."""


def verdict(one: Prepared, receipt: Receipt, now: int) -> Verdict:
    """The state after a try, and when the next one may be."""
    row = one.draft.row
    code = receipt.status or (str(receipt.code) if receipt.code else None)

    def settled(state: int, reason: str, at: int = now) -> Verdict:
        return Verdict(row["id"], state, at, reason or None, code, receipt.detail or None)

    if receipt.outcome is Outcome.SENT:
        return settled(SENT, receipt.reason)
    if receipt.outcome is Outcome.FAILED:
        return settled(FAILED, receipt.reason)
    doubtful = receipt.outcome is Outcome.UNKNOWN
    if doubtful and (not one.draft.transactional or row["attempts"] >= DOUBTS):
        return settled(UNKNOWN, receipt.reason)
    waits = _waits(row["id"], row["attempts"], receipt.retry_after)
    if now + waits > (row["first_at"] or now) + GIVE_UP:
        return settled(FAILED, "gave_up")
    return settled(DEFERRED, receipt.reason, now + waits)


def _waits(number: int, attempts: int, asked: float | None) -> int:
    plain: int = min(LONGEST, FIRST * 3 ** min(10, max(0, attempts - 1)))
    wait = max(plain, int(asked * 1000)) if asked else plain
    return round(wait * (0.9 + 0.2 * draw("deferred", f"{number}:{attempts}")))


def bounced(receipt: Receipt) -> bool:
    """Whether a refusal says that nobody is there."""
    return receipt.outcome is Outcome.FAILED and receipt.scope == "recipient" and receipt.reason in GONE
