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


def account_shown(tx: Tx) -> dict[str, Any]:
    """What a text may say of the account."""
    account = tx.account
    return {
        "name": account.name, "currency": account.currency, "zone": account.zone, "locale": account.locale,
        "postal_address": account.postal_address,
    }  # fmt: skip


def owner_shown(tx: Tx, contact: State | None) -> dict[str, Any]:
    """What a text may say of the user who owns a contact."""
    number = contact.get("owner_id") if contact else None
    memo = ("owner shown", number)
    if memo not in tx.memo:
        users = store_of("user").load(tx, [number]) if number else []
        tx.memo[memo] = {name: users[0][name] if users else None for name in ("name", "email")}
    found: dict[str, Any] = tx.memo[memo]
    return found
