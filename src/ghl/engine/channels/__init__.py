"""The ways out of the machine: what a channel is, and the channels by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from ghl.engine.channels.messages import (
    Address,
    Message,
    Outcome,
    Receipt,
    RecipientResult,
    Unsubscribe,
    message_id,
)
from ghl.errors import NotFound

if TYPE_CHECKING:
    from ghl.engine.channels.http import Http
    from ghl.engine.clock import Clock

__all__ = [
    "CHANNELS",
    "Address",
    "Channel",
    "Message",
    "Outcome",
    "Receipt",
    "RecipientResult",
    "Unsubscribe",
    "channel",
    "channel_for_url",
    "message_id",
]


class Channel(ABC):
    """One way out, opened with a sender's URL; used by one thread at a time.

    `send` never raises for what a server or a network does: that is a Receipt. It raises `Invalid` for a
    message that could not be sent by anyone (a line break in an address), before anything has left.
    """

    name: ClassVar[str] = ""
    schemes: ClassVar[tuple[str, ...]] = ()
    """The schemes of the URLs it is opened with."""

    def __init_subclass__(
        cls, *, name: str | None = None, schemes: tuple[str, ...] = (), **rest: Any
    ) -> None:
        super().__init_subclass__(**rest)
        if name is not None:
            cls.name, cls.schemes = name, schemes

    @classmethod
    @abstractmethod
    def open(cls, url: str, *, clock: Clock, http: Http | None = None) -> Channel:
        """A channel for the sender with this URL; Invalid with `field="url"` where it cannot be used."""

    @abstractmethod
    def send(self, message: Message) -> Receipt:
        """Hand one message over and say what became of it."""

    def verify(self) -> Receipt:
        """Whether a message could be sent now: connects and signs in where there is something to."""
        return Receipt(Outcome.SENT, reason="nothing_to_verify")

    def close(self) -> None:  # noqa: B027  (most channels hold nothing open)
        """Let go of connections; the channel may be used again."""

    def abort(self) -> None:  # noqa: B027  (as above)
        """Hang up at once, from another thread: a `send` under way comes back with what it knows."""

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


# Where each channel lives; one is imported when it is first used. Packages will add theirs as entry
# points of the group `ghl.channels`, in the same form.
CHANNELS: dict[str, str] = {
    "smtp": "ghl.engine.channels.smtp:Smtp",
    "outbox": "ghl.engine.channels.outbox:Outbox",
    "webhook": "ghl.engine.channels.webhook:Webhook",
}
_SCHEMES = {"smtp": "smtp", "smtps": "smtp", "outbox": "outbox", "https": "webhook", "http": "webhook"}


def channel(name: str) -> type[Channel]:
    """The class of a channel; NotFound names those there are."""
    home = CHANNELS.get(name)
    if home is None:
        raise NotFound(f'there is no channel "{name}"', hint=f"channels: {', '.join(sorted(CHANNELS))}")
    module, _, attribute = home.partition(":")
    found = getattr(import_module(module), attribute)
    assert isinstance(found, type)
    assert issubclass(found, Channel)
    return found


def channel_for_url(url: str) -> type[Channel]:
    """The channel that a sender's URL is for: `smtp://…`, `smtps://…`, `outbox:folder`, `https://…`."""
    scheme = url.partition(":")[0].lower() if ":" in url else ""
    name = _SCHEMES.get(scheme)
    if name is None:
        message = "a sender's URL begins with one of " + ", ".join(f"{one}:" for one in sorted(_SCHEMES))
        raise NotFound(message, hint="smtp://user:password@mail.example.com:587", field="url")
    return channel(name)
