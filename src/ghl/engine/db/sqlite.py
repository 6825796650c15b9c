"""SQLite: one connection factory, immediate write transactions, fair waiting, guarded checkpoints."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from ghl.engine.db import NOTHING, Params, Row
from ghl.engine.db.failures import of_sqlite
from ghl.errors import Busy, Damaged, NotADatabase, StorageError

OLDEST = (3, 39, 0)
APPLICATION_ID = 0x67686C31  # "ghl1" in the file's header
PATIENCE = 30.0
WAL_BOUND = 32 * 1024 * 1024
"""A checkpoint is made when the write-ahead log has grown past so many bytes."""

_PRAGMAS = (
    "pragma busy_timeout = 30000",
    "pragma synchronous = FULL",
    "pragma foreign_keys = ON",
    "pragma cache_size = -65536",
    "pragma temp_store = MEMORY",
    "pragma wal_autocheckpoint = 0",
    f"pragma journal_size_limit = {WAL_BOUND}",
    "pragma fullfsync = 1",
    "pragma checkpoint_fullfsync = 1",
)


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


def _upper(text: Any) -> Any:
    return text.upper() if isinstance(text, str) else text


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
        except sqlite3.Error as error:
            raise of_sqlite(error, self._target) from error

    def all(self, sql: str, params: Params = NOTHING) -> list[Row]:
        try:
            cursor = self.raw.execute(sql, params)
            if cursor.description is None:
                return []
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]  # noqa: B905 - the hot path
        except sqlite3.Error as error:
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
        except sqlite3.Error as error:
            raise of_sqlite(error, self._target) from error

    def run(self, sql: str, params: Params = NOTHING) -> int:
        return self._execute(sql, params).rowcount

    def many(self, sql: str, rows: Iterable[Params]) -> int:
        try:
            return self.raw.executemany(sql, rows).rowcount
        except sqlite3.Error as error:
            raise of_sqlite(error, self._target) from error

    def many_tuples(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        try:
            return self.raw.executemany(sql, rows).rowcount
        except sqlite3.Error as error:
            raise of_sqlite(error, self._target) from error

    def tuples(self, sql: str, params: Params = NOTHING) -> list[tuple[Any, ...]]:
        try:
            return self.raw.execute(sql, params).fetchall()
        except sqlite3.Error as error:
            raise of_sqlite(error, self._target) from error

    def stream(self, sql: str, params: Params = NOTHING, size: int = 1000) -> Iterator[Row]:
        cursor = self._execute(sql, params)
        names = [column[0] for column in cursor.description]
        try:
            while rows := cursor.fetchmany(size):
                for row in rows:
                    yield dict(zip(names, row))  # noqa: B905
        except sqlite3.Error as error:
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


class SqliteDatabase:
    """A file. Safe from any thread and after a fork: a connection per running transaction."""

    dialect: Literal["sqlite", "postgres"] = "sqlite"

    def __init__(
        self, path: str | os.PathLike[str], *, create: bool = False, read_only: bool = False
    ) -> None:
        if sqlite3.sqlite_version_info < OLDEST:
            raise StorageError(
                f"SQLite {sqlite3.sqlite_version} is too old: 3.39 or newer is needed",
                hint="use a Python with a newer SQLite",
            )
        self.target = os.fspath(path)
        self.memory = self.target == ":memory:"
        self.read_only = read_only
        self._free: deque[sqlite3.Connection] = deque()
        self._writing = threading.Lock()
        self._writer: int | None = None
        self._only = threading.RLock()
        self._pid = os.getpid()
        if not self.memory:
            self._look(create)
        connection = self._connect(create=create)
        self._free.append(connection)

    def _look(self, create: bool) -> None:
        path = Path(self.target)
        if not path.exists():
            if create:
                return
            raise NotADatabase(f"there is no file {self.target}", hint=f"make one: ghl init {self.target}")
        if path.is_dir():
            raise NotADatabase(f"{self.target} is a folder", hint="a database is a file")
        try:
            with path.open("rb") as file:
                head = file.read(100)
        except OSError as error:
            raise StorageError(f"{self.target} cannot be read: {error.strerror}") from None
        if not head and create:
            return
        if not head.startswith(b"SQLite format 3\x00") or len(head) < 100:
            raise NotADatabase(
                f"{self.target} is no ghl database; nothing was changed", hint="a new one: ghl init FILE"
            )
        if not create and int.from_bytes(head[68:72], "big") != APPLICATION_ID:
            raise NotADatabase(
                f"{self.target} is an SQLite file of another program; nothing was changed",
                hint="a new one: ghl init FILE",
            )

    def _connect(self, *, create: bool = False) -> sqlite3.Connection:
        path, uri = self.target, False
        if not self.memory:
            mode = "ro" if self.read_only else ("rwc" if create else "rw")
            path, uri = f"{Path(self.target).absolute().as_uri()}?mode={mode}", True
        try:
            connection = sqlite3.connect(
                path, uri=uri, isolation_level=None, check_same_thread=False, timeout=PATIENCE,
                cached_statements=512,
            )  # fmt: skip
            self._set(connection, create)
        except sqlite3.Error as error:
            raise of_sqlite(error, self.target) from None
        return connection

    def _set(self, connection: sqlite3.Connection, create: bool) -> None:
        if create:
            connection.execute("pragma auto_vacuum = INCREMENTAL")
            connection.execute(f"pragma application_id = {APPLICATION_ID}")
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        # SQLite's own know ASCII only, and a filter must mean the same on both databases.
        connection.create_function("lower", 1, _lower, deterministic=True)
        connection.create_function("upper", 1, _upper, deterministic=True)
        if self.memory:
            return
        mode = connection.execute("pragma journal_mode").fetchone()[0]
        if mode != "wal" and not self.read_only:
            mode = connection.execute("pragma journal_mode = WAL").fetchone()[0]
        level = connection.execute("pragma synchronous").fetchone()[0]
        if (mode != "wal" and not self.read_only) or level != 2:
            raise StorageError(
                f"{self.target}: the file system allows no write-ahead log (journal {mode})",
                hint="keep the file on a local disk",
            )

    # --- connections

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        if self._pid != os.getpid():
            # A connection must not be used on both sides of a fork; the parent's are left alone.
            self._free, self._pid = deque(), os.getpid()
            self._writing, self._only, self._writer = threading.Lock(), threading.RLock(), None
        if self.memory:
            with self._only:
                yield self._free[0]
            return
        try:
            connection = self._free.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._free.append(connection)

    @contextmanager
    def read(self) -> Iterator[SqliteConnection]:
        """One snapshot."""
        with self._lent() as raw:
            nested = raw.in_transaction
            try:
                if not nested:
                    raw.execute("begin")
            except sqlite3.Error as error:
                raise of_sqlite(error, self.target) from error
            try:
                yield SqliteConnection(raw, self.target)
            finally:
                if not nested and raw.in_transaction:
                    raw.execute("rollback")

    @contextmanager
    def write(self) -> Iterator[SqliteConnection]:
        """An immediate transaction: the write lock is taken before the first read."""
        if self._writer == threading.get_ident() and self._pid == os.getpid():
            raise RuntimeError("a write transaction is open in this thread already")
        with self._lent() as raw, self._turn():
            self._begin(raw)
            try:
                yield SqliteConnection(raw, self.target)
                raw.execute("commit")
            except sqlite3.Error as error:
                self._rollback(raw)
                raise of_sqlite(error, self.target) from error
            except BaseException:
                self._rollback(raw)
                raise
        if not self.memory:
            self._tidy()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=PATIENCE):
            raise Busy(f"{self.target} has been in use by this program for too long", hint="try again")
        self._writer = threading.get_ident()
        try:
            yield
        finally:
            self._writer = None
            self._writing.release()

    def _begin(self, raw: sqlite3.Connection) -> None:
        """Ask for the write lock every millisecond: SQLite's own waiting sleeps long and is not fair."""
        until = time.monotonic() + PATIENCE
        raw.execute("pragma busy_timeout = 0")
        try:
            while True:
                try:
                    raw.execute("begin immediate")
                    return
                except sqlite3.OperationalError as error:
                    code = getattr(error, "sqlite_errorname", "")
                    if not code.startswith("SQLITE_BUSY") or time.monotonic() > until:
                        raise of_sqlite(error, self.target) from None
                time.sleep(0.001)
        finally:
            raw.execute("pragma busy_timeout = 30000")

    @staticmethod
    def _rollback(raw: sqlite3.Connection) -> None:
        if raw.in_transaction:
            try:
                raw.execute("rollback")
            except sqlite3.Error:
                pass  # the transaction is gone, and the first error is the one that tells why

    # --- checkpoints

    def _tidy(self) -> None:
        from ghl.engine.db.checkpoint import wal_size  # cheap: one look at the file's size

        if wal_size(self.target) > WAL_BOUND:
            self.checkpoint()

    def checkpoint(self) -> bool:
        """Copy the log into the file, guarded: nobody can commit while it runs. False where others are busy."""
        from ghl.engine.db.checkpoint import guarded

        with self._lent() as guard, self._turn(), self._lent() as second:
            try:
                return guarded(guard, second)
            except sqlite3.Error as error:
                raise of_sqlite(error, self.target) from None

    def check(self) -> list[str]:
        """What `integrity_check` and `foreign_key_check` find; nothing where the file is sound."""
        with self._lent() as raw:
            try:
                found = [row[0] for row in raw.execute("pragma integrity_check(20)") if row[0] != "ok"]
                found += [f"row {row[1]} of {row[0]} refers to nothing in {row[2]}" for row in raw.execute("pragma foreign_key_check")]
            except sqlite3.DatabaseError as error:
                raise Damaged(f"{self.target} is damaged: {error}", hint="ghl db restore BACKUP") from None
        return found

    def raw(self) -> Any:
        """A connection outside of the pool, for the backup interface and sqlite-utils; the caller closes it."""
        return self._connect()

    def close(self) -> None:
        """Close the connections that are not in use."""
        if self._pid != os.getpid():
            return
        while self._free:
            self._free.pop().close()


