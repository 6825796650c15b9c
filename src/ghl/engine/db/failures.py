"""What drivers raise, as our errors."""

from __future__ import annotations

from pathlib import Path

from ghl.errors import (
    Busy,
    Conflict,
    Damaged,
    Duplicate,
    GhlError,
    Invalid,
    NotADatabase,
    StorageError,
    StorageFull,
)


class UniqueViolation(Duplicate):
    """A unique index refused a row: somebody else holds the value."""


def newest_backup(target: str) -> Path | None:
    """The newest of the backups beside a file."""
    path = Path(target)
    try:
        found = [(one.stat().st_mtime, one) for one in path.parent.glob("*") if _is_backup(one.name, path.name)]
    except OSError:
        return None
    return max(found)[1] if found else None


def _is_backup(name: str, of: str) -> bool:
    return name.startswith(f"{of}.") and name.endswith((".backup", ".bak"))


def _repair(target: str) -> str:
    return f"ghl doctor; ghl db restore {newest_backup(target) or 'BACKUP'}"


def of_sqlite(error: Exception, target: str) -> GhlError:
    """An error of sqlite3, or of Python on the way to it."""
    if isinstance(error, OverflowError):
        return Invalid("a number is too large: whole numbers have 64 bits")
    if isinstance(error, UnicodeEncodeError):
        return Invalid("a text holds half a character (an unpaired surrogate)")
    name = getattr(error, "sqlite_errorname", "") or ""
    text = str(error)
    if name.startswith("SQLITE_CONSTRAINT_UNIQUE") or name in ("SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"):
        columns = text.rpartition(": ")[2]
        return UniqueViolation(f"the value is taken ({columns})", columns=columns)
    if name.startswith("SQLITE_CONSTRAINT"):
        return Conflict(f"the database refuses it: {text}")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Busy(f"{target} has been in use by others for too long", hint="try again")
    if name.startswith(("SQLITE_TOOBIG", "SQLITE_MISMATCH")):
        return Invalid(f"a value cannot be stored: {text}")
    if name.startswith("SQLITE_FULL"):
        return StorageFull(f"no space is left for {target}; nothing was changed", hint="free some space")
    if name.startswith("SQLITE_NOTADB"):
        kept = newest_backup(target)
        hint = f"ghl db restore {kept}" if kept else "a new one: ghl init FILE"
        return NotADatabase(f"{target} is no ghl database; nothing was changed", hint=hint)
    # SQLite quotes the names it finds, and what is no text there is not one in its message either.
    garbled = isinstance(error, UnicodeError) or text.startswith("Could not decode to UTF-8")
    if garbled or name.startswith("SQLITE_CORRUPT"):
        return Damaged(f"{target} is damaged", hint=_repair(target))
    if name.startswith("SQLITE_IOERR"):
        return StorageError(f"{target} cannot be read or written: {text}; nothing was changed", hint="ghl doctor")
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM")):
        return StorageError(f"{target} cannot be written: {text}", hint="check the file's permissions")
    if name.startswith("SQLITE_CANTOPEN"):
        return StorageError(f"{target} cannot be opened: {text}", hint="check the permissions of file and folder")
    return StorageError(f"{target}: {text}")
