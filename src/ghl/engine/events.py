"""The handler of the event log's list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ghl.engine.clock import from_milliseconds
from ghl.engine.dispatch import handles
from ghl.engine.eventlog import place_events
from ghl.engine.history import readable, values
from ghl.engine.paging import Paging
from ghl.engine.retention import refuse_gone
from ghl.engine.stores import STORES, store_of
from ghl.sdk.events import EventRecord, ListEvents
from ghl.sdk.page import Page

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


@handles(ListEvents, before=place_events)
def list_events(request: ListEvents, tx: Tx) -> Page[EventRecord]:
    """Events by position."""
    paging, oldest_first = Paging(request), request.after is not None
    if request.after:
        refuse_gone(tx, "events", request.after + 1, f"event {request.after + 1}")
    start = request.after or 0 if oldest_first else 2**62
    only = {"name": tx.known_word("event", request.name) if request.name else 0, "every": int(request.name is None)}
    rows = tx.all(
        "events/following" if oldest_first else "events/latest", **only, **paging.window,
        place=start if paging.after is None else paging.after,
    )  # fmt: skip
    rows, following = paging.cut(rows, lambda row: int(row["position"]))
    numbers = paging.numbers(lambda: tx.value("events/total", **only, after=request.after or 0))
    return Page[EventRecord](items=[_shown(tx, row) for row in rows], next_cursor=following, **numbers)


def _shown(tx: Tx, row: dict[str, Any]) -> EventRecord:
    noun = tx.spelled(row["noun"]) if row["noun"] else None
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if row["change_id"] is not None and noun in STORES:
        store = store_of(noun)
        before, after = readable(tx, store, values(row["before"])), readable(tx, store, values(row["after"]))
    return EventRecord(
        id=row["position"], at=from_milliseconds(row["at"]), name=tx.spelled(row["name"]), noun=noun,
        subject_id=_public(tx, noun, row["subject_id"]), contact_id=_public(tx, "contact", row["person_id"]),
        change_set=row["change_set_id"], depth=row["depth"], before=before, after=after,
        payload=json.loads(row["payload"]) if row["payload"] else None,
    )  # fmt: skip


def _public(tx: Tx, noun: str | None, number: int | None) -> str | None:
    if noun not in STORES or number is None:
        return None
    memo = ("public", noun, number)
    if memo not in tx.memo:
        tx.memo[memo] = tx.value(
            f"select public_id from {store_of(noun).table} where account_id = :account_id and id = :id", id=number
        )
    found: str | None = tx.memo[memo]
    return found
