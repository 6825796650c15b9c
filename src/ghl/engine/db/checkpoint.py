"""Checkpoints that cannot meet a commit.

SQLite before 3.51.3 (3.50.7, 3.44.6) can lose commits when one that resets the write-ahead log falls into a
running checkpoint. So automatic ones are off, and ours run while another connection holds the write lock.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from ghl.engine.db.failures import of_sqlite
from ghl.engine.db.sqlite_connection import roll_back
from ghl.errors import Busy

if TYPE_CHECKING:
    from ghl.engine.db.sqlite import SqliteDatabase

FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
PATIENCE = 1.0
"""How long the write lock is waited for, in seconds: another process will see the long log, too."""


def is_fixed(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug."""
    if version >= FIXED[0]:
        return True
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in FIXED[1:])


def wal_size(path: str) -> int:
    """The bytes of the write-ahead log beside a file."""
    try:
        return os.stat(f"{path}-wal").st_size
    except OSError:
        return 0


def guarded(database: SqliteDatabase) -> bool:
    """A passive checkpoint by one connection while another holds the write lock; False where it is taken.

    Never FULL, RESTART or TRUNCATE: where they cannot get the lock they fall back to an unguarded one.
    """
    database._take_turn()
    try:
        guard = database._take()
        try:
            second = database._take()
            try:
                database._begin(guard, PATIENCE)
                busy, _, _ = second.execute("pragma wal_checkpoint(PASSIVE)").fetchone()
                return not busy
            except Busy:
                return False
            except sqlite3.Error as error:
                raise of_sqlite(error, database.target) from error
            finally:
                roll_back(guard)
                database._give(second)
        finally:
            database._give(guard)
    finally:
        database._end_turn()
