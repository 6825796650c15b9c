"""One tick: events are handled, those who are due take one step each, and all of it commits together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ghl.engine.access import Caller
from ghl.engine.clock import from_milliseconds
from ghl.engine.db import Connection, Database
from ghl.engine.eventlog import SHARDS
from ghl.engine.tx import Cause, Shared, Tx
from ghl.engine.workflows import actions
from ghl.engine.workflows.batch import Batch
from ghl.engine.workflows.cron import next_fire
from ghl.engine.workflows.entries import Entrant, enter
from ghl.engine.workflows.inbox import Inbox
from ghl.engine.workflows.versions import Versions
from ghl.errors import GhlError
from ghl.sdk.times import zone_named

SMALLEST, LARGEST = 1_000, 20_000
SLOW, QUICK = 0.250, 0.060

_PAUSED = """select distinct w.id, w.status from batch b cross join workflows w
where w.id = b.workflow_id and (w.status <> 'active' or w.deleted_at is not null)"""
_HOLD = """update enrollments set due_at = b.due, run_at = null from batch b
where enrollments.id = +b.id and b.outcome = 0 and b.state = 1"""
_DEPTHS = """select coalesce(max(d.depth), 0) as n from batch b cross join enrollment_details d
where d.enrollment_id = b.id and b.step_id = :step"""
_NEXT_DUE = "select min(run_at) as at from enrollments where shard = {shard} and run_at is not null"
_FIRING = """select t.*, w.subject from workflow_triggers t
join workflows w on w.id = t.workflow_id and w.version_id = t.version_id
where t.next_at is not null and t.next_at <= :now_ms and w.status = 'active' and w.deleted_at is null
order by t.next_at limit 100"""


@dataclass(slots=True)
class Ticked:
    """What a tick did."""

    steps: int = 0
    events: int = 0
    fired: int = 0
    full: bool = False

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.steps or self.events or self.fired)


class Runner:
    """Ticks over a store."""

    def __init__(
        self, database: Database, shared: Shared, *, seed: str = "", fault: Callable[[str], None] | None = None
    ) -> None:
        self.database = database
        self.shared = shared
        self.seed = seed
        self.versions = Versions()
        self.size = 5_000
        self._fault = fault or (lambda point: None)

    def tick(self, shard: int = 0) -> Ticked:
        """One transaction for one shard. Nothing of it is seen before it commits."""
        started = time.perf_counter()
        try:
            with self.database.write() as connection:
                if not self._mine(connection, shard):
                    return Ticked()
                done = self._work(connection, shard)
                self._fault("before commit")
        except BaseException:
            self.versions.forget()
            raise
        self._fault("after commit")
        self._adapt(done, time.perf_counter() - started)
        return done

    def _mine(self, connection: Connection, shard: int) -> bool:
        """One tick per shard at a time: the write lock on SQLite, a lock of the transaction on PostgreSQL."""
        if connection.dialect == "sqlite":
            return True
        row = connection.one("select pg_try_advisory_xact_lock(7711, :shard) as mine", {"shard": shard})
        return bool(row and row["mine"])

    def _adapt(self, done: Ticked, seconds: float) -> None:
        """A tick is also the time that other writers wait."""
        if seconds > SLOW:
            self.size = max(SMALLEST, self.size // 2)
        elif done.full and seconds < QUICK:
            self.size = min(LARGEST, self.size * 2)

    def _work(self, connection: Connection, shard: int) -> Ticked:
        system = Tx(connection, Caller(account_id=0, actor="engine", origin="workflow"), self.shared)
        done = Ticked()
        done.fired = self._fire(system) if shard == 0 else 0
        done.events = Inbox(system, self.versions).handle(shard, self.size)
        batch = Batch(system)
        done.steps = batch.claim(shard, system.now_ms, self.size)
        done.full = done.steps == self.size or done.events == self.size
        if done.steps:
            self._set_aside(system, batch)
            for step_id, _ in batch.groups():
                self._perform(system, batch, step_id)
            self._fault("before moves")
            batch.settle()
        system.finish()
        return done

    # --- what a claim finds that is not to move

    def _set_aside(self, tx: Tx, batch: Batch) -> None:
        connection = tx.connection
        for row in connection.all(_PAUSED):
            if row["status"] in ("paused", "draft"):
                connection.run(
                    "update batch set outcome = 0 where workflow_id = :id", {"id": row["id"]}
                )
            else:
                connection.run(
                    "update batch set outcome = 8, state = 4, next_id = null where workflow_id = :id",
                    {"id": row["id"]},
                )
        connection.run(_HOLD)
        connection.run(
            """delete from waits where enrollment_id in (select id from batch)
            and exists (select 1 from waits limit 1)"""
        )
        self._move_to_new_versions(tx)

    def _move_to_new_versions(self, tx: Tx) -> None:
        connection = tx.connection
        if connection.one("select 1 as found from step_moves limit 1") is None:
            return
        moved = connection.run(
            """update batch set step_id = m.to_step_id, touched = 2 from step_moves m
            where m.step_id = batch.step_id and batch.outcome = 1
            and m.version_id = (select version_id from workflows w where w.id = batch.workflow_id)"""
        )
        if not moved:
            return
        connection.run(
            "update batch set outcome = 8, state = 4, next_id = null where touched = 2 and step_id is null"
        )
        connection.run(
            """update batch set next_id = (select next_id from workflow_steps s where s.id = batch.step_id)
            where touched = 2 and step_id is not null"""
        )
        # The journal names the step that was left, so those who leave keep it.
        connection.run(
            """update batch set step_id = (select e.step_id from enrollments e where e.id = batch.id)
            where step_id is null"""
        )

    # --- steps

    def _perform(self, system: Tx, batch: Batch, step_id: int) -> None:
        step = self.versions.step(system.connection, step_id)
        where = "where step_id = :step and outcome = 1 and state = 1"
        if system.connection.one(f"select 1 as found from batch {where} limit 1", {"step": step_id}) is None:
            return
        depth = system.connection.one(_DEPTHS, {"step": step_id})
        cause = Cause(depth=(depth["n"] if depth else 0) + 1, step_id=step_id)
        tx = system.acting(step.version.caller, cause)
        group = actions.Group(tx, batch, step, self.versions, self.seed)
        expired(group)
        perform = actions.perform(step.kind)
        try:
            with tx.part():
                perform(group)
        except GhlError as error:
            from ghl.engine.workflows.failures import failed  # for groups that fail as a whole

            for row in group.rows():
                failed(group, row[0], row[1], row[5], error)
        tx.finish()

    # --- schedules

    def _fire(self, system: Tx) -> int:
        rows = system.all(_FIRING)
        for row in rows:
            version = self.versions.version(system.connection, row["version_id"])
            tx = system.acting(version.caller, Cause())
            zone = tx.account.zone if row["zone"] in (None, "account") else row["zone"]
            following = next_fire(row["cron"], zone_named(zone), from_milliseconds(system.now_ms))
            next_at = int(following.timestamp() * 1000) if following else None
            tx.run("update workflow_triggers set next_at = :next_at where id = :id", next_at=next_at, id=row["id"])
            enter(tx, version, self._due_for(tx, row))
            tx.finish()
        return len(rows)

    def _due_for(self, tx: Tx, row: dict[str, Any]) -> list[Entrant]:
        """Whom a schedule starts: one run about nothing, or one per record that its filter selects."""
        import json

        where = json.loads(row["arguments"]).get("where")
        if row["subject"] == "none" or not where:
            return [Entrant(0, None)]
        from ghl.engine.lists import matching  # for schedules over records
        from ghl.engine.records import store_of

        numbers = matching(tx, store_of(row["subject"]), where)
        return [Entrant(number, person_of(tx, row["subject"], number)) for number in numbers]

    # --- when to come back

    def next_due(self, shard: int | None = 0) -> int | None:
        """The earliest time at which there is something to do, in milliseconds; None for never."""
        with self.database.read() as connection:
            shards = [shard] if shard is not None else range(SHARDS)
            found = [connection.one(_NEXT_DUE.format(shard=int(number))) for number in shards]
            times = [row["at"] for row in found if row and row["at"] is not None]
            cron = connection.one(
                """select min(t.next_at) as at from workflow_triggers t join workflows w
                on w.id = t.workflow_id and w.version_id = t.version_id
                where t.next_at is not null and w.status = 'active' and w.deleted_at is null"""
            )
            if cron and cron["at"] is not None:
                times.append(cron["at"])
            if connection.one("select 1 as found from inbox limit 1"):
                return 0
        return min(times) if times else None


def person_of(tx: Tx, subject: str, object_id: int) -> int | None:
    """The contact that a record of this noun leads to."""
    if subject == "contact":
        return object_id
    if subject == "deal":
        row = tx.one(
            "select contact_id from deal_contacts where deal_id = :id order by is_primary desc, contact_id limit 1",
            id=object_id,
        )
        return int(row["contact_id"]) if row else None
    return None


def expired(group: actions.Group) -> None:
    """Skip those for whom the step comes too late."""
    policy = group.step.policy
    if policy is None or policy.expiry is None:
        return
    from ghl.sdk.workflows.durations import parse_duration

    latest = group.tx.now_ms - parse_duration(str(policy.expiry)).total_seconds * 1000
    group.set("outcome = 2, detail = :why", " and due < :latest", why='"too late"', latest=latest)
