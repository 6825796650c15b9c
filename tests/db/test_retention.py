"""What is no longer kept goes, in portions; the rest works on and says where history ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl.engine import retention
from ghl.engine.clock import VirtualClock
from ghl.engine.working import open_worker
from ghl.errors import Gone, NotFound

pytestmark = pytest.mark.integration


def swept(crm: ghl.Client) -> dict[str, int]:
    """What a sweep removes, to its end."""
    transport: Any = crm._transport
    return dict(retention.sweep(transport.database, transport.shared))


def number(crm: ghl.Client, table: str) -> int:
    """How many rows a table has."""
    transport: Any = crm._transport
    with transport.reading() as connection:
        return int(connection.one(f"select count(*) as n from {table}")["n"])


def test_nothing_goes_where_nothing_is_set(local: ghl.Client, clock: VirtualClock) -> None:
    local.contacts.create(first_name="Ann")
    local.contacts.delete("Ann")
    clock.move_to(clock.now() + timedelta(days=4000))
    assert swept(local) == {}


def test_deleted_records_go_with_what_hangs_on_them(local: ghl.Client, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "SIZE", 40)
    local.settings.set(purge_after_days=60)
    local.pipelines.create(name="Sales")
    for name in ("Acme", "Beta"):
        local.companies.create(name=name)
    ann = local.contacts.create(first_name="Ann", email="ann@example.com", companies=["Acme", "Beta"], tags=["vip"])  # type: ignore[list-item]
    local.contacts.create_many(items=[{"first_name": f"P{n}"} for n in range(5)])
    deal = local.deals.create(name="Shop", company_id="Acme", contact_id=ann.id, lines=[{"name": "Desk", "price": "10"}])  # type: ignore[list-item]
    local.notes.create(body="of the company", company_id="Acme")
    local.notes.create(body="of both", company_id="Acme", contact_id=ann.id)
    local.tasks.create(title="Call", company_id="Acme")
    local.attachments.create(ann.id, name="a.txt", content="aGVsbG8=")
    local.companies.delete("Acme")
    local.contacts.delete_many(where='first_name.startsWith("P")')
    clock.move_to(clock.now() + timedelta(days=59))
    assert swept(local) == {}
    clock.move_to(clock.now() + timedelta(days=2))
    assert swept(local) == {"deleted": 6}
    assert (number(local, "company_records"), number(local, "contact_records")) == (1, 1)
    shown = local.contacts.get(ann.id)
    assert ([link.name for link in shown.companies], local.deals.get(deal.id).company_id) == (["Beta"], None)
    assert [note.body for note in local.notes.list()] == ["of both"]
    assert [task.company_id for task in local.tasks.list()] == [None]
    with pytest.raises(NotFound):
        local.companies.restore("Acme")
    local.deals.delete(deal.id)
    local.contacts.delete(ann.id)
    clock.move_to(clock.now() + timedelta(days=61))
    swept(local)
    for table in ("contact_records", "deal_records", "deal_contacts", "deal_lines", "stage_visits", "contact_tags", "contact_companies",
                  "contact_addresses", "attachments", "attachment_contents", "note_records"):  # fmt: skip
        assert number(local, table) == 0, table
    later = local.contacts.create(first_name="Later")
    assert [entry.kind for entry in local.contacts.timeline(later.id).items] == ["created"]


def test_a_merged_contact_stays_for_taking_it_apart(local: ghl.Client, clock: VirtualClock) -> None:
    local.settings.set(purge_after_days=1)
    ann = local.contacts.create(first_name="Ann", email="ann@example.com")
    other = local.contacts.create(first_name="Anna", email="anna@example.com")
    local.contacts.merge(ann.id, others=[other.id])
    clock.move_to(clock.now() + timedelta(days=10))
    assert swept(local) == {}
    assert local.contacts.unmerge(ann.id).restored == [other.id]


def test_old_change_sets_answer_that_they_are_gone(local: ghl.Client, clock: VirtualClock) -> None:
    local.settings.set(retention_days={"changes": 30, "events": 30})
    ann = local.contacts.create(first_name="Ann")
    first = local.changes.list().items[0].id
    for city in ("Rome", "Oslo"):
        local.contacts.update(ann.id, city=city)
    clock.move_to(clock.now() + timedelta(days=40))
    local.contacts.update(ann.id, city="Faro")
    done = swept(local)
    assert done["changes"] > 3
    assert done["events"] >= 2
    assert [change.after for change in local.changes.history(noun="contact", record_id=ann.id)] == [{"city": "Faro"}]
    for gone in (lambda: local.undo(change_set_id=first), lambda: local.changes.show(change_set_id=first)):
        with pytest.raises(Gone, match=f"change set {first} is older"):
            gone()
    with pytest.raises(NotFound):
        local.undo(change_set_id=9999)
    assert local.undo().counts == {"contact changed": 1}
    assert local.contacts.get(ann.id).city == "Oslo"
    events = local.events.list(after=0).items
    assert events
    with pytest.raises(Gone):
        local.events.list(after=1)
    assert local.contacts.create(first_name="Bo").version == 1
    assert swept(local) == {}


def test_a_worker_by_the_real_clock_removes_it(tmp_path: Path) -> None:
    path = str(tmp_path / "crm.db")
    with ghl.init(path, zone="UTC", clock=VirtualClock(datetime(2020, 1, 1, tzinfo=UTC))) as crm:
        crm.settings.set(purge_after_days=60)
        crm.contacts.create_many(items=[{"first_name": "Ann"}, {"first_name": "Bo"}])
        crm.contacts.delete("Ann")
    told: list[str] = []
    with open_worker(path, say=told.append) as working:
        working.worker.once()
    assert "no longer kept: 1 of deleted" in told
    with ghl.connect(path) as crm:
        assert crm.contacts.list(deleted=True).total == 0
        assert number(crm, "contact_records") == 1
