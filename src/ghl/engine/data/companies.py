"""The companies of many rows at once: found by exact folded name, and the missing ones made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ghl.engine.columns import State
from ghl.engine.crm.companies import STORE
from ghl.engine.data.bulk import insert_many
from ghl.engine.data.runs import Run, known_keys
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_FIND = """select r.name_key, min(r.id) as id from company_records r where r.account_id = :account_id
and r.deleted_at is null and r.name_key in ({keys}){sight} group by r.name_key"""
_KEYS = {
    "sqlite": "select value from json_each(:keys)",
    "postgres": "select json_array_elements_text(cast(:keys as json))",
}


def company_keys(tx: Tx, run: Run, known: dict[str, int], names: Iterable[str]) -> dict[str, int]:
    """The row key of each name; `known` remembers them by folded name for the transaction.

    Where several companies have a name the oldest is meant.
    """
    folded = {name: fold(name) for name in dict.fromkeys(names)}
    wanted = {key: name for name, key in reversed(folded.items()) if key not in known}
    if wanted:
        query = _FIND.format(keys=_KEYS[tx.dialect], sight=STORE.sight(tx))
        known |= dict(tx.connection.tuples(query, tx.params({"keys": json.dumps(list(wanted))})))
        missing = {key: name for key, name in wanted.items() if key not in known}
        if missing:
            known |= _make(tx, run, missing)
    return {name: known[key] for name, key in folded.items()}


def _make(tx: Tx, run: Run, names: dict[str, str]) -> dict[str, int]:
    blank, states = STORE.blank(tx), list[State]()
    for name in names.values():
        state = blank.copy()
        STORE.assign(tx, state, {"name": name})
        STORE.derive(tx, state)
        STORE.check(tx, state, None)
        states.append(state)
    insert_many(tx, STORE, states)
    before = known_keys(tx, run, "company", list(names))
    new = [key for key in names if key not in before and ("company", key) not in run.keys]
    if new:
        run.notices["new companies"] += len(new)
        run.keys |= {("company", key): 0 for key in new}
    return {key: state["id"] for key, state in zip(names, states, strict=True)}
