"""The event log: what happened, appended in the transaction, and handed to those who listen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ghl.errors import Conflict

if TYPE_CHECKING:
    from ghl.engine.db import Database
    from ghl.engine.tx import Tx

MAX_DEPTH = 20
HEARD_AT_ONCE = frozenset(f"{noun}.{what}" for noun in ("contact", "deal", "company") for what in ("deleted", "restored"))
"""Events that hold and release runs in the transaction itself, whether anybody listens or not."""
SHARDS = 64

_EVENTS = """insert into events
(id, position, account_id, name, noun, subject_id, person_id, at, depth, enrollment_id, change_id, payload)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_LISTENED = "select distinct event_name from listeners where account_id = :account_id"
_INBOX = "insert into inbox (shard, event_id) values (?, ?)"

_UNPLACED = "select 1 as found from events where position is null limit 1"
_SEQUENCER = 0x67686C65
_TURN = f"select pg_advisory_xact_lock({_SEQUENCER})"
_PLACE = """update events set position = x.position from (select id,
  row_number() over (order by id) + (select coalesce(max(position), 0) from events) as position
  from (select id from events where position is null order by id limit 20000) y) x where events.id = x.id"""


def place_events(database: Database) -> None:
    """Give events that were committed their place in the log, for readers that remember how far they came.

    On SQLite writers take turns and do so themselves. On PostgreSQL the order of ids is not that of commits:
    a reader that goes by ids may miss an event for good.
    """
    if database.dialect == "sqlite":
        return
    with database.read() as connection:
        waiting = connection.one(_UNPLACED) is not None
    while waiting:
        with database.write() as connection:
            connection.all(_TURN)
            connection.run(_PLACE)
            waiting = connection.one(_UNPLACED) is not None


def shard_of(dialect: str, person_id: int | None, subject_id: int | None) -> int:
    """The shard of an event or an enrollment: all of one person's, else of one object's, share one."""
    if dialect == "sqlite":
        return 0
    return (person_id or subject_id or 0) * 2654435761 % (1 << 32) % SHARDS


class EventLog:
    """The events of one transaction, collected and written together."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._rows: list[tuple[Any, ...]] = []
        self.silent = False
        """A bulk load tells of itself with one event; nothing else is written while this is set."""

    def emit(
        self,
        name: str,
        noun: str | None = None,
        subject_id: int | None = None,
        *,
        person_id: int | None = None,
        change_id: int | None = None,
        payload: dict[str, Any] | None = None,
    ) -> None:
        """Append an event: about a record's change by its id, or with a payload of its own."""
        tx = self._tx
        if name in HEARD_AT_ONCE and subject_id is not None:
            from ghl.engine.workflows.holds import IMMEDIATE  # for these events only

            IMMEDIATE[name](tx, subject_id)
        if self.silent:
            return
        depth = tx.cause.depth
        if depth > MAX_DEPTH:
            raise Conflict(
                f"workflows keep starting one another: {name} was raised {depth} steps after a person acted",
                hint="ghl workflows enrollments --state failed   says which workflows start each other; add a condition to one of its triggers",
            )
        number = tx.key("events")
        position = number if tx.dialect == "sqlite" else None
        self._rows.append(
            (
                number, position, tx.account_id, tx.word("event", name),
                tx.word("noun", noun) if noun else None, subject_id, person_id, tx.now_ms, depth,
                tx.cause.enrollment_id, change_id,
                json.dumps(payload, ensure_ascii=False, separators=(",", ":")) if payload is not None else None,
            )
        )  # fmt: skip

    def forget(self) -> None:
        """Drop what was collected and not written: its part of the transaction was taken back."""
        self._rows = []

    def flush(self) -> None:
        """Write what was collected, and an inbox row for each event that an active workflow listens to."""
        if not self._rows:
            return
        tx, rows = self._tx, self._rows
        self._rows = []
        tx.connection.many_tuples(_EVENTS, rows)
        heard = {row["event_name"] for row in tx.all(_LISTENED)}
        if heard:
            inbox = [(shard_of(tx.dialect, row[6], row[5]), row[0]) for row in rows if row[3] in heard]
            tx.connection.many_tuples(_INBOX, inbox)
