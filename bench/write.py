"""One write through the SDK against the same rows by hand-made SQL, one transaction each, FULL durability.

Goal: >= 0.6 x. The rows: record, e-mail, phone, two tags, search, change set, change, events.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

import ghl

N = 1_000


def by_sdk(path: str) -> list[float]:
    took = []
    with ghl.connect(path) as crm:
        for n in range(N):
            start = time.perf_counter()
            crm.contacts.create(
                first_name="Ann", last_name=f"L{n}", email=f"a{n}@example.com", phone=f"+1202555{n:04d}", city="Rome", tags=["x", "y"]
            )
            took.append(time.perf_counter() - start)
    return took


def by_hand(path: str) -> list[float]:
    """What a careful author would write for the same rows."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("pragma synchronous = FULL")
    raw.execute("pragma foreign_keys = on")
    raw.execute("pragma wal_autocheckpoint = 0")
    words = dict(raw.execute("select name, id from words").fetchall())
    tags = [row[0] for row in raw.execute("select id from tags order by id").fetchall()]
    took = []
    for n in range(N):
        start = time.perf_counter()
        now, ms = "2026-11-24T10:00:00.000Z", 1_790_000_000_000
        text = f"account1 ann l{n} h{n} example com 1202666{n:04d} rome"
        raw.execute("begin immediate")
        if raw.execute("select 1 from contact_addresses where account_id = 1 and key = ? and kind = 1 and live = 1", (f"h{n}@example.com",)).fetchone():
            raise SystemExit("taken")
        for name in ("x", "y"):
            raw.execute("select id from tags where account_id = 1 and name_key = ? and deleted_at is null", (name,)).fetchone()
        set_id = raw.execute(
            "insert into change_sets (account_id, actor, origin, at) values (1, 'me', ?, ?)", (words["sdk"], ms)
        ).lastrowid
        key = raw.execute(
            """insert into contact_records (account_id, public_id, version, created_at, updated_at, first_name, last_name, name_key, city, search_text)
            values (1, ?, 1, ?, ?, 'Ann', ?, ?, 'Rome', ?)""",
            (f"hand-{n}", now, now, f"L{n}", f"l{n} ann", text),
        ).lastrowid
        raw.executemany(
            "insert into contact_addresses (contact_id, kind, key, account_id, address, is_primary) values (?, ?, ?, 1, ?, 1)",
            [(key, 1, f"h{n}@example.com", f"h{n}@example.com"), (key, 2, f"+1202666{n:04d}", f"+1202666{n:04d}")],
        )
        raw.executemany("insert into contact_tags values (?, ?)", [(key, tag) for tag in tags])
        raw.execute("insert into contacts_search (rowid, search_text) values (?, ?)", (key, text))
        change = raw.execute(
            "insert into changes (change_set_id, noun, record_id, kind, version) values (?, ?, ?, 1, 1)", (set_id, words["contact"], key)
        ).lastrowid
        raw.execute("update contact_records set change_id = ? where id = ?", (change, key))
        for name in ("contact.created", "contact.tag_added"):
            event = raw.execute(
                "insert into events (account_id, name, noun, subject_id, person_id, at, change_id) values (1, ?, ?, ?, ?, ?, ?)",
                (words[name], words["contact"], key, key, ms, change),
            ).lastrowid
            raw.execute("update events set position = id where id = ?", (event,))
        row = raw.execute("select * from contact_records where id = ?", (key,)).fetchone()
        json.dumps(row)
        raw.execute("commit")
        took.append(time.perf_counter() - start)
    raw.close()
    return took


def main() -> None:
    rounds = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "crm.db")
            with ghl.init(path, zone="UTC", country="US") as crm:
                crm.contacts.create(first_name="warm", tags=["x", "y"])
            hand, sdk = statistics.median(by_hand(path)), statistics.median(by_sdk(path))
        rounds.append(hand / sdk)
        print(f"by hand {hand * 1e6:6.0f} µs   SDK {sdk * 1e6:6.0f} µs   {hand / sdk:.2f} x")
    print(f"one write through the SDK: {statistics.median(rounds):.2f} x hand-made SQL (goal >= 0.6)")


if __name__ == "__main__":
    main()
