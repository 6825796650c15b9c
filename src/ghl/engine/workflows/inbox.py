"""Events that somebody listens to: they wake those who wait and start those who are to enter."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from ghl.engine.changelog import CREATED
from ghl.engine.history import as_of, readable, values
from ghl.engine.records import STORES, store_of
from ghl.engine.tx import Tx
from ghl.engine.workflows.entries import Entrant, enter
from ghl.engine.workflows.subjects import Subjects
from ghl.engine.workflows.versions import Version, Versions
from ghl.errors import GhlError
from ghl.sdk.names import fold

_TAKE = """select e.id, e.account_id, e.name, e.noun, e.subject_id, e.person_id, e.depth, e.enrollment_id,
  e.change_id, e.payload, e.at, i.id as inbox_id
from (select * from inbox where shard = {shard} order by id limit :size) i cross join events e
where e.id = i.event_id order by i.id"""
_WAITING = """select w.enrollment_id, w.filter, w.since, e.id as event_id, n.account_id, n.object_id, n.person_id
from events e cross join waits w join enrollments n on n.id = w.enrollment_id
where e.id in ({ids}) and w.event_name in (0, e.name)
  and w.subject_id = coalesce(e.person_id, e.subject_id) and e.id > w.since and n.state = 1
order by e.id"""
_TRIGGERS = """select t.id, t.version_id, t.arguments from workflow_triggers t
join workflows w on w.id = t.workflow_id and w.version_id = t.version_id
where t.account_id = :account_id and t.event_name = :name and w.status = 'active' and w.deleted_at is null"""
_MISS = """insert into trigger_misses (account_id, workflow_id, trigger_id, event_id, object_id, at, reason, trace)
values (?, ?, ?, ?, ?, ?, ?, ?)"""
MISSES = 200
"""At most so many failed trigger evaluations are kept of one round."""


@dataclass(slots=True)
class Happened:
    """An event from the inbox with the values of its change, read when a filter asks for them."""

    row: dict[str, Any]
    name: str
    noun: str
    change: dict[str, Any] | None = None
    _seen: dict[str, Any] | None = field(default=None)

    def variables(self, tx: Tx) -> dict[str, Any]:
        """`before` and `after`, or the payload's own names."""
        if self._seen is None:
            self._seen = self._read(tx)
        return self._seen

    def _read(self, tx: Tx) -> dict[str, Any]:
        if self.row["payload"]:
            payload: dict[str, Any] = json.loads(self.row["payload"])
            return payload
        if self.change is None or self.noun not in STORES:
            return {}
        store = store_of(self.noun)
        if self.change["kind"] == CREATED:
            return self._made(tx)
        before = readable(tx, store, values(self.change["before"]))
        after = readable(tx, store, values(self.change["after"]))
        single = {"deal.stage_changed": "stage", "deal.status_changed": "status"}.get(self.name)
        if single:
            return {"before": before.get(single), "after": after.get(single)}
        if self.name in ("contact.tag_added", "contact.tag_removed"):
            return {"before": before.get("tags", []), "after": after.get("tags", [])}
        return {"before": before, "after": after}

    def _made(self, tx: Tx) -> dict[str, Any]:
        """A creation's change holds no values: the record does, as it was then."""
        store = store_of(self.noun)
        states = store.load(tx, [self.row["subject_id"]])
        if not states:
            return {"before": {}, "after": {}}
        made = as_of(tx, store, states[0], 1) or {}
        if self.name == "contact.tag_added":
            return {"before": [], "after": made.get("tags", [])}
        return {"before": {}, "after": made}


