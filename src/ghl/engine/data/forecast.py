"""What a live run of an import would start: the workflows that begin with the events it would raise."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from ghl.engine.eventlog import EventLog
from ghl.sdk.data.imports import Automation

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class CountedEvents(EventLog):
    """Events of a trial: counted by name, never written."""

    def __init__(self, tx: Tx) -> None:
        super().__init__(tx)
        self.counts: Counter[str] = Counter()

    def emit(self, name: str, noun: str | None = None, subject_id: int | None = None, **about: Any) -> None:
        """Count an event."""
        self.counts[name] += 1


def automations(tx: Tx, raised: Counter[str]) -> list[Automation]:
    """The workflows that would begin, and for how many records at most."""
    found = []
    for row in tx.all("data/imports/triggers"):
        event = tx.spelled(row["event_name"])
        if raised.get(event):
            filtered = bool(json.loads(row["arguments"] or "{}").get("where"))
            found.append(Automation(workflow=row["workflow"], event=event, count=raised[event], filtered=filtered))
    return found
