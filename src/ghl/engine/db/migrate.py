"""Migrations: numbered SQL files in named sets, each in one transaction, with a checksum, under a lock."""

from __future__ import annotations

import hashlib
import re
import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from ghl.engine.db import Connection, Database
from ghl.errors import GhlError, NewerSchema, NotADatabase, OlderSchema, StorageError, StorageFull

CORE = ("core", "ghl.engine.db.migrations.core")
LARGE = 500 * 1024 * 1024
"""From this size on, the size of a backup and the free space are told before it is made."""

_LEDGER = """create table if not exists schema_migrations (set_name text not null, number bigint not null,
name text not null, checksum text not null, applied_at text not null, primary key (set_name, number))"""
_LOCK = 7710

Narrate = Callable[[str], None]
Fault = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of a set."""

    set_name: str
    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """Of the file as it was written, whatever the platform's line ends."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def statements(self, dialect: str) -> list[str]:
        """The statements for a dialect, one by one."""
        from ghl.engine.db.ddl import statements  # only where something is migrated

        return statements(self.text, dialect)


@cache
def migrations(name: str, package: str) -> tuple[Migration, ...]:
    """The files of a set, in order."""
    found = []
    for file in files(package).iterdir():
        match = re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name)
        if match:
            text = file.read_text("utf-8").replace("\r\n", "\n")
            found.append(Migration(name, int(match[1]), match[2], text))
    return tuple(sorted(found, key=lambda one: one.number))


@cache
def newest() -> int:
    """The number of our newest core migration: the schema's version."""
    return migrations(*CORE)[-1].number


def schema_version(connection: Connection) -> int:
    """The newest core migration that a database has."""
    if connection.dialect == "sqlite":
        row = connection.one("pragma user_version")
        return int(next(iter(row.values()))) if row else 0
    if connection.one("select to_regclass('schema_migrations') as found") == {"found": None}:
        return 0
    row = connection.one("select max(number) as n from schema_migrations where set_name = 'core'")
    return int(row["n"] or 0) if row else 0


def pending(connection: Connection, sets: Sequence[tuple[str, str]] = (CORE,)) -> list[Migration]:
    """What is still to be applied; an applied file that has been edited is an error."""
    known = {
        (row["set_name"], row["number"]): row["checksum"]
        for row in connection.all("select set_name, number, checksum from schema_migrations")
    }
    waiting = []
    for one in (m for name, package in sets for m in migrations(name, package)):
        checksum = known.get((one.set_name, one.number))
        if checksum is None:
            waiting.append(one)
        elif checksum != one.checksum:
            raise StorageError(
                f"migration {one.set_name} {one.number} was edited after it was applied here",
                hint="a new change needs a new file",
            )
    return waiting


def ensure(database: Database, *, narrate: Narrate | None = None) -> None:
    """Make sure that the schema is ours: a personal file is migrated, a shared server never by itself."""
    with database.read() as connection:
        version = schema_version(connection)
        if version == newest():
            return
        if version > newest():
            raise _newer(database, connection, version)
    if version == 0:
        raise NotADatabase(f"{database.target} has no ghl schema", hint="ghl init prepares an empty database")
    if database.dialect == "postgres":
        raise OlderSchema(
            f"this database has schema {version} and this program needs {newest()}", hint="ghl db migrate"
        )
    migrate(database, narrate=narrate)


def _newer(database: Database, connection: Connection, version: int) -> NewerSchema:
    try:
        by = connection.one("select value from store where name = 'version'")
    except GhlError:
        by = None  # that table, too, may be another one in times to come
    return NewerSchema(
        f"{database.target} was made by ghl {by['value'] if by else 'of a later version'} (schema {version});"
        f" this is {_our_version()} (schema {newest()}). Nothing was changed",
        hint="pip install -U ghl-toolkit",
    )


def _our_version() -> str:
    from ghl import __version__

    return __version__


