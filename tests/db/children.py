"""What the processes of the tests do: `python -m tests.db.children TASK TARGET …`."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from ghl.errors import StorageError


def opened(target: str, **more: Any) -> Any:
    if "://" in target:
        from ghl.engine.db.postgres import PostgresDatabase

        return PostgresDatabase(target)
    from ghl.engine.db.sqlite import SqliteDatabase

    return SqliteDatabase(target, **more)


def count(target: str, times: str) -> None:
    """Read a counter and write it back one higher, again and again."""
    database = opened(target)
    lock = " for update" if database.dialect == "postgres" else ""
    for _ in range(int(times)):
        with database.write() as connection:
            n = connection.one(f"select n from items where name = 'counter'{lock}")["n"]
            connection.run("update items set n = :n where name = 'counter'", {"n": n + 1})
        with database.read() as connection:
            assert connection.one("select n from items where name = 'counter'")["n"] > n
    database.close()


def add(target: str, first: str) -> None:
    """Add rows until somebody ends it, and tell of each once it is durable."""
    database = opened(target, **({} if "://" in target else {"wal_bound": 20_000}))
    n = int(first)
    while True:
        with database.write() as connection:
            connection.run("insert into items (name, n) values (:name, :n)", {"name": f"row {n}", "n": n})
            connection.run("insert into items (name, n) values (:name, :n)", {"name": f"twin {n}", "n": n})
        print(n, flush=True)
        n += 1


def create(target: str) -> None:
    """Make a store, together with others."""
    from ghl.engine.db.migrate import initialise

    database = opened(target, create=True)
    initialise(database)
    database.close()


def migrate(target: str, package: str, at: str) -> None:
    """Migrate by a set of tests, and die at the nth statement."""
    import signal

    from ghl.engine.db.migrate import CORE, migrate

    seen = 0

    def fault(sql: str) -> None:
        nonlocal seen
        seen += 1
        if seen == int(at):
            os.kill(os.getpid(), signal.SIGKILL)

    database = opened(target, create=True)
    migrate(database, (CORE, ("tests", package)) if package != "-" else (CORE,), fault=fault)
    print(seen)


def fork(target: str) -> None:
    """Use a store on both sides of forks, while threads write all the time."""
    database = opened(target)
    with database.read() as connection:
        connection.one("select 1 as one from items")
    stop = threading.Event()
    done = [0, 0]

    def write(number: int) -> None:
        while not stop.is_set():
            with database.write() as connection:
                connection.run("insert into items (name) values (:name)", {"name": f"thread {number} {done[number]}"})
            done[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            _be_a_child(database, number)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0] * len(children), codes
    stop.set()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        for number in range(2):
            rows = connection.tuples(f"select count(*) from items where name like 'thread {number} %'")
            assert rows == [(done[number],)], (rows, done)
        print([row["name"] for row in connection.all("select name from items where name like 'child%' order by name")])
    database.close()


def _be_a_child(database: Any, number: int) -> None:
    code = 1
    try:
        with database.read() as connection:
            assert connection.one("select n from items where name = 'counter'") == {"n": 0}
        with database.write() as connection:
            connection.run("insert into items (name) values (:name)", {"name": f"child {number}"})
        database.close()
        code = 0
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
    finally:
        # Every second one ends as a program does, with the interpreter's own tidying.
        os._exit(code) if number % 2 else sys.exit(code)


def fork_within(target: str) -> None:
    """A transaction that was begun before a fork ends in the parent alone."""
    database = opened(target)
    try:
        with database.write() as connection:
            connection.run("insert into items (name) values ('mine')")
            child = os.fork()
            if child:
                print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    except RuntimeError as error:
        if "forked" not in str(error):
            raise
        try:
            with database.read() as connection:
                assert connection.one("select count(*) as n from items where name = 'mine'")["n"] == 0
        except StorageError as refused:
            if database.dialect != "sqlite" or "forked while" not in refused.message:
                raise
        sys.exit(7)
    with database.read() as connection:
        print(connection.one("select count(*) as n from items where name = 'mine'")["n"])


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
