"""PostgreSQL: statements in its spelling, servers that stop and start, and errors that name the host."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ghl.engine.db.postgres import PostgresDatabase, translated, without_password
from ghl.errors import Busy, Invalid, Unreachable
from tests import postgres

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select :a, :b_2 where x = :a", "select %(a)s, %(b_2)s where x = %(a)s"),
        ("insert into t values (?, ?)", "insert into t values (%s, %s)"),
        ("select x::text, y::bigint[]", "select x::text, y::bigint[]"),
        ("select ':a %s ? ''q'' :b' || :c", "select ':a %%s ? ''q'' :b' || %(c)s"),
        ('select ":a" as "50%"', 'select ":a" as "50%%"'),
        ("select 5 % 2, a like '%x'", "select 5 %% 2, a like '%%x'"),
        ("select 1 -- not :this 100%\n, :that", "select 1 -- not :this 100%%\n, %(that)s"),
        ("select /* :no ? */ :yes", "select /* :no ? */ %(yes)s"),
        ("do $$ begin x := ':a'; end $$", "do $$ begin x := ':a'; end $$"),
        ("do $f$ select :a, $1 $f$; select :b", "do $f$ select :a, $1 $f$; select %(b)s"),
        ("select a[1:2], '12:30'", "select a[1:2], '12:30'"),
    ],
)
def test_parameters_are_spelled_as_the_driver_has_them(sql: str, expected: str) -> None:
    assert translated(sql) == expected


def test_passwords_are_not_shown() -> None:
    assert without_password("postgresql://ann:se:cr/@h/db") == "postgresql://ann:se:cr/@h/db"  # no valid URL
    assert without_password("postgresql://ann:secret@h:5/db") == "postgresql://ann@h:5/db"
    assert without_password("postgresql://h/db?user=a&password=secret&x=1") == "postgresql://h/db?user=a&password=…&x=1"


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1/crm") as caught:
        PostgresDatabase("postgresql://ann:secret@127.0.0.1:1/crm")
    assert "secret" not in caught.value.message
    with pytest.raises(Unreachable, match=r"nowhere\.invalid"):
        PostgresDatabase("postgresql://ann:secret@nowhere.invalid/crm")


def test_a_database_that_is_not_there_is_said(pg_server: str) -> None:
    with pytest.raises(Unreachable, match="does not exist"):
        PostgresDatabase(pg_server.rsplit("/", 1)[0] + "/none")


def test_values_that_a_server_cannot_hold(pg_bare: str) -> None:
    database = PostgresDatabase(pg_bare)
    for sql, value in (
        ("select cast(:value as text)", "a\x00b"), ("select cast(:value as smallint)", 70_000),
        ("select cast(:value as date)", "no day"), ("select 1 / cast(:value as int)", 0),
    ):  # fmt: skip
        with pytest.raises(Invalid), database.read() as connection:
            connection.one(sql, {"value": value})
    database.close()


def test_reading_is_one_snapshot_and_only_reads(pg_bare: str) -> None:
    database = PostgresDatabase(pg_bare)
    with database.read() as connection:
        assert connection.one("show transaction_isolation") == {"transaction_isolation": "repeatable read"}
        assert connection.one("show transaction_read_only") == {"transaction_read_only": "on"}
    with database.write() as connection:
        assert connection.one("show transaction_isolation") == {"transaction_isolation": "read committed"}
        for name, value in (
            ("lock_timeout", "30s"), ("idle_in_transaction_session_timeout", "10min"), ("timezone", "UTC"),
            ("plan_cache_mode", "force_custom_plan"), ("client_encoding", "UTF8"),
        ):  # fmt: skip
            assert connection.tuples(f"show {name}") == [(value,)]
    assert database.check() == []
    assert database.checkpoint()
    database.close()


def test_two_that_wait_for_each_other_end_as_busy(pg_bare: str) -> None:
    import threading

    database = PostgresDatabase(pg_bare)
    with database.write() as connection:
        connection.run("create table items (id int primary key, n int)")
        connection.run("insert into items values (1, 0), (2, 0)")
    both, results = threading.Barrier(2), []

    def work(first: int, second: int) -> None:
        try:
            with database.write() as connection:
                connection.run("set local deadlock_timeout = '50ms'")
                connection.run("update items set n = n + 1 where id = :id", {"id": first})
                both.wait(20)
                connection.run("update items set n = n + 1 where id = :id", {"id": second})
            results.append("done")
        except Busy:
            results.append("busy")

    threads = [threading.Thread(target=work, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["busy", "done"]
    database.close()


def test_connections_that_the_server_dropped_are_replaced(pg_bare: str) -> None:
    database = PostgresDatabase(pg_bare)
    with database.read(), database.read(), database.read():
        pass
    with database.write() as connection:
        me = connection.tuples("select pg_backend_pid()")[0][0]
        connection.run("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> :me", {"me": me})
    for _ in range(5):
        with database.write() as connection:
            assert connection.tuples("select 1") == [(1,)]
    # In the middle of a transaction it is over, and the next one is a new one.
    with pytest.raises(Unreachable), database.write() as connection:
        connection.run("select pg_terminate_backend(pg_backend_pid())")
    with database.read() as connection:
        assert connection.tuples("select 1") == [(1,)]
    assert all(not raw.closed for raw in database._free)
    database.close()


@pytest.mark.skipif(postgres.binaries() is None, reason="no PostgreSQL server programs are installed")
def test_a_server_that_starts_again_needs_nothing_of_us() -> None:
    if postgres.reason():
        pytest.skip(str(postgres.reason()))
    with postgres.cluster(own=True) as url:
        database = PostgresDatabase(url)
        with database.write() as connection:
            connection.run("create table items (n int)")
            data = connection.tuples("show data_directory")[0][0]
        _control("stop", data)
        with pytest.raises(Unreachable, match=re.escape(database.target)), database.read():
            raise AssertionError("not reached")
        _control("start", data)
        with database.write() as connection:
            connection.run("insert into items values (1)")
        assert _numbers(database) == [(1,)]
        _control("restart", data)
        assert _numbers(database) == [(1,)]
        database.close()


def _numbers(database: Any) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        found: list[tuple[Any, ...]] = connection.tuples("select n from items")
        return found


def _control(action: str, data: str) -> None:
    folder = postgres.binaries()
    assert folder is not None
    log = str(Path(data).parent / "log")
    subprocess.run(
        [folder / "pg_ctl", "-D", data, "-w", "-m", "fast", "-l", log, action],
        check=True, stdout=subprocess.DEVNULL, cwd="/", **postgres._user(),
    )  # type: ignore[call-overload]
