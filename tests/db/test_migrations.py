"""Migrations: in order, once, after a backup, and never of what is newer or shared."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl.engine.db import ddl
from ghl.engine.db import migrate as module
from ghl.engine.db.migrate import (
    CORE,
    Migration,
    ensure,
    identity,
    initialise,
    migrate,
    migrations,
    newest,
    pending,
    schema_version,
    unfinished,
)
from ghl.engine.db.sqlite import SqliteDatabase
from ghl.errors import Conflict, NewerSchema, NotADatabase, OlderSchema, StorageError, StorageFull
from tests.db.children import opened

pytestmark = pytest.mark.integration
PLUGIN = ("visits", "tests.db.plugin")


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, path: str) -> Any:
    made = opened(request.getfixturevalue("pg_bare")) if request.param == "postgres" else SqliteDatabase(path, create=True)
    yield made
    made.close()


def to_version(database: Any, version: int) -> None:
    """What an older program left behind."""
    with database.write() as connection:
        connection.run(module._LEDGER)
        for one in migrations(*CORE)[:version]:
            module._apply(connection, one, None)


def make_newer(database: Any) -> None:
    initialise(database)
    with database.write() as connection:
        connection.run("update store set value = '9.9' where name = 'version'")
        connection.run(
            "insert into schema_migrations (set_name, number, name, checksum, applied_at) values ('core', 99, 'x', 'x', 'x')"
        )
        if database.dialect == "sqlite":
            connection.run("pragma user_version = 99")


def backups(path: str) -> list[str]:
    return sorted(one.name for one in Path(path).parent.glob("*.backup"))


def test_an_empty_store_gets_the_whole_schema_and_a_name(empty: Any, path: str) -> None:
    initialise(empty)
    with empty.read() as connection:
        assert schema_version(connection) == newest() == len(migrations(*CORE))
        assert len(identity(connection)) == 32
        assert pending(connection) == []
        was = identity(connection)
        assert connection.one("select value from store where name = 'version'") == {"value": ghl.__version__}
    initialise(empty)
    ensure(empty)
    assert migrate(empty) == []
    with empty.read() as connection:
        assert identity(connection) == was
    assert backups(path) == []


def test_a_store_that_is_up_to_date_is_asked_one_question(path: str) -> None:
    database = SqliteDatabase(path, create=True)
    initialise(database)
    ensure(database)
    asked: list[str] = []
    database._free[0].set_trace_callback(asked.append)
    ensure(database)
    assert [sql.lower() for sql in asked] == ["begin", "pragma user_version", "rollback"]
    database._free[0].set_trace_callback(None)
    database.close()


def test_an_older_file_is_backed_up_and_migrated_when_it_is_opened(path: str) -> None:
    database = SqliteDatabase(path, create=True)
    to_version(database, 2)
    with database.read() as connection:
        was = identity(connection)
    said: list[str] = []
    ensure(database, narrate=said.append)
    with database.read() as connection:
        assert schema_version(connection) == newest()
        assert identity(connection) == was
    assert backups(path) == ["crm.db.before-2.backup"]
    assert said[0] == f"backup: {path}.before-2.backup"
    assert len(said) == 1 + newest() - 2
    kept = SqliteDatabase(f"{path}.before-2.backup", read_only=True)
    with kept.read() as connection:
        assert schema_version(connection) == 2
        assert identity(connection) == was
    kept.close()
    database.close()
    ghl_opens(path)


def ghl_opens(path: str) -> None:
    from ghl.connect import open_database

    open_database(path).close()


def test_a_second_backup_takes_another_name(path: str) -> None:
    Path(f"{path}.before-2.backup").write_text("an earlier one")
    database = SqliteDatabase(path, create=True)
    to_version(database, 2)
    ensure(database)
    assert backups(path) == ["crm.db.before-2-2.backup", "crm.db.before-2.backup"]
    assert Path(f"{path}.before-2.backup").read_text() == "an earlier one"
    database.close()


def test_a_large_file_is_told_and_short_space_refuses(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = SqliteDatabase(path, create=True)
    to_version(database, 2)
    database.checkpoint()
    monkeypatch.setattr(module, "LARGE", 1000)
    said: list[str] = []
    usage = module.shutil.disk_usage(".")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage._replace(free=10_000_000))
    with pytest.raises(StorageFull, match="10,000,000 are free"):
        ensure(database, narrate=said.append)
    assert "are free" in said[0]
    assert backups(path) == []
    with database.read() as connection:
        assert schema_version(connection) == 2
    database.close()


def test_a_server_is_never_migrated_by_itself(pg_bare: str) -> None:
    database = opened(pg_bare)
    to_version(database, 2)
    for act in (ensure, initialise):
        with pytest.raises(OlderSchema) as caught:
            act(database)
        assert caught.value.hint == "ghl db migrate"
    assert len(migrate(database)) == newest() - 2
    ensure(database)
    database.close()


def test_a_newer_store_is_refused_unchanged(empty: Any, path: str) -> None:
    make_newer(empty)
    calls: list[Callable[[Any], Any]] = [ensure, initialise, migrate]
    if empty.dialect == "sqlite":
        empty.close()
        before = Path(path).read_bytes()
    for call in calls:
        database = SqliteDatabase(path) if empty.dialect == "sqlite" else empty
        with pytest.raises(NewerSchema) as caught:
            call(database)
        for word in ("9.9", "schema 99", ghl.__version__, f"schema {newest()}", "Nothing was changed"):
            assert word in caught.value.message
        if empty.dialect == "sqlite":
            database.close()
    if empty.dialect == "sqlite":
        assert Path(path).read_bytes() == before
        assert backups(path) == []


def test_a_newer_store_whose_tables_are_others(empty: Any) -> None:
    make_newer(empty)
    with empty.write() as connection:
        connection.run("alter table store rename to elsewhere")
    with pytest.raises(NewerSchema, match="a later version"):
        ensure(empty)


def test_a_database_without_a_schema_is_not_ours(empty: Any) -> None:
    with pytest.raises(NotADatabase, match="no ghl schema"):
        ensure(empty)


def test_an_edited_file_is_found(empty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    to_version(empty, 3)
    real = migrations(*CORE)

    def edited(name: str, package: str) -> tuple[Migration, ...]:
        one = real[1]
        return (real[0], Migration(one.set_name, one.number, one.name, one.text + "\n-- edited"), *real[2:])

    monkeypatch.setattr(module, "migrations", edited)
    with pytest.raises(StorageError, match="core 2 was edited"):
        migrate(empty)
    with empty.read() as connection:
        assert schema_version(connection) == 3


def test_sets_of_plug_ins_have_their_own_numbers(empty: Any, path: str) -> None:
    initialise(empty)
    done = migrate(empty, (CORE, PLUGIN))
    assert [(one.set_name, one.number, one.name) for one in done] == [("visits", 1, "visits"), ("visits", 2, "counts")]
    with empty.write() as connection:
        connection.run("insert into visits (place) values ('Faro')")
        assert connection.tuples("select place, n from visit_counts") == [("Faro", 2)]
        rows = connection.tuples("select place, note from visits order by id")
        assert rows == [("Porto; Lisbon", "a; b -- c"), ("Faro", "counted;"), ("Faro", "counted;")]
        assert schema_version(connection) == newest()
        assert pending(connection, (CORE, PLUGIN)) == []
    # Without the plug-in the store opens all the same.
    ensure(empty)


def test_checksums_do_not_depend_on_line_ends() -> None:
    for one in (*migrations(*CORE), *migrations(*PLUGIN)):
        assert "\r" not in one.text
        assert one.checksum == Migration("other", 9, "name", one.text).checksum
    assert [one.number for one in migrations(*CORE)] == list(range(1, newest() + 1))


def test_statements_are_cut_where_they_end() -> None:
    text = """-- a; comment
    create table a (b text default 'x;''y', "c;d" int); /* no;
    end */ select 1
    ;;
    create temp trigger t after insert on a begin select case 1 when 1 then 2 end; delete from a; end;
    create table begin_end (x int) -- last, without a semicolon"""
    assert [" ".join(one.split()) for one in ddl.statements(text, "sqlite")] == [
        """create table a (b text default 'x;''y', "c;d" int)""", "select 1",
        "create temp trigger t after insert on a begin select case 1 when 1 then 2 end; delete from a; end",
        "create table begin_end (x int)",
    ]  # fmt: skip
    both = "-- only: sqlite\nselect '{key}';\n-- end\n-- only: postgres\nselect '{unknown} {owned}';\n-- end\n"
    assert ddl.statements(both, "sqlite") == ["select 'INTEGER PRIMARY KEY'"]
    assert ddl.statements(both, "postgres") == ["select '{unknown} BIGINT PRIMARY KEY'"]


def test_an_init_that_was_interrupted_is_finished(path: str) -> None:
    Path(path).touch()
    assert unfinished(path)
    database = SqliteDatabase(path)
    database.close()
    assert unfinished(path)
    with ghl.init(path, zone="UTC") as crm:
        crm.contacts.create(first_name="Ann")
    assert not unfinished(path)
    with pytest.raises(Conflict, match="exists already"):
        ghl.init(path, zone="UTC")
    Path(path).with_name("notes.txt").write_text("mine")
    assert not unfinished(str(Path(path).with_name("notes.txt")))
    assert not unfinished(os.path.dirname(path))


def test_memory_needs_no_backup() -> None:
    database = SqliteDatabase(":memory:", create=True)
    to_version(database, 2)
    ensure(database)
    with database.read() as connection:
        assert schema_version(connection) == newest()
