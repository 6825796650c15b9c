"""Undo and redo: what stands in the way is named, taken back with it where that is asked, and kept otherwise."""

from __future__ import annotations

from typing import Any

import pytest

import ghl
from ghl.errors import Conflict, Invalid, Malformed, NotFound

pytestmark = pytest.mark.integration


def number_of(crm: ghl.Client) -> int:
    return crm.changes.list(page_size=1).items[0].id


def test_what_later_sets_build_on_is_kept_and_they_are_named(crm: ghl.Client) -> None:
    ann = crm.contacts.create(first_name="Ann", email="ann@example.com")
    made = number_of(crm)
    crm.contacts.update(contact_id=ann.id, city="Porto")
    moved = number_of(crm)
    crm.notes.create(body="Likes tea", contact_id=ann.id)
    noted = number_of(crm)
    result = crm.undo(change_set_id=made)
    (kept,) = result.kept
    assert (result.undone, result.change_set) == (0, None)
    assert (kept.noun, kept.record_id, kept.name, kept.change_set) == ("contact", ann.id, "Ann", noted)
    assert kept.reason == f"later change sets build on it: {moved}, {noted}"
    assert crm.contacts.get(contact_id=ann.id).city == "Porto"
    assert crm.changes.show(change_set_id=made).undone_by is None


def test_they_are_undone_with_it_where_that_is_asked(crm: ghl.Client) -> None:
    ann = crm.contacts.create(first_name="Ann", email="ann@example.com")
    made = number_of(crm)
    crm.contacts.update(contact_id=ann.id, city="Porto")
    moved = number_of(crm)
    crm.notes.create(body="Likes tea", contact_id=ann.id)
    noted = number_of(crm)
    crm.contacts.create(first_name="Bo")
    before = number_of(crm)
    trial = crm.undo(change_set_id=made, with_dependents=True, dry_run=True)
    assert (trial.dry_run, number_of(crm)) == (True, before)
    result = crm.undo(change_set_id=made, with_dependents=True)
    assert (result.undone, result.records, result.kept) == (trial.undone, trial.records, [])
    assert [one.first_name for one in crm.contacts.list().items] == ["Bo"]
    assert crm.notes.list().items == []
    assert {crm.changes.show(change_set_id=one).undone_by for one in (made, moved, noted)} == {result.change_set}
    crm.redo(change_set_id=result.change_set)
    assert crm.contacts.get(contact_id=ann.id).city == "Porto"
    assert [one.body for one in crm.notes.list().items] == ["Likes tea"]


def test_a_field_that_was_changed_twice_since_names_the_last(crm: ghl.Client) -> None:
    ann = crm.contacts.create(first_name="Ann")
    crm.contacts.update(contact_id=ann.id, city="Porto", tags=["a", "b"])
    first = number_of(crm)
    crm.contacts.update(contact_id=ann.id, city="Faro")
    crm.contacts.update(contact_id=ann.id, city="Braga")
    last = number_of(crm)
    result = crm.undo(change_set_id=first)
    assert [(kept.field, kept.reason, kept.change_set) for kept in result.kept] == [("city", "`city` was changed since", last)]
    now = crm.contacts.get(contact_id=ann.id)
    assert (now.city, now.tags) == ("Braga", [])


def test_an_address_that_was_changed_since_stays_and_the_others_go(crm: ghl.Client) -> None:
    ann = crm.contacts.create(first_name="Ann")
    crm.contacts.update(contact_id=ann.id, emails=[{"address": "a@example.com"}, {"address": "b@example.com"}])
    added = number_of(crm)
    crm.contacts.update(contact_id=ann.id, emails=[{"address": "a@example.com", "label": "work"}, {"address": "b@example.com"}])
    result = crm.undo(change_set_id=added)
    assert [kept.field for kept in result.kept] == ["emails"]
    left = crm.contacts.get(contact_id=ann.id).emails
    assert [(one.address, one.label) for one in left] == [("a@example.com", "work")]


def test_an_address_that_somebody_else_has_now_does_not_come_back(crm: ghl.Client) -> None:
    ann = crm.contacts.create(first_name="Ann", email="a@example.com")
    crm.contacts.update(contact_id=ann.id, emails=[{"address": "other@example.com"}])
    changed = number_of(crm)
    crm.contacts.create(first_name="Bo", email="a@example.com")
    (kept,) = crm.undo(change_set_id=changed).kept
    assert kept.record_id == ann.id
    assert "a@example.com" in kept.reason
    assert crm.contacts.get(contact_id=ann.id).email == "other@example.com"


def test_an_amount_goes_back_with_its_currency_or_not_at_all(crm: ghl.Client) -> None:
    crm.pipelines.create(name="Sales", stages=["New"])
    deal = crm.deals.create(name="Shop", pipeline_id="Sales", amount="10 EUR")
    crm.deals.update(deal_id=deal.id, amount="20 USD")
    dollars = number_of(crm)
    crm.deals.update(deal_id=deal.id, amount="30 USD")
    result = crm.undo(change_set_id=dollars)
    assert result.undone == 0
    assert {kept.field for kept in result.kept} <= {"amount", "amount_minor"}
    after = crm.deals.get(deal_id=deal.id)
    assert (str(after.amount).split()[0].rstrip("0").rstrip("."), "USD" in str(after.amount)) == ("30", True)


