"""PostgreSQL: a pool of psycopg connections behind the same interface."""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Literal

from ghl.engine.db import NOTHING, Params, Row
from ghl.engine.db.failures import UniqueViolation
from ghl.engine.db.forks import watch
from ghl.errors import Busy, Conflict, GhlError, Invalid, MissingExtra, StorageError, StorageFull, Unreachable

try:
    import psycopg
    from psycopg.rows import dict_row
except ModuleNotFoundError:  # pragma: no cover - the extra is always there in tests
    raise MissingExtra.named("postgres", "a PostgreSQL database") from None

_PIECES = re.compile(
    r"'(?:[^']|'')*'"  # a literal
    r'|"(?:[^"]|"")*"'  # a quoted name
    r"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"  # a literal between dollar signs
    r"|--[^\n]*"  # a comment
    r"|/\*.*?\*/"  # a longer one
    r"|::"  # a cast
    r"|:(?P<name>[A-Za-z_]\w*)"
    r"|(?P<mark>\?)"
    r"|%",
    re.DOTALL,
)
_BUSY = {"55P03", "40P01", "40001", "57014", "53300"}
_SETTINGS = """set lock_timeout = '30s'; set idle_in_transaction_session_timeout = '10min'; set timezone = 'UTC';
set client_encoding = 'UTF8'; set plan_cache_mode = force_custom_plan"""


@lru_cache(maxsize=4096)
def translated(sql: str) -> str:
    """`:name` and `?` as psycopg has them; a percent sign as itself."""

    def piece(match: re.Match[str]) -> str:
        if match["name"]:
            return f"%({match['name']})s"
        if match["mark"]:
            return "%s"
        return match[0].replace("%", "%%")

    return _PIECES.sub(piece, sql)


# Half a surrogate pair fails in Python, before the server sees it.
_TROUBLE = (psycopg.Error, UnicodeError)


def failure(error: Exception, target: str) -> GhlError:
    """An error of psycopg as ours."""
    if isinstance(error, UnicodeError):
        return Invalid("a text holds half a character (an unpaired surrogate)")
    state = getattr(error, "sqlstate", None) or ""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if state == "23505":
        name = getattr(getattr(error, "diag", None), "constraint_name", "") or ""
        return UniqueViolation(f"the value is taken ({name})", columns=name)
    if state.startswith("23"):
        return Conflict(f"the database refuses it: {text}")
    if state in _BUSY:
        return Busy("the database has been in use by others for too long", hint="try again")
    if state.startswith("22") or isinstance(error, psycopg.DataError):
        return Invalid(f"the database cannot hold a value: {text}")
    if state.startswith("53"):
        return StorageFull(f"the database server has no room: {text}")
    if isinstance(error, psycopg.OperationalError) and not state.startswith("42"):
        return Unreachable(f"{target} does not answer: {text}", hint="is the server running, and the URL right?")
    return StorageError(f"the database refuses a statement: {text}")


