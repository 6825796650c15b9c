"""Triggers that did not fire: a capped sample with the clause that decided, for those who ask why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ghl.engine.stores import store_of
from ghl.errors import GhlError

if TYPE_CHECKING:
    from ghl.engine.tx import Tx
    from ghl.engine.workflows.inbox import Trigger

_KEEP = """insert into trigger_misses (account_id, workflow_id, trigger_id, event_id, object_id, at, reason, trace)
values (?, ?, ?, ?, ?, ?, ?, ?)"""
_DROP = "delete from trigger_misses where id <= (select max(id) from trigger_misses) - :kept"
OF_ROUND = 50
"""So many of a trigger are kept of one round."""
IN_ALL = 20_000
"""So many are kept altogether; the oldest go."""


class Misses:
    """The misses of one round."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self._rows: list[tuple[Any, ...]] = []
        self._counts: dict[int, int] = {}

    def _room(self, trigger: Trigger) -> int:
        return OF_ROUND - self._counts.get(trigger.id, 0)

    def add(
        self, tx: Tx, trigger: Trigger, event_id: int, object_id: int, reason: str, variables: dict[str, Any] | None = None
    ) -> None:
        """Keep one, if there is room."""
        if self._room(trigger) <= 0:
            return
        self._counts[trigger.id] = self._counts.get(trigger.id, 0) + 1
        trace = self._trace(tx, trigger, object_id, variables) if reason.startswith("where: ") else None
        self._rows.append(
            (
                trigger.version.account_id, trigger.version.workflow_id, trigger.id, event_id, object_id, tx.now_ms,
                reason[:500], trace,
            )
        )  # fmt: skip

    def of_query(self, tx: Tx, trigger: Trigger, query: str, params: Mapping[str, Any]) -> None:
        """Keep some of those for whom a filter was false by its SQL."""
        rows = tx.connection.tuples(f"{query} limit {OF_ROUND}", params)
        for object_id, _, event_id, _ in rows:
            self.add(tx, trigger, event_id, object_id, f"where: {trigger.arguments['where']} is false")

    @staticmethod
    def _trace(tx: Tx, trigger: Trigger, object_id: int, variables: dict[str, Any] | None) -> str | None:
        """What the evaluator saw, clause by clause."""
        from ghl.engine.filters import why  # only where something did not fire

        subject = trigger.version.subject
        try:
            states = store_of(subject).load(tx, [object_id]) if subject != "none" else []
            found = why(tx, subject, states[0] if states else None, trigger.arguments["where"], variables=variables or {})
        except GhlError:
            return None
        return json.dumps(found.lines(), ensure_ascii=False)

    def keep(self) -> None:
        """Write them down."""
        if not self._rows:
            return
        self.tx.connection.many_tuples(_KEEP, self._rows)
        self.tx.connection.run(_DROP, {"kept": IN_ALL})
