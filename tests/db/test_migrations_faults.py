"""A migration that is interrupted anywhere leaves a whole store of some version, and goes on from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ghl.engine.db.migrate import CORE, initialise, migrate, migrations, newest, schema_version
from ghl.engine.db.sqlite import SqliteDatabase
from ghl.errors import Conflict
from tests.db.children import opened
from tests.db.test_migrations import PLUGIN, to_version

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]


class FaultError(Exception):
    """Stands for a power cut."""


def fault_at(number: int) -> Any:
    seen = 0

    def fault(sql: str) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            raise FaultError(sql)

    return fault


def schema(database: Any) -> Any:
    with database.read() as connection:
        if database.dialect == "sqlite":
            return connection.tuples("select type, name, sql from sqlite_master where name not like 'sqlite_%' order by 1, 2")
        columns = connection.tuples(
            """select table_name, column_name, data_type, column_default from information_schema.columns
            where table_schema = 'public' order by 1, ordinal_position"""
        )
        return columns, connection.tuples("select indexdef from pg_indexes where schemaname = 'public' order by 1")


def points(dialect: str, first: int = 0) -> int:
    """The statements of the core's files after the first ones, with a record of each."""
    return sum(len(one.statements(dialect)) + 1 for one in migrations(*CORE)[first:])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    database = SqliteDatabase(tmp_path_factory.mktemp("whole") / "crm.db", create=True)
    initialise(database)
    found = schema(database)
    database.close()
    return found


def test_a_file_is_whole_after_a_fault_at_any_statement(quick_path: str, whole: Any) -> None:
    path = quick_path
    database = SqliteDatabase(path, create=True)
    to_version(database, 2)
    database.close()
    old = Path(path).read_bytes()
    versions = set()
    for number in range(1, points("sqlite", 2) + 1):
        Path(path).write_bytes(old)
        database = SqliteDatabase(path)
        with pytest.raises(FaultError):
            migrate(database, fault=fault_at(number))
        with database.read() as connection:
            version = schema_version(connection)
            ledger = connection.tuples("select count(*) from schema_migrations")
            tables = connection.tuples("select count(*) from sqlite_master")
        versions.add((version, *ledger[0], *tables[0]))
        if number % 20 == 0:
            assert database.check() == []
            migrate(database)
            assert schema(database) == whole
        database.close()
        for suffix in ("-wal", "-shm", ".before-2.backup"):
            Path(path + suffix).unlink(missing_ok=True)
    # For each version one shape, and no version between two files.
    assert [(version, ledger) for version, ledger, _ in sorted(versions)] == [(n, n) for n in range(2, newest())]


def test_a_new_file_is_made_at_once_or_not_at_all(path: str, whole: Any) -> None:
    total = points("sqlite")
    for number in (1, 2, 3, total // 2, total - 1, total):
        database = SqliteDatabase(path, create=True)
        with pytest.raises(FaultError):
            migrate(database, at_once=True, fault=fault_at(number))
        assert schema(database) == []
        database.close()
    database = SqliteDatabase(path, create=True)
    initialise(database)
    assert schema(database) == whole
    database.close()


def test_a_server_is_whole_after_a_fault(pg_bare: str, pg_empty: str) -> None:
    reference, database = opened(pg_empty), opened(pg_bare)
    initialise(reference)
    for number in (1, 2, 3, 10, 29, 40, 100):
        with pytest.raises(FaultError):
            migrate(database, fault=fault_at(number))
        with database.read() as connection:
            if version := schema_version(connection):
                assert connection.tuples("select count(*) from schema_migrations") == [(version,)]
    migrate(database)
    assert schema(database) == schema(reference)
    database.close()
    reference.close()


def test_a_statement_that_the_database_refuses_takes_its_file_back(path: str) -> None:
    database = SqliteDatabase(path, create=True)
    initialise(database)
    with database.write() as connection:
        connection.run("create table visits (id integer primary key)")
    before = schema(database)
    with pytest.raises(Exception, match="already exists"):
        migrate(database, (CORE, PLUGIN))
    assert schema(database) == before
    database.close()
    assert not issubclass(FaultError, Conflict)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_a_kill_at_any_statement_of_a_plug_in(store: str, path: str, request: pytest.FixtureRequest) -> None:
    target = path if store == "sqlite" else request.getfixturevalue("pg_bare")
    database = SqliteDatabase(path, create=True) if store == "sqlite" else opened(target)
    initialise(database)
    database.close()
    if store == "sqlite":
        shutil.copy(path, f"{path}.start")
    total = sum(len(one.statements(store)) + 1 for one in migrations(*PLUGIN))
    for number in range(1, total + 1):
        command = [sys.executable, "-m", "tests.db.children", "migrate", target, PLUGIN[1], str(number)]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert said.returncode < 0 or number > total, said.stderr
        database = opened(target)
        assert database.check() == []
        with database.read() as connection:
            done = connection.tuples("select number from schema_migrations where set_name <> 'core' order by number")
            tables = _tables(connection)
        assert ("visits" in tables, "visit_counts" in tables) == (len(done) > 0, len(done) > 1)
        if store == "sqlite":
            database.close()
            for suffix in ("-wal", "-shm"):
                Path(path + suffix).unlink(missing_ok=True)
            shutil.copy(f"{path}.start", path)
            for one in Path(path).parent.glob("*.backup"):
                one.unlink()
        else:
            with database.write() as connection:
                _remove(connection)
            database.close()
    said = subprocess.run([*command[:-1], "0"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(total)


def _tables(connection: Any) -> set[str]:
    if connection.dialect == "sqlite":
        return {row[0] for row in connection.tuples("select name from sqlite_master where type = 'table'")}
    return {row[0] for row in connection.tuples("select tablename from pg_tables where schemaname = 'public'")}


def _remove(connection: Any) -> None:
    connection.run("drop table if exists visits")
    connection.run("drop table if exists visit_counts")
    connection.run("drop function if exists count_visit")
    connection.run("delete from schema_migrations where set_name <> 'core'")
