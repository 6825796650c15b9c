"""What imports keep of people until a plan is applied or a week is over, and forgetting it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ghl.engine.columns import State

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_KEYS = """delete from import_keys where import_id in (select id from imports where account_id = :account_id)
and (key = :text or (kind = 'record' and key = :record))"""
_ROWS = """delete from import_rows where import_id in (select id from imports where account_id = :account_id)
and (record_id = :id and import_id in (select id from imports where noun = 'contacts') or detail like :text escape '!')"""


def forget_person(tx: Tx, state: State) -> int:
    """Remove a contact from the rows of plans and from lists of rejected rows; how many rows that were.

    Rows are found by the contact, and by its name and addresses where a row has not become a contact.
    """
    names = [" ".join(n for n in (state["first_name"], state["last_name"]) if n)]
    for field in ("emails", "phones"):
        for key, values in state[field].items():
            names += [key, values["address"]]
    removed = 0
    for text in dict.fromkeys(name for name in names if len(name) > 2):
        tx.run(_KEYS, text=text, record=str(state["id"]))
        # As it stands in JSON, so that quotes and the like are found too.
        inside = json.dumps(text, ensure_ascii=False)[1:-1]
        for mark in "!%_":
            inside = inside.replace(mark, f"!{mark}")
        removed += tx.run(_ROWS, id=state["id"], text=f"%{inside}%")
    return removed
