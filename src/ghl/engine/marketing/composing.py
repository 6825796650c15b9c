"""What a message is made of: the data of its text, its recipient, and whether she may get it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.showing import account_shown, owner_shown, shown
from ghl.engine.workflows.waits import zone_of

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is not sent: a code for programs, and the rule in words."""

    reason: str
    rule: str


@dataclass(slots=True)
class Draft:
    """A message on its way from the outbox to a channel."""

    row: dict[str, Any]
    detail: dict[str, Any]
    contact: State | None
    template: dict[str, Any] | None
    step: dict[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None
    address: str | None = None
    key: str | None = None
    elsewhere: bool = False
    """The step names an address of its own: what the contact wants is not asked."""

    @property
    def transactional(self) -> bool:
        """Whether the message goes to people who opted out of marketing."""
        return bool(self.template and self.template["kind"] == "transactional")


def data_for(
    tx: Tx, contact: State, more: dict[str, Any] | None = None, *, version: int | None = None
) -> dict[str, Any]:
    """The names that a message's text may use; the contact as of a version, if one is given."""
    person = shown(tx, "contact", contact, version)
    return {
        "contact": person, "company": {"name": person.get("company")}, "owner": owner_shown(tx, contact),
        "account": account_shown(tx), "now": tx.now, **(more or {}),
    }  # fmt: skip


def zone_name(tx: Tx, contact: State) -> str:
    """The zone in which dates are shown to a contact."""
    return str(zone_of(contact["zone"], contact["country"], tx.account.zone).key)


def primary_email(contact: State) -> tuple[str, str] | None:
    """The primary e-mail and its key."""
    for key, values in contact["emails"].items():
        if values["is_primary"]:
            return values["address"], key
    return None


def decide(tx: Tx, draft: Draft, suppressed: dict[str, str]) -> Refusal | None:
    """The first rule that forbids the message, in the order that is documented; None where none does.

    Frozen recipient, then suppression, consent, address validity. The same function answers when a
    message is prepared and again in the transaction that sets it to `sending`.
    """
    contact = draft.contact
    if not draft.elsewhere:
        if contact is None:
            return Refusal("no_contact", "the contact is gone")
        if contact["deleted_at"]:
            return Refusal("deleted", "the contact is deleted")
        found = primary_email(contact) if draft.address is None else (draft.address, draft.key or "")
        if found is None:
            return Refusal("no_email", "the contact has no e-mail")
        draft.address, draft.key = found
    reason = suppressed.get(draft.key or "")
    if reason and not (draft.transactional and reason == "unsubscribed"):
        return Refusal(reason, f"{draft.address} is on the suppression list: {reason}")
    channels = json.loads(contact["dnd"] or "[]") if contact is not None and not draft.elsewhere else []
    if "all" in channels or ("email" in channels and not draft.transactional):
        return Refusal("do_not_disturb", "the contact is not to be disturbed by e-mail")
    return None
