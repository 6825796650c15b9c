"""What drivers raise, as our errors."""

from __future__ import annotations

from ghl.errors import Busy, Conflict, Damaged, Duplicate, GhlError, NotADatabase, StorageError, StorageFull


class UniqueViolation(Duplicate):
    """A unique index refused a row: somebody else holds the value."""


def of_sqlite(error: Exception, target: str) -> GhlError:
    """An error of sqlite3."""
    name = getattr(error, "sqlite_errorname", "") or ""
    text = str(error)
    if name.startswith("SQLITE_CONSTRAINT_UNIQUE") or name == "SQLITE_CONSTRAINT_PRIMARYKEY":
        columns = text.rpartition(": ")[2]
        return UniqueViolation(f"the value is taken ({columns})", columns=columns)
    if name.startswith("SQLITE_CONSTRAINT"):
        return Conflict(f"the database refuses it: {text}")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Busy(f"{target} has been in use by others for too long", hint="try again")
    if name.startswith("SQLITE_FULL"):
        return StorageFull(f"no space is left for {target}; nothing was changed", hint="free some space")
    if name.startswith("SQLITE_NOTADB"):
        return NotADatabase(f"{target} is no ghl database", hint="a new one is made by: ghl init FILE")
    if name.startswith("SQLITE_CORRUPT"):
        return Damaged(f"{target} is damaged", hint="ghl doctor; ghl db restore BACKUP brings a backup back")
    if name.startswith("SQLITE_IOERR"):
        return StorageError(f"{target} cannot be read or written: {text}; nothing was changed")
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM")):
        return StorageError(f"{target} cannot be written: {text}", hint="check the file's permissions")
    if name.startswith("SQLITE_CANTOPEN"):
        return NotADatabase(f"{target} cannot be opened", hint="a new one is made by: ghl init FILE")
    return StorageError(f"{target}: {text}")
