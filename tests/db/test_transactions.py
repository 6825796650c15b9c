"""Transactions and statements mean the same on a file, in memory and on a server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ghl.engine.db.failures import UniqueViolation
from ghl.errors import Busy, Conflict, Duplicate, GhlError, Invalid, StorageError

pytestmark = pytest.mark.integration

INSERT = "insert into items (name, n) values (:name, :n)"


def names(database: Any) -> list[str]:
    with database.read() as connection:
        return [row["name"] for row in connection.all("select name from items order by id")]


def test_rows_are_plain_dictionaries(database: Any) -> None:
    with database.write() as connection:
        assert connection.run(INSERT, {"name": "a", "n": 1}) == 1
        row = connection.one("insert into items (name, n) values (:name, :n) returning id, name", {"name": "b", "n": 2})
        assert row == {"id": 2, "name": "b"}
        assert type(row) is dict
    with database.read() as connection:
        assert connection.all("select name, n from items order by id") == [{"name": "a", "n": 1}, {"name": "b", "n": 2}]
        assert connection.one("select name from items where id = :id", {"id": 9}) is None
        assert connection.tuples("select n, name from items order by id") == [(1, "a"), (2, "b")]
        assert connection.all("select name from items where n = 9") == []


def test_parameters_may_be_used_twice_and_unused_ones_are_no_matter(database: Any) -> None:
    with database.read() as connection:
        sql = "select cast(:a as bigint) as x, cast(:a as bigint) + cast(:b as bigint) as y"
        assert connection.one(sql, {"a": 1, "b": 2, "c": 3}) == {"x": 1, "y": 3}


def test_colons_and_percents_in_literals_stay(database: Any) -> None:
    with database.read() as connection:
        row = connection.one("select 'a:b %s 100% ''q:x''' as text -- :no %d\n where :one = 1", {"one": 1})
    assert row == {"text": "a:b %s 100% 'q:x'"}


def test_statements_without_rows(database: Any) -> None:
    with database.write() as connection:
        assert connection.all("update items set n = 1") == []
        assert connection.run("update items set n = 1") == 0


def test_many(database: Any) -> None:
    with database.write() as connection:
        assert connection.many(INSERT, ({"name": str(n), "n": n} for n in range(5))) == 5
        assert connection.many_tuples("insert into items (name, n) values (?, ?)", [("x", 1), ("y", 2)]) == 2
        assert connection.many(INSERT, []) == 0
        assert connection.many_tuples("insert into items (name, n) values (?, ?)", iter(())) == 0
    assert names(database) == ["0", "1", "2", "3", "4", "x", "y"]


def test_streams_in_portions_and_two_at_once(database: Any) -> None:
    with database.write() as connection:
        connection.many(INSERT, ({"name": str(n), "n": n} for n in range(25)))
    with database.read() as connection:
        one = connection.stream("select n from items order by n", size=4)
        two = connection.stream("select n from items where n > :least order by n desc", {"least": 3}, size=4)
        assert [next(one)["n"], next(two)["n"], next(one)["n"]] == [0, 24, 1]
        assert sum(row["n"] for row in one) == sum(range(2, 25))
        two.close()


def test_an_exception_takes_everything_back(database: Any) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.run(INSERT, {"name": "a", "n": 1})
        raise ZeroDivisionError
    assert names(database) == []


def test_a_savepoint_is_taken_back_alone(database: Any) -> None:
    with database.write() as connection:
        connection.run(INSERT, {"name": "a", "n": 1})
        with pytest.raises(UniqueViolation), connection.savepoint():
            connection.run(INSERT, {"name": "b", "n": 1})
            with connection.savepoint():
                connection.run(INSERT, {"name": "c", "n": 1})
            connection.run(INSERT, {"name": "a", "n": 1})
        connection.run(INSERT, {"name": "d", "n": 1})
    assert names(database) == ["a", "d"]


def test_a_taken_value_is_a_duplicate(database: Any) -> None:
    with database.write() as connection:
        connection.run(INSERT, {"name": "a", "n": 1})
    with pytest.raises(Duplicate) as caught, database.write() as connection:
        connection.run(INSERT, {"name": "a", "n": 1})
    assert "name" in caught.value.details["columns"]
    with pytest.raises(UniqueViolation), database.write() as connection:
        connection.run("insert into items (id, name) values (1, 'b')")


def test_a_reference_to_nothing_is_a_conflict(database: Any) -> None:
    with pytest.raises(Conflict) as caught, database.write() as connection:
        connection.run("insert into parts (item_id) values (7)")
    assert not isinstance(caught.value, Duplicate)
    with pytest.raises(Conflict), database.write() as connection:
        connection.run("insert into items (name, n) values ('a', null)")


@pytest.mark.parametrize("value", [2**63, -(2**70)])
def test_a_number_too_large_is_invalid(database: Any, value: int) -> None:
    with pytest.raises(Invalid), database.write() as connection:
        connection.run(INSERT, {"name": "a", "n": value})


def test_half_a_character_is_invalid(database: Any) -> None:
    for act in ("all", "one", "run", "tuples"):
        with pytest.raises(Invalid), database.read() as connection:
            getattr(connection, act)("select cast(:text as text) as text", {"text": "\ud800"})
    with pytest.raises(Invalid), database.write() as connection:
        connection.many(INSERT, [{"name": "\ud800", "n": 1}])
    with pytest.raises(Invalid), database.read() as connection:
        list(connection.stream("select cast(:text as text) as text", {"text": "\ud800"}))


def test_wrong_sql_is_our_error(database: Any) -> None:
    calls: list[Callable[[Any], Any]] = [
        lambda c: c.all("select nothing from nowhere"), lambda c: c.one("selec 1"), lambda c: c.run("drop table nowhere"),
        lambda c: c.tuples("select nothing"), lambda c: list(c.stream("select nothing from nowhere")),
        lambda c: c.many("insert into nowhere values (:a)", [{"a": 1}]),
        lambda c: c.many_tuples("insert into nowhere values (?)", [(1,)]),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(StorageError), database.write() as connection:
            call(connection)
    with database.write() as connection:
        connection.run(INSERT, {"name": "fine", "n": 1})


def test_a_write_within_a_write_is_a_mistake(database: Any) -> None:
    with database.write() as connection:
        connection.run(INSERT, {"name": "a", "n": 1})
        with pytest.raises(RuntimeError, match="already"), database.write():
            raise AssertionError("not reached")
        with database.read():
            pass
        connection.run(INSERT, {"name": "b", "n": 1})
    with database.write():
        pass
    assert names(database) == ["a", "b"]


def test_a_write_within_a_read_is_not_seen_by_it(database: Any) -> None:
    with database.read() as reading:
        assert reading.one("select count(*) as n from items") == {"n": 0}
        with database.write() as connection:
            connection.run(INSERT, {"name": "a", "n": 1})
        seen = reading.one("select count(*) as n from items")
    # In memory there is one connection, which reads on after the commit.
    assert seen == {"n": 1 if database.target == ":memory:" else 0}
    assert names(database) == ["a"]


def test_reads_do_not_write(database: Any) -> None:
    with database.write() as connection:
        connection.run(INSERT, {"name": "a", "n": 1})
    try:
        with database.read() as connection:
            connection.run(INSERT, {"name": "b", "n": 1})
    except GhlError:
        pass
    assert names(database) == ["a"]


def test_threads_take_turns_and_lose_nothing(database: Any) -> None:
    with database.write() as connection:
        connection.run(INSERT, {"name": "counter", "n": 0})
    failed: list[BaseException] = []
    lock = " for update" if database.dialect == "postgres" else ""

    def work() -> None:
        try:
            for _ in range(25):
                with database.write() as connection:
                    n = connection.one(f"select n from items where id = 1{lock}")["n"]
                    connection.run("update items set n = :n where id = 1", {"n": n + 1})
                with database.read() as connection:
                    assert connection.one("select n from items where id = 1")["n"] > n
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with database.read() as connection:
        assert connection.one("select n from items where id = 1") == {"n": 200}


def test_a_closed_store_keeps_nothing_open(database: Any) -> None:
    with database.read() as connection:
        database.close()
        raw = connection.raw
    if database.target != ":memory:":
        with pytest.raises(Exception, match="closed"):
            raw.execute("select 1")


def test_a_lock_that_is_never_free_is_busy(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from ghl.engine.db import sqlite

    monkeypatch.setattr(sqlite, "PATIENCE", 0.02)
    one = sqlite.SqliteDatabase(path, create=True)
    two = sqlite.SqliteDatabase(path)
    with one.write():
        with pytest.raises(Busy, match="by others"), two.write():
            raise AssertionError("not reached")
        found: list[BaseException] = []

        def knock() -> None:
            try:
                with one.write():
                    pass
            except BaseException as error:
                found.append(error)

        thread = threading.Thread(target=knock)
        thread.start()
        thread.join()
        assert isinstance(found[0], Busy)
        assert "this program" in found[0].message
    for database in (one, two):
        with database.write():
            pass
        database.close()
