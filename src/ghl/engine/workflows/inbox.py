"""Events that somebody listens to: they wake those who wait and start those who are to enter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ghl.engine.stores import store_of
from ghl.engine.tx import Tx
from ghl.engine.workflows.arrivals import ABOUT, Arrivals, Kind
from ghl.engine.workflows.entries import Entrant, Entrants, dump
from ghl.engine.workflows.happened import Happened, read
from ghl.engine.workflows.misses import Misses
from ghl.engine.workflows.subjects import Subjects
from ghl.engine.workflows.versions import Version, Versions
from ghl.engine.workflows.waking import wake
from ghl.errors import ExpressionError, GhlError
from ghl.sdk.names import fold

_TRIGGERS = """select t.id, t.version_id, t.arguments from workflow_triggers t
join workflows w on w.id = t.workflow_id and w.version_id = t.version_id
where t.account_id = :account_id and t.event_name = :name and w.status = 'active' and w.deleted_at is null
order by t.id"""
_OF_KIND = "a.account_id = :account and a.name = :name and coalesce(a.noun, 0) = :kind and a.passed_on = 0"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A way into a workflow, for events of one name."""

    id: int
    version: Version
    arguments: dict[str, Any]


class Target(NamedTuple):
    """The object and the person of the runs that events may start, and where they are found, as SQL over
    `arrived a`."""

    object_id: str
    person_id: str
    found: str

    def query(self, condition: str = "true") -> str:
        """Object, person, event and depth."""
        return f"""select {self.object_id}, {self.person_id}, a.event_id, a.depth from {self.found}
            and {_OF_KIND} and {condition}"""


