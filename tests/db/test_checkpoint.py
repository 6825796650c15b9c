"""The write-ahead log stays small by itself, and a long reader costs no attempt after every commit."""

from __future__ import annotations

import os
import sqlite3
from typing import Any

import pytest

from ghl.engine.db import checkpoint
from ghl.engine.db.checkpoint import is_fixed, wal_size
from ghl.engine.db.sqlite import SqliteDatabase

pytestmark = pytest.mark.integration
BOUND = 100_000


@pytest.fixture
def path(quick_path: str) -> str:
    return quick_path


@pytest.fixture
def store(path: str) -> Any:
    database = SqliteDatabase(path, create=True, wal_bound=BOUND)
    with database.write() as connection:
        connection.run("create table items (id integer primary key, name text)")
    yield database
    database.close()


def write(store: Any, times: int) -> None:
    for _ in range(times):
        with store.write() as connection:
            connection.run("insert into items (name) values (:name)", {"name": "x" * 3000})


def attempts(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    made: list[bool] = []
    real = checkpoint.guarded

    def counted(database: SqliteDatabase) -> bool:
        made.append(real(database))
        return made[-1]

    monkeypatch.setattr(checkpoint, "guarded", counted)
    return made


def test_the_log_starts_again_when_it_has_grown(store: Any, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = attempts(monkeypatch)
    sizes = []
    for _ in range(60):
        write(store, 1)
        sizes.append(wal_size(path))
    assert max(sizes) < BOUND + 50_000
    assert made
    assert all(made)
    assert len(made) < 20


def test_a_long_reader_does_not_make_writers_try_each_time(store: Any, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = attempts(monkeypatch)
    with store.read() as reading:
        assert reading.tuples("select count(*) from items") == [(0,)]
        write(store, 100)
        assert wal_size(path) > 5 * BOUND
        assert 5 < len(made) < 60
        assert reading.tuples("select count(*) from items") == [(0,)]
    write(store, 10)
    store.checkpoint()
    write(store, 1)
    assert wal_size(path) <= BOUND


def test_no_other_checkpoint_than_ours(store: Any, path: str) -> None:
    big = SqliteDatabase(path)
    before = os.stat(path).st_size
    with big.write() as connection:  # SQLite's own would come after 1,000 pages
        connection.many("insert into items (name) values (:name)", ({"name": "x" * 3000} for _ in range(1500)))
    write(big, 2)
    assert os.stat(path).st_size == before
    assert big.checkpoint()
    assert os.stat(path).st_size > before + 1200 * 3000
    big.close()


def test_a_writer_elsewhere_is_left_alone(store: Any, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "PATIENCE", 0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    assert store.checkpoint() is False
    other.execute("rollback")
    assert store.checkpoint() is True
    other.close()


def test_memory_has_no_log() -> None:
    database = SqliteDatabase(":memory:", create=True)
    assert database.checkpoint()
    assert wal_size(":memory:") == 0


@pytest.mark.parametrize(
    ("version", "fixed"),
    [((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
     ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 52, 0), True), ((4, 0, 0), True)],
)  # fmt: skip
def test_versions(version: tuple[int, ...], fixed: bool) -> None:
    assert is_fixed(version) is fixed
