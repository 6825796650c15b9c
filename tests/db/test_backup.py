"""Backups are complete or not there; what is restored was checked, and what it replaces is kept whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from ghl.engine.db.backup import backup, restore, vacuum
from ghl.engine.db.sqlite import SqliteDatabase
from ghl.errors import Busy, Conflict, Damaged, Invalid, NotADatabase, StorageError, StorageFull

pytestmark = pytest.mark.integration


@pytest.fixture
def store(path: str) -> Any:
    database = SqliteDatabase(path, create=True)
    with database.write() as connection:
        connection.run("create table items (id integer primary key, name text unique)")
        add(connection, 3000)
    yield database
    database.close()


def add(connection: Any, count: int, word: str = "name") -> None:
    connection.many("insert into items (name) values (:name)", ({"name": f"{word} {n} {'x' * 400}"} for n in range(count)))


def count(path: Path | str, word: str = "name") -> int:
    database = SqliteDatabase(path)
    try:
        assert database.check() == []
        with database.read() as connection:
            return int(connection.tuples(f"select count(*) from items where name like '{word}%'")[0][0])
    finally:
        database.close()


def beside(path: str) -> set[str]:
    return {one.name for one in Path(path).parent.iterdir() if not one.name.startswith("crm.db")}


def test_a_backup_is_one_file_and_reports_its_progress(store: Any, path: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    made = backup(store, tmp_path / "copy", progress=lambda done, total: seen.append((done, total)))
    assert made == tmp_path / "copy"
    assert seen[-1][0] == seen[-1][1] > 0
    assert beside(path) == {"copy"}
    if os.name == "posix":
        assert made.stat().st_mode & 0o077 == 0
    raw = sqlite3.connect(made)
    assert raw.execute("pragma journal_mode").fetchone() == ("delete",)
    raw.close()
    assert count(made) == 3000


def test_a_backup_ends_and_is_one_snapshot_while_others_write(store: Any, path: str, tmp_path: Path) -> None:
    stop, rounds = threading.Event(), [0]

    def write() -> None:
        other = SqliteDatabase(path)
        while not stop.is_set():
            with other.write() as connection:
                add(connection, 5, f"pair {rounds[0]} a")
                add(connection, 5, f"pair {rounds[0]} b")
            rounds[0] += 1
        other.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(5):
            at = rounds[0]
            made = backup(store, tmp_path / f"copy{number}", progress=lambda done, total: None)
            found = count(made, "pair")
            assert found % 10 == 0
            assert found >= at * 10
    finally:
        stop.set()
        thread.join()
    assert count(path, "pair") == rounds[0] * 10


def test_nothing_is_left_of_a_backup_that_fails(store: Any, path: str, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(store, tmp_path / "copy", progress=stop)
    assert beside(path) == set()
    with pytest.raises(StorageError, match="cannot be written"):
        backup(store, tmp_path / "none" / "copy")
    (tmp_path / "copy").write_text("mine")
    with pytest.raises(Conflict):
        backup(store, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "mine"


def test_a_restore_asks_before_it_replaces(store: Any, path: str, tmp_path: Path) -> None:
    made = backup(store, tmp_path / "copy")
    with pytest.raises(Conflict):
        restore(made, path)
    assert restore(made, tmp_path / "new.db") == tmp_path / "new.db"
    assert count(tmp_path / "new.db") == 3000


def test_what_is_replaced_is_kept_with_its_last_commits(store: Any, path: str, tmp_path: Path) -> None:
    made = backup(store, tmp_path / "copy")
    with store.write() as connection:
        add(connection, 7, "later")
    store.close()
    inode = os.stat(path).st_ino
    restore(made, path, overwrite=True)
    assert count(path, "later") == 0
    assert count(f"{path}.replaced", "later") == 7
    assert os.stat(path).st_ino != inode
    restore(made, path, overwrite=True)
    assert count(f"{path}.replaced-2") == 3000
    assert beside(path) == {"copy"}


def test_a_file_in_use_is_not_replaced(store: Any, path: str, tmp_path: Path) -> None:
    made = backup(store, tmp_path / "copy")
    with store.write() as connection:
        add(connection, 7, "later")
    with pytest.raises(Busy, match="is in use"):
        restore(made, path, overwrite=True)
    with store.read() as connection:
        assert connection.tuples("select count(*) from items where name like 'later%'") == [(7,)]
    assert beside(path) == {"copy"}


def test_a_log_of_a_damaged_file_goes_with_it(store: Any, path: str, tmp_path: Path) -> None:
    made = backup(store, tmp_path / "copy")
    store.close()
    Path(path).write_bytes(b"no database any more" * 1000)
    Path(f"{path}-wal").write_bytes(b"no log any more" * 1000)
    restore(made, path, overwrite=True)
    assert count(path) == 3000
    assert Path(f"{path}.replaced").read_bytes().startswith(b"no database")


def test_a_damaged_backup_is_refused(store: Any, path: str, tmp_path: Path) -> None:
    made = backup(store, tmp_path / "copy")
    whole = made.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:8192] + os.urandom(4096) + whole[12288:]):
        made.write_bytes(content)
        with pytest.raises((Damaged, NotADatabase)) as caught:
            restore(made, path, overwrite=True)
        assert caught.value.message
        assert beside(path) == {"copy"}
        with store.read() as connection:
            assert connection.tuples("select count(*) from items") == [(3000,)]
    for content in (b"", b"hello"):
        made.write_bytes(content)
        with pytest.raises(NotADatabase):
            restore(made, path, overwrite=True)
    made.unlink()
    with pytest.raises(NotADatabase, match="no file"):
        restore(made, path, overwrite=True)


def test_without_hard_links(store: Any, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = backup(store, tmp_path / "copy")
    store.close()

    def refuse(*given: Any) -> None:
        raise OSError("this file system has none")

    monkeypatch.setattr(os, "link", refuse)
    restore(made, path, overwrite=True)
    assert count(path) == count(f"{path}.replaced") == 3000


def test_vacuum_gives_space_back(store: Any, path: str) -> None:
    store.checkpoint()
    with store.write() as connection:
        connection.run("delete from items where id > 100")
    before, after = vacuum(store)
    assert after < before / 2
    assert store.check() == []
    with store.write() as connection:
        add(connection, 1, "again")


def test_stores_without_a_file(pg_bare: str, tmp_path: Path) -> None:
    from ghl.engine.db.postgres import PostgresDatabase

    server = PostgresDatabase(pg_bare)
    memory = SqliteDatabase(":memory:", create=True)
    for act in (lambda database: backup(database, tmp_path / "copy"), vacuum):
        with pytest.raises(Invalid) as caught:
            act(server)
        assert "pg_dump" in (caught.value.hint or "")
        with pytest.raises(NotADatabase):
            act(memory)
    server.close()


@pytest.mark.skipif(not os.path.exists("/dev/full") or not hasattr(os, "fork"), reason="limits of POSIX")
def test_a_full_disk_is_said_and_leaves_nothing(store: Any, path: str, tmp_path: Path) -> None:
    import resource
    import signal

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
    try:
        with pytest.raises((StorageFull, StorageError)):
            backup(store, tmp_path / "copy")
        with pytest.raises((StorageFull, StorageError)), store.write() as connection:
            add(connection, 20_000, "too many")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, kept)
    assert beside(path) == set()
    with store.write() as connection:
        add(connection, 1, "again")
    store.close()
    assert count(path, "again") == 1
    assert count(path, "too many") == 0


def test_a_plain_copy_of_the_files_is_a_store(store: Any, path: str, tmp_path: Path) -> None:
    with store.write() as connection:
        add(connection, 7, "later")
    for suffix in ("", "-wal"):
        shutil.copy(path + suffix, str(tmp_path / "copy.db") + suffix)
    assert count(tmp_path / "copy.db", "later") == 7
