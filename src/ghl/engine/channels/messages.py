"""What a channel is given, and what it answers."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal


class Outcome(StrEnum):
    """What became of a message, or of one recipient of it."""

    SENT = "sent"  # the next server, or the receiver, has taken it over
    DEFERRED = "deferred"  # not taken now; the same message may be tried again
    FAILED = "failed"  # refused for good
    UNKNOWN = "unknown"  # handed over, and the answer was lost: it may or may not have been taken


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address, and the name to show with it."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Where to leave: an https URL on which a POST acts at once, an address to write to, or both."""

    url: str = ""
    mailto: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person, or to a few who may see each other's addresses.

    `id` is made by the caller and stays the same at every try: the Message-ID of a mail (without its
    angle brackets) and the webhook-id of a webhook. So does `date`, which makes a repeated mail the same
    to the last byte; without it the channel's clock says. `bounces` is where non-delivery is reported,
    the sender's own address unless given. Channels leave out what they have no use for.
    """

    id: str
    to: tuple[Address, ...] = ()
    sender: Address | None = None
    subject: str = ""
    text: str = ""
    html: str = ""
    reply_to: tuple[Address, ...] = ()
    bounces: str = ""
    date: datetime | None = None
    unsubscribe: Unsubscribe | None = None
    list_id: str = ""
    automatic: Literal["", "generated", "replied"] = ""
    """How it came about, if no person wrote it: an answer to a mail (replied) or anything else."""
    bulk: bool = False
    feedback_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: Mapping[str, Any] | None = None
    """The body of a webhook, as JSON."""


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What became of one recipient."""

    address: str
    outcome: Outcome
    code: int | None = None
    status: str = ""
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message.

    `reason` is a word for programs, `detail` the other side's own words, cleaned and cut. `code` is the
    SMTP or HTTP status, `status` the enhanced one (5.1.1). `scope` says whose trouble it is: with
    "sender" every other message would fare the same, so a caller pauses instead of going on.
    `retry_after` is in seconds. With several recipients the outcome is the first of unknown,
    deferred, sent, failed that any of them has; `recipients` has each.
    """

    outcome: Outcome
    reason: str = ""
    code: int | None = None
    status: str = ""
    detail: str = ""
    provider_id: str = ""
    retry_after: float | None = None
    scope: Literal["recipient", "sender"] = "recipient"
    recipients: tuple[RecipientResult, ...] = ()
    disable: bool = False
    """The receiver wants no more messages at all (HTTP 410)."""


def message_id(domain: str, *parts: str | int) -> str:
    """A Message-ID that says nothing and is the same for the same parts, in the sending domain.

    The parts are the key of the ledger's row: database, enrollment and hop, or database, campaign, contact.
    """
    digest = sha256()
    for part in parts:
        data = str(part).encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    name = b32encode(digest.digest()[:20]).decode("ascii").lower()
    return (
        f"{name}@{domain.encode('idna').decode('ascii').lower() if not domain.isascii() else domain.lower()}"
    )


def cleaned(text: str | bytes, limit: int = 400) -> str:
    """The other side's words on one line, without control characters, cut."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    printable = "".join(c if c.isprintable() else " " for c in words[: limit * 4])
    line = " ".join(printable.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
