"""Senders: an address to send as, a URL to send through, and a password that is never answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.records import Store
from ghl.errors import Duplicate, Invalid
from ghl.sdk.addresses import normalise_email
from ghl.sdk.marketing import senders as contract

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

SCHEMES = ("smtp", "smtps", "outbox")


def split_secret(url: str) -> tuple[str, str | None]:
    """A URL without its password, and the password."""
    parts = urlsplit(url.strip())
    if parts.scheme not in SCHEMES:
        raise Invalid(
            f'"{parts.scheme or url}" is no way out for mail', hint="smtp://user@host:587, smtps://…, outbox:FOLDER",
            field="url",
        )  # fmt: skip
    if parts.scheme == "outbox":
        return url.strip(), None
    if not parts.hostname:
        raise Invalid("the URL names no host", hint="smtp://mail.example.com:587", field="url")
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise Invalid("the URL's port is not a number", hint="smtp://mail.example.com:587", field="url") from None
    user = f"{parts.username}@" if parts.username else ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    plain = urlunsplit((parts.scheme, f"{user}{host}{port}", parts.path, parts.query, ""))
    return plain, unquote(parts.password) if parts.password else None


class SenderStore(Store[contract.Sender]):
    """Senders."""

    noun = "sender"
    table = "senders"
    record = contract.Sender
    columns = (Column("name"), Column("url"), Column("from_address"), Column("reply_to"), Column("is_default", "bool", default=0))
    searched = False
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
        if "\n" in address or "\r" in address:
            raise Invalid("an address is one line", field="from_address")
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
