"""Import of contacts (names, e-mail, phone, company, city, 3 tags) beside `sqlite-utils insert` of the same CSV.

Ours finds duplicates by e-mail, normalises addresses, makes companies and tags, keeps full-text search and
one change set. The peer's table has four indexes and full-text search by triggers. Goals: >= 1.5 x its rate,
and at most 150 MiB of memory, the same at 100,000 and 1,000,000 rows.

    python bench/import_contacts.py [ROWS ...]
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

FIRST = ["Ada", "Alan", "Grace", "Linus", "Edsger", "Barbara", "Donald", "Margaret", "Ken", "Radia", "Tim", "Frances"]
LAST = ["Lovelace", "Turing", "Hopper", "Torvalds", "Dijkstra", "Liskov", "Knuth", "Hamilton", "Thompson", "Perlman", "Lee", "Allen"]
CITY = ["Berlin", "Paris", "London", "Madrid", "Rome", "Vienna", "Oslo", "Tokyo", "Austin", "Toronto", "Lagos", "Mumbai"]
TAGS = [f"tag{n}" for n in range(40)]
COLUMNS = ["First Name", "Last Name", "Email", "Phone", "Company", "City", "Tags"]
OURS = """
import resource, sys
from ghl import connect
from ghl.engine.data.files import Wish, import_file
with connect(sys.argv[1]) as crm:
    done = import_file(crm, "contacts", sys.argv[2], Wish(trial=sys.argv[3] == "trial"))
print(done.counts, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def rows(count: int) -> Iterator[list[str]]:
    """People of whom no two share an e-mail."""
    draw = random.Random(7)
    for n in range(count):
        first, last = draw.choice(FIRST), draw.choice(LAST)
        email = f"{first.lower()}.{last.lower()}{n}@example{n % 997}.com"
        phone = f"+1{draw.randrange(201, 990)}{draw.randrange(2_000_000, 9_999_999)}"
        yield [first, last, email, phone, f"Company {draw.randrange(50_000)}", draw.choice(CITY), ";".join(draw.sample(TAGS, 3))]


def timed(command: list[str]) -> tuple[float, str]:
    """Seconds of a command, and what it printed."""
    began = time.perf_counter()
    done = subprocess.run(command, check=True, text=True, capture_output=True)
    return time.perf_counter() - began, done.stdout.strip()


def peer(folder: Path, file: Path) -> float:
    """Seconds of `sqlite-utils insert`."""
    tool, target = [sys.executable, "-m", "sqlite_utils"], str(folder / "peer.db")
    timed([*tool, "create-database", target, "--enable-wal"])
    timed([*tool, "create-table", target, "contacts", *(part for name in COLUMNS for part in (name, "text"))])
    for name in ("Email", "Phone", "Company", "City"):
        timed([*tool, "create-index", target, "contacts", name])
    timed([*tool, "enable-fts", target, "contacts", *COLUMNS[:4], "City", "--create-triggers", "--fts5"])
    seconds, _ = timed([*tool, "insert", target, "contacts", str(file), "--csv", "--silent"])
    return seconds


def ours(folder: Path, file: Path, mode: str = "") -> tuple[float, str]:
    """Seconds of our import, with its counts and peak memory in MiB."""
    target = str(folder / "ours.db")
    for suffix in ("", "-wal", "-shm"):
        Path(target + suffix).unlink(missing_ok=True)
    timed([sys.executable, "-c", "import sys, ghl; ghl.init(sys.argv[1], zone='UTC').close()", target])
    return timed([sys.executable, "-c", OURS, target, str(file), mode])


def main() -> None:
    """Run both, one after the other, for each number of rows."""
    os.environ["GHL_STATE_DIR"] = os.environ["GHL_CONFIG_DIR"] = tempfile.mkdtemp()
    for count in [int(text) for text in sys.argv[1:]] or [100_000, 1_000_000]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            file = folder / "people.csv"
            with file.open("w", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(COLUMNS)
                writer.writerows(rows(count))
            mine, told = ours(folder, file)
            theirs = peer(folder, file)
            counts, _, memory = told.rpartition(" ")
            print(
                f"{count:>9,} rows  ghl {count / mine:>7,.0f} rows/s, {memory} MiB  sqlite-utils insert {count / theirs:>7,.0f} rows/s"
                f"  ratio {theirs / mine:.2f} (goal 1.5)  {counts}",
                flush=True,
            )


if __name__ == "__main__":
    main()
