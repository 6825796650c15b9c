"""Wakes the worker at the next due time and at regular intervals; what is due stays in the tables."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from ghl.engine.clock import Clock
from ghl.engine.workflows.cron import canonical, explain, next_fire

__all__ = ["Asked", "Waker", "canonical", "explain", "next_fire"]


class Asked(BaseTrigger):  # type: ignore[misc]
    """A trigger that asks a function for its next time; None means that it never fires again."""

    def __init__(self, next_time: Callable[[datetime], datetime | None]) -> None:
        self._next_time = next_time

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        return self._next_time(now)


class Waker:
    """One job for what is due, armed to the earliest due time, and one for maintenance.

    `due` performs what is due and answers the next due time (UTC), or None where nobody waits. It
    never runs twice at once: a wake-up that comes while it runs makes it run once more afterwards.
    """

    def __init__(
        self,
        due: Callable[[], datetime | None],
        clock: Clock,
        *,
        maintenance: Callable[[], None] | None = None,
        maintenance_seconds: float = 60,
        poll_seconds: float = 1,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """`poll_seconds` is how often the work of other processes is looked for. A failure of either
        function goes to `failed`, and the function is called again at its next time."""
        self._due = due
        self._now = clock.now
        self._maintenance = maintenance
        self._every = maintenance_seconds
        self._poll = timedelta(seconds=poll_seconds)
        self._failed = failed
        self._asked = threading.Event()
        self._running = threading.Lock()
        self._stopped = threading.Event()
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(3)})

    def start(self) -> None:
        """Begin; the first look happens at once."""
        options: dict[str, Any] = {"coalesce": True, "misfire_grace_time": None}
        backstop = Asked(lambda now: now + self._poll)
        # Two instances, so that a poll during a long run is not reported as skipped; the second
        # only leaves its wish behind.
        self._scheduler.add_job(
            self._look, backstop, id="due", max_instances=2, next_run_time=self._now(), **options
        )
        if self._maintenance is not None:
            self._scheduler.add_job(
                self._maintain, "interval", seconds=self._every, id="maintenance", **options
            )
        self._scheduler.start()

    def wake(self) -> None:
        """Look now: something new may be due. Safe from any thread."""
        self._asked.set()
        self._arm(self._now())

    def stop(self) -> None:
        """Take nothing new, let what runs finish, and return when all is quiet. Safe to call twice."""
        self._stopped.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def wait(self, seconds: float | None = None) -> bool:
        """Block until `stop` is called; False where the time ran out first."""
        return self._stopped.wait(seconds)

    def _look(self) -> None:
        self._asked.set()
        planned: datetime | None = None
        # Tested again after the lock is free: whoever found it taken has left a wish behind.
        while self._asked.is_set() and not self._stopped.is_set():
            if not self._running.acquire(blocking=False):
                return
            try:
                self._asked.clear()
                planned = self._due()
            except Exception as error:
                planned = None
                self._tell(error)
            finally:
                self._running.release()
        if planned is not None and planned < self._now() + self._poll:
            self._arm(planned)

    def _arm(self, at: datetime) -> None:
        if self._stopped.is_set():
            return
        try:
            self._scheduler.modify_job("due", next_run_time=at)
        except LookupError:
            pass  # stopped meanwhile

    def _maintain(self) -> None:
        try:
            if self._maintenance is not None and not self._stopped.is_set():
                self._maintenance()
        except Exception as error:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        if self._failed is not None:
            self._failed(error)
