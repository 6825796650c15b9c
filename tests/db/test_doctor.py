"""What the doctor finds in a store: damage, age, and work that nobody does."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

import ghl
from ghl.engine.health import findings
from tests.workflows.conftest import file_play, play
from tests.workflows.play import Play

__all__ = ["file_play", "play"]

pytestmark = pytest.mark.integration


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A file that is closed, and only its owner's."""
    made = tmp_path / "crm.db"
    ghl.init(str(made), zone="UTC", currency="EUR", country="PT").close()
    return made


def told(target: object, subject: str) -> list[tuple[str, str]]:
    return [(one.state, one.text) for one in findings(str(target)) if one.subject == subject]


def test_a_store_that_is_well(target: str) -> None:
    ghl.init(target, zone="UTC", currency="EUR", country="PT").close()
    found = {one.subject: one for one in findings(target)}
    assert found["schema"].state == "ok"
    assert found["work"].text == "nothing is late, parked or in doubt"
    assert "bad" not in {one.state for one in found.values()}
    assert ("sqlite" in found) == ("://" not in target)


def test_a_url_is_looked_at_where_its_database_is() -> None:
    (only,) = findings("https://crm.example.com")
    assert (only.state, only.text) == ("note", "this is a URL: run the doctor where the database is")


def test_a_file_that_cannot_be_opened_names_its_newest_backup(path: Path) -> None:
    assert told(path.with_name("none.db"), "file")[0][0] == "bad"
    kept = path.with_name("crm.db.20260301.backup")
    shutil.copy(path, kept)
    path.write_bytes(b"no database at all" * 100)
    ((state, text),) = told(path, "file")
    assert state == "bad"
    assert text.endswith(f"; the newest backup is {kept}")


@pytest.mark.parametrize("kept", [True, False])
def test_a_file_with_a_damaged_page(path: Path, kept: bool) -> None:
    """An index that says something else than its table."""
    with ghl.connect(str(path)) as crm:
        crm.contacts.create(first_name="Ann", email="ann@example.com")
    if kept:
        shutil.copy(path, path.with_name("crm.db.1.backup"))
    with sqlite3.connect(path) as raw:
        raw.execute("pragma writable_schema = on")
        (root,) = raw.execute("select rootpage from sqlite_schema where name = 'contact_addresses'").fetchone()
        (size,) = raw.execute("pragma page_size").fetchone()
        raw.execute("pragma wal_checkpoint(truncate)")
    raw.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\x0d\x00\x00\x00\x00\x10\x00\x00")  # a leaf without rows
    bad = [text for state, text in told(path, "file") if state == "bad"]
    assert len(bad) == 1
    assert bad[0].endswith(f"the newest backup is {path}.1.backup" if kept else "there is no backup beside it")


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_file_that_others_may_read(path: Path) -> None:
    assert "note" not in {state for state, _ in told(path, "file")}
    path.chmod(0o644)
    assert ("note", f"others on this machine may read it: chmod 600 {path}") in told(path, "file")


def test_a_store_of_another_age(path: Path) -> None:
    """A newer one is left alone; an older one says what waits; an edited history is damage."""
    newest = len(told(path, "schema")) and int(told(path, "schema")[0][1])
    for statement, state, said in (
        (f"pragma user_version = {newest + 1}", "bad", f"{newest + 1}, made by a newer ghl than this ({newest})"),
        (f"pragma user_version = {newest}", "ok", str(newest)),
        ("update schema_migrations set checksum = 'x' where number = 2", "bad", "migration core 2 was edited"),
    ):
        raw = sqlite3.connect(path, isolation_level=None)
        raw.execute(statement)
        raw.close()
        ((found, text),) = told(path, "schema")
        assert found == state
        assert text.startswith(said)


def test_an_older_store_says_what_waits(path: Path) -> None:
    newest = int(told(path, "schema")[0][1])
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute(f"pragma user_version = {newest - 1}")
    raw.execute("delete from schema_migrations where set_name = 'core' and number = ?", (newest,))
    raw.close()
    assert told(path, "schema") == [("warn", f"{newest - 1}; 1 migrations wait: ghl db migrate")]


def test_work_that_nobody_does(play: Play, target: str) -> None:
    """The clock of the tests is behind the doctor's, so what is due here is late there."""
    play.apply("steps:\n- id: bad\n  tasks.create: {title: x, owner_id: '{{ contact.first_name }}'}\n")
    play.enroll(play.person("Ann"))
    play.apply("workflow: waits\nsteps:\n- wait: 1 day\n- exit: end\n")
    play.work()
    play.later(hours=6)
    play.enroll(play.person("Bo"), "waits")
    play.work()
    play.crm.templates.create(name="hello", subject="Hello", body="Hi")
    play.crm.messages.send(contact_id="bo@example.com", template_id="hello")
    with play.local.database.write() as connection:
        connection.run("update outbox set state = 6")
    assert told(target, "workflows") == [
        ("warn", "1 runs are overdue by a minute or more; no worker runs: ghl worker"),
        ("warn", "1 runs are parked after failures: ghl workflows enrollments --state parked"),
    ]
    assert told(target, "mail")[-1] == ("warn", "1 messages are in doubt: ghl messages list --state unknown")
