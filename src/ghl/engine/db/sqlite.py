"""SQLite: immediate write transactions that wait fairly, a connection each, guarded checkpoints."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections import deque
from types import TracebackType
from typing import Any, Literal

from ghl.engine.db.failures import of_sqlite
from ghl.engine.db.opening import PATIENCE, TROUBLE, RawConnection, connect, is_busy, look, require_version
from ghl.engine.db.sqlite_connection import SqliteConnection, roll_back
from ghl.errors import Busy

WAL_BOUND = 32 * 1024 * 1024
"""A checkpoint is made when the write-ahead log has grown past so many bytes."""

class _Reading:
    """A read transaction: one snapshot."""

    __slots__ = ("_database", "_nested", "_raw")

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def __enter__(self) -> SqliteConnection:
        database = self._database
        raw = self._raw = database._take()
        try:
            # The one connection of a store in memory may be in a transaction already.
            self._nested = raw.in_transaction
            if not self._nested:
                if not raw.patient:
                    raw.execute(f"pragma busy_timeout = {int(PATIENCE * 1000)}")
                    raw.patient = True
                raw.execute("begin")
        except BaseException as error:
            database._give(raw)
            if isinstance(error, TROUBLE):
                raise of_sqlite(error, database.target) from error
            raise
        return SqliteConnection(raw, database.target)

    def __exit__(self, kind: Any, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if not self._nested:
                roll_back(self._raw)
        finally:
            self._database._give(self._raw)
        if isinstance(error, sqlite3.Error):
            raise of_sqlite(error, self._database.target) from error


class _Writing:
    """A write transaction: the write lock is taken before the first read."""

    __slots__ = ("_database", "_raw", "_within")

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def __enter__(self) -> SqliteConnection:
        database = self._database
        if database._writer == threading.get_ident():
            raise RuntimeError("a write transaction is open in this thread already")
        database._take_turn()
        try:
            raw = self._raw = database._take()
            try:
                # The one connection of a store in memory: a reader around this writer reads on afterwards.
                self._within = raw.in_transaction
                if self._within:
                    raw.execute("commit")
                database._begin(raw)
            except BaseException:
                database._give(raw)
                raise
        except BaseException:
            database._end_turn()
            raise
        return SqliteConnection(raw, database.target)

    def __exit__(self, kind: Any, error: BaseException | None, trace: TracebackType | None) -> None:
        database, raw = self._database, self._raw
        try:
            if raw.pid != os.getpid():
                raise RuntimeError("a transaction cannot go on in a forked process") from error
            try:
                if kind is None:
                    raw.execute("commit")
                else:
                    roll_back(raw)
            except BaseException as failed:
                roll_back(raw)
                if isinstance(failed, sqlite3.Error):
                    raise of_sqlite(failed, database.target) from failed
                raise
            if self._within:
                raw.execute("begin")
        finally:
            database._give(raw)
            database._end_turn()
        if isinstance(error, sqlite3.Error):
            raise of_sqlite(error, database.target) from error
        if kind is None and not database.memory:
            database._tidy()


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
        self._closed = False
        self._renew()
        if not self.memory:
            look(self.target, create=create)
        self._free.append(self._connect(create=create))
        _OPEN.add(self)

    def _renew(self) -> None:
        self._free: deque[RawConnection] = deque()
        self._writing = threading.Lock()
        self._writer: int | None = None
        self._only = threading.RLock()

    def _connect(self, *, create: bool = False) -> RawConnection:
        raw = connect(self.target, create=create, read_only=self.read_only, log_limit=self._bound)
        self._all.add(raw)
        return raw

    # --- connections and turns, for transactions

    def _take(self) -> RawConnection:
        if self.memory:
            self._only.acquire()
            return self._free[0]
        try:
            return self._free.pop()
        except IndexError:
            return self._connect()

    def _give(self, raw: RawConnection) -> None:
        if self.memory:
            self._only.release()
        elif raw.pid != os.getpid():
            pass  # taken before a fork: it is the parent's
        elif self._closed or raw.in_transaction:
            raw.close()
        else:
            self._free.append(raw)

    def _take_turn(self) -> None:
        """In this process threads queue here; what is left to wait for are other processes."""
        if self.memory:
            self._only.acquire()
        elif not self._writing.acquire(timeout=PATIENCE):
            raise Busy(f"{self.target} has been in use by this program for too long", hint="try again")
        self._writer = threading.get_ident()

    def _end_turn(self) -> None:
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

    def read(self) -> _Reading:
        """One snapshot."""
        return _Reading(self)

    def write(self) -> _Writing:
        """An immediate transaction: committed when the block ends, rolled back when it raises."""
        return _Writing(self)

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
        return self._connect()

    def close(self) -> None:
        """Close the connections that are not in use; those in use when they come back."""
        self._closed = True
        if self.memory and self._free and self._free[0].in_transaction:
            return  # it goes when nobody refers to it
        while self._free:
            self._free.pop().close()

    def _forked(self) -> None:
        """In the child: SQLite forbids even to close a connection of the parent."""
        if self.memory:
            self._free[0].pid, self._only, self._writer = os.getpid(), threading.RLock(), None
            return
        for raw in list(self._all):
            _keep_for_ever(raw)
        self._all = weakref.WeakSet()
        self._renew()


_OPEN: weakref.WeakSet[SqliteDatabase] = weakref.WeakSet()


def _keep_for_ever(raw: object) -> None:
    import ctypes  # in forked children only

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(raw))


def _after_fork() -> None:
    for database in list(_OPEN):
        database._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
