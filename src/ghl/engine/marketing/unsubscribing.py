"""Leaving by link: a signed token that names account, message and contact, and what using it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ghl.engine.access import Caller
from ghl.engine.marketing.composing import primary_email
from ghl.engine.marketing.suppressions import key_of, store_key, suppress, suppressed
from ghl.engine.stores import store_of
from ghl.engine.tx import Tx
from ghl.errors import GhlError, Invalid

if TYPE_CHECKING:
    from ghl.engine.db import Connection
    from ghl.engine.marketing.composing import Draft
    from ghl.engine.tx import Shared

PURPOSE = "unsubscribe"

_KEYS = """select s.account_id, s.value, a.public_id, a.name from secrets s join accounts a on a.id = s.account_id
where s.owner = 'account' and s.name = :purpose order by s.account_id"""
_ADDRESS = """select d.address from outbox o join message_details d on d.outbox_id = o.id
where o.account_id = :account_id and o.id = :id"""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who leaves, by a token that was verified: the account, and the address that gets nothing any more."""

    account_id: int
    account: str
    address: str | None
    suppressed: bool


def link(tx: Tx, public_url: str, draft: Draft) -> str:
    """The address on which a recipient leaves: unguessable, and good for as long as the mail is kept."""
    from ghl.engine.channels.links import make_token  # for mail with a public address

    memo = ("key", PURPOSE)
    if memo not in tx.memo:
        tx.memo[memo] = bytes.fromhex(store_key(tx, PURPOSE))
    # Opaque ids alone, since a token can be read; the message's row knows where it was sent.
    contact = draft.contact["public_id"] if draft.contact else "-"
    subject = f"{tx.account.public_id} {draft.row['id']} {contact}"
    return f"{public_url.rstrip('/')}/u/{make_token(tx.memo[memo], PURPOSE, subject)}"


def opened(connection: Connection, shared: Shared, token: str) -> Leaving:
    """What a token says, once its signature is found good. Invalid for any other text."""
    from ghl.engine.channels.links import read_token  # for recipients who leave

    now = shared.clock.now()
    keys = connection.all(_KEYS, {"purpose": PURPOSE})
    subject = read_token([bytes.fromhex(row["value"]) for row in keys], PURPOSE, token, now)
    account, number, contact = (*subject.split(" "), "", "")[:3]
    row = next((row for row in keys if row["public_id"] == account), None)
    if row is None or not number.isdigit():
        raise Invalid("this link is not valid", hint="open the newest message and use its link")
    read_token([bytes.fromhex(row["value"])], PURPOSE, token, now)  # by the very account that it names
    tx = transaction(connection, shared, row["account_id"])
    address = _address(tx, int(number), contact)
    listed = bool(address and suppressed(tx, "email", [key_of(tx, "email", address)]))
    return Leaving(row["account_id"], row["name"], address, listed)


def _address(tx: Tx, number: int, contact: str) -> str | None:
    """Where the message went, or where the contact is written to now."""
    row = tx.one(_ADDRESS, id=number)
    if row is not None and row["address"]:
        return str(row["address"])
    try:
        found = primary_email(store_of("contact").one(tx, contact, deleted=True))
    except GhlError:
        return None
    return found[0] if found else None


def leave(connection: Connection, shared: Shared, leaving: Leaving) -> None:
    """Put the address on the suppression list; doing so again changes nothing."""
    if leaving.address is None or leaving.suppressed:
        return
    tx = transaction(connection, shared, leaving.account_id)
    suppress(tx, "email", leaving.address, "unsubscribed", "one-click link")
    tx.finish()


def transaction(connection: Connection, shared: Shared, account_id: int) -> Tx:
    """A transaction of the recipient of a message."""
    return Tx(connection, Caller(account_id=account_id, actor="recipient", origin="link"), shared)
