"""Opening: only a file of ours, never a silent new one, and every failure is a sentence."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ghl.engine.db import opening
from ghl.engine.db.failures import newest_backup
from ghl.engine.db.sqlite import SqliteDatabase
from ghl.errors import Damaged, NotADatabase, StorageError

pytestmark = pytest.mark.integration
POSIX = os.name == "posix"


def made(path: str, rows: int = 0) -> SqliteDatabase:
    database = SqliteDatabase(path, create=True)
    with database.write() as connection:
        connection.run("create table items (id integer primary key, name text unique)")
        connection.many("insert into items (name) values (:name)", ({"name": f"name {n}"} for n in range(rows)))
    return database


def test_a_missing_file_is_not_made(path: str) -> None:
    with pytest.raises(NotADatabase) as caught:
        SqliteDatabase(path)
    assert caught.value.hint == f"make one: ghl init {path}"
    assert not os.path.exists(path)


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be made"):
        SqliteDatabase(tmp_path / "none" / "crm.db", create=True)


@pytest.mark.parametrize("create", [False, True])
def test_what_is_no_database_is_refused_unchanged(path: str, create: bool) -> None:
    for content in (b"hello\n", b"a,b\n" * 100, b"\x00" * 4096, b"SQLite format 3\x00", os.urandom(5000)):
        Path(path).write_bytes(content)
        with pytest.raises((NotADatabase, Damaged)):
            SqliteDatabase(path, create=create)
        assert Path(path).read_bytes() == content
        assert sorted(p.name for p in Path(path).parent.iterdir()) == ["crm.db"]


@pytest.mark.parametrize("create", [False, True])
def test_a_database_of_another_program_is_refused_unchanged(path: str, create: bool) -> None:
    other = sqlite3.connect(path)
    other.execute("create table theirs (id)")
    other.commit()
    other.close()
    before = Path(path).read_bytes()
    with pytest.raises(NotADatabase, match="another program"):
        SqliteDatabase(path, create=create)
    assert Path(path).read_bytes() == before


def test_folders_and_empty_files(tmp_path: Path, path: str) -> None:
    with pytest.raises(NotADatabase, match="a folder"):
        SqliteDatabase(tmp_path)
    Path(path).touch()
    with pytest.raises(NotADatabase, match="is empty"):
        SqliteDatabase(path)
    SqliteDatabase(path, create=True).close()
    SqliteDatabase(path).close()


def test_an_empty_file_names_its_backup(path: str) -> None:
    Path(path).touch()
    Path(f"{path}.before-3.backup").touch()
    with pytest.raises(NotADatabase) as caught:
        SqliteDatabase(path)
    assert f"{path}.before-3.backup" in (caught.value.hint or "")


@pytest.mark.skipif(not POSIX, reason="permissions of POSIX")
def test_a_new_file_is_for_its_owner_alone(path: str) -> None:
    database = made(path)
    for suffix in ("", "-wal", "-shm"):
        assert stat.S_IMODE(os.stat(path + suffix).st_mode) == 0o600
    database.close()


@pytest.mark.skipif(not POSIX, reason="pipes of POSIX")
def test_a_pipe_is_refused(path: str) -> None:
    os.mkfifo(path)
    with pytest.raises(NotADatabase, match="no regular file"):
        SqliteDatabase(path)


def test_strange_names(tmp_path: Path) -> None:
    for name in ("with space.db", "per%cent?.db", "hash#mark.db", "ünïcödé.db", "quote'.db"):
        if not POSIX and "?" in name:
            continue
        made(str(tmp_path / name)).close()
        assert (tmp_path / name).exists()
        SqliteDatabase(tmp_path / name).close()


def test_every_connection_has_our_settings(path: str) -> None:
    database = made(path)
    with database.write() as writing, database.read() as one, database.read() as two:
        for connection in (writing, one, two):
            assert connection.tuples("pragma journal_mode") == [("wal",)]
            for pragma, value in (
                ("synchronous", 2), ("foreign_keys", 1), ("wal_autocheckpoint", 0), ("auto_vacuum", 2),
                ("cache_size", -65536), ("temp_store", 2), ("fullfsync", 1), ("checkpoint_fullfsync", 1),
                ("application_id", opening.APPLICATION_ID),
            ):  # fmt: skip
                assert connection.tuples(f"pragma {pragma}") == [(value,)], pragma
        assert one.tuples("pragma busy_timeout") == [(30000,)]
        # A writer asks for the lock by itself; SQLite's own waiting is long and not fair.
        assert writing.tuples("pragma busy_timeout") == [(0,)]
    database.close()


def test_an_old_library_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 38, 5))
    with pytest.raises(StorageError, match=r"3\.39"):
        SqliteDatabase(":memory:")


def test_a_file_that_may_only_be_read(path: str) -> None:
    made(path, 3).close()
    database = SqliteDatabase(path, read_only=True)
    with database.read() as connection:
        assert connection.one("select count(*) as n from items") == {"n": 3}
    with pytest.raises(StorageError, match="cannot be written"), database.write() as connection:
        connection.run("delete from items")
    database.close()


def test_media_that_can_only_be_read(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made(path, 3).close()
    monkeypatch.setattr(os, "access", lambda *given: False)
    assert opening._mode(path, True) == "ro&immutable=1"
    database = SqliteDatabase(path, read_only=True)
    assert database.check() == []
    database.close()
    assert sorted(p.name for p in Path(path).parent.iterdir()) == ["crm.db"]


def test_opening_again_drops_no_lock(path: str) -> None:
    """Closing any handle of a file drops the locks of the process; another program would then delete the log."""
    database = made(path)
    with database.write() as connection:
        connection.run("insert into items (name) values ('kept')")
    SqliteDatabase(path).close()
    with pytest.raises(NotADatabase):
        SqliteDatabase(f"{path}.none")
    other = """import sqlite3, sys
