"""What an event carries, for the filters of triggers and waits: `before` and `after`, or its payload."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ghl.engine.changelog import CREATED
from ghl.engine.columns import State
from ghl.engine.history import as_of, readable, values
from ghl.engine.stores import STORES, store_of

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

SINGLE = {"deal.stage_changed": "stage", "deal.status_changed": "status"}
"""Events whose `before` and `after` are one field's values."""
TAGS = ("contact.tag_added", "contact.tag_removed")

_ROWS = """select a.n, a.event_id, a.noun, a.name, a.subject_id, a.person_id, a.depth, e.payload,
  c.id as change_id, c.kind, c.before, c.after
from arrived a join events e on e.id = a.event_id left join changes c on c.id = a.change_id where {where} order by a.n"""


@dataclass(slots=True)
class Happened:
    """An event of the round, with the values of its change where a filter asks for them."""

    row: dict[str, Any]
    name: str
    noun: str
    created: State | None = None
    _seen: dict[str, Any] | None = field(default=None)

    def variables(self, tx: Tx) -> dict[str, Any]:
        """The names that a filter may use beside those of the record."""
        if self._seen is None:
            self._seen = self._read(tx)
        return self._seen

    def _read(self, tx: Tx) -> dict[str, Any]:
        row = self.row
        if row["payload"]:
            payload: dict[str, Any] = json.loads(row["payload"])
            return {"event": payload, **payload}
        if row["change_id"] is None or self.noun not in STORES:
            return {}
        store = store_of(self.noun)
        if row["kind"] == CREATED:
            before, after = {}, self._made(tx)
        else:
            before = readable(tx, store, values(row["before"]))
            after = readable(tx, store, values(row["after"]))
        if self.name in SINGLE:
            return {"before": before.get(SINGLE[self.name]), "after": after.get(SINGLE[self.name])}
        if self.name in TAGS:
            return {"before": before.get("tags", []), "after": after.get("tags", [])}
        return {"before": before, "after": after}

    def _made(self, tx: Tx) -> dict[str, Any]:
        """A creation's change holds no values: the record does, as it was then."""
        store = store_of(self.noun)
        state = self.created or next(iter(store.load(tx, [self.row["subject_id"]])), None)
        if state is None:
            return {}
        if state["version"] > 1:
            return as_of(tx, store, state, 1) or {}
        shown: dict[str, Any] = store.present(tx, [state])[0].model_dump(mode="json")
        return shown


def read(tx: Tx, where: str, params: dict[str, Any]) -> list[Happened]:
    """Events of the round, in order; what was created is fetched for all of them at once."""
    rows = tx.connection.all(_ROWS.format(where=where), params)
    events = [
        Happened(row, tx.spelled(row["name"]), tx.spelled(row["noun"]) if row["noun"] else "") for row in rows
    ]
    for noun in {event.noun for event in events if event.row["kind"] == CREATED and event.noun in STORES}:
        made = [event for event in events if event.noun == noun and event.row["kind"] == CREATED]
        states = _loaded(tx, noun, [event.row["subject_id"] for event in made])
        for event in made:
            event.created = states.get(event.row["subject_id"])
    return events


def _loaded(tx: Tx, noun: str, ids: Sequence[int]) -> dict[int, State]:
    wanted = list(dict.fromkeys(ids))
    found: dict[int, State] = {}
    for start in range(0, len(wanted), 500):
        found |= {state["id"]: state for state in store_of(noun).load(tx, wanted[start : start + 500])}
    return found
