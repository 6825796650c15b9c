"""Backups of a file: online and consistent, checked before they are trusted."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ghl.engine.db.failures import of_sqlite
from ghl.engine.db.opening import APPLICATION_ID
from ghl.errors import Busy, Conflict, Damaged, Invalid, NoDatabase, NotADatabase, StorageError

Progress = Callable[[int, int], None]
"""Told how many pages are copied, of how many."""

PORTION = 2048
"""Pages copied between two reports."""


def backup(database: Any, target: str | os.PathLike[str], *, progress: Progress | None = None) -> Path:
    """Copy a live file through SQLite's backup interface; the copy is complete or not there."""
    _only_files(database)
    path = Path(target)
    if path.exists():
        raise Conflict(f"{path} exists already", hint="choose another name")
    partial = path.with_name(f".{path.name}.partial")
    _remove(partial)
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}", hint="is there such a folder?") from None
    try:
        _copy(database, partial, progress)
        os.replace(partial, path)
    finally:
        _remove(partial)
    _sync_folder(path)
    return path


def _copy(database: Any, partial: Path, progress: Progress | None) -> None:
    source = database.raw()
    try:
        # One snapshot for the whole copy: without it every commit of another program starts the copy again.
        source.execute("begin")
        source.execute("select count(*) from sqlite_master").fetchone()
        copy = sqlite3.connect(partial, isolation_level=None)
        try:
            told = (lambda status, left, total: progress(total - left, total)) if progress else None
            source.backup(copy, pages=PORTION, progress=told)
            # A backup is one file and opens on read-only media, too. The next writer turns the log on again.
            copy.execute("pragma journal_mode = DELETE")
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise of_sqlite(error, database.target) from None
    finally:
        source.close()


def write_out(database: Any, target: str | os.PathLike[str]) -> Path:
    """Write a store in memory into a new file, which is complete or not there."""
    path = Path(target)
    partial = path.with_name(f".{path.name}.partial")
    _remove(partial)
    raw = database._take()  # its only connection: another one would see another memory
    try:
        raw.execute(f"pragma application_id = {APPLICATION_ID}")
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))  # an empty file is filled
        raw.execute("vacuum into ?", (str(partial),))
        os.replace(partial, path)
    except sqlite3.Error as error:
        raise of_sqlite(error, str(path)) from None
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}", hint="is there such a folder?") from None
    finally:
        database._give(raw)
        _remove(partial)
    _sync_folder(path)
    return path


def restore(source: str | os.PathLike[str], target: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Put a checked backup where a database is or was. The restored file holds its outgoing mail."""
    path = Path(target)
    if path.exists() and not overwrite:
        raise Conflict(f"{path} exists", hint="--yes puts the backup in its place, and keeps the old file beside it")
    if not Path(source).exists():
        raise NoDatabase(f"there is no file {source}", hint="ghl db backup FILE makes one")
    fresh = path.with_name(f".{path.name}.restored")
    _remove(fresh)
    try:
        _copy_checked(source, fresh)
        if path.exists():
            _put_aside(path)
        os.replace(fresh, path)
    finally:
        _remove(fresh)
    _sync_folder(path)
    return path


def _copy_checked(source: str | os.PathLike[str], fresh: Path) -> None:
    """Copy first and look at the copy: the backup may lie where nothing can be written."""
    from ghl.engine.db.sqlite import SqliteDatabase

    try:
        database = SqliteDatabase(source, read_only=True)
        try:
            backup(database, fresh)
        finally:
            database.close()
        copy = SqliteDatabase(fresh, read_only=True)
        try:
            problems = copy.check()
        finally:
            copy.close()
    except Damaged:
        raise Damaged(f"{source} is damaged; nothing was changed", hint="try another backup") from None
    if problems:
        raise Damaged(f"{source} is damaged; nothing was changed: {problems[0]}", hint="try another backup")


def _put_aside(path: Path) -> Path:
    """Keep the file that is replaced, with all its commits, beside the new one."""
    _fold_log_in(path)
    kept, number = path.with_name(f"{path.name}.replaced"), 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.replaced-{number}")
    # A damaged file may still have its log, which belongs to it and never to the restored one.
    for suffix in ("-wal", "-shm", "-journal"):
        if os.path.exists(f"{path}{suffix}"):
            os.replace(f"{path}{suffix}", f"{kept}{suffix}")
    try:
        os.link(path, kept)  # so that there is a file at every moment
    except OSError:
        os.replace(path, kept)
    return kept


def _fold_log_in(path: Path) -> None:
    """Make the file whole by itself, which fails as long as anybody else has it open."""
    try:
        raw = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=1, isolation_level=None)
        try:
            raw.execute("pragma journal_mode = DELETE").fetchone()
        finally:
            raw.close()
    except sqlite3.Error as error:
        failed = of_sqlite(error, str(path))
        if isinstance(failed, Busy):
            raise Busy(
                f"{path} is in use; nothing was changed", hint="stop the worker and the server, then try again"
            ) from None
        # Anything else is what it is replaced for.


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


def _remove(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _sync_folder(path: Path) -> None:
    """A new name is durable once its folder is, where folders can be opened at all."""
    if os.name != "posix":
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    except OSError:
        pass  # some network file systems know no such thing
    finally:
        os.close(folder)
