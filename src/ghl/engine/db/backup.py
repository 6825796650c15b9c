"""Backups of a file: online and consistent, checked before they are trusted."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ghl.engine.db.failures import of_sqlite
from ghl.errors import Conflict, Damaged, Invalid, NotADatabase

Progress = Callable[[int, int], None]


def backup(database: Any, target: str | os.PathLike[str], *, progress: Progress | None = None) -> Path:
    """Copy a live file through SQLite's backup interface; the copy is complete or not there."""
    _only_files(database)
    path = Path(target)
    if path.exists():
        raise Conflict(f"{path} exists already", hint="choose another name")
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    source = database.raw()
    try:
        copy = sqlite3.connect(partial)
        try:
            told = (lambda status, left, total: progress(total - left, total)) if progress else None
            source.backup(copy, pages=2048, progress=told)
        finally:
            copy.close()
        os.chmod(partial, 0o600)
        os.replace(partial, path)
    except sqlite3.Error as error:
        raise of_sqlite(error, str(path)) from None
    finally:
        source.close()
        partial.unlink(missing_ok=True)
    return path


def restore(source: str | os.PathLike[str], target: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Put a checked backup where a database is or was. The restored file holds its outgoing mail."""
    from ghl.engine.db.sqlite import SqliteDatabase

    path = Path(target)
    if path.exists() and not overwrite:
        raise Conflict(f"{path} exists", hint="--yes puts the backup in its place, and keeps the old file beside it")
    database = SqliteDatabase(source, read_only=True)
    try:
        problems = database.check()
        if problems:
            raise Damaged(f"{source} is damaged: {problems[0]}", hint="try another backup")
        fresh = path.with_name(f".{path.name}.restored")
        fresh.unlink(missing_ok=True)
        backup(database, fresh)
    finally:
        database.close()
    if path.exists():
        kept = path.with_name(f"{path.name}.replaced")
        number = 1
        while kept.exists():
            number += 1
            kept = path.with_name(f"{path.name}.replaced-{number}")
        os.replace(path, kept)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    os.replace(fresh, path)
    return path


def vacuum(database: Any) -> tuple[int, int]:
    """Give unused pages back; the size before and after."""
    _only_files(database)
    before = Path(database.target).stat().st_size
    raw = database.raw()
    try:
        raw.execute("vacuum")
    except sqlite3.Error as error:
        raise of_sqlite(error, database.target) from None
    finally:
        raw.close()
    database.checkpoint()
    return before, Path(database.target).stat().st_size


def _only_files(database: Any) -> None:
    if database.dialect != "sqlite":
        raise Invalid("a PostgreSQL database is backed up by its own tools", hint="pg_dump -Fc DATABASE > FILE")
    if database.target == ":memory:":
        raise NotADatabase("a database in memory has no file")
