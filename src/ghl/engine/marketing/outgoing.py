"""The channels that a store's senders open, and how a prepared message becomes one of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
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
    links: Unsubscribe = Unsubscribe()  # noqa: RUF009 - frozen


class Outgoing:
    """Channels by sender, opened when first used; used by one thread."""

    def __init__(self, clock: Clock, *, identity: str, folder: str | None = None) -> None:
        self.clock = clock
        self.identity = identity
        self.folder = folder
        self._channels: dict[int, Channel] = {}
        self._urls: dict[int, str] = {}

    def one_by_one(self, drafts: list[Prepared]) -> bool:
        """Whether each message is a commit of its own: so it is where repeating one would be noticed."""
        return any(p.sender is not None and not p.sender["url"].startswith("outbox:") for p in drafts)

    def links(self, tx: Tx, contact: State, draft: Draft) -> Unsubscribe:
        """Where the recipient leaves: an HTTPS address that a POST acts on, else an address to write to."""
        if draft.transactional:
            return Unsubscribe()
        public = tx.account.settings.get("public_url")
        if public:
            from ghl.engine.marketing.unsubscribing import link  # where a public address is set

            return Unsubscribe(url=link(tx, str(public), contact, draft))
        return Unsubscribe()

    def prepare_url(self, tx: Tx, sender: State) -> None:
        """Put a sender's password back into its URL, for its channel alone."""
        if sender["id"] in self._urls:
            return
        url, secret = sender["url"], secret_of(tx, sender["id"])
        if secret:
            parts = urlsplit(url)
            user, _, host = parts.netloc.rpartition("@")
            url = urlunsplit(parts._replace(netloc=f"{user}:{quote(secret, safe='')}@{host}"))
        if url.startswith("outbox:") and self.folder and not urlsplit(url).path:
            url = f"outbox:{self.folder}"
        self._urls[sender["id"]] = url

    def _channel(self, sender: State) -> Channel:
        number = sender["id"]
        if number not in self._channels:
            url = self._urls.get(number, sender["url"])
            self._channels[number] = channel_for_url(url).open(url, clock=self.clock)
        return self._channels[number]

    def message_id(self, prepared: Prepared) -> str:
        """The same at every try: from the store, and the row's own key."""
        row = prepared.draft.row
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
        assert draft.contact is not None
        name, address = parseaddr(sender["from_address"])
        person = " ".join(n for n in (draft.contact["first_name"], draft.contact["last_name"]) if n)
        links = prepared.links
        if not draft.transactional and not links.url:
            links = Unsubscribe(mailto=address)
        return Message(
            id=prepared.message_id or "", to=(Address(draft.address, person),), sender=Address(address, name),
            subject=rendered.subject, text=rendered.text, html=rendered.html,
            reply_to=(Address(sender["reply_to"]),) if sender["reply_to"] else (),
            date=from_milliseconds(self._date(draft.row)), unsubscribe=links if not draft.transactional else None,
            automatic="generated", bulk=not draft.transactional,
        )  # fmt: skip

    @staticmethod
    def _date(row: dict[str, Any]) -> int:
        return int(row["available_at"])

    def close(self) -> None:
        """Close what was opened."""
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()