class PostgresConnection:
    """One transaction on a connection."""

    dialect: Literal["sqlite", "postgres"] = "postgres"

    def __init__(self, raw: psycopg.Connection[Any], target: str) -> None:
        self.raw = raw
        self._target = target
        self._depth = 0
        self._streams = 0

    def _execute(self, sql: str, params: Any, *, rows: Any = None) -> psycopg.Cursor[Any]:
        try:
            cursor = self.raw.cursor(row_factory=rows) if rows else self.raw.cursor()
            return cursor.execute(translated(sql), params)
        except _TROUBLE as error:
            raise failure(error, self._target) from error

    def all(self, sql: str, params: Params = NOTHING) -> list[Row]:
        cursor = self._execute(sql, params, rows=dict_row)
        return cursor.fetchall() if cursor.description else []

    def one(self, sql: str, params: Params = NOTHING) -> Row | None:
        cursor = self._execute(sql, params, rows=dict_row)
        found: Row | None = cursor.fetchone() if cursor.description else None
        return found

    def run(self, sql: str, params: Params = NOTHING) -> int:
        return self._execute(sql, params).rowcount

    def _many(self, sql: str, rows: Iterable[Any]) -> int:
        try:
            cursor = self.raw.cursor()
            cursor.executemany(translated(sql), rows)
            return cursor.rowcount
        except _TROUBLE as error:
            raise failure(error, self._target) from error

    def many(self, sql: str, rows: Iterable[Params]) -> int:
        rows = list(rows)
        return self._many(sql, rows) if rows else 0

    def many_tuples(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        rows = list(rows)
        return self._many(sql, rows) if rows else 0

    def tuples(self, sql: str, params: Params = NOTHING) -> list[tuple[Any, ...]]:
        return self._execute(sql, params).fetchall()

    def stream(self, sql: str, params: Params = NOTHING, size: int = 1000) -> Iterator[Row]:
        self._streams += 1
        try:
            with self.raw.cursor(name=f"stream{self._streams}", row_factory=dict_row) as cursor:
                cursor.itersize = size
                cursor.execute(translated(sql), params)
                yield from cursor
        except _TROUBLE as error:
            raise failure(error, self._target) from error

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        self._depth += 1
        name = f"part{self._depth}"
        self._execute(f"savepoint {name}", {})
        try:
            yield
        except BaseException:
            if not self.raw.closed:
                self._execute(f"rollback to savepoint {name}", {})
                self._execute(f"release savepoint {name}", {})
            raise
        else:
            self._execute(f"release savepoint {name}", {})
        finally:
            self._depth -= 1


class PostgresDatabase:
    """A server's database. Safe from any thread and after a fork: a connection per running transaction."""

    dialect: Literal["sqlite", "postgres"] = "postgres"

    def __init__(self, url: str) -> None:
        self._url = url
        self.target = without_password(url)
        self._free: deque[psycopg.Connection[Any]] = deque()
        self._writers: set[int] = set()
        self._closed = False
        self._free.append(self._connect())
        watch(self)

    def _connect(self) -> psycopg.Connection[Any]:
        try:
            connection = psycopg.connect(self._url, autocommit=True, connect_timeout=10)
            connection.execute(_SETTINGS)
        except psycopg.Error as error:
            raise failure(error, self.target) from None
        return connection

    def _take(self) -> psycopg.Connection[Any]:
        while True:
            try:
                found = self._free.pop()
            except IndexError:
                return self._connect()
            if not found.closed:
                return found

    def _give(self, raw: psycopg.Connection[Any]) -> None:
        if raw.closed or raw in _PARENTS:
            return
        if self._closed or raw.pgconn.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            raw.close()
        else:
            self._free.append(raw)

    def _begun(self, begin: str) -> psycopg.Connection[Any]:
        """A connection in a transaction. Those that the server has dropped meanwhile are replaced."""
        while True:
            last = not self._free
            raw = self._take()
            try:
                raw.execute(begin)
                return raw
            except BaseException as error:
                raw.close()
                if not isinstance(error, psycopg.Error):
                    raise
                if last or not isinstance(error, psycopg.OperationalError):
                    raise failure(error, self.target) from error

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[PostgresConnection]:
        raw, pid = self._begun(begin), os.getpid()
        try:
            yield PostgresConnection(raw, self.target)
            self._check_pid(raw, pid)
            raw.execute("commit")
        except psycopg.Error as error:
            self._rollback(raw)
            raise failure(error, self.target) from error
        except BaseException:
            self._rollback(raw)
            raise
        finally:
            self._give(raw)

    @staticmethod
    def _check_pid(raw: psycopg.Connection[Any], pid: int) -> None:
        if pid != os.getpid():
            _PARENTS.append(raw)
            raise RuntimeError("a transaction cannot go on in a forked process")

    @staticmethod
    def _rollback(raw: psycopg.Connection[Any]) -> None:
        try:
            if not raw.closed and raw not in _PARENTS:
                raw.execute("rollback")
        except psycopg.Error:
            raw.close()

    @contextmanager
    def read(self) -> Iterator[PostgresConnection]:
        """One snapshot."""
        with self._transaction("begin isolation level repeatable read read only") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[PostgresConnection]:
        """A transaction that sees what others have committed, statement by statement."""
        me = threading.get_ident()
        if me in self._writers:
            # On SQLite it would wait for itself; here it would as soon as both touch the same row.
            raise RuntimeError("a write transaction is open in this thread already")
        self._writers.add(me)
        try:
            with self._transaction("begin isolation level read committed") as connection:
                yield connection
        finally:
            self._writers.discard(me)

    def check(self) -> list[str]:
        """A server checks its own pages; this asks only whether it answers."""
        with self.read() as connection:
            connection.one("select 1 as one")
        return []

    def checkpoint(self) -> bool:
        """A server makes its own checkpoints."""
        return True

    def close(self) -> None:
        """Close the connections that are not in use; those in use when they come back."""
        self._closed = True
        while self._free:
            self._free.pop().close()

    def before_fork(self) -> None:
        """Nothing is to be done: a connection is a socket, and the child makes its own."""

    def after_fork_in_parent(self) -> None:
        """Nothing is to be done."""

    def after_fork_in_child(self) -> None:
        """The parent's connections are left alone; psycopg closes none of another process."""
        _PARENTS.extend(self._free)
        self._free, self._writers = deque(), set()


def without_password(url: str) -> str:
    """A URL as it may be shown."""
    shown = re.sub(r"//([^:/@]*):[^@/]*@", r"//\1@", url)
    return re.sub(r"([?&]password=)[^&]*", r"\1…", shown)


_PARENTS: list[Any] = []
