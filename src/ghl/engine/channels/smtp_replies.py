"""What an SMTP server's answers mean for a message, for its recipients, and for the sender."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ghl.engine.channels.messages import Outcome, Receipt, RecipientResult, cleaned

_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_LATER = re.compile(r"(?:in|after|wait)\s+(\d{1,5})\s*(s|sec|second|m|min|minute|h|hour)", re.IGNORECASE)
_QUEUED = re.compile(
    r"(?:queued as|queued mail for delivery|id[= ])\s*<?([A-Za-z0-9._@-]{4,80})", re.IGNORECASE
)
_RELAY = re.compile(
    r"relay(?:ing)?\b.*\b(?:denied|not (?:permitted|allowed)|prohibited)|unable to relay", re.IGNORECASE
)

# RFC 3463's codes without their class, as a program wants to know them.
_REASONS = {
    "1.0": "bad_address", "1.1": "no_such_mailbox", "1.2": "no_such_domain", "1.3": "bad_address", "1.6": "moved",
    "1.7": "bad_sender_address", "1.8": "bad_sender_address", "1.10": "no_such_domain",
    "2.0": "mailbox_problem", "2.1": "mailbox_disabled", "2.2": "mailbox_full", "2.3": "message_too_large",
    "3.0": "server_problem", "3.1": "server_full", "3.2": "server_busy", "3.4": "message_too_large",
    "4.1": "unreachable", "4.2": "connection_lost", "4.4": "no_route", "4.6": "loop", "4.7": "expired",
    "5.3": "too_many_recipients", "6.0": "bad_content", "7.0": "policy", "7.1": "policy", "7.8": "auth_failed",
    "7.23": "spf", "7.25": "no_reverse_dns", "7.26": "authentication_of_mail", "7.27": "sender_domain_has_no_mx",
    "7.28": "rate_limited", "7.30": "tls_required",
}  # fmt: skip
_SENDER_CODES = {421, 454, 503, 530, 534, 535, 538}
_SENDER_REASONS = {
    "auth_failed",
    "bad_sender_address",
    "rate_limited",
    "spf",
    "no_reverse_dns",
    "tls_required",
}
_PAUSE = 900.0


def status_of(reply: bytes) -> str:
    """The enhanced status code at the beginning of a reply, or ""."""
    found = _STATUS.match(reply.decode("ascii", "replace"))
    return found[1] if found else ""


def of_recipient(address: str, code: int, reply: bytes) -> RecipientResult:
    """What an answer means for one recipient."""
    outcome = Outcome.SENT if code // 100 == 2 else Outcome.FAILED if code // 100 == 5 else Outcome.DEFERRED
    status = status_of(reply)
    return RecipientResult(address, outcome, code, status, _reason(outcome, code, status), cleaned(reply))


def _reason(outcome: Outcome, code: int, status: str) -> str:
    if outcome is Outcome.SENT:
        return "accepted"
    named = _REASONS.get(status.partition(".")[2])
    if named is not None:
        return named
    plain = {421: "throttled", 450: "mailbox_busy", 451: "server_problem", 452: "server_full", 550: "refused",
             551: "refused", 552: "mailbox_full", 553: "bad_address", 554: "refused"}  # fmt: skip
    return plain.get(code, "refused" if outcome is Outcome.FAILED else "deferred")


def concerns_sender(result: RecipientResult) -> bool:
    """Whether every other message of this sender would fare the same now."""
    return (
        result.outcome in (Outcome.DEFERRED, Outcome.FAILED)
        and (result.code in _SENDER_CODES or result.reason in _SENDER_REASONS or bool(_RELAY.search(result.detail)))
    )  # fmt: skip


def of_sender(code: int, reply: bytes, reason: str = "") -> Receipt:
    """An answer that is about the sender: the message is kept, and the sender should pause."""
    one = of_recipient("", code, reply)
    return Receipt(
        Outcome.DEFERRED, reason or (one.reason if one.reason != "accepted" else "refused"), code, one.status,
        one.detail, retry_after=later(reply) or _PAUSE, scope="sender",
    )  # fmt: skip


def later(reply: bytes) -> float | None:
    """The seconds that a reply asks to wait, if it says so in words."""
    found = _LATER.search(reply.decode("ascii", "replace"))
    if found is None:
        return None
    unit = {"s": 1, "m": 60, "h": 3600}[found[2][0].lower()]
    return float(min(int(found[1]) * unit, 86_400))


def summed(results: Sequence[RecipientResult], provider_id: str = "") -> Receipt:
    """The receipt of a message from what became of each recipient."""
    for wanted in (Outcome.UNKNOWN, Outcome.DEFERRED, Outcome.SENT, Outcome.FAILED):
        found = next((one for one in results if one.outcome is wanted), None)
        if found is not None:
            break
    assert found is not None  # a mail has recipients
    about_sender = concerns_sender(found)
    outcome = found.outcome
    if about_sender and outcome is Outcome.FAILED and len(results) == 1:
        outcome = Outcome.DEFERRED  # not the recipient's fault: nobody's address is marked for it
        results = [
            RecipientResult(found.address, outcome, found.code, found.status, found.reason, found.detail)
        ]
    waits = later(found.detail.encode()) if outcome is Outcome.DEFERRED else None
    return Receipt(
        outcome, found.reason, found.code, found.status, found.detail, provider_id,
        waits if waits is not None else _PAUSE if about_sender else None,
        "sender" if about_sender else "recipient", tuple(results),
    )  # fmt: skip


def provider_id(reply: bytes) -> str:
    """The name under which the server queued the message, if its answer has one."""
    found = _QUEUED.search(reply.decode("ascii", "replace"))
    return found[1] if found else ""
