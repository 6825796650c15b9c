"""Senders: an address to send as, a URL to send through, and a password that is never answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from ghl.engine import crud
from ghl.engine.channels.smtp_address import parse_smtp_url
from ghl.engine.columns import Column, State
from ghl.engine.records import Store
from ghl.errors import Duplicate, Invalid
from ghl.sdk.addresses import normalise_email
from ghl.sdk.marketing import senders as contract

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

SCHEMES = ("smtp", "smtps", "outbox")


def split_secret(url: str) -> tuple[str, str | None]:
    """A URL without its password, and the password. Invalid where no channel could be opened with it."""
    url = url.strip()
    scheme, colon, _ = url.partition(":")
    if scheme.lower() not in SCHEMES or not colon:
        # A text that is no URL may hold a password all the same.
        named = scheme if "@" not in scheme and "/" not in scheme else "this"
        raise Invalid(
            f'"{named[:40]}" is no way out for mail', hint="smtp://user@host:587, smtps://…, outbox:FOLDER", field="url"
        )
    if scheme.lower() == "outbox":
        return url, None
    parse_smtp_url(url)
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    user = f"{parts.username}@" if parts.username else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    plain = urlunsplit((parts.scheme, f"{user}{host}{port}", parts.path, parts.query, ""))
    return plain, unquote(parts.password) if parts.password else None


class SenderStore(Store[contract.Sender]):
    """Senders."""

    noun = "sender"
    table = "senders"
    record = contract.Sender
    columns = (Column("name"), Column("url"), Column("from_address"), Column("reply_to"), Column("is_default", "bool", default=0))
    searched = False
    names = ("r.name_key", "lower(r.from_address)")
    owned = False

    def assign(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        values = dict(values)
        if "default" in values:
            values["is_default"] = bool(values.pop("default"))
        if values.get("url"):
            values["url"], secret = split_secret(values["url"])
            if secret is not None:
                tx.memo["sender secret"] = secret
        super().assign(tx, state, values)

    def update(self, tx: Tx, state: State, values: dict[str, Any], *, version: int | None = None) -> State:
        new = super().update(tx, state, values, version=version)
        self._keep_secret(tx, new["id"])  # a password alone changes no column
        return new

    def _keep_secret(self, tx: Tx, number: int) -> None:
        secret = tx.memo.pop("sender secret", None)
        if secret is not None:
            tx.run("marketing/senders/keep_secret", owner=f"sender:{number}", value=secret)

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        for field in ("name", "url", "from_address"):
            if not state[field]:
                raise Invalid(f"a sender needs `{field}`", field=field)
        address = state["from_address"]
        normalise_email(address.rpartition("<")[2].rstrip(">") if "<" in address else address)
        taken = [n for n in self.named(tx, state["name"]) if n != state["id"]]
        if taken and state["deleted_at"] is None:
            raise Duplicate(f'there is a sender "{state["name"]}" already', field="name")

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        self._keep_secret(tx, new["id"])
        if new["is_default"] and (old is None or not old["is_default"]):
            for number in [row["id"] for row in tx.all("marketing/senders/other_defaults", id=new["id"])]:
                self.update(tx, self.load(tx, [number], lock=True)[0], {"default": False})

    def dress(self, tx: Tx, state: State, data: dict[str, Any]) -> None:
        data["default"] = bool(state["is_default"])
        data["secret"] = secret_of(tx, state["id"]) is not None


STORE = SenderStore()

crud.handle(
    STORE,
    create=contract.CreateSender,
    get=contract.GetSender,
    list=contract.ListSenders,
    update=contract.UpdateSender,
    delete=contract.DeleteSender,
)


def secret_of(tx: Tx, sender_id: int) -> str | None:
    """A sender's password, for its channel alone."""
    found = tx.value("marketing/senders/secret", owner=f"sender:{sender_id}")
    return str(found) if found is not None else None


def sender_for(tx: Tx, wanted: str | None) -> State | None:
    """The sender that a step names, else the default one, else the only one."""
    if wanted:
        return STORE.one(tx, wanted)
    rows = tx.all("marketing/senders/candidates")
    if not rows:
        return None
    if len(rows) > 1 and not rows[0]["is_default"]:
        return None
    return STORE.load(tx, [rows[0]["id"]])[0]


def make_default(tx: Tx) -> State:
    """The sender of an account that has none: mail goes into a folder, where it can be looked at."""
    name = tx.account.name.translate({ord(c): None for c in "\r\n<>\"@,;"}) or "Me"
    return STORE.create(
        tx, {"name": "outbox", "url": "outbox:", "from_address": f"{name} <me@localhost.localdomain>", "default": True}
    )
