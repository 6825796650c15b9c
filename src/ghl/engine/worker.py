"""The worker: ticks of the workflow engine and rounds of the sender, by the real clock or a virtual one."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ghl.engine.clock import VirtualClock, from_milliseconds, milliseconds
from ghl.engine.db import Database
from ghl.engine.db.migrate import identity
from ghl.engine.eventlog import SHARDS
from ghl.engine.marketing.delivery import Delivered, Delivery
from ghl.engine.tx import Shared
from ghl.engine.workflows.runner import Runner
from ghl.engine.workflows.trials import DEAD_AFTER, Trials, name_of_worker
from ghl.errors import GhlError, Invalid

if TYPE_CHECKING:
    from ghl.engine.channels.http import Http
    from ghl.engine.workflows.schedule import Waker

POLL = 1.0
"""Seconds after which a worker looks for what other programs have written."""
BREATH = 0.002
"""Seconds between two batches: other writers get their turn."""
BEAT = 5_000
MARK = 60_000
SWEEP = 3_600_000
SWEEPING = 0.5
"""Seconds that a worker takes at once from its workflows, to remove what is no longer kept."""
DRAIN = 10.0
"""Seconds for what is under way when a worker is asked to stop."""

_NEXT_MAIL = "select min(available_at) as at from outbox where channel = :channel and state in (0, 4)"
_READY = f"""select s.shard from generate_series(0, {SHARDS - 1}) s (shard)
where exists (select 1 from inbox i where i.shard = s.shard)
or exists (select 1 from enrollments e where e.shard = s.shard and e.run_at <= :now_ms)"""
_ALIVE = "select id from workers where beat_at > :since order by id"
_SENDERS = "select name, url from senders where deleted_at is null"


@dataclass(slots=True)
class Work:
    """What a worker has done since it started."""

    steps: int = 0
    events: int = 0
    mail: Delivered = field(default_factory=Delivered)

    def add(self, mail: Delivered) -> None:
        """Count a round of the sender."""
        for name in ("sent", "skipped", "failed", "deferred", "unknown"):
            setattr(self.mail, name, getattr(self.mail, name) + getattr(mail, name))
        for reason, count in mail.reasons.items():
            self.mail.reasons[reason] = self.mail.reasons.get(reason, 0) + count


class Worker:
    """Runs a store's workflows and sends its mail. It opens a file or PostgreSQL, never a URL."""

    def __init__(
        self,
        database: Database,
        shared: Shared,
        *,
        folder: str | None = None,
        seed: str = "",
        held: str | None = None,
        http: Http | None = None,
        say: Callable[[str], None] = lambda line: None,
        fault: Callable[[str], None] | None = None,
    ) -> None:
        self.database = database
        self.shared = shared
        # Virtual time is for looking ahead on a copy: nothing is tried apart, and no row says who works.
        self.real = not isinstance(shared.clock, VirtualClock)
        self.trials = Trials() if self.real else None
        self.runner = Runner(database, shared, seed=seed, trials=self.trials, fault=fault)
        with database.read() as connection:
            self.identity = identity(connection)
        self.held = held
        self.done = Work()
        self._say = say
        self.abandoned = False
        """Whether something was under way that would not end; a program that exits must not wait for it."""
        self._stopping = threading.Event()
        self.delivery = Delivery(
            database, shared, identity=self.identity, folder=folder, http=http, stopping=self._stopping.is_set,
            fault=fault,
        )  # fmt: skip
        self._row: int | None = None
        self._beat_at = self._marked_at = self._swept_at = 0

    # --- one pass

    def work(self) -> int | None:
        """Do everything that is due; the next due time in milliseconds, or None for never."""
        while not self._stopping.is_set():
            self._beat()
            moved = self._ticks()
            mailed = self._mail()
            if not moved and not mailed:
                break
        return self.next_due()

    def _shards(self) -> list[int]:
        """The shards that may have something to do: this worker's share of them."""
        if self.database.dialect == "sqlite":
            return [0]
        now = milliseconds(self.shared.clock.now())
        with self.database.read() as connection:
            ready = {int(row[0]) for row in connection.tuples(_READY, {"now_ms": now})}
            workers = [row[0] for row in connection.tuples(_ALIVE, {"since": now - DEAD_AFTER})]
        place = workers.index(self._row) if self._row in workers else 0
        start = place * SHARDS // max(1, len(workers))
        ordered = sorted(ready | {0}, key=lambda shard: (shard - start) % SHARDS)
        return ordered[: -(-len(ordered) // max(1, len(workers)))]

    def _ticks(self) -> bool:
        """Tick until nothing is left that this worker can have; whether anything was done."""
        moved = False
        while not self._stopping.is_set():
            done = self.runner.tick(self._shards())
            self.done.steps += done.steps
            self.done.events += done.events
            if done.idle:
                break
            moved = True
            if self.real:
                time.sleep(BREATH)
        return moved

    def _mail(self) -> bool:
        if self.held:
            return False
        mailed = False
        while not self._stopping.is_set():
            done = self.delivery.round()
            if not done.total:
                return mailed
            self.done.add(done)
            mailed = True
            if done.sent == 0 and done.skipped == 0 and done.deferred:
                return mailed
        return mailed

    def next_due(self) -> int | None:
        """When there is something to do next, in milliseconds."""
        known = [at for at in (self._next_tick(), self._next_mail()) if at is not None]
        return min(known) if known else None

    def _next_tick(self) -> int | None:
        return self.runner.next_due()

    def _next_mail(self) -> int | None:
        if self.held:
            return None
        with self.database.read() as connection:
            words = [self.shared.words.find(connection, "channel", name) for name in ("email", "webhook")]
            rows = [connection.one(_NEXT_MAIL, {"channel": word}) for word in words if word is not None]
        times = [int(row["at"]) for row in rows if row and row["at"] is not None]
        return min(times) if times else None

    def _beat(self) -> None:
        """Say that this worker lives, and take over from those that do not."""
        now = milliseconds(self.shared.clock.now())
        if self.trials is None or now - self._beat_at < BEAT:
            return
        self._beat_at = now
        try:
            with self.database.write() as connection:
                if self._row is None:
                    row = connection.one(
                        "insert into workers (name, started_at, beat_at) values (:name, :now, :now) returning id",
                        {"name": name_of_worker(), "now": now},
                    )
                    assert row is not None
                    self._row = self.trials.row = self.delivery.ledger.worker_id = int(row["id"])
                elif not connection.run(
                    "update workers set beat_at = :now where id = :id", {"now": now, "id": self._row}
                ):
                    # Somebody thought that this worker was dead, and tries what it was trying.
                    self.trials = self.runner.trials = Trials()
                    self._row, self._beat_at = None, 0
                    return
                self.trials.adopt(connection, now)
        except BaseException:
            self.trials.forget()
            raise
        self.trials.committed()
        self.delivery.recover()

    # --- the three ways to run

    def once(self) -> Work:
        """Do what is due now, and return."""
        self._mark()
        try:
            self.delivery.recover()
            self.work()
            self._sweep(None)
        finally:
            self._goodbye()
            self._mark()
        return self.done

    def until(self, moment: datetime, *, told: Callable[[datetime], None] | None = None) -> Work:
        """Let virtual time pass until a moment. Refuses unless every sender is an outbox."""
        clock = self.shared.clock
        if not isinstance(clock, VirtualClock):
            raise Invalid("only a virtual clock can be moved", field="until")
        self.refuse_real_senders()
        end = milliseconds(moment)
        try:
            while not self._stopping.is_set():
                due = self.work()
                if due is None or due > end:
                    break
                clock.move_to(from_milliseconds(max(due, milliseconds(clock.now()))))
                if told:
                    told(clock.now())
            clock.move_to(moment)
        finally:
            self._goodbye()
        return self.done

    def refuse_real_senders(self) -> None:
        """Virtual time never sends real mail."""
        with self.database.read() as connection:
            rows = connection.all(_SENDERS)
        real = [row["name"] for row in rows if not row["url"].startswith("outbox:")]
        if real:
            raise Invalid(
                f"virtual time sends no real mail, and {', '.join(real)} would", hint="--until works where every sender is an outbox"
            )

    def run(self) -> Work:
        """Work until SIGTERM or SIGINT; what is under way is finished first."""
        from ghl.engine.workflows.schedule import Waker  # APScheduler, for workers that stay

        self._mark()
        self.delivery.recover()
        # Two threads: a mail server that is slow holds no workflow up.
        wakers = [
            Waker(self._due, self.shared.clock, poll_seconds=POLL, maintenance=self._live, maintenance_seconds=BEAT / 1000),
            Waker(self._mail_due, self.shared.clock, poll_seconds=POLL),
        ]
        previous: dict[int, Any] = {}
        stopped = threading.Event()

        def stop(number: int, frame: Any) -> None:
            self._stopping.set()
            stopped.set()

        for name in ("SIGTERM", "SIGINT"):
            if hasattr(signal, name):
                number = getattr(signal, name)
                previous[number] = signal.signal(number, stop)
        try:
            for waker in wakers:
                waker.start()
            self._say("working; stop with Ctrl-C or SIGTERM")  # only now does a signal end it in order
            while not stopped.wait(0.5):
                pass
            self._say("finishing what is under way")
            self._drain(wakers)
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
            self._goodbye()
            self._mark()
        return self.done

    def _drain(self, wakers: list[Waker]) -> None:
        """Let what runs finish. A server that does not answer is hung up on: its message is then in doubt."""
        ending = [threading.Thread(target=waker.stop, daemon=True) for waker in wakers]
        for one in ending:
            one.start()
        until = time.monotonic() + DRAIN
        for one in ending:
            one.join(max(0.0, until - time.monotonic()))
        if any(one.is_alive() for one in ending):
            self.delivery.abort()
            for one in ending:
                one.join(2)
        self.abandoned = any(one.is_alive() for one in ending)

    def _live(self) -> None:
        """Say that this worker lives, while its other thread waits for a server that is slow."""
        row, now = self._row, milliseconds(self.shared.clock.now())
        if row is not None:
            with self.database.write() as connection:
                connection.run("update workers set beat_at = :now where id = :id", {"now": now, "id": row})
        if now - self._marked_at > MARK:
            self._mark()

    def _mark(self) -> None:
        """Count this worker's time, so that an older copy of the store is known."""
        if self.real and not self.held:
            from ghl.engine.db.identity import mark  # for workers by the real clock

            self._marked_at = milliseconds(self.shared.clock.now())
            mark(self.database)

    def _due(self) -> datetime | None:
        """Everything that is due but mail; when there is something to do next."""
        return self._looked(self._all_ticks)

    def _all_ticks(self) -> int | None:
        self._beat()
        while not self._stopping.is_set() and self._ticks():
            self._beat()
        self._sweep(SWEEPING)
        return self._next_tick()

    def _sweep(self, seconds: float | None) -> None:
        """Once an hour: remove what the settings no longer keep, for some time; the rest waits for the next look."""
        now, started = milliseconds(self.shared.clock.now()), time.monotonic()
        if not self.real or self._stopping.is_set() or now - self._swept_at < SWEEP:
            return
        from ghl.engine.retention import sweep  # once an hour

        for kind, count in sweep(self.database, self.shared, seconds=seconds).items():
            self._say(f"no longer kept: {count:,} of {kind}")
        if seconds is None or time.monotonic() - started < seconds:
            self._swept_at = now

    def _mail_due(self) -> datetime | None:
        """All mail that is due; when there is some next."""

        def send() -> int | None:
            if self._row is None:
                return None  # who sends must be known to be alive: the other thread says so first
            self._mail()
            return self._next_mail()

        return self._looked(send)

    def _looked(self, look: Callable[[], int | None]) -> datetime | None:
        try:
            at = look()
        except GhlError as error:
            self._say(f"error: {error.message}")
            at = milliseconds(self.shared.clock.now()) + 5_000
        return from_milliseconds(at) if at is not None else None

    def _goodbye(self) -> None:
        self.delivery.close()
        if self._row is not None and self.trials is not None:
            with self.database.write() as connection:
                # What is still to be tried is taken over by the next worker at once.
                left = "update workers set beat_at = 0 where id = :id"
                connection.run(left if self.trials.first() else "delete from workers where id = :id", {"id": self._row})
            self._row, self._beat_at = None, 0
