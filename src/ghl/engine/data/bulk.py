"""Creating many records at once: the same rows as `Store.insert` writes, a statement per table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ghl.engine import custom
from ghl.engine.columns import Part, State
from ghl.engine.records import HEAD, Store, dump

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


def keys(tx: Tx, table: str, count: int) -> Iterable[int]:
    """So many row keys of a table, known before the rows are written."""
    if tx.dialect == "sqlite":
        base = tx.reserve(table, count)
        return range(base + 1, base + count + 1)
    query = f"select nextval(pg_get_serial_sequence('{table}', 'id')) as n from generate_series(1, :count)"
    return [row[0] for row in tx.connection.tuples(query, {"count": count})]


def insert_many(tx: Tx, store: Store[Any], states: Sequence[State]) -> None:
    """Write complete new states that were derived and checked."""
    if not states:
        return
    count = len(states)
    changes = list(keys(tx, "changes", count))
    now_ms, make = tx.now_ms, tx.shared.ids.make
    for state, number, change in zip(states, keys(tx, store.table, count), changes, strict=True):
        state["id"], state["version"], state["change_id"] = number, 1, change
        if state["public_id"] is None:
            state["public_id"] = make(now_ms)
        state["search_text"] = store.search_text(tx, state)
    tx.changes.created(store.noun, [(s["change_id"], s["id"]) for s in states])
    _insert_rows(tx, store, states)
    for part in store.parts:
        insert_parts(tx, part, states)
    if store.searched and tx.dialect == "sqlite":
        table = f"{store.table}_search"
        tx.connection.many_tuples(
            f"insert into {table} (rowid, search_text) values (?, ?)", [(s["id"], s["search_text"]) for s in states]
        )
    for state in states:
        if state["custom"]:
            custom.index(tx, store.noun, state["id"], {}, state["custom"])
    _tell(tx, store, states)


def _insert_rows(tx: Tx, store: Store[Any], states: Sequence[State]) -> None:
    names = (*HEAD, *store.stored, *store.derived, "search_text")
    pick, account = itemgetter(*names), tx.account_id
    columns = f"account_id, custom, {', '.join(names)}"
    marks = ", ".join("?" * (len(names) + 2))
    tx.connection.many_tuples(
        f"insert into {store.table} ({columns}) values ({marks})",
        [(account, dump(state["custom"]), *pick(state)) for state in states],
    )


def insert_parts(tx: Tx, part: Part, states: Iterable[State]) -> None:
    """Write the elements of one part of many new records."""
    field, columns = part.field, part.columns
    more = part.extra(tx)
    tail = (*part.fixed.values(), *more.values())
    if columns:
        rows = [
            (state["id"], key, *[values.get(c) for c in columns], *tail)
            for state in states
            for key, values in state[field].items()
        ]
    else:
        rows = [(state["id"], key, *tail) for state in states for key in state[field]]
    if not rows:
        return
    # In the order of the other index, so that its pages are written once and not here and there.
    rows.sort(key=itemgetter(1))
    names = (part.owner, part.key, *columns, *part.fixed, *more)
    tx.connection.many_tuples(
        f"insert into {part.table} ({', '.join(names)}) values ({', '.join('?' * len(names))})", rows
    )


def _tell(tx: Tx, store: Store[Any], states: Sequence[State]) -> None:
    changed = frozenset(store.stored)
    follow = type(store).after is not Store.after
    aloud = not tx.events.silent
    if not follow and not aloud:
        return
    for state in states:
        if follow:
            store.after(tx, None, state, changed)
        if aloud:
            store.announce(tx, None, state, changed, state["change_id"])
