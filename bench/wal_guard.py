"""Many processes write one file while checkpoints are forced often: no commit may be lost.

    python bench/wal_guard.py --minutes 10             # our connections and our guarded checkpoint
    python bench/wal_guard.py --minutes 3 --unguarded  # what SQLite does by itself; old libraries lose commits

Each writer reads a counter, adds one and appends a row, all in one transaction. At the end every acknowledged
row must be there, every counter must have its value, and the file must be sound. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import Any

from ghl.engine.db.sqlite import SqliteDatabase
from ghl.errors import GhlError

SMALL = 64 * 1024
"""A log this small is checkpointed every few commits, and starts again as often."""


@dataclass
class Said:
    """What one process reports at its end."""

    number: int
    commits: int = 0
    checkpoints: int = 0
    error: str | None = None
    waits: list[float] = field(default_factory=list)


def make(path: str) -> None:
    database = SqliteDatabase(path, create=True, wal_bound=SMALL)
    with database.write() as connection:
        connection.run("create table counters (id integer primary key, n integer not null)")
        connection.run("create table rows (id integer primary key, writer integer, n integer, filler text)")
        connection.run("create index rows_writer on rows (writer, n)")
        connection.many("insert into counters (id, n) values (:id, 0)", [{"id": n} for n in range(4)])
    database.close()


def open_file(path: str, *, unguarded: bool, synchronous: str) -> SqliteDatabase:
    database = SqliteDatabase(path, wal_bound=10**12 if unguarded else SMALL)
    for raw in database._free:
        raw.execute(f"pragma synchronous = {synchronous}")
        if unguarded:
            raw.execute("pragma wal_autocheckpoint = 1")
    return database


def write(path: str, number: int, stop: Any, results: Any, unguarded: bool, synchronous: str, size: int) -> None:
    said, chance = Said(number), random.Random(number)
    try:
        database = open_file(path, unguarded=unguarded, synchronous=synchronous)
        while not stop.is_set():
            counter = chance.randrange(4)
            begun = time.perf_counter()
            with database.write() as connection:
                n = connection.tuples("select n from counters where id = :id", {"id": counter})[0][0]
                connection.run("update counters set n = :n where id = :id", {"n": n + 1, "id": counter})
                connection.run(
                    "insert into rows (writer, n, filler) values (:writer, :n, :filler)",
                    {"writer": number, "n": said.commits, "filler": "x" * chance.randrange(10, size)},
                )
            said.commits += 1
            if said.commits % 50 == 0:
                said.waits.append(time.perf_counter() - begun)
    except (GhlError, sqlite3.Error) as error:
        said.error = f"{type(error).__name__}: {error}"
        stop.set()
    results.put(said)


def copy(path: str, stop: Any, results: Any, unguarded: bool, synchronous: str) -> None:
    """One more checkpointer, as a second program beside the writers."""
    said = Said(-1)
    try:
        database = open_file(path, unguarded=unguarded, synchronous=synchronous)
        with database.read() as connection:
            connection.tuples("select count(*) from counters")
        while not stop.is_set():
            for _ in range(2):
                if unguarded:
                    database._free[0].execute("pragma wal_checkpoint(PASSIVE)").fetchone()
                else:
                    database.checkpoint()
            said.checkpoints += 1
            time.sleep(0.002)
    except (GhlError, sqlite3.Error) as error:
        said.error = f"{type(error).__name__}: {error}"
        stop.set()
    results.put(said)


def run(path: str, *, seconds: float, writers: int, unguarded: bool, synchronous: str, size: int) -> dict[str, Any]:
    """Press the file for so long, then look at it; what was found."""
    make(path)
    context = multiprocessing.get_context("spawn")
    stop, results = context.Event(), context.Queue()
    team = [
        context.Process(target=write, args=(path, n, stop, results, unguarded, synchronous, size)) for n in range(writers)
    ]
    team.append(context.Process(target=copy, args=(path, stop, results, unguarded, synchronous)))
    for one in team:
        one.start()
    begun = time.monotonic()
    stop.wait(seconds)
    stop.set()
    took = time.monotonic() - begun
    told: list[Said] = [results.get(timeout=120) for _ in team]
    for one in team:
        one.join()
    return {"seconds": round(took, 1), **_found(path, [said for said in told if said.number >= 0]), **_sum(told)}


def _found(path: str, writers: list[Said]) -> dict[str, Any]:
    try:
        database = SqliteDatabase(path)
        problems = database.check()
        with database.read() as connection:
            there = dict(connection.tuples("select writer, count(*) from rows not indexed group by writer"))
            counted = connection.tuples("select sum(n) from counters")[0][0]
        database.close()
    except (GhlError, sqlite3.Error) as error:
        return {"sound": False, "problems": [str(error)], "lost": "unknown", "lost_updates": "unknown"}
    return {
        "sound": not problems, "problems": problems[:3],
        "lost": sum(max(0, said.commits - there.get(said.number, 0)) for said in writers),
        "lost_updates": sum(there.values()) - counted,
    }  # fmt: skip


def _sum(told: list[Said]) -> dict[str, Any]:
    waits = sorted(wait for said in told for wait in said.waits)
    return {
        "commits": sum(said.commits for said in told), "checkpoints": sum(said.checkpoints for said in told),
        "errors": sorted({said.error for said in told if said.error}),
        "write_ms": {str(p): round(waits[int(len(waits) * p / 100)] * 1000, 1) for p in (50, 95, 99)} if waits else {},
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=0.25)
    parser.add_argument("--writers", type=int, default=12)
    parser.add_argument("--unguarded", action="store_true", help="automatic checkpoints and one more, as SQLite comes")
    parser.add_argument("--synchronous", default="FULL", choices=["FULL", "NORMAL", "OFF"], help="OFF presses hardest")
    parser.add_argument("--size", type=int, default=3000, help="the largest row, in bytes")
    parser.add_argument("--folder", help="where the file is made (a temporary folder)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        found = run(
            os.path.join(folder, "guard.db"), seconds=given.minutes * 60, writers=given.writers,
            unguarded=given.unguarded, synchronous=given.synchronous, size=given.size,
        )  # fmt: skip
    found = {"sqlite": sqlite3.sqlite_version, "guard": not given.unguarded, "synchronous": given.synchronous, **found}
    print(json.dumps(found, indent=1))
    return int(not found["sound"] or found["lost"] != 0 or found["lost_updates"] != 0 or bool(found["errors"]))


if __name__ == "__main__":
    sys.exit(main())
