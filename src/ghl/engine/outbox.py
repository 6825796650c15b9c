"""The states of a row of the outbox, and what it comes from: shared by those who write rows and those who send."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

ENROLLMENT, CAMPAIGN, DIRECT = 1, 2, 3
QUEUED, CLAIMED, SENDING, SENT, DEFERRED, FAILED, UNKNOWN, SKIPPED, UNDONE = range(9)
STATES = {
    QUEUED: "queued", CLAIMED: "claimed", SENDING: "sending", SENT: "sent", DEFERRED: "deferred",
    FAILED: "failed", UNKNOWN: "unknown", SKIPPED: "skipped", UNDONE: "undone",
}  # fmt: skip
SETTLED = (SENT, FAILED, UNKNOWN, SKIPPED, UNDONE)
"""Nothing more becomes of these by themselves."""

_TAIL = 12
"""So many digits at the end of a message's id are its row; the view `messages` spells ids the same way."""


def public_id(tx: Tx, number: int) -> str:
    """A message's id, from the store and the row alone: it is there from the start, and costs the ledger nothing."""
    if "store" not in tx.memo:
        tx.memo["store"] = tx.value("select value from store where name = 'identity'")
    name = tx.memo["store"]
    return f"{name[:8]}-{name[8:12]}-8{name[12:15]}-8{name[15:18]}-{number:0{_TAIL}x}"


def numbers(tx: Tx, reference: str) -> list[int]:
    """The rows that an id, or the last six or more characters of it, may mean."""
    text = reference.strip().lower()
    digits = text[-_TAIL:]
    if len(text) < 6 or not set(digits) <= set("0123456789abcdef"):
        return []
    number, step = int(digits, 16), 16 ** len(digits)
    if len(text) > _TAIL:
        return [number] if public_id(tx, number).endswith(text) else []
    highest = int(tx.value("select coalesce(max(id), 0) as n from outbox"))
    return list(range(number, highest + 1, step))