class Inbox:
    """One round of a shard's inbox."""

    def __init__(self, tx: Tx, versions: Versions) -> None:
        self.tx = tx
        self.versions = versions
        self._misses: list[tuple[Any, ...]] = []
        self._txs: dict[int, Tx] = {}

    def handle(self, shard: int, size: int) -> int:
        """Handle the oldest events; how many there were."""
        rows = self.tx.connection.all(_TAKE.format(shard=int(shard)), {"size": size})
        if not rows:
            return 0
        events = self._events(rows)
        self._wake([event.row["id"] for event in events], {e.row["id"]: e for e in events})
        self._start(events)
        if self._misses:
            self.tx.connection.many_tuples(_MISS, self._misses[:MISSES])
        self.tx.connection.many_tuples("delete from inbox where id = ?", [(row["inbox_id"],) for row in rows])
        return len(rows)

    def _events(self, rows: list[dict[str, Any]]) -> list[Happened]:
        wanted = sorted({row["change_id"] for row in rows if row["change_id"] is not None})
        changes: dict[int, dict[str, Any]] = {}
        for start in range(0, len(wanted), 500):
            part = ",".join(map(str, wanted[start : start + 500]))
            found = self.tx.connection.all(f"select id, kind, before, after from changes where id in ({part})")
            changes |= {change["id"]: change for change in found}
        return [
            Happened(
                row, self.tx.spelled(row["name"]), self.tx.spelled(row["noun"]) if row["noun"] else "",
                changes.get(row["change_id"]),
            )
            for row in rows
        ]  # fmt: skip

    def _acting(self, version: Version) -> Tx:
        if version.account_id not in self._txs:
            self._txs[version.account_id] = self.tx.acting(version.caller, self.tx.cause)
        return self._txs[version.account_id]

    # --- those who wait

    def _wake(self, ids: list[int], events: dict[int, Happened]) -> None:
        woken: dict[int, int | None] = {}
        for start in range(0, len(ids), 500):
            part = ",".join(map(str, ids[start : start + 500]))
            for row in self.tx.connection.all(_WAITING.format(ids=part)):
                if row["enrollment_id"] in woken:
                    continue
                kept = json.loads(row["filter"])
                step = self.versions.step(self.tx.connection, kept["step"])
                if self._meets(kept, step.version, row, events[row["event_id"]]):
                    woken[row["enrollment_id"]] = step.next_id
        if not woken:
            return
        now = self.tx.now_ms
        self.tx.connection.many_tuples(
            "update enrollments set step_id = ?, run_at = ? where id = ?",
            [(step_id, now, number) for number, step_id in woken.items()],
        )
        self.tx.connection.many_tuples("delete from waits where enrollment_id = ?", [(n,) for n in woken])

    def _meets(self, kept: dict[str, Any], version: Version, row: dict[str, Any], event: Happened) -> bool:
        text = kept.get("where") or kept.get("when")
        if not text:
            return True
        tx = self._acting(version)
        variables = event.variables(tx) if kept.get("where") else {}
        try:
            return Subjects(tx, version.subject).holds(
                text, row["object_id"], row["person_id"], enrollment_id=row["enrollment_id"], variables=variables
            )
        except GhlError:
            return False

    # --- those who enter

    def _start(self, events: list[Happened]) -> None:
        entrants: dict[int, list[Entrant]] = defaultdict(list)
        known: dict[tuple[int, int], list[tuple[int, int, dict[str, Any]]]] = {}
        for event in events:
            at = (event.row["account_id"], event.row["name"])
            if at not in known:
                found = self.tx.connection.all(_TRIGGERS, {"account_id": at[0], "name": at[1]})
                known[at] = [(t["id"], t["version_id"], json.loads(t["arguments"])) for t in found]
            for trigger_id, version_id, arguments in known[at]:
                version = self.versions.version(self.tx.connection, version_id)
                entrant = self._entrant(event, version, trigger_id, arguments)
                if entrant is not None:
                    entrants[version_id].append(entrant)
        for version_id, people in entrants.items():
            version = self.versions.version(self.tx.connection, version_id)
            enter(self._acting(version), version, people)

    def _entrant(
        self, event: Happened, version: Version, trigger_id: int, arguments: dict[str, Any]
    ) -> Entrant | None:
        tx = self._acting(version)
        target = self._target(tx, event, version.subject)
        if target is None:
            return None
        object_id, person_id = target
        refused = self._refuses(tx, event, version, arguments, object_id, person_id)
        if refused is not None:
            self._misses.append(
                (
                    version.account_id, version.workflow_id, trigger_id, event.row["id"], object_id,
                    self.tx.now_ms, refused, None,
                )
            )  # fmt: skip
            return None
        key = None
        if version.key:
            key = str(Subjects(tx, version.subject).evaluated(version.key, object_id, person_id))
        return Entrant(object_id, person_id, event.row["id"], event.row["depth"], key)

    def _refuses(
        self, tx: Tx, event: Happened, version: Version, arguments: dict[str, Any], object_id: int, person_id: int | None
    ) -> str | None:
        """Why a trigger does not fire for an event, or None."""
        if arguments.get("tag"):
            seen = event.variables(tx)
            moved = seen.get("after" if event.name.endswith("added") else "before") or []
            if not {fold(t) for t in arguments["tag"]} & {fold(t) for t in moved}:
                return f"tag: {', '.join(moved)} is not {' or '.join(arguments['tag'])}"
        if arguments.get("fields"):
            seen = event.variables(tx)
            changed = set(seen.get("before") or {}) | set(seen.get("after") or {})
            if not {name.removeprefix("custom.") for name in arguments["fields"]} & {
                name.removeprefix("custom.").removesuffix("_id") for name in changed
            }:
                return f"fields: {', '.join(sorted(changed)) or 'nothing'} changed, not {', '.join(arguments['fields'])}"
        if arguments.get("where"):
            subjects = Subjects(tx, version.subject if version.subject != "none" else event.noun)
            try:
                if not subjects.holds(arguments["where"], object_id, person_id, variables=event.variables(tx)):
                    return f"where: {arguments['where']} is false"
            except GhlError as error:
                return f"where: {error.message}"
        return None

    def _target(self, tx: Tx, event: Happened, subject: str) -> tuple[int, int | None] | None:
        """The object of a run that this event may start, and its person."""
        row = event.row
        if subject == "none":
            return 0, row["person_id"]
        if subject == "contact":
            person = row["subject_id"] if event.noun == "contact" else row["person_id"]
            return (person, person) if person is not None else None
        if subject == event.noun:
            return row["subject_id"], row["person_id"]
        if event.noun in STORES and row["subject_id"] is not None:
            states = store_of(event.noun).load(tx, [row["subject_id"]])
            number = states[0].get(f"{subject}_id") if states else None
            return (number, row["person_id"]) if number is not None else None
        return None


