"""SQLite: immediate write transactions that wait fairly, a connection each, guarded checkpoints."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections import deque
from collections.abc import Collection
from typing import Any, Literal

from ghl.engine.db.failures import of_sqlite
from ghl.engine.db.forks import keep_for_ever, watch
from ghl.engine.db.opening import (
    PATIENCE,
    TROUBLE,
    RawConnection,
    connect,
    is_busy,
    is_open,
    look,
    require_version,
)
from ghl.engine.db.sqlite_connection import Reading, Writing
from ghl.errors import Busy, StorageError

FORK_PATIENCE = 5.0
"""How long a fork waits for the transactions of other threads to end, in seconds."""
WAL_BOUND = 32 * 1024 * 1024
"""A checkpoint is made when the write-ahead log has grown past so many bytes."""

class SqliteDatabase:
    """A file. Safe from any thread and after a fork: a connection per running transaction.

    `:memory:` is a store of its own with one connection, whose transactions take turns.
    """

    dialect: Literal["sqlite", "postgres"] = "sqlite"

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        create: bool = False,
        read_only: bool = False,
        wal_bound: int = WAL_BOUND,
    ) -> None:
        require_version()
        self.target = os.fspath(path)
        self.memory = self.target == ":memory:"
        self.read_only = read_only
        self._bound = self._next_checkpoint = wal_bound
        self._log = f"{self.target}-wal"
        self._all: weakref.WeakSet[RawConnection] = weakref.WeakSet()
        self._inherited: list[RawConnection] = []
        self._closed = self._lost = False
        self._renew()
        if not self.memory:
            look(self.target, create=create)
        self._free.append(self._connect(create=create))
        if not self.memory:
            watch(self)

    def _renew(self) -> None:
        self._free: deque[RawConnection] = deque()
        self._writing = threading.Lock()
        self._writer: int | None = None
        self._only = threading.RLock()
        self._door = threading.Lock()

    def _connect(self, *, create: bool = False) -> RawConnection:
        if self._lost:
            raise StorageError(
                f"this process was forked while {self.target} was in use, so it cannot be used here",
                hint="fork between transactions, or start processes by the method `spawn`",
            )
        raw = connect(self.target, create=create, read_only=self.read_only, log_limit=self._bound)
        self._all.add(raw)
        return raw

    # --- connections and turns, for transactions

    def _take(self) -> RawConnection:
        if self.memory:
            self._only.acquire()
            return self._free[0]
        with self._door:
            raw = self._free.pop() if self._free else self._connect()
            raw.holder = threading.get_ident()
        return raw

    def _give(self, raw: RawConnection) -> None:
        if self.memory:
            self._only.release()
        elif raw.pid != os.getpid():
            pass  # taken before a fork: it is the parent's
        elif self._closed or raw.in_transaction:
            raw.close()
        else:
            raw.holder = 0
            self._free.append(raw)

    def _take_turn(self) -> None:
        """In this process threads queue here; what is left to wait for are other processes."""
        if self.memory:
            self._only.acquire()
        elif not self._writing.acquire(timeout=PATIENCE):
            raise Busy(f"{self.target} has been in use by this program for too long", hint="try again")
        self._writer = threading.get_ident()

    def _end_turn(self) -> None:
        if self._writer is None:
            return  # taken before a fork
        self._writer = None
        (self._only if self.memory else self._writing).release()

    def _begin(self, raw: RawConnection, patience: float | None = None) -> None:
        """Ask for the write lock every millisecond: SQLite's own waiting sleeps long and is not fair."""
        until = 0.0
        try:
            if raw.patient:
                raw.execute("pragma busy_timeout = 0")
                raw.patient = False
            while True:
                try:
                    raw.execute("begin immediate")
                    return
                except sqlite3.OperationalError as error:
                    now = time.monotonic()
                    until = until or now + (PATIENCE if patience is None else patience)
                    if not is_busy(error) or now > until:
                        raise
                time.sleep(0.001)
        except TROUBLE as error:
            raise of_sqlite(error, self.target) from error

    def read(self) -> Reading:
        """One snapshot."""
        return Reading(self)

    def write(self) -> Writing:
        """An immediate transaction: committed when the block ends, rolled back when it raises."""
        return Writing(self)

    # --- care

    def _tidy(self) -> None:
        try:
            size = os.stat(self._log).st_size
        except OSError:
            return
        if size <= self._bound:
            self._next_checkpoint = self._bound
        elif size > self._next_checkpoint:
            # A long reader keeps the log from starting again: do not try after every commit.
            self._next_checkpoint = size + self._bound // 4
            self.checkpoint()

    def checkpoint(self) -> bool:
        """Copy the log into the file while nobody can commit. False where others are busy."""
        from ghl.engine.db.checkpoint import guarded  # rarely needed

        return self.memory or guarded(self)

    def check(self) -> list[str]:
        """What `integrity_check` and `foreign_key_check` find; nothing where the file is sound."""
        raw = self._take()
        try:
            found = [row[0] for row in raw.execute("pragma integrity_check(20)") if row[0] != "ok"]
            loose = raw.execute("pragma foreign_key_check").fetchmany(20)
        except TROUBLE as error:
            raise of_sqlite(error, self.target) from error
        finally:
            self._give(raw)
        return found + [f"row {row} of {table} refers to nothing in {other}" for table, row, other, _ in loose]

    def raw(self) -> Any:
        """A connection outside of the pool, for the backup interface and sqlite-utils; the caller closes it."""
        with self._door:
            return self._connect()

    def reader(self, secret: Collection[str]) -> Any:
        """A connection of its own that writes nothing and does not read these tables; the caller closes it."""

        def judge(action: int, table: str | None, *_: str | None) -> int:
            return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_READ and table in secret else sqlite3.SQLITE_OK

        raw = self.raw()
        raw.execute("pragma query_only = on")
        raw.set_authorizer(judge)
        return raw

    def close(self) -> None:
        """Close the connections that are not in use; those in use when they come back."""
        self._closed = True
        if self.memory and self._free and self._free[0].in_transaction:
            return  # it goes when nobody refers to it
        while self._free:
            self._free.pop().close()

    # --- forks

    def before_fork(self) -> None:
        """Have no connection open: a child would inherit what SQLite believes to have locked, and nothing else."""
        self._door.acquire()
        me, until = threading.get_ident(), time.monotonic() + FORK_PATIENCE
        while True:
            while self._free:
                self._free.pop().close()
            self._inherited = [raw for raw in self._all if is_open(raw)]
            mine = any(raw.holder == me for raw in self._inherited)
            if not self._inherited or mine or time.monotonic() > until:
                return
            time.sleep(0.001)

    def after_fork_in_parent(self) -> None:
        self._inherited = []
        self._door.release()

    def after_fork_in_child(self) -> None:
        for raw in self._inherited:
            keep_for_ever(raw)
        self._lost, self._inherited = bool(self._inherited), []
        self._all = weakref.WeakSet()
        self._renew()
