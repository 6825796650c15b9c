"""The suppression list, and what decides whether an address may get anything."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.errors import Conflict
from ghl.sdk.addresses import normalise_email, normalise_phone
from ghl.sdk.fields import Removed
from ghl.sdk.marketing import suppressions as contract

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

FINAL = ("complained", "erased")


class SuppressionStore(Store[contract.Suppression]):
    """Suppressions."""

    noun = "suppression"
    table = "suppressions"
    record = contract.Suppression
    columns = (Column("channel", default="email"), Column("address"), Column("reason"), Column("source"))
    derived = ("address_key", "name_key")
    searched = False
    owned = False
    sorts = {"created_at": ("public_id",), "updated_at": ("id",)}
    filters = {"channel": "r.channel = :channel", "reason": "r.reason = :reason"}

    def derive(self, tx: Tx, state: State) -> None:
        if state["address"]:
            state["address_key"] = key_of(tx, state["channel"], state["address"])
        state["name_key"] = state["address_key"]

    def label(self, state: State) -> str:
        return str(state["address"] or f"{state['reason']} address")

    def named(self, tx: Tx, text: str) -> list[int]:
        if "@" not in text:
            return []
        row = tx.one("marketing/suppressions/by_key", channel="email", key=key_of(tx, "email", text))
        return [row["id"]] if row else []


STORE = SuppressionStore()

crud.handle(STORE, get=contract.GetSuppression, list=contract.ListSuppressions)


def key_of(tx: Tx, channel: str, address: str) -> str:
    """How an address is looked up on a channel."""
    if channel == "email":
        return normalise_email(address)[1]
    return normalise_phone(address, tx.account.country)[1]


def hashed(tx: Tx, key: str) -> str:
    """An erased address: a hash under a key of the store, so that the list tells nobody who it was."""
    secret = store_key(tx, "erasure")
    return f"hash:{hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest()}"


def store_key(tx: Tx, purpose: str) -> str:
    """A random key of this account for one purpose, made once."""
    found = tx.value("marketing/suppressions/key", purpose=purpose)
    if found is None:
        import secrets  # once in the life of an account

        tx.run("marketing/suppressions/make_key", purpose=purpose, value=secrets.token_hex(32))
        found = tx.value("marketing/suppressions/key", purpose=purpose)
    return str(found)


def suppressed(tx: Tx, channel: str, keys: list[str]) -> dict[str, str]:
    """Of these address keys, those that get nothing, with the reason."""
    if not keys:
        return {}
    names: dict[str, str] = {key: key for key in keys}
    if tx.value("marketing/suppressions/key", purpose="erasure"):
        names |= {hashed(tx, key): key for key in keys}
    found: dict[str, str] = {}
    wanted = list(names)
    for start in range(0, len(wanted), 400):
        part = wanted[start : start + 400]
        marks = ", ".join(f":k{n}" for n in range(len(part)))
        rows = tx.all(
            f"""select address_key, reason from suppressions where account_id = :account_id and channel = :channel
            and deleted_at is null and address_key in ({marks})""",
            channel=channel,
            **{f"k{n}": key for n, key in enumerate(part)},
        )
        found |= {names[row["address_key"]]: row["reason"] for row in rows}
    return found


def suppress(tx: Tx, channel: str, address: str, reason: str, source: str | None) -> State:
    """Put an address on the list; a final reason replaces a weaker one."""
    key = key_of(tx, channel, address)
    row = tx.one("marketing/suppressions/by_key", channel=channel, key=key)
    if row is None:
        return STORE.create(tx, {"channel": channel, "address": address, "reason": reason, "source": source})
    state = STORE.load(tx, [row["id"]], lock=True)[0]
    if reason in FINAL and state["reason"] not in FINAL:
        return STORE.update(tx, state, {"reason": reason, "source": source})
    return state


@handles(contract.CreateSuppression)
def create(request: contract.CreateSuppression, tx: Tx) -> contract.Suppression:
    """Suppress an address."""
    state = suppress(tx, request.channel, request.address, request.reason, request.source)
    return STORE.present(tx, [state])[0]


@handles(contract.DeleteSuppression)
def delete(request: contract.DeleteSuppression, tx: Tx) -> Removed:
    """Lift a suppression that may be lifted."""
    state = STORE.one(tx, request.suppression_id, lock=True)
    if state["reason"] in FINAL:
        raise Conflict(f"{STORE.label(state)} {_why(state['reason'])}, and that cannot be lifted")
    return Removed(id=STORE.remove(tx, state)["public_id"])


def _why(reason: str) -> str:
    return {"complained": "complained", "erased": "was erased"}[reason]

