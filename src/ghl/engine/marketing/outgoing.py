"""The channels that a store's senders open, and how a prepared message becomes one of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from ghl.engine.channels import (
    Address,
    Channel,
    Message,
    Outcome,
    Receipt,
    Unsubscribe,
    channel_for_url,
    message_id,
)
from ghl.engine.clock import Clock, from_milliseconds
from ghl.engine.columns import State
from ghl.engine.marketing.composing import Draft
from ghl.engine.marketing.senders import secret_of
from ghl.errors import GhlError

if TYPE_CHECKING:
    from ghl.engine.render import Rendered
    from ghl.engine.tx import Tx


@dataclass(slots=True)
class Prepared:
    """A draft with its sender and its text."""

    draft: Draft
    sender: State | None = None
    rendered: Rendered | None = None
    message_id: str | None = None
    at: int = 0
    """When it was announced, in milliseconds."""
    links: Unsubscribe = Unsubscribe()  # noqa: RUF009 - frozen


class Outgoing:
    """Channels by sender, opened when first used; used by one thread."""

    def __init__(self, clock: Clock, *, identity: str, folder: str | None = None) -> None:
        self.clock = clock
        self.identity = identity
        self.folder = folder
        self._channels: dict[int, Channel] = {}
        self._urls: dict[int, str] = {}

    def links(self, tx: Tx, sender: State, draft: Draft) -> Unsubscribe:
        """Where the recipient leaves: a web address that a POST acts on, and an address to write to."""
        if draft.transactional:
            return Unsubscribe()
        mailto = parseaddr(sender["reply_to"] or sender["from_address"])[1]
        public = tx.account.settings.get("public_url")
        if not public:
            return Unsubscribe(mailto=mailto)
        from ghl.engine.marketing.unsubscribing import link  # where a public address is set

        return Unsubscribe(url=link(tx, str(public), draft), mailto=mailto)

    def prepare_url(self, tx: Tx, sender: State) -> None:
        """Put a sender's password back into its URL, for its channel alone; a changed one opens anew."""
        memo = ("url", sender["id"])
        if memo in tx.memo:
            return
        url, secret = sender["url"], secret_of(tx, sender["id"])
        if secret:
            parts = urlsplit(url)
            user, _, host = parts.netloc.rpartition("@")
            url = urlunsplit(parts._replace(netloc=f"{user}:{quote(secret, safe='')}@{host}"))
        if url == "outbox:" and self.folder:
            url = f"outbox:{self.folder}"
        tx.memo[memo] = url
        if self._urls.get(sender["id"]) != url:
            self._urls[sender["id"]] = url
            old = self._channels.pop(sender["id"], None)
            if old is not None:
                old.close()

    def _channel(self, sender: State) -> Channel:
        number = sender["id"]
        if number not in self._channels:
            url = self._urls[number]
            self._channels[number] = channel_for_url(url).open(url, clock=self.clock)
        return self._channels[number]

    def message_id(self, prepared: Prepared) -> str:
        """The same at every try: what was announced before, else made of the store and the row's own key."""
        row = prepared.draft.row
        if prepared.message_id:
            return prepared.message_id
        assert prepared.sender is not None
        domain = parseaddr(prepared.sender["from_address"])[1].rpartition("@")[2] or "localhost"
        return message_id(domain, self.identity, row["source"], row["source_id"], row["seq"], row["part"])

    def send(self, prepared: Prepared) -> Receipt:
        """Hand a message over."""
        sender = prepared.sender
        assert sender is not None
        try:
            return self._channel(sender).send(self.message(prepared, sender))
        except GhlError as error:
            return Receipt(Outcome.FAILED, reason=error.code, detail=error.message)

    def message(self, prepared: Prepared, sender: State) -> Message:
        """A prepared message as channels take it."""
        draft, rendered = prepared.draft, prepared.rendered
        assert rendered is not None
        assert draft.address is not None
        name, address = parseaddr(sender["from_address"])
        contact = draft.contact if not draft.elsewhere else None
        person = " ".join(n for n in (contact["first_name"], contact["last_name"]) if n) if contact else ""
        answers = draft.step.get("reply_to") or sender["reply_to"]
        bulk = not draft.transactional and not draft.elsewhere
        return Message(
            id=prepared.message_id or "", to=(Address(draft.address, person),), sender=Address(address, name),
            subject=rendered.subject, text=rendered.text, html=rendered.html,
            reply_to=(Address(answers),) if answers else (),
            # Of the first try, so that a repeated message is the same.
            date=from_milliseconds(int(draft.row["first_at"] or prepared.at)),
            unsubscribe=prepared.links if bulk else None, automatic="generated", bulk=bulk,
        )  # fmt: skip

    def abort(self) -> None:
        """Hang up on every server, from another thread."""
        for channel in list(self._channels.values()):
            channel.abort()

    def close(self) -> None:
        """Close what was opened."""
        for channel in list(self._channels.values()):
            channel.close()
        self._channels.clear()