def _back_up_before(database: Database, version: int, narrate: Narrate | None) -> None:
    """Keep the file as it is beside it, before its schema changes."""
    from ghl.engine.db.backup import backup  # for migrations and `ghl db` only

    path = Path(database.target)
    size = path.stat().st_size
    free = shutil.disk_usage(path.resolve().parent).free
    if size > LARGE and narrate:
        narrate(f"a backup of {size / 1e9:.1f} GB is made first; {free / 1e9:.1f} GB are free")
    if free < size * 1.1 + 10_000_000:
        raise StorageFull(
            f"{database.target} must be backed up before its schema changes: {size:,} bytes, and {free:,} are free",
            hint="free some space; nothing was changed",
        )
    target = path.with_name(f"{path.name}.before-{version}.backup")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}.before-{version}-{number}.backup")
    backup(database, target)
    if narrate:
        narrate(f"backup: {target}")


def migrate(
    database: Database,
    sets: Sequence[tuple[str, str]] = (CORE,),
    *,
    narrate: Narrate | None = None,
    fault: Fault | None = None,
    at_once: bool = False,
) -> list[Migration]:
    """Apply what is pending, file by file (or all `at_once`), a personal file after a backup; what was applied.

    `fault` is called before each statement: tests raise or kill there.
    """
    done: list[Migration] = []
    while True:
        with database.write() as connection:
            if connection.dialect == "postgres":
                connection.run(f"select pg_advisory_xact_lock({_LOCK})")
            # Read under the lock: another program may have been here first.
            version = schema_version(connection)
            if version > newest():
                raise _newer(database, connection, version)
            connection.run(_LEDGER)
            waiting = pending(connection, sets)
            if waiting and not done and version and connection.dialect == "sqlite" and database.target != ":memory:":
                # Under the lock, so that the backup is what the migration found, and is made by one program only.
                _back_up_before(database, version, narrate)
            now = waiting if at_once else waiting[:1]
            for one in now:
                _apply(connection, one, fault)
        done += now
        for one in now:
            if narrate:
                narrate(f"schema {one.set_name} {one.number} {one.name}")
        if len(now) == len(waiting):
            return done


def _apply(connection: Connection, one: Migration, fault: Fault | None) -> None:
    for sql in one.statements(connection.dialect):
        if fault:
            fault(sql)
        connection.run(sql)
    if fault:
        fault("record")
    _record(connection, one)


def _record(connection: Connection, one: Migration) -> None:
    from ghl.engine.clock import SystemClock
    from ghl.sdk.times import stamp

    connection.run(
        """insert into schema_migrations (set_name, number, name, checksum, applied_at)
        values (:set_name, :number, :name, :checksum, :at)""",
        {
            "set_name": one.set_name, "number": one.number, "name": one.name, "checksum": one.checksum,
            "at": stamp(SystemClock().now()),
        },
    )  # fmt: skip
    if one.set_name == "core":
        if connection.dialect == "sqlite":
            connection.run(f"pragma user_version = {one.number}")
        _tell(connection, "version", _our_version())
        if not identity(connection):
            _tell(connection, "identity", uuid.uuid4().hex)


def _tell(connection: Connection, name: str, value: str) -> None:
    connection.run(
        """insert into store (name, value) values (:name, :value)
        on conflict (name) do update set value = excluded.value""",
        {"name": name, "value": value},
    )


def initialise(database: Database) -> None:
    """Make the schema in an empty database, all or nothing, and give the store its identity."""
    with database.read() as connection:
        version = schema_version(connection)
    if version:
        ensure(database)
    else:
        migrate(database, at_once=True)


def unfinished(path: str) -> bool:
    """Whether making this file was interrupted: it is empty or ours, and has no account."""
    from ghl.engine.db.sqlite import SqliteDatabase

    try:
        database = SqliteDatabase(path, create=True)
    except GhlError:
        return False
    try:
        with database.read() as connection:
            version = schema_version(connection)
            return not version or (version <= newest() and connection.one("select id from accounts limit 1") is None)
    except GhlError:
        return False
    finally:
        database.close()


def identity(connection: Connection) -> str:
    """The random name of a store, the same for its copies."""
    row = connection.one("select value from store where name = 'identity'")
    return str(row["value"]) if row else ""
