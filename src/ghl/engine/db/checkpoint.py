"""Checkpoints that cannot meet a commit.

SQLite before 3.51.3 (3.50.7, 3.44.6) can lose commits when one that resets the write-ahead log falls into a
running checkpoint. So automatic ones are off, and ours run while another connection holds the write lock.
"""

from __future__ import annotations

import os
import sqlite3

FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


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


def guarded(guard: sqlite3.Connection, second: sqlite3.Connection) -> bool:
    """A passive checkpoint by `second` while `guard` holds the write lock; False where it is taken.

    Never FULL, RESTART or TRUNCATE: where they cannot get the lock they fall back to an unguarded one.
    """
    guard.execute("pragma busy_timeout = 1000")
    try:
        guard.execute("begin immediate")
    except sqlite3.OperationalError:
        return False
    finally:
        guard.execute("pragma busy_timeout = 30000")
    try:
        busy, _, _ = second.execute("pragma wal_checkpoint(PASSIVE)").fetchone()
        return not busy
    finally:
        guard.execute("rollback")
