"""Tags over every transport: unique when folded, renamed and removed without losing anything."""

from __future__ import annotations

import pytest

import ghl
from ghl import errors
from tests.sight import seeing

pytestmark = pytest.mark.integration


def test_a_tag_is_made_on_first_use_and_counted(crm: ghl.Client) -> None:
    """Per noun, deleted records not counted."""
    crm.contacts.create(first_name="Ana", tags=["VIP"])
    gone = crm.contacts.create(first_name="Rui", tags=["vip", "lead"])
    crm.companies.create(name="Acme", tags=["Vip"])
    crm.contacts.delete(contact_id=gone.id)
    shown = {tag.name: (tag.contacts, tag.companies, tag.deals) for tag in crm.tags.list()}
    assert shown == {"VIP": (1, 1, 0), "lead": (0, 0, 0)}


@pytest.mark.parametrize("name", ["são paulo", "SAO  PAULO", " São Paulo "])
def test_names_are_unique_when_folded(crm: ghl.Client, name: str) -> None:
    """Case, accents and spaces make no other tag."""
    made = crm.tags.create(name="São Paulo")
    with pytest.raises(errors.Duplicate) as caught:
        crm.tags.create(name=name)
    assert (caught.value.field, caught.value.details["id"]) == ("name", made.id)
    assert crm.tags.get(tag_id=name.strip()).id == made.id
    assert crm.tags.upsert(name=name, description="the city").id == made.id


@pytest.mark.parametrize("name", ["", "   ", None])
def test_a_tag_needs_a_name(crm: ghl.Client, name: str | None) -> None:
    """Nothing, and spaces, are none."""
    with pytest.raises(errors.Invalid) as caught:
        crm.tags.create(name=name)
    assert caught.value.field == "name"


def test_a_rename_keeps_every_reference(crm: ghl.Client) -> None:
    """Records show the new name; the filter finds them by it."""
    ana = crm.contacts.create(first_name="Ana", tags=["vip"])
    crm.tags.update(tag_id="vip", name="Gold")
    assert crm.contacts.get(contact_id=ana.id).tags == ["Gold"]
    assert crm.contacts.list(where='"gold" in tags').total == 1
    assert crm.contacts.list(tag_id="gold").total == 1
    crm.tags.create(name="silver")
    with pytest.raises(errors.Duplicate):
        crm.tags.update(tag_id="silver", name="GOLD")


def test_a_tag_in_use_is_deleted_only_by_force_and_undo_puts_it_back(crm: ghl.Client) -> None:
    """The refusal counts the users per noun."""
    contacts = [crm.contacts.create(first_name=name, tags=["vip", "lead"]) for name in ("Ana", "Rui")]
    company = crm.companies.create(name="Acme", tags=["vip"])
    with pytest.raises(errors.InUse) as caught:
        crm.tags.delete(tag_id="vip")
    assert caught.value.details["users"] == {"contact": 2, "company": 1}
    assert "2 contacts, 1 company" in caught.value.message

    crm.tags.delete(tag_id="vip", force=True)
    done = crm.outcome.change_set
    assert [tag.name for tag in crm.tags.list()] == ["lead"]
    assert crm.contacts.get(contact_id=contacts[0].id).tags == ["lead"]
    assert crm.companies.get(company_id=company.id).tags == []

    crm.contacts.update(contact_id=contacts[1].id, city="Porto")
    assert crm.undo(change_set_id=done).kept == []
    assert crm.tags.get(tag_id="vip").contacts == 2
    assert crm.contacts.get(contact_id=contacts[1].id).tags == ["lead", "vip"]
    assert crm.companies.get(company_id=company.id).tags == ["vip"]


def test_a_deleted_tag_comes_back_unless_its_name_was_taken(crm: ghl.Client) -> None:
    """Restoring is refused where another tag has the name by now."""
    made = crm.tags.create(name="vip")
    crm.tags.delete(tag_id="vip")
    with pytest.raises(errors.NotFound):
        crm.tags.get(tag_id="vip")
    assert crm.tags.restore(tag_id=made.id).name == "vip"
    crm.tags.delete(tag_id=made.id)
    crm.contacts.create(first_name="Ana", tags=["VIP"])
    with pytest.raises(errors.Duplicate):
        crm.tags.restore(tag_id=made.id)


def test_a_tag_deleted_and_used_again_in_one_batch_is_another_one(crm: ghl.Client) -> None:
    """What a transaction remembers of a tag ends with it."""
    crm.contacts.create(first_name="Ana")
    old = crm.tags.create(name="vip")
    with crm.batch() as batch:
        batch.contacts.tag(ids=["Ana"], tags=["vip"])
        batch.tags.delete(tag_id="vip", force=True)
        batch.contacts.tag(ids=["Ana"], tags=["vip"])
    assert crm.contacts.list(tag_id="vip").total == 1
    assert crm.tags.get(tag_id="vip").id != old.id


def test_many_at_once(crm: ghl.Client) -> None:
    """Created, described, deleted and restored; a tag in use stops all, or is reported."""
    assert crm.tags.create_many(items=[{"name": "a"}, {"name": "b"}, {"name": "c"}]).count == 3
    assert crm.tags.update_many(where="true", values={"description": "letters"}).count == 3
    crm.contacts.create(first_name="Ana", tags=["b"])
    with pytest.raises(errors.InUse):
        crm.tags.delete_many(where="true")
    result = crm.tags.delete_many(where="true", partial=True)
    assert (result.count, result.failed, result.failures[0].code) == (2, 1, "in_use")
    assert crm.tags.restore_many(ids=[tag.id for tag in crm.tags.list(deleted=True)]).count == 2


@pytest.mark.security
def test_counts_are_of_what_is_seen_and_nothing_unseen_is_changed(local: ghl.Client) -> None:
    """A colleague who sees her own counts her own, and cannot take a tag off others' records."""
    ines = seeing(local, "own", name="Ines")
    local.contacts.create(first_name="Hers", owner_id="Ines", tags=["vip"])
    local.contacts.create(first_name="Other", tags=["vip"])
    assert (local.tags.get(tag_id="vip").contacts, ines.tags.get(tag_id="vip").contacts) == (2, 1)
    assert seeing(local, "none").tags.get(tag_id="vip").contacts == 0
    with pytest.raises(errors.NotAllowed):
        ines.tags.delete(tag_id="vip", force=True)
    assert local.contacts.list(tag_id="vip").total == 2