def test_what_an_undo_took_back_is_in_force_again_after_its_own_undo(crm: ghl.Client) -> None:
    ann = crm.contacts.create(first_name="Ann")
    crm.contacts.update(contact_id=ann.id, city="Porto")
    changed = number_of(crm)
    undone = crm.undo().change_set
    assert undone is not None
    with pytest.raises(Conflict, match=f"change set {changed} was undone by {undone}") as told:
        crm.undo(change_set_id=changed)
    assert told.value.hint == f"ghl redo {undone}"
    with pytest.raises(Conflict, match=f"change set {changed} is no undo"):
        crm.redo(change_set_id=changed)
    crm.redo(change_set_id=undone)
    assert crm.contacts.get(contact_id=ann.id).city == "Porto"
    with pytest.raises(Conflict, match=f"change set {undone} was redone already"):
        crm.redo(change_set_id=undone)
    assert crm.undo(change_set_id=changed).undone == 1
    assert crm.contacts.get(contact_id=ann.id).city is None


def test_with_nothing_of_ones_own_there_is_nothing_to_undo(crm: ghl.Client) -> None:
    crm.contacts.create(first_name="Ann")
    with pytest.raises(NotFound, match="nothing of yours to redo"):
        crm.redo()
    with pytest.raises(NotFound, match="there is no change set 99999"):
        crm.undo(change_set_id=99_999)
    with pytest.raises(NotFound, match="there is nothing of yours to undo"):
        for _ in range(10):
            crm.undo()
    assert crm.contacts.list().items == []


def test_an_erased_person_is_not_undone(crm: ghl.Client) -> None:
    """Nor is somebody else changed in her place, who has been given the number that she had."""
    bo = crm.contacts.create(first_name="Bo")
    ann = crm.contacts.create(first_name="Ann", email="ann@example.com")
    crm.contacts.update_many(where='first_name in ["Ann", "Bo"]', values={"city": "Porto"})
    moved = number_of(crm)
    crm.erase(contact_id=ann.id)
    cy = crm.contacts.create(first_name="Cy", city="Porto")
    shown = crm.changes.show(change_set_id=moved)
    assert {(one.record_id, one.after.get("city")) for one in shown.changes} == {("erased", None), (bo.id, "Porto")}
    result = crm.undo(change_set_id=moved)
    assert [(kept.noun, kept.record_id, kept.reason) for kept in result.kept] == [("contact", "erased", "erased")]
    assert crm.contacts.get(contact_id=bo.id).city is None
    assert crm.contacts.get(contact_id=cy.id).city == "Porto"


@pytest.mark.parametrize("asked", [{"where": "true"}, {"search": "ann"}, {"sort": "id"}])
def test_change_sets_are_only_listed_newest_first(crm: ghl.Client, asked: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="newest first"):
        crm.changes.list(**asked)


def test_a_history_of_no_noun_and_of_another_record(crm: ghl.Client) -> None:
    ann = crm.contacts.create(first_name="Ann")
    bo = crm.contacts.create(first_name="Bo")
    for city in ("Faro", "Braga", "Porto"):
        crm.contacts.update(contact_id=ann.id, city=city)
        crm.contacts.update(contact_id=bo.id, city=city)
    with pytest.raises(Invalid, match='there is no noun "contcat"'):
        crm.changes.history(noun="contcat", record_id=ann.id)
    page = crm.changes.history(noun="contact", record_id=ann.id, page_size=2)
    assert page.next_cursor is not None
    rest = crm.changes.history(noun="contact", record_id=ann.id, cursor=page.next_cursor)
    assert len(page.items) + len(rest.items) == 4
    with pytest.raises(Malformed, match="not one of this list"):
        crm.changes.history(noun="contact", record_id=bo.id, cursor=page.next_cursor)


def test_only_a_set_that_was_opened_is_closed(crm: ghl.Client) -> None:
    opened = crm.changes.open(name="Spring")
    for _ in range(2):
        assert crm.changes.close(change_set_id=opened.id).summary == {}
    crm.contacts.create(first_name="Ann")
    with pytest.raises(Conflict, match=f"change set {number_of(crm)} is not open"):
        crm.changes.close(change_set_id=number_of(crm))


def test_an_undo_says_what_it_takes_back(crm: ghl.Client) -> None:
    """By noun and kind, before and after."""
    crm.run_batch(items=[{"contacts.create": {"first_name": "Ann", "tags": ["vip"]}}, {"companies.create": {"name": "Acme"}}])
    counts = {"contact created": 1, "tag created": 1, "company created": 1}
    assert crm.with_options(dry_run=True).undo().counts == counts
    result = crm.undo()
    assert (result.counts, result.undone) == (counts, 3)
    assert crm.redo().counts == {"contact deleted": 1, "tag deleted": 1, "company deleted": 1}