raw = sqlite3.connect(sys.argv[1], timeout=0)
try:
    print(raw.execute("pragma journal_mode = delete").fetchone()[0])
except sqlite3.OperationalError as error:
    print(error)"""
    said = subprocess.run([sys.executable, "-c", other, path], capture_output=True, text=True, check=True)
    assert said.stdout.strip() in ("database is locked", "wal")
    assert os.path.exists(f"{path}-wal")
    database.close()


def test_the_newest_backup_is_named(tmp_path: Path, path: str) -> None:
    assert newest_backup(path) is None
    assert newest_backup(str(tmp_path / "none" / "crm.db")) is None
    for age, name in ((30, "crm.db.before-1.backup"), (10, "crm.db.before-2.backup"), (20, "crm.db.bak"), (0, "other.backup")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    assert newest_backup(path) == tmp_path / "crm.db.before-2.backup"


def _damaged(whole: bytes, number: int) -> bytes:
    """The file with one kind of damage or another."""
    chance = random.Random(number)
    kind, data = number % 6, bytearray(whole)
    if kind == 0:
        return whole[: chance.randrange(len(whole))]
    if kind == 1:
        start = chance.randrange(100)
        data[start : start + chance.randrange(1, 60)] = os.urandom(8)
    elif kind == 2:
        page = 4096 * chance.randrange(len(whole) // 4096)
        data[page : page + 4096] = bytes(4096)
    elif kind == 3:
        for _ in range(chance.randrange(1, 200)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == 4:
        data[4096 * chance.randrange(len(whole) // 4096) :] = b""
    else:
        page = 4096 * chance.randrange(1, len(whole) // 4096)
        data[page : page + 100] = chance.randbytes(100)
    return bytes(data)


def test_damaged_files_are_never_replaced_and_never_a_traceback(path: str, tmp_path: Path) -> None:
    made(path, 2000).close()
    whole = Path(path).read_bytes()
    shutil.copy(path, f"{path}.before-1.backup")
    found: Counter[str] = Counter()
    for number in range(300):
        content = _damaged(whole, number)
        Path(path).write_bytes(content)
        try:
            database = SqliteDatabase(path)
            try:
                sound = not database.check()
                with database.read() as connection:
                    names = {row["name"] for row in connection.all("select name from items")}
                assert not sound or names <= {f"name {n}" for n in range(2000)}
                found["sound" if sound else "damaged"] += 1
            finally:
                database.close()
        except Damaged as error:
            found["damaged" if f"{path}.before-1.backup" in (error.hint or "") else "silent about the backup"] += 1
        except StorageError:
            found["refused"] += 1
        assert Path(path).stat().st_size > 0 or not content
        for suffix in ("-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)
    assert found["damaged"] > 100
    assert found["refused"] > 30
    assert not found["silent about the backup"]
