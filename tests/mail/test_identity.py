"""A copy and a restored backup send no mail until somebody says so; a moved file is the same file."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

import ghl
from ghl.connect import open_database
from ghl.engine.db.backup import backup, restore
from ghl.engine.db.identity import adopt, check_identity, fingerprint, mark, why_held
from ghl.engine.health import Finding, findings
from ghl.engine.local import LocalTransport
from ghl.engine.working import open_worker

pytestmark = pytest.mark.integration


def held(path: Path | str) -> str | None:
    database = open_database(str(path))
    try:
        found = check_identity(database)
        return found.reason if found else None
    finally:
        database.close()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "crm.db"
    with ghl.init(str(path), zone="UTC", currency="EUR", country="PT") as crm:
        crm.templates.create(name="hello", subject="Hello", body="Hi")
        ann = crm.contacts.create(first_name="Ann", email="ann@example.com")
        crm.messages.send(template_id="hello", contact_id=ann.id)
    return path


def test_a_file_made_here_sends(store: Path, tmp_path: Path) -> None:
    assert held(store) is None
    with open_worker(str(store), folder=str(tmp_path / "out")) as working:
        assert working.worker.once().mail.sent == 1
    assert len(list((tmp_path / "out").glob("*.eml"))) == 1


def test_the_doctor_tells_a_copy_and_how_to_use_it(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking changes nothing: it is still a copy afterwards, until it is adopted."""

    def mail(path: Path) -> list[Finding]:
        return [one for one in findings(str(path)) if one.subject == "mail"]

    copy = tmp_path / "copy.db"
    shutil.copy(store, copy)
    assert mail(store) == []
    for _ in range(2):
        [told] = mail(copy)
        assert told.state == "warn"
        assert f"held: this file is a copy of {store}" in told.text
        assert f"ghl --db {copy} db adopt" in told.text
    monkeypatch.setenv("GHL_ADOPT", "1")
    assert "GHL_ADOPT" in mail(copy)[0].text
    assert held(copy) is None
    assert mail(copy) == []


def test_a_moved_file_is_the_same(store: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    moved = store.rename(tmp_path / "elsewhere" / "other.db")
    assert held(moved) is None
    assert held(moved) is None


def test_a_copy_holds_and_the_original_goes_on(store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(store, copy)
    assert held(copy) == f"this file is a copy of {store}"
    said: list[str] = []
    with open_worker(str(copy), folder=str(tmp_path / "out"), say=said.append) as working:
        assert working.worker.once().mail.total == 0
    assert any("ghl db adopt" in line for line in said)
    assert held(store) is None


def test_a_copy_that_is_adopted_sends_and_the_original_holds(store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(store, copy)
    database = open_database(str(copy))
    adopt(database)
    database.close()
    assert held(copy) is None
    assert held(store) is not None


def test_a_restored_backup_holds(store: Path, tmp_path: Path) -> None:
    database = open_database(str(store))
    backup(database, tmp_path / "kept.db")
    database.close()
    restore_over = restore
    restore_over(tmp_path / "kept.db", store, overwrite=True)
    assert "may be an old backup" in (held(store) or "")


def test_an_older_file_copied_over_the_new_one_holds(store: Path, tmp_path: Path) -> None:
    """The same file by its number, but with an older content."""
    shutil.copy(store, tmp_path / "kept.db")
    database = open_database(str(store))
    mark(database)
    database.checkpoint()
    database.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{store}{suffix}").unlink(missing_ok=True)
    store.write_bytes((tmp_path / "kept.db").read_bytes())
    assert "older" in (held(store) or "")


def test_a_database_from_elsewhere_holds_unless_told(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GHL_STATE_DIR", str(tmp_path / "another-home"))
    assert "may be a copy" in (held(store) or "")
    monkeypatch.setenv("GHL_ADOPT", "1")
    assert held(store) is None
    monkeypatch.delenv("GHL_ADOPT")
    assert held(store) is None


def test_the_state_is_for_its_owner_alone(store: Path) -> None:
    folder = Path(os.environ["GHL_STATE_DIR"]) / "stores"
    if os.name == "posix":
        assert folder.stat().st_mode & 0o077 == 0


def test_servers_know_their_databases(pg_url: str, pg_server: str) -> None:
    from tests import postgres

    with ghl.init(pg_url, zone="UTC"):
        pass
    assert held(pg_url) is None
    name = pg_url.rsplit("/", 1)[1]
    with postgres.fresh_database(pg_server, name) as copy:
        assert "copied or restored" in (held(copy) or "")


def test_what_is_known_of_a_file_may_be_damaged_or_of_another_kind(store: Path) -> None:
    """Then mail is held until somebody says that this is the one."""
    assert held(store) is None
    (known,) = [path for path in Path(os.environ["GHL_STATE_DIR"]).rglob("*") if path.is_file() and str(store) in path.read_text("utf-8")]
    for text, said in (("{", "cannot be read"), ("[]", "in another place"), (json.dumps({"kind": "postgres"}), "in another place")):
        known.write_text(text, "utf-8")
        found = held(store)
        assert found is not None
        assert said in found


def test_a_store_in_memory_is_no_copy() -> None:
    with ghl.init(":memory:", zone="UTC", currency="EUR", country="PT") as crm:
        local = crm._transport
        assert isinstance(local, LocalTransport)
        mark(local.database)
        adopt(local.database)
        assert fingerprint(local.database) is None
        assert why_held(local.database) is None
