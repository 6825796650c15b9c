"""Opt-outs of an import: addresses that get nothing, whether or not a contact has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.data.reading import Values
from ghl.engine.data.runs import CHANGED, CREATED, UNCHANGED, Run, Verdict
from ghl.errors import Invalid

if TYPE_CHECKING:
    from ghl.engine.data.loading import Loader
    from ghl.engine.tx import Tx

_CHANNELS = {"email": ("email", "emails", "address"), "sms": ("phone", "phones", "number")}


def addresses(values: Values, channel: str) -> list[str]:
    """The addresses of a row on a channel."""
    single, many, word = _CHANNELS[channel]
    found = [values[single]] if values.get(single) else []
    return found + [item[word] for item in values.get(many, ())]


def opted_out(tx: Tx, run: Run, values: Values) -> int:
    """Suppress what a row says must not be used; how many addresses were not suppressed before."""
    wanted = set(values.get("dnd", ()))
    new = 0
    for channel in _CHANNELS:
        if wanted & {channel, "all"}:
            new += sum(_suppress(tx, run, channel, address) for address in addresses(values, channel))
    return new


def _suppress(tx: Tx, run: Run, channel: str, address: str) -> bool:
    from ghl.engine.marketing.suppressions import suppress  # few files hold opt-outs

    state = suppress(tx, channel, address, "unsubscribed", f"import {run.row['file']}"[:500])
    if state["version"] != 1 or state["created_at"] != tx.now:
        return False
    run.notice("addresses that will get nothing more")
    return True


def suppress_row(loader: Loader, line: int, values: Values, state: State | None) -> tuple[Verdict, State | None]:
    """A row of an opt-out list: its addresses are suppressed, and a contact is changed but never made."""
    tx, store = loader.tx, loader.store
    wanted = values.get("dnd") or [channel for channel in _CHANNELS if addresses(values, channel)]
    if not any(addresses(values, channel) for channel in _CHANNELS):
        raise Invalid("has no address to suppress")
    new = opted_out(tx, loader.run, {**values, "dnd": wanted})
    detail: dict[str, Any] = {"name": ", ".join(a for c in _CHANNELS for a in addresses(values, c))}
    if state is None:
        return Verdict(line, CREATED if new else UNCHANGED, None, None, detail), None
    loader.expect(line, state, state["version"], store.label(state))
    dnd = sorted({*json.loads(state["dnd"]), *wanted})
    changed = store.update(tx, state, {"dnd": dnd})
    verdict = loader.changed(line, state, changed, touched=False)
    if verdict.kind == UNCHANGED and new:
        verdict.kind = CHANGED
    return verdict, changed
