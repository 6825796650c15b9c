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


def insert_many(
    tx: Tx, store: Store[Any], states: Sequence[State], columns: Sequence[str] | None = None, *, follow: bool = True
) -> None:
    """Write complete new states that were derived and checked.

    `columns` are those of the stored ones that have a value in any of them; the others are left to the
    table's own blank values. Without `follow`, what else a new record writes is left to the caller.
    """
    if not states:
        return
    count = len(states)
    changes = list(tx.keys("changes", count))
    numbers = list(tx.keys(store.table, count))
    fresh = iter(tx.shared.ids.make_many(tx.now_ms, sum(state["public_id"] is None for state in states)))
    for state, number, change in zip(states, numbers, changes, strict=True):
        state["id"], state["version"], state["change_id"] = number, 1, change
        if state["public_id"] is None:
            state["public_id"] = next(fresh)
        if "search_text" not in state:
            state["search_text"] = store.search_text(tx, state)
    tx.changes.created(store.noun, list(zip(changes, numbers, strict=True)))
    _insert_rows(tx, store, states, store.stored if columns is None else columns)
    for part in store.parts:
        insert_parts(tx, part, states)
    if store.searched and tx.dialect == "sqlite":
        table = f"{store.plural}_search"
        tx.connection.many_tuples(
            f"insert into {table} (rowid, search_text) values (?, ?)", [(s["id"], s["search_text"]) for s in states]
        )
    for state in states:
        if state["custom"]:
            custom.index(tx, store.noun, state["id"], {}, state["custom"])
    _tell(tx, store, states, follow=follow and type(store).after is not Store.after)


def _insert_rows(tx: Tx, store: Store[Any], states: Sequence[State], columns: Sequence[str]) -> None:
    names = (*HEAD, *columns, *store.derived, "search_text")
    pick, account = itemgetter(*names), tx.account_id
    every = f"account_id, custom, {', '.join(names)}"
    marks = ", ".join("?" * (len(names) + 2))
    tx.connection.many_tuples(
        f"insert into {store.table} ({every}) values ({marks})",
        [(account, dump(kept) if (kept := state["custom"]) else "{}", *pick(state)) for state in states],
    )


def insert_parts(tx: Tx, part: Part, states: Iterable[State]) -> None:
    """Write the elements of one part of many new records."""
    if type(part).add is not Part.add:
        for state in states:
            part.add(tx, state["id"], state[part.field])
        return
    field, columns = part.field, part.columns
    more = part.extra(tx)
    tail = (*part.fixed.values(), *more.values())
    if len(columns) > 1:
        pick = itemgetter(*columns)
        rows = [
            (state["id"], key, *pick(values), *tail) for state in states for key, values in state[field].items()
        ]
    elif columns:
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


def _tell(tx: Tx, store: Store[Any], states: Sequence[State], *, follow: bool) -> None:
    changed = frozenset(store.stored)
    aloud = not tx.events.silent
    if not follow and not aloud:
        return
    for state in states:
        if follow:
            store.after(tx, None, state, changed)
        if aloud:
            store.announce(tx, None, state, changed, state["change_id"])
