"""Lists, filters, search and single records of 1,000,000 contacts beside 10,000, in process.

Goals: a page by cursor, an indexed filter, a search by the beginning of a word (three letters or more, at most
1 % of the rows) and one record: median <= 20 ms and <= 3 x that of 10,000; a first page with its exact total
<= 60 ms.

    python bench/lists.py [SMALL LARGE]
"""

from __future__ import annotations

import csv
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from import_contacts import COLUMNS, rows

import ghl
from ghl.engine.data.files import Wish, import_file

ROUNDS = 25


def made(folder: Path, count: int) -> str:
    """A file with so many contacts."""
    source, target = folder / f"{count}.csv", str(folder / f"{count}.db")
    with source.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows(count))
    with ghl.init(target, zone="UTC") as crm:
        began = time.perf_counter()
        import_file(crm, "contacts", str(source), Wish())
        print(f"{count:,} contacts imported in {time.perf_counter() - began:.1f} s")
        crm.contacts.update_many(ids=[c.id for c in crm.contacts.list(page_size=40).items], values={"city": "Lisbon", "add_tags": ["vip"]})
    return target


def questions(crm: ghl.Client, count: int) -> dict[str, Callable[[], object]]:
    """What people ask for."""
    one = crm.contacts.list(page_size=1).items[0]
    second = crm.contacts.list(page_size=50).next_cursor
    hundredth = f"{count // 2}@example{count // 2 % 997}.com"
    return {
        "page by cursor": lambda: crm.contacts.list(page_size=50, cursor=second),
        "indexed filter": lambda: crm.contacts.list(where='"vip" in tags', page_size=50),
        "by e-mail": lambda: crm.contacts.list(where=f'email == "{one.email}"', page_size=50),
        "word prefix": lambda: crm.contacts.list(search="lisb", page_size=50),
        "address prefix": lambda: crm.contacts.list(search=hundredth.split("@")[0], page_size=50),
        "get": lambda: crm.contacts.get(contact_id=one.id),
        "first page, total": lambda: crm.contacts.list(page_size=50),
    }


def measured(target: str, count: int) -> dict[str, float]:
    """Median milliseconds of each question."""
    found = {}
    with ghl.connect(target) as crm:
        for name, ask in questions(crm, count).items():
            ask()
            took = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                ask()
                took.append(time.perf_counter() - began)
            found[name] = 1000 * statistics.median(took)
    return found


def main() -> None:
    small, large = (int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (10_000, 1_000_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few = measured(made(folder, small), small)
        many = measured(made(folder, large), large)
    for question, took in many.items():
        print(f"{question:<18} {few[question]:7.2f} ms  {took:7.2f} ms  {took / few[question]:5.2f} x")


if __name__ == "__main__":
    main()
