"""Steps that run code for one person at a time are tried apart, so that one that kills the program is found.

A tick sets such a group aside and names it in the worker's row, in its own commit; the next transaction
performs just that group and forgets it. A worker that finds a dead one's row halves the group that was
under way; a single person with whom alone programs have died often enough is parked.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ghl.engine.workflows.batch import BROKE, PARKED, Batch

if TYPE_CHECKING:
    from ghl.engine.db import Connection
    from ghl.engine.tx import Tx

DEATHS = 5
DEAD_AFTER = 30_000

_MINE = "update workers set trial = :trial where id = :id"
_DEAD = "select id, name, beat_at, trial from workers where id <> :id order by id{lock}"


@dataclass(slots=True)
class Trial:
    """A group that is tried apart: its step, its people, and how many programs have died with one alone."""

    shards: list[int]
    step: int
    ids: list[int]
    deaths: int = 0


class Trials:
    """The groups that one worker is to try. What is kept here is what its row says."""

    def __init__(self) -> None:
        self.row: int | None = None
        self._known: list[Trial] = []
        self._next: list[Trial] | None = None

    def first(self) -> Trial | None:
        """The next group."""
        return self._known[0] if self._known else None

    def add(self, batch: Batch, shards: Sequence[int], step_id: int, first: int, last: int) -> None:
        """Set a group of the batch aside, to be tried in the next transaction."""
        where = f"n between {first} and {last} and step_id = {step_id} and outcome = 1 and state = 1"
        connection = batch.tx.connection
        ids = [int(row[0]) for row in connection.tuples(f"select id from batch where {where} order by n")]
        batch.set_aside(where)
        self._write(connection, [*self._planned(), Trial(list(shards), step_id, ids)])

    def done(self, tx: Tx, trial: Trial) -> None:
        """A group was tried: its transaction forgets it."""
        self._write(tx.connection, [other for other in self._planned() if other is not trial])

    def park(self, batch: Batch, trial: Trial) -> bool:
        """Park a single person with whom programs keep dying."""
        if trial.deaths < DEATHS:
            return False
        told = {
            "error": f"the program died {trial.deaths} times while performing this step", "code": "poison",
            "attempt": trial.deaths,
        }  # fmt: skip
        batch.tx.run(
            f"update batch set outcome = {BROKE}, state = {PARKED}, next_id = step_id, detail = :detail",
            detail=json.dumps(told),
        )
        return True

    def _planned(self) -> list[Trial]:
        return self._known if self._next is None else self._next

    def _write(self, connection: Connection, trials: list[Trial]) -> None:
        self._next = trials
        text = json.dumps([asdict(trial) for trial in trials]) if trials else None
        connection.run(_MINE, {"trial": text, "id": self.row})

    def committed(self) -> None:
        """The transaction is durable."""
        if self._next is not None:
            self._known, self._next = self._next, None

    def forget(self) -> None:
        """The transaction was taken back."""
        self._next = None

    # --- those of dead workers

    def adopt(self, connection: Connection, now: int) -> int:
        """Take over what dead workers were trying, and remove their rows; how many were dead."""
        lock = " for update skip locked" if connection.dialect == "postgres" else ""
        dead = [row for row in connection.all(_DEAD.format(lock=lock), {"id": self.row or 0}) if is_dead(row, now)]
        trials = self._planned()
        for row in dead:
            trials = trials + halved([Trial(**one) for one in json.loads(row["trial"] or "[]")])
            connection.run("delete from workers where id = :id", {"id": row["id"]})
        if len(trials) > len(self._planned()):
            self._write(connection, trials)
        return len(dead)


def halved(trials: list[Trial]) -> list[Trial]:
    """The first group was under way when its worker died; the others were not begun."""
    if not trials:
        return []
    first, rest = trials[0], trials[1:]
    if len(first.ids) == 1:
        return [Trial(first.shards, first.step, first.ids, first.deaths + 1), *rest]
    middle = (len(first.ids) + 1) // 2
    # Nobody is blamed for deaths that a neighbour, or the person at the switch, may have caused.
    return [Trial(first.shards, first.step, part) for part in (first.ids[:middle], first.ids[middle:])] + rest


def is_dead(row: dict[str, Any], now: int) -> bool:
    """Whether a worker is gone: its heart stopped, or its process is no more on this very machine."""
    if row["beat_at"] < now - DEAD_AFTER:
        return True
    host, _, process = str(row["name"]).rpartition(":")
    if host != socket.gethostname() or not process.isdigit() or sys.platform == "win32":
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def name_of_worker() -> str:
    """How a worker is known to others: its machine and process."""
    return f"{socket.gethostname()}:{os.getpid()}"
