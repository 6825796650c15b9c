"""Lifecycle stages of contacts: in the order of the account's settings, and only forward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghl.errors import Conflict
from ghl.sdk.accounts.settings import AccountSettings
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

QUIET = frozenset({"import", "workflow"})
"""Where nobody is there to be told, a stage further on is kept and the rest is written."""


def stages(tx: Tx) -> list[str]:
    """The account's stages, in order."""
    default: list[str] = AccountSettings.model_fields["lifecycle_stages"].default
    return tx.account.settings.get("lifecycle_stages") or default


def after(tx: Tx, stage: str | None) -> tuple[str | None, list[str]]:
    """A stage as the account spells it, and those further on: whoever is in one of them stays."""
    known = stages(tx)
    for place, spelled in enumerate(known):
        if fold(spelled) == fold(stage):
            return spelled, known[place + 1 :]
    return stage, []


def moved(tx: Tx, old: str | None, new: str | None, *, back: bool) -> str | None:
    """The stage after a move: spelled as the account does, and never further back unless told.

    A stage that is not in the account's list has no place in the order.
    """
    if not new or new == old:
        return new
    spelled, further = after(tx, new)
    if back or fold(old) not in map(fold, further):
        return spelled
    if (tx.options.origin or tx.caller.origin) in QUIET:
        return old
    raise Conflict(
        f"the lifecycle stage does not move back from {old} to {spelled}", hint="--move-back lets it", field="lifecycle_stage"
    )
