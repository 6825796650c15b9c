"""What is wrong or risky with a store and the machine it is on."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ghl.engine.clock import SystemClock, milliseconds
from ghl.engine.db.checkpoint import FIXED, is_fixed, wal_size
from ghl.errors import Damaged, GhlError
from ghl.sdk.sizes import size as words


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `ok`, `note`, `warn` or `bad`."""

    state: str
    subject: str
    text: str


def findings(target: str) -> list[Finding]:
    """Everything that is looked at, in order."""
    from ghl.connect import open_database

    if target.startswith(("http://", "https://")):
        return [Finding("note", "server", "this is a URL: run the doctor where the database is")]
    found = [_sqlite()] if "://" not in target else []
    try:
        database = open_database(target, migrate=False)
    except GhlError as error:
        return [*found, Finding("bad", "file", f"{error.message}{_backup(target)}")]
    try:
        found += _file(database) if database.dialect == "sqlite" else []
        for look in (_schema, _mail, _work):
            if not any(one.state == "bad" for one in found):
                found += look(database)
    finally:
        database.close()
    return found


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    if is_fixed(sqlite3.sqlite_version_info):
        return Finding("ok", "sqlite", f"{version}, free of the WAL-reset bug")
    fixed = ", ".join(".".join(map(str, one)) for one in FIXED)
    return Finding(
        "note", "sqlite",
        f"{version} has the WAL-reset bug (fixed in {fixed}); ghl's own checkpoints hold the write lock, so they are safe."
        " A foreign program that writes to the file brings its own checkpoints: let it read only",
    )  # fmt: skip


def _backup(target: str) -> str:
    """What there is to go back to."""
    if "://" in target:
        return ""
    backups = sorted(Path(target).parent.glob(f"{Path(target).name}*.backup"))
    return f"; the newest backup is {backups[-1]}" if backups else "; there is no backup beside it"


def _file(database: Any) -> list[Finding]:
    path = Path(database.target)
    size, free = path.stat().st_size, shutil.disk_usage(path.resolve().parent).free
    found = [Finding("warn" if free < size + 100_000_000 else "ok", "space", f"{words(size)}, and {words(free)} are free")]
    wal = wal_size(database.target)
    if wal > 256 * 1024 * 1024:
        found.append(Finding("warn", "log", f"the write-ahead log has {words(wal)}: somebody reads for very long"))
    try:
        problems = database.check()
    except Damaged as error:
        problems = [error.message]
    if problems:
        found.append(Finding("bad", "file", f"{problems[0]}{_backup(database.target)}"))
    else:
        found.append(Finding("ok", "file", "sound"))
    if path.stat().st_mode & 0o077:
        found.append(Finding("note", "file", f"others on this machine may read it: chmod 600 {path}"))
    return found


def _schema(database: Any) -> list[Finding]:
    from ghl.engine.db.migrate import newest, pending, schema_version

    with database.read() as connection:
        version = schema_version(connection)
        if version > newest():
            return [Finding("bad", "schema", f"{version}, made by a newer ghl than this ({newest()})")]
        try:
            waiting = pending(connection) if version else []
        except GhlError as error:
            return [Finding("bad", "schema", error.message)]
    if version < newest():
        return [Finding("warn", "schema", f"{version}; {len(waiting)} migrations wait: ghl db migrate")]
    return [Finding("ok", "schema", str(version))]


def _mail(database: Any) -> list[Finding]:
    from ghl.engine.db.identity import adopts, why_held

    held = why_held(database)
    if held is None:
        return []
    which = f" --db {database.target}" if database.dialect == "sqlite" else ""
    then = "GHL_ADOPT=1 lets the next worker send it" if adopts() else f"To send it from here: ghl{which} db adopt"
    return [Finding("warn", "mail", f"outgoing mail is held: {held.reason}. {then}")]


def _work(database: Any) -> list[Finding]:
    now = milliseconds(SystemClock().now())
    with database.read() as connection:
        late = connection.one(
            "select count(*) as n from enrollments where run_at is not null and run_at < :late", {"late": now - 60_000}
        )["n"]
        parked = connection.one("select count(*) as n from enrollments where state = 2")["n"]
        unknown = connection.one("select count(*) as n from outbox where state = 6")["n"]
        beat = connection.one("select max(beat_at) as at from workers")["at"]
    found = []
    if late:
        running = beat is not None and now - beat < 30_000
        found.append(Finding("warn", "workflows", f"{late:,} runs are overdue by a minute or more; {'a worker runs' if running else 'no worker runs: ghl worker'}"))
    if parked:
        found.append(Finding("warn", "workflows", f"{parked:,} runs are parked after failures: ghl workflows enrollments --state parked"))
    if unknown:
        found.append(Finding("warn", "mail", f"{unknown:,} messages are in doubt: ghl messages list --state unknown"))
    return found or [Finding("ok", "work", "nothing is late, parked or in doubt")]
