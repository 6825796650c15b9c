"""Leaving by link: a signed token that names the contact and the address, and what using it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.marketing.suppressions import store_key, suppress

if TYPE_CHECKING:
    from ghl.engine.marketing.composing import Draft
    from ghl.engine.tx import Tx

PURPOSE = "unsubscribe"


def link(tx: Tx, public_url: str, contact: State, draft: Draft) -> str:
    """The address on which a recipient leaves: unguessable, and good for as long as the mail is kept."""
    from ghl.engine.channels.links import sign  # for mail with a public address

    memo = ("key", PURPOSE)
    if memo not in tx.memo:
        tx.memo[memo] = store_key(tx, PURPOSE)
    body = f"{tx.account.public_id} {contact['public_id']} {draft.key}"
    return f"{public_url.rstrip('/')}/u/{sign(tx.memo[memo], PURPOSE, body)}"


def opened(tx: Tx, body: str) -> dict[str, Any]:
    """What a verified token says: account, contact and address key."""
    account, contact, key = body.split(" ", 2)
    return {"account": account, "contact": contact, "key": key}


def leave(tx: Tx, address: str) -> None:
    """Put the address on the suppression list."""
    suppress(tx, "email", address, "unsubscribed", "one-click link")
