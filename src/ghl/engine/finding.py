"""How a reference finds its record: by id, by the end of one, by a unique name, by the id of one merged into it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ghl.errors import Ambiguous

if TYPE_CHECKING:
    from ghl.engine.columns import State
    from ghl.engine.records import Store
    from ghl.engine.tx import Tx

_TAIL = re.compile(r"[0-9a-fA-F-]{6,35}")
_MANY = 6
"""So many matches are looked for; one less is told."""


def find(tx: Tx, store: Store[Any], reference: str, *, deleted: bool = False) -> int:
    """The row key that a reference names: an id, its last six or more characters, or a unique name."""
    text = reference.strip()
    if len(text) == 36 and text.count("-") == 4:
        return _by_id(tx, store, reference, text.lower(), deleted=deleted)
    found = store.named(tx, text) if text else []
    if not found and _TAIL.fullmatch(text):
        found = _by_tail(tx, store, text.lower(), deleted=deleted)
    if not found and deleted:
        found = store.gone(tx, text)
    if not found:
        raise store.missing(reference, None if deleted else _deleted(tx, store, text))
    if len(found) > 1:
        matches = store.load(tx, found[: _MANY - 1])
        told = ", ".join(f"{state['public_id'][-6:]} {store.label(state)}" for state in matches)
        raise Ambiguous(
            f'"{reference}" fits {len(found) if len(found) < _MANY else "more than 5"} {store.plural}',
            hint=f"use the id: {told}",
            matches=[state["public_id"] for state in matches],
        )
    return found[0]


def _by_id(tx: Tx, store: Store[Any], reference: str, public_id: str, *, deleted: bool) -> int:
    row = tx.one(
        f"select r.id, r.deleted_at from {store.table} r"
        f" where r.account_id = :account_id and r.public_id = :id{store.sight(tx)}",
        id=public_id,
    )
    number = None if row is None else int(row["id"])
    if row is None or (row["deleted_at"] and not deleted):
        survivors = _survivors(tx, store, "a.public_id = :alias", public_id)
        number = survivors[0] if survivors else number
    if number is None:
        raise store.missing(reference)
    return number


def _by_tail(tx: Tx, store: Store[Any], tail: str, *, deleted: bool) -> list[int]:
    alive = "" if deleted else " and r.deleted_at is null"
    rows = tx.all(
        f"select r.id from {store.table} r where r.account_id = :account_id and r.public_id like :tail"
        f"{alive}{store.sight(tx)} limit {_MANY}",
        tail=f"%{tail}",
    )
    found = [int(row["id"]) for row in rows]
    if found and deleted:
        return found  # the merged record itself is asked for, to be restored
    return list(dict.fromkeys([*found, *_survivors(tx, store, "a.public_id like :alias", f"%{tail}")]))


def _survivors(tx: Tx, store: Store[Any], condition: str, alias: str) -> list[int]:
    """The live records into which those with such an id were merged; a survivor may have been merged since."""
    query = f"""select r.id, r.public_id, r.deleted_at from aliases a join {store.table} r on r.id = a.record_id
        where a.account_id = :account_id and a.noun = :noun and {{condition}}{store.sight(tx)} limit {_MANY}"""
    noun = tx.known_word("noun", store.noun)
    if not noun:
        return []
    found: list[int] = []
    steps = tx.all(query.format(condition=condition), noun=noun, alias=alias)
    seen: set[int] = set()
    while steps:
        row = steps.pop(0)
        if row["id"] in seen:
            continue
        seen.add(row["id"])
        if row["deleted_at"] is None:
            found.append(int(row["id"]))
        else:
            steps += tx.all(query.format(condition="a.public_id = :alias"), noun=noun, alias=row["public_id"])
    return found


def _deleted(tx: Tx, store: Store[Any], text: str) -> State | None:
    """The one deleted record that is meant by an e-mail or the end of an id; names would cost a look at all."""
    found: list[int] = []
    if "@" in text:
        found = store.gone(tx, text)
    elif _TAIL.fullmatch(text):
        found = _by_tail(tx, store, text.lower(), deleted=True)
    states = store.load(tx, found) if len(found) == 1 else []
    return states[0] if states and states[0]["deleted_at"] is not None else None
