"""The states of a row of the outbox, and what it comes from: shared by those who write rows and those who send."""

from __future__ import annotations

ENROLLMENT, CAMPAIGN, DIRECT = 1, 2, 3
QUEUED, CLAIMED, SENDING, SENT, DEFERRED, FAILED, UNKNOWN, SKIPPED, UNDONE = range(9)
STATES = {
    QUEUED: "queued", CLAIMED: "claimed", SENDING: "sending", SENT: "sent", DEFERRED: "deferred",
    FAILED: "failed", UNKNOWN: "unknown", SKIPPED: "skipped", UNDONE: "undone",
}  # fmt: skip
SETTLED = (SENT, FAILED, UNKNOWN, SKIPPED, UNDONE)
"""Nothing more becomes of these by themselves."""
