"""One tick: events are handled, those who are due take one step each, and all of it commits together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ghl.engine.access import Caller
from ghl.engine.db import Connection, Database
from ghl.engine.eventlog import SHARDS
from ghl.engine.tx import Cause, Shared, Tx
from ghl.engine.workflows import actions, moves
from ghl.engine.workflows.batch import EXITED, LEFT, MANY_GROUPS, Batch
from ghl.engine.workflows.failures import expired, failed
from ghl.engine.workflows.firing import fire, next_firing
from ghl.engine.workflows.inbox import Inbox
from ghl.engine.workflows.loops import LONGEST, stop_runaways
from ghl.engine.workflows.trials import Trial, Trials
from ghl.engine.workflows.versions import Step, Versions
from ghl.errors import GhlError

SMALLEST, LARGEST = 1_000, 20_000
SLOW, QUICK = 0.250, 0.060

_PAUSED = """select w.id, w.status, w.deleted_at from workflows w
where w.id in ({which}) and (w.status <> 'active' or w.deleted_at is not null)"""
_DROP_WAITS = """delete from waits where enrollment_id in (select id from batch)"""
_NEXT_DUE = "select min(run_at) as at from enrollments where shard = 0 and run_at is not null"
_NEXT_DUE_OF_SHARDS = f"""select min((select min(e.run_at) from enrollments e where e.shard = s.shard
  and e.run_at is not null)) as at from generate_series(0, {SHARDS - 1}) s (shard)"""


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
        self,
        database: Database,
        shared: Shared,
        *,
        seed: str = "",
        trials: Trials | None = None,
        fault: Callable[[str], None] | None = None,
    ) -> None:
        self.database = database
        self.shared = shared
        self.seed = seed
        self.versions = Versions()
        self.trials = trials
        self.size = 5_000
        self._groups = 0
        self._fault = fault or (lambda point: None)

    def tick(self, shards: Sequence[int] = (0,)) -> Ticked:
        """One transaction for some shards. Nothing of it is seen before it commits."""
        started = time.perf_counter()
        trial = self.trials.first() if self.trials is not None else None
        try:
            with self.database.write() as connection:
                mine = self._locked(connection, trial.shards if trial else shards)
                if not mine or (trial and len(mine) < len(trial.shards)):
                    return Ticked()
                system = Tx(connection, Caller(account_id=0, actor="engine", origin="workflow"), self.shared)
                done = self._try(system, trial) if trial else self._work(system, mine)
                system.finish()
                self._fault("before commit")
        except BaseException:
            self.versions.forget()
            if self.trials is not None:
                self.trials.forget()
            raise
        system.committed()
        if self.trials is not None:
            self.trials.committed()
        self._fault("after commit")
        self._adapt(done, time.perf_counter() - started)
        return done

    def _locked(self, connection: Connection, shards: Sequence[int]) -> list[int]:
        """One tick per shard at a time: the write lock on SQLite, locks of the transaction on PostgreSQL."""
        if connection.dialect == "sqlite":
            return list(shards)
        rows = connection.tuples(
            """select s.shard from unnest(cast(:shards as bigint[])) s (shard)
            where pg_try_advisory_xact_lock(7711, cast(s.shard as integer))""",
            {"shards": list(shards)},
        )
        return [int(row[0]) for row in rows]

    def _adapt(self, done: Ticked, seconds: float) -> None:
        """A tick is also the time that other writers wait."""
        if seconds > SLOW:
            self.size = max(SMALLEST, self.size // 2)
        elif done.full and seconds < QUICK:
            self.size = min(LARGEST, self.size * 2)

    def _try(self, system: Tx, trial: Trial) -> Ticked:
        """Perform a group that was set aside."""
        assert self.trials is not None
        batch = Batch(system)
        steps = batch.take(trial.ids, trial.step)
        if steps:
            if not self.trials.park(batch, trial):
                self._groups_of(system, batch, None, batch.groups())
            batch.settle()
        self.trials.done(system, trial)
        return Ticked(steps=max(1, steps))

    def _work(self, system: Tx, shards: list[int]) -> Ticked:
        done = Ticked()
        if 0 in shards:
            done.fired = fire(system, self.versions) + moves.hurry(system)
        done.events = Inbox(system, self.versions).handle(shards, self.size)
        if system.dialect == "postgres" and done.events and self._more(system, shards):
            # A wait begins where its shard's inbox is empty: else an event could be on both sides of it.
            return Ticked(events=done.events, fired=done.fired, full=True)
        batch = Batch(system)
        done.steps = batch.claim(shards, system.now_ms, self.size, by_step=self._groups >= MANY_GROUPS)
        done.full = done.steps >= self.size or done.events >= self.size
        if done.steps:
            alike = self._set_aside(system, batch)
            self._groups_of(system, batch, shards, batch.one_group() if alike else batch.groups())
            self._fault("before moves")
            batch.settle()
        return done

    def _more(self, system: Tx, shards: list[int]) -> bool:
        marks = ",".join(map(str, shards))
        return system.connection.one(f"select 1 as found from inbox where shard in ({marks}) limit 1") is not None

    # --- what a claim finds that is not to move

    def _set_aside(self, tx: Tx, batch: Batch) -> bool:
        """Hold, end and move those who are not to take their step; whether all others stand before one step."""
        connection, survey = tx.connection, batch.survey()
        batch.slot = survey.slot
        one, alike = survey.first_workflow == survey.last_workflow, survey.first_step == survey.last_step
        which = str(survey.first_workflow) if one else "select distinct workflow_id from batch"
        for row in connection.all(_PAUSED.format(which=which)):
            alike = False
            where, params = "workflow_id = :id", {"id": row["id"]}
            if row["status"] in ("paused", "draft") and row["deleted_at"] is None:
                batch.set_aside(where, params)
                continue
            connection.run(
                f"update batch set outcome = {LEFT}, state = {EXITED}, next_id = null where {where}", params
            )
        if connection.one("select 1 as found from waits limit 1") is not None:
            connection.run(_DROP_WAITS)
        moved = moves.to_new_versions(tx)
        stopped = stop_runaways(tx) if survey.without_rest >= LONGEST else 0
        return alike and not moved and not stopped

    # --- steps

    def _groups_of(
        self, system: Tx, batch: Batch, apart: list[int] | None, groups: list[tuple[int, int, int]]
    ) -> None:
        """Perform every group; with shards, those of one person at a time are set aside to be tried."""
        self._groups = len(groups)
        for step_id, first, last in groups:
            step = self.versions.step(system.connection, step_id)
            if self.trials is not None and apart is not None and actions.one_by_one(step):
                self.trials.add(batch, apart, step_id, first, last)
                continue
            self._perform(system, batch, step, first, last)

    def _perform(self, system: Tx, batch: Batch, step: Step, first: int, last: int) -> None:
        tx = system.acting(step.version.caller, Cause(depth=1, step_id=step.id))
        group = actions.Group(tx, batch, step, self.seed, first, last)
        expired(group)
        try:
            with tx.part():
                actions.perform(step)(group)
        except GhlError as error:
            for one in group.rows():
                failed(group, one, error)
        tx.finish()

    # --- when to come back

    def next_due(self) -> int | None:
        """The earliest time at which there is something to do, in milliseconds; None for never."""
        with self.database.read() as connection:
            due = _NEXT_DUE if connection.dialect == "sqlite" else _NEXT_DUE_OF_SHARDS
            found = connection.one(due)
            times = [int(found["at"])] if found and found["at"] is not None else []
            cron = next_firing(connection)
            if cron is not None:
                times.append(cron)
            if connection.one("select 1 as found from inbox limit 1") or connection.one(
                "select 1 as found from hurries limit 1"
            ):
                return 0
        return min(times) if times else None