class Inbox:
    """One round of the inbox of some shards."""

    def __init__(self, tx: Tx, versions: Versions) -> None:
        self.tx = tx
        self.versions = versions
        self._txs: dict[int, Tx] = {}
        self._events: dict[Kind, list[Happened]] = {}
        self._by_number: dict[int, Happened] = {}
        self._subjects: dict[int, Subjects] = {}
        self._misses = Misses(tx)

    def handle(self, shards: Sequence[int], size: int) -> int:
        """Handle the oldest events; how many there were."""
        marks = ",".join(map(str, shards))
        if self.tx.connection.one(f"select 1 as found from inbox where shard in ({marks}) limit 1") is None:
            return 0
        arrivals = Arrivals(self.tx)
        count = arrivals.take(shards, size)
        kinds = arrivals.kinds()
        wake(self.tx, arrivals, kinds, shards, self._meets)
        for kind in kinds:
            if kind.fresh:
                self._start(kind)
        self._misses.keep()
        arrivals.clear()
        for tx in self._txs.values():
            tx.finish()
        return count

    def _acting(self, version: Version) -> Tx:
        if version.id not in self._txs:
            self._txs[version.id] = self.tx.acting(version.caller, self.tx.cause)
        return self._txs[version.id]

    # --- those who wait

    def _meets(self, step_id: int, n: int, object_id: int, person_id: int | None) -> bool:
        step = self.versions.step(self.tx.connection, step_id)
        tx = self._acting(step.version)
        try:
            if "when" in step.arguments:
                return self._subjects_of(step.version).holds(step.arguments["when"], object_id, person_id)
            if n not in self._by_number:
                self._by_number |= {event.row["n"]: event for event in read(tx, "a.n = :n", {"n": n})}
            return self._subjects_of(step.version).holds(
                step.arguments["where"], object_id, person_id, variables=self._by_number[n].variables(tx)
            )
        except GhlError:
            return False

    def _subjects_of(self, version: Version) -> Subjects:
        if version.id not in self._subjects:
            self._subjects[version.id] = Subjects(self._acting(version), version.subject)
        return self._subjects[version.id]

    # --- those who enter

    def _start(self, kind: Kind) -> None:
        found = self.tx.connection.all(_TRIGGERS, {"account_id": kind.account_id, "name": kind.name})
        for row in found:
            version = self.versions.version(self.tx.connection, row["version_id"])
            if version.entry_id is None:
                continue
            trigger = Trigger(row["id"], version, json.loads(row["arguments"]))
            entrants = Entrants(self._acting(version), version)
            self._find(kind, trigger, entrants)
            name = self.tx.spelled(kind.name)
            entrants.enter(deleted=name == f"{version.subject}.deleted")

    def _find(self, kind: Kind, trigger: Trigger, entrants: Entrants) -> None:
        """Whom a trigger starts: by one statement where its filter compiles, else event by event."""
        target = self._target(kind, trigger.version.subject)
        if target is None:
            return
        arguments, tx = trigger.arguments, self._acting(trigger.version)
        params = {"account": kind.account_id, "name": kind.name, "kind": kind.noun or 0}
        if not arguments.keys() & {"tag", "fields"} and trigger.version.key is None:
            where = self._condition(tx, trigger, target)
            if where is not None:
                holds, more = where
                given = tx.params({**params, **more})
                entrants.select(f"{target.query(holds)} order by a.n", given)
                if holds != "true":
                    self._misses.of_query(tx, trigger, target.query(f"not coalesce({holds}, false)"), given)
                return
        numbers = self.tx.connection.tuples(
            f"{target.query().replace('select ', 'select a.n, ', 1)} order by a.n", params
        )
        entrants.add(self._chosen(kind, trigger, numbers, params))

    @staticmethod
    def _condition(tx: Tx, trigger: Trigger, target: Target) -> tuple[str, dict[str, Any]] | None:
        """A trigger's filter as SQL; None where only the evaluator can say."""
        text, subject = trigger.arguments.get("where"), trigger.version.subject
        if text is None:
            return "true", {}
        if subject == "none":
            return None
        from ghl.engine.filters import compiled  # the language is loaded when a trigger has a filter

        try:
            fragment = compiled(tx, subject, text)
        except ExpressionError:
            return None
        table = store_of(subject).table
        holds = f"exists (select 1 from {table} r where r.id = {target.object_id} and ({fragment.sql}))"
        return holds, dict(fragment.params)

    def _target(self, kind: Kind, subject: str) -> Target | None:
        """The runs that events of a kind may start; None where they lead to no such record."""
        noun = self.tx.spelled(kind.noun) if kind.noun else ""
        if subject == "none":
            return Target("0", "a.person_id", "arrived a where true")
        if subject == "contact":
            person = "a.subject_id" if noun == "contact" else "a.person_id"
            return Target(person, person, f"arrived a where {person} is not null")
        if subject == noun:
            return Target("a.subject_id", "a.person_id", "arrived a where true")
        if subject in ABOUT.get(noun, ()):
            found = f"arrived a join {store_of(noun).table} s on s.id = a.subject_id where s.{subject}_id is not null"
            return Target(f"s.{subject}_id", "a.person_id", found)
        return None

    def _chosen(
        self, kind: Kind, trigger: Trigger, targets: list[tuple[Any, ...]], params: dict[str, Any]
    ) -> list[Entrant]:
        version, tx = trigger.version, self._acting(trigger.version)
        if kind not in self._events:
            self._events[kind] = read(self.tx, _OF_KIND, params)
            self._by_number |= {event.row["n"]: event for event in self._events[kind]}
        subjects = self._subjects_of(version)
        if version.key or "where" in trigger.arguments:
            subjects.load((target[1], target[2]) for target in targets)
        entrants = []
        for n, object_id, person_id, event_id, depth in targets:
            event = self._by_number[n]
            refused = self._refuses(tx, event, trigger, subjects, object_id, person_id)
            if refused is not None:
                self._misses.add(tx, trigger, event_id, object_id, refused, event.variables(tx))
                continue
            key = None
            if version.key:
                key = dump(subjects.evaluated(version.key, object_id, person_id))
            entrants.append(Entrant(object_id, person_id, event_id, depth, key))
        return entrants

    @staticmethod
    def _refuses(
        tx: Tx, event: Happened, trigger: Trigger, subjects: Subjects, object_id: int, person_id: int | None
    ) -> str | None:
        """Why a trigger does not fire for an event, or None."""
        arguments = trigger.arguments
        if arguments.get("tag"):
            seen = event.variables(tx)
            moved = seen.get("after" if event.name.endswith("added") else "before") or []
            if not {fold(t) for t in arguments["tag"]} & {fold(t) for t in moved}:
                return f"tag: {', '.join(moved)} is not {' or '.join(arguments['tag'])}"
        if arguments.get("fields"):
            seen = event.variables(tx)
            changed = set(seen.get("before") or {}) | set(seen.get("after") or {})
            names = {name.removeprefix("custom.").removesuffix("_id") for name in changed}
            wanted = {name.removeprefix(f"{event.noun}.").removeprefix("custom.").removesuffix("_id") for name in arguments["fields"]}
            if not wanted & names and not _primary(wanted, names):
                return f"fields: {', '.join(sorted(changed)) or 'nothing'} changed, not {', '.join(arguments['fields'])}"
        if arguments.get("where"):
            try:
                if not subjects.holds(arguments["where"], object_id, person_id, variables=event.variables(tx)):
                    return f"where: {arguments['where']} is false"
            except GhlError as error:
                return f"where: {error.message}"
        return None


def _primary(wanted: set[str], names: set[str]) -> bool:
    """A contact's e-mail, phone and company are the primary ones of a list; its name is made of two fields."""
    parts = {"email": {"emails"}, "phone": {"phones"}, "company": {"companies"}, "name": {"first_name", "last_name"}}
    return any(parts.get(name, set()) & names for name in wanted)
