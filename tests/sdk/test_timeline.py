"""The timeline of a record over every transport: everything, newest first, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import ghl
from ghl import errors
from ghl.engine.clock import VirtualClock
from tests.sight import seeing

pytestmark = pytest.mark.integration


def lived(crm: ghl.Client, clock: VirtualClock) -> tuple[Any, Any, Any]:
    """A contact, a company and a deal with some history."""
    crm.pipelines.create(name="Sales", stages=["New", "Offer"])
    acme = crm.companies.create(name="Acme")
    ana = crm.contacts.create(first_name="Ana", company_id="Acme")
    deal = crm.deals.create(name="D", contact_id="Ana", company_id="Acme")
    about = {"contact_id": "Ana", "company_id": "Acme", "deal_id": "D"}
    for call in (
        lambda: crm.notes.create(body="Likes tea\n\nand milk", **about),
        lambda: crm.tasks.create(title="Call", due_at="+1 day", **about),
        lambda: crm.activities.create(kind="call", subject="Offer", outcome="reached", **about),
        lambda: crm.contacts.update(contact_id="Ana", city="Porto", add_tags=["vip"]),
        lambda: crm.companies.update(company_id="Acme", city="Porto"),
        lambda: crm.deals.move(deal_id="D", stage="Offer"),
    ):
        clock.advance(timedelta(hours=1))
        call()
    return ana, acme, deal


def test_each_noun_has_one(crm: ghl.Client, clock: VirtualClock) -> None:
    """Changes, notes, tasks, activities and stages in one list."""
    ana, acme, deal = lived(crm, clock)
    work = [("activity", "call (reached) Offer"), ("task", "Call"), ("note", "Likes tea")]

    def shown(page: Any) -> list[tuple[str, str]]:
        return [(entry.kind, entry.title) for entry in page]

    of_ana = shown(crm.contacts.timeline(contact_id="Ana"))
    assert of_ana == [("changed", "city Porto, tags +vip"), *work, ("created", "created")]
    assert shown(crm.contacts.timeline(contact_id=ana.id)) == of_ana
    assert shown(crm.companies.timeline(company_id=acme.id)) == [("changed", "city Porto"), *work, ("created", "created")]
    of_deal = shown(crm.deals.timeline(deal_id=deal.id))
    assert [entry for entry in of_deal if entry[0] != "changed"] == [("stage", "Offer"), *work, ("stage", "New"), ("created", "created")]
    first = crm.contacts.timeline(contact_id="Ana").items[0]
    assert (first.noun, first.details["after"]["city"]) == ("contact", "Porto")
    assert first.actor


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_hold_every_entry_once(crm: ghl.Client, clock: VirtualClock, size: int) -> None:
    """Also where much happens in one moment."""
    lived(crm, clock)
    for n in range(4):
        crm.notes.create(body=f"n{n}", contact_id="Ana")
        crm.contacts.update(contact_id="Ana", city=f"c{n}")
    page = crm.contacts.timeline(contact_id="Ana", page_size=100)
    assert page.next_cursor is None
    expected = [(entry.kind, entry.title) for entry in page.items]
    assert len(expected) == 13
    found, cursor = [], None
    while True:
        part = crm.contacts.timeline(contact_id="Ana", page_size=size, cursor=cursor)
        assert len(part.items) <= size
        found += [(entry.kind, entry.title) for entry in part.items]
        cursor = part.next_cursor
        if cursor is None:
            break
    assert sorted(found) == sorted(expected)
    assert [(entry.kind, entry.title) for entry in crm.contacts.timeline(contact_id="Ana", page_size=size)] == found


@pytest.mark.parametrize("cursor", ["x", "MTIz", "LTE6MA==", "OTk5OTk5OTk5OTk5OTk5OTk5OTk6MA==", "é"])
def test_a_foreign_cursor_is_refused(crm: ghl.Client, cursor: str) -> None:
    """Before anything is looked for."""
    crm.contacts.create(first_name="Ana")
    with pytest.raises(errors.Malformed) as caught:
        crm.contacts.timeline(contact_id="Ana", cursor=cursor)
    assert caught.value.field == "cursor"


def test_what_is_gone_and_what_was_taken_back(crm: ghl.Client, clock: VirtualClock) -> None:
    """A deleted note leaves; a deleted contact's timeline is still there."""
    ana, _, _ = lived(crm, clock)
    crm.notes.delete(note_id=crm.notes.list().items[0].id)
    crm.contacts.delete(contact_id="Ana")
    kinds = [entry.kind for entry in crm.contacts.timeline(contact_id=ana.id)]
    assert kinds == ["deleted", "changed", "activity", "task", "created"]


def test_an_event_that_carries_its_own_story_is_told(file_crm: ghl.Client) -> None:
    """What happened to a person without changing a record."""
    file_crm.contacts.create(first_name="Ana")
    transport: Any = file_crm._transport
    with transport.database.write() as connection:
        tx = transport.tx(connection)
        tx.events.emit("form.submitted", "contact", 1, person_id=1, payload={"form": "demo"})
        tx.finish()
    entry = next(one for one in file_crm.contacts.timeline(contact_id="Ana") if one.kind == "event")
    assert (entry.title, entry.details) == ("form.submitted", {"form": "demo"})


@pytest.mark.security
def test_one_sees_the_work_that_is_hers(local: ghl.Client) -> None:
    """A page is full of it, however much of others' lies between."""
    ines = seeing(local, "own", name="Ines")
    ana = local.contacts.create(first_name="Ana", owner_id="Ines")
    local.notes.create(body="mine", contact_id="Ana", owner_id="Ines")
    local.notes.create_many(items=[{"body": f"other {n}", "contact_id": "Ana"} for n in range(5)])
    found = [entry.title for entry in ines.contacts.timeline(contact_id=ana.id, page_size=1)]
    assert sorted(found) == ["created", "mine"]
    local.contacts.update(contact_id="Ana", owner_id=None)
    with pytest.raises(errors.NotFound):
        ines.contacts.timeline(contact_id=ana.id)
