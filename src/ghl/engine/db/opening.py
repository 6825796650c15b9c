"""Opening a file: only ours, never a silent new one, with the same settings on every connection."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from ghl.engine.db.failures import newest_backup, of_sqlite
from ghl.errors import NoDatabase, NotADatabase, StorageError

OLDEST = (3, 39, 0)
APPLICATION_ID = 0x67686C31  # "ghl1" in the file's header
PATIENCE = 30.0
"""How long a lock is waited for, in seconds."""

TROUBLE = (sqlite3.Error, OverflowError, UnicodeError)
"""What the driver raises. A number of more than 64 bits and half a surrogate pair fail in Python already."""

_NEW = "a new one: ghl init FILE"
_PRAGMAS = (
    "pragma foreign_keys = ON",
    "pragma cache_size = -65536",
    "pragma temp_store = MEMORY",
    "pragma wal_autocheckpoint = 0",
    # macOS ends an fsync in the drive's cache; elsewhere these two mean nothing.
    "pragma fullfsync = 1",
    "pragma checkpoint_fullfsync = 1",
)


class RawConnection(sqlite3.Connection):
    """A connection of the driver, with what the pool knows of it."""

    patient = True
    """Whether SQLite itself waits for locks: for readers. Writers ask by themselves."""
    pid = 0
    holder = 0
    """The thread that uses it."""


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


def _upper(text: Any) -> Any:
    return text.upper() if isinstance(text, str) else text


def require_version() -> None:
    """Refuse a library that lacks what our SQL uses."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise StorageError(
            f"SQLite {sqlite3.sqlite_version} is too old: 3.39 or newer is needed",
            hint="use a Python with a newer SQLite",
        )


def look(target: str, *, create: bool) -> None:
    """Refuse what cannot be a database, and make a new file that only its owner may read.

    The file is never opened here: closing it would drop every lock that this process holds on it.
    """
    path = Path(target)
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        if not create:
            raise NoDatabase(f"there is no file {target}", hint=f"make one: ghl init {target}") from None
        _make(path)
        return
    except OSError as error:
        raise StorageError(f"{target} cannot be read: {error.strerror}") from None
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no regular file"
        raise NotADatabase(f"{target} is {what}", hint="a database is a file")
    if not size and not create:
        kept = newest_backup(target)
        raise NotADatabase(
            f"{target} is empty; nothing was changed", hint=f"ghl db restore {kept}" if kept else f"ghl init {target}"
        )


def _make(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass  # another program was quicker; it is looked at like any other
    except OSError as error:
        raise StorageError(f"{path} cannot be made: {error.strerror}", hint="is there such a folder?") from None


def connect(target: str, *, create: bool, read_only: bool, log_limit: int) -> RawConnection:
    """A connection with our settings, each of them asserted where a wrong one would lose data."""
    path, uri = target, False
    if target != ":memory:":
        path, uri = f"{Path(target).absolute().as_uri()}?mode={_mode(target, read_only)}", True
    try:
        connection = sqlite3.connect(
            path, uri=uri, isolation_level=None, check_same_thread=False, timeout=PATIENCE, cached_statements=512,
            factory=RawConnection,
        )  # fmt: skip
    except TROUBLE as error:
        raise of_sqlite(error, target) from None
    try:
        _identify(connection, target, create)
        _set(connection, target, read_only, log_limit)
    except TROUBLE as error:
        connection.close()
        raise of_sqlite(error, target) from None
    except BaseException:
        connection.close()
        raise
    connection.pid = os.getpid()
    return connection


def _mode(target: str, read_only: bool) -> str:
    if not read_only:
        return "rw"
    # Where nothing can be written, nobody else writes either, and SQLite cannot make its files for sharing.
    alone = not os.access(Path(target).absolute().parent, os.W_OK) and not os.path.exists(f"{target}-wal")
    return "ro&immutable=1" if alone else "ro"


def _value(connection: sqlite3.Connection, pragma: str) -> Any:
    row = connection.execute(f"pragma {pragma}").fetchone()
    return row[0] if row else None


def _identify(connection: sqlite3.Connection, target: str, create: bool) -> None:
    if target == ":memory:" or _value(connection, "application_id") == APPLICATION_ID:
        return
    # Asked again: another program may just have made the file ours.
    if not create or (_value(connection, "page_count") and _value(connection, "application_id") != APPLICATION_ID):
        raise NotADatabase(f"{target} is an SQLite file of another program; nothing was changed", hint=_NEW)
    connection.execute("pragma auto_vacuum = INCREMENTAL")
    connection.execute(f"pragma application_id = {APPLICATION_ID}")


def _set(connection: sqlite3.Connection, target: str, read_only: bool, log_limit: int) -> None:
    # SQLite's own know ASCII only, and a filter must mean the same on both databases.
    connection.create_function("lower", 1, _lower, deterministic=True)
    connection.create_function("upper", 1, _upper, deterministic=True)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    connection.execute(f"pragma journal_size_limit = {log_limit}")
    if target != ":memory:":
        mode = _value(connection, "journal_mode")
        if mode != "wal" and not read_only and _write_ahead(connection) != "wal":
            raise StorageError(
                f"{target}: the file system allows no write-ahead log", hint="keep the file on a local disk"
            )
    # Changing the journal's mode may change it, so it comes last.
    connection.execute("pragma synchronous = FULL")
    if _value(connection, "synchronous") != 2 or _value(connection, "foreign_keys") != 1:
        raise StorageError(f"SQLite {sqlite3.sqlite_version} does not take the settings that keep {target} safe")


def _write_ahead(connection: sqlite3.Connection) -> str:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return str(_value(connection, "journal_mode = WAL"))
        except sqlite3.OperationalError as error:
            # Two programs at a new file: this lock is one that SQLite does not wait for.
            if not is_busy(error) or time.monotonic() > until:
                raise
        time.sleep(0.001)


def is_open(connection: sqlite3.Connection) -> bool:
    """Whether a connection has not been closed."""
    try:
        return connection.total_changes >= 0
    except sqlite3.ProgrammingError:
        return False


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else holds the lock."""
    return (getattr(error, "sqlite_errorname", "") or "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
