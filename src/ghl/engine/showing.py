"""A record as texts and conditions see it: the contract's fields, and custom ones beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.stores import store_of

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


def shown(tx: Tx, noun: str, state: State, version: int | None = None) -> dict[str, Any]:
    """The record as it is, or as it was at an earlier version where its history reaches that far."""
    store = store_of(noun)
    data: dict[str, Any] | None = None
    if version is not None and state["version"] > version:
        from ghl.engine.history import as_of  # where something was written since

        data = as_of(tx, store, state, version)
    if data is None:
        data = store.present(tx, [state])[0].model_dump(mode="json")
    data["custom"] = data.pop("custom_fields", {})
    return {**data["custom"], **data}


ACCOUNT_FIELDS = ("name", "currency", "zone", "locale", "postal_address")
OWNER_FIELDS = ("name", "email")


def account_shown(tx: Tx) -> dict[str, Any]:
    """What a text may say of the account."""
    return {name: getattr(tx.account, name) for name in ACCOUNT_FIELDS}


def owner_shown(tx: Tx, contact: State | None) -> dict[str, Any]:
    """What a text may say of the user who owns a contact."""
    number = contact.get("owner_id") if contact else None
    memo = ("owner shown", number)
    if memo not in tx.memo:
        users = store_of("user").load(tx, [number]) if number else []
        tx.memo[memo] = {name: users[0][name] if users else None for name in OWNER_FIELDS}
    found: dict[str, Any] = tx.memo[memo]
    return found
