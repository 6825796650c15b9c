"""What is kept for so long and no longer: deleted records, and each kind of history, by the account's settings."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ghl.engine.access import Caller
from ghl.engine.clock import milliseconds
from ghl.engine.erasure import forget, remove_person
from ghl.engine.eventlog import place_events
from ghl.engine.local import LocalTransport
from ghl.engine.stores import STORES, store_of
from ghl.errors import Gone
from ghl.sdk.times import stamp
from ghl.sdk.transport import Options

if TYPE_CHECKING:
    from ghl.engine.columns import State
    from ghl.engine.db import Database
    from ghl.engine.records import Store
    from ghl.engine.tx import Shared, Tx

SIZE = 2_000
"""So many rows go in one transaction: others get their turn."""
BREATH = 0.005
PURGED = ("attachment", "note", "task", "activity", "deal", "contact", "company", "product", "tag", "view", "suppression")
"""Nouns whose deleted records go for good. Users, pipelines and the like stay: what happened names them."""
ABOUT = ("contact_id", "company_id", "deal_id")


class Step(Protocol):
    """Removes some of what is older, and says how much that was; 0 means that nothing is left."""

    def __call__(self, tx: Tx, age: timedelta) -> int: ...


def sweep(database: Database, shared: Shared, *, seconds: float | None = None) -> Counter[str]:
    """Remove what the accounts' settings no longer keep, in portions, for at most so many seconds."""
    started, done = time.monotonic(), Counter[str]()
    with database.read() as connection:
        accounts = [row["id"] for row in connection.all("select id from accounts where settings <> '{}'")]
    for account in accounts:
        transport = LocalTransport(database, Caller(account_id=account, actor="retention", origin="worker"), shared)
        with database.read() as connection:
            settings = transport.tx(connection).account.settings
        kinds = wanted(settings)
        if "events" in kinds:
            place_events(database)
        for kind, days in kinds.items():
            work = partial(STEPS[kind], age=timedelta(days=days))
            while seconds is None or time.monotonic() - started < seconds:
                count = transport.write(work, Options())
                done[kind] += count
                if not count:
                    break
                time.sleep(BREATH)
    return +done


def wanted(settings: dict[str, Any]) -> dict[str, int]:
    """For how many days each kind is kept, where it is not kept for ever."""
    kinds: dict[str, int] = dict(settings.get("retention_days") or {})
    if settings.get("purge_after_days"):
        kinds["deleted"] = int(settings["purge_after_days"])
    return {kind: days for kind, days in kinds.items() if kind in STEPS}


# --- deleted records


def purge(tx: Tx, age: timedelta) -> int:
    """Some records that were deleted long enough ago. Those that a merge took up stay, for taking it apart."""
    until = stamp(tx.at - age)
    for noun in PURGED:
        store = store_of(noun)
        narrowed = "and r.merged_into is null" if noun == "contact" else ""
        query = tx.text("retention/deleted_before").format(table=store.table, narrowed=narrowed)
        ids = [int(row["id"]) for row in tx.connection.all(query, tx.params({"until": until, "size": SIZE // 20}))]
        for state in store.load(tx, ids, lock=True):
            _remove(tx, store, state)
        if ids:
            return len(ids)
    return 0


def _remove(tx: Tx, store: Store[Any], state: State) -> None:
    """A record with its history, its parts, and the references that others have to it."""
    number = state["id"]
    tx.run("retention/end_runs", id=number, noun=store.noun)
    if store.noun == "contact":
        remove_person(tx, state, {})
    for part in store.parts:
        tx.run(f"delete from {part.table} where {part.owner} = :id", id=number)
    if store.noun == "deal":
        tx.run("retention/forget_visits", id=number)
    _leave(tx, store.noun, number)
    if store.noun != "contact":
        forget(tx, store, state)
    if store.noun == "attachment":
        tx.run("erasure/forget_contents")


def _leave(tx: Tx, noun: str, number: int) -> None:
    """Nobody refers to a record that is gone; a note or an activity about nothing else goes with it."""
    for name in STORES:
        other = store_of(name)
        for part in other.parts:
            if part.noun == noun:
                tx.run(f"delete from {part.table} where {part.key} = :id", id=number)
            elif noun == "product" and "product_id" in part.columns:
                tx.run(f"update {part.table} set product_id = null where product_id = :id", id=number)
        for column in other.columns:
            if column.kind != "ref" or column.noun != noun or name == "attachment":
                continue
            if name in ("note", "activity"):
                alone = " and ".join(f"r.{one} is null" for one in ABOUT if one != column.name)
                rows = tx.all(
                    f"select r.id from {other.table} r where r.account_id = :account_id and r.{column.name} = :id and {alone}", id=number
                )
                for state in other.load(tx, [row["id"] for row in rows], lock=True):
                    forget(tx, other, state)
            tx.run(
                f"update {other.table} set {column.name} = null where account_id = :account_id and {column.name} = :id", id=number
            )


# --- history


def changes(tx: Tx, age: timedelta) -> int:
    """Some changes of the oldest sets. Records keep their values; an undo of the set answers that it is gone."""
    until = milliseconds(tx.at - age)
    count = 0
    for row in tx.all("retention/old_sets", until=until):
        count += tx.run("retention/forget_changes", set_id=row["id"], size=SIZE - count)
        if count >= SIZE:
            break
        if tx.run("retention/forget_set", set_id=row["id"]):
            count += 1
            _mark(tx, "changes", row["id"])
    return count


def events(tx: Tx, age: timedelta) -> int:
    """Some of the oldest events."""
    rows = tx.all("retention/old_events", until=milliseconds(tx.at - age), size=SIZE)
    for row in rows:
        tx.run("retention/forget_event", id=row["id"])
    if rows:
        _mark(tx, "events", max(int(row["position"]) for row in rows))
    return len(rows)


def _rows(block: str) -> Step:
    def some(tx: Tx, age: timedelta) -> int:
        return tx.run(f"retention/{block}", until=milliseconds(tx.at - age), size=SIZE)

    return some


STEPS: dict[str, Step] = {
    "deleted": purge, "changes": changes, "events": events, "journal": _rows("forget_journal"),
    "messages": _rows("forget_messages"), "deliveries": _rows("forget_deliveries"),
}  # fmt: skip


def _mark(tx: Tx, kind: str, number: int) -> None:
    tx.run("retention/mark", name=f"{kind} gone {tx.account_id}", value=str(max(number, gone(tx, kind))))


def gone(tx: Tx, kind: str) -> int:
    """The number up to which a kind of history is no longer kept; 0 where all of it is."""
    row = tx.one("retention/marked", name=f"{kind} gone {tx.account_id}")
    return int(row["value"]) if row else 0


def refuse_gone(tx: Tx, kind: str, number: int, what: str) -> None:
    """Say that what was asked for is older than the history that is kept."""
    last = gone(tx, kind)
    if number <= last:
        raise Gone(
            f"{what} is older than the history that is kept", hint="ghl settings show: retention days", kept_from=last + 1
        )
