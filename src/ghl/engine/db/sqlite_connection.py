"""Transactions and statements on one SQLite connection, with rows as dictionaries and errors as ours."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from ghl.engine.db import NOTHING, Params, Row
from ghl.engine.db.failures import of_sqlite
from ghl.engine.db.opening import PATIENCE, TROUBLE

if TYPE_CHECKING:
    from ghl.engine.db.sqlite import SqliteDatabase


class SqliteConnection:
    """One transaction on a connection."""

    dialect: Literal["sqlite", "postgres"] = "sqlite"

    def __init__(self, raw: sqlite3.Connection, target: str) -> None:
        self.raw = raw
        self._target = target
        self._depth = 0

    def _execute(self, sql: str, params: Any = ()) -> sqlite3.Cursor:
        try:
            return self.raw.execute(sql, params)
        except TROUBLE as error:
            raise of_sqlite(error, self._target) from error

    def all(self, sql: str, params: Params = NOTHING) -> list[Row]:
        try:
            cursor = self.raw.execute(sql, params)
            if cursor.description is None:
                return []
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]  # noqa: B905 - the hot path
        except TROUBLE as error:
            raise of_sqlite(error, self._target) from error

    def one(self, sql: str, params: Params = NOTHING) -> Row | None:
        try:
            cursor = self.raw.execute(sql, params)
            row = cursor.fetchone()
            if row is None:
                return None
            found = dict(zip([column[0] for column in cursor.description], row))  # noqa: B905
            cursor.close()
            return found
        except TROUBLE as error:
            raise of_sqlite(error, self._target) from error

    def run(self, sql: str, params: Params = NOTHING) -> int:
        return self._execute(sql, params).rowcount

    def many(self, sql: str, rows: Iterable[Params]) -> int:
        return self._many(sql, rows)

    def many_tuples(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        return self._many(sql, rows)

    def _many(self, sql: str, rows: Iterable[Any]) -> int:
        try:
            # No row at all leaves the driver's -1.
            return max(0, self.raw.executemany(sql, rows).rowcount)
        except TROUBLE as error:
            raise of_sqlite(error, self._target) from error

    def tuples(self, sql: str, params: Params = NOTHING) -> list[tuple[Any, ...]]:
        try:
            return self.raw.execute(sql, params).fetchall()
        except TROUBLE as error:
            raise of_sqlite(error, self._target) from error

    def stream(self, sql: str, params: Params = NOTHING, size: int = 1000) -> Iterator[Row]:
        cursor = self._execute(sql, params)
        names = [column[0] for column in cursor.description]
        try:
            while rows := cursor.fetchmany(size):
                for row in rows:
                    yield dict(zip(names, row))  # noqa: B905
        except TROUBLE as error:
            raise of_sqlite(error, self._target) from error
        finally:
            cursor.close()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        self._depth += 1
        name = f"part{self._depth}"
        self._execute(f"savepoint {name}")
        try:
            yield
        except BaseException:
            # A full disk rolls the whole transaction back by itself, and the savepoint with it.
            if self.raw.in_transaction:
                self._execute(f"rollback to {name}")
                self._execute(f"release {name}")
            raise
        else:
            self._execute(f"release {name}")
        finally:
            self._depth -= 1


class Reading:
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


class Writing:
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
            if raw.pid != os.getpid() and not database.memory:
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


def roll_back(raw: sqlite3.Connection) -> None:
    """End a transaction, if there is one."""
    if raw.in_transaction:
        try:
            raw.execute("rollback")
        except sqlite3.Error:
            pass  # the transaction is gone, and the first error is the one that tells why
