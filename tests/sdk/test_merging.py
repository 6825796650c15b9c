"""Duplicates, merging and taking apart, over every transport."""

from __future__ import annotations

import pytest

import ghl
from ghl import errors

pytestmark = pytest.mark.integration


@pytest.fixture
def twins(crm: ghl.Client) -> tuple[ghl.Client, str, str]:
    """One person twice, with work that hangs on both."""
    keep = crm.contacts.create(first_name="Maria", last_name="Alves", email="maria@example.com", tags=["lead"])
    other = crm.contacts.create(
        first_name="Maria", last_name="Alves", email="m.alves@example.org", phone="912345678", city="Porto", tags=["vip"],
    )  # fmt: skip
    crm.pipelines.create(name="Sales", stages=[{"name": "New"}, {"name": "Done"}])  # type: ignore[arg-type]
    crm.deals.create(name="Shop", contact_id=other.id)
    crm.notes.create(body="Likes tea", contact_id=other.id)
    crm.tasks.create(title="Call", contact_id=other.id, due_at="tomorrow 10:00")
    return crm, keep.id, other.id


def test_a_merge_unites_lists_fills_blanks_and_moves_what_hangs(twins: tuple[ghl.Client, str, str]) -> None:
    """The survivor's own values stay; the loser's id lives on."""
    crm, keep, other = twins
    result = crm.contacts.merge(contact_id=keep, others=[other])
    assert (result.merged, result.moved) == ([other], {"deals": 1, "notes": 1, "tasks": 1})
    now = crm.contacts.get(contact_id=keep)
    assert (now.email, now.city, now.tags) == ("maria@example.com", "Porto", ["lead", "vip"])
    assert [e.address for e in now.emails] == ["maria@example.com", "m.alves@example.org"]
    assert crm.deals.list().items[0].contact_id == keep
    assert crm.contacts.get(contact_id=other).id == keep
    assert crm.contacts.list().total == 1


def test_a_merged_id_lives_on_by_its_end_and_through_a_second_merge(twins: tuple[ghl.Client, str, str]) -> None:
    """Wherever a contact is named: shown, and as a reference of another record."""
    crm, keep, other = twins
    crm.contacts.merge(contact_id=keep, others=[other])
    tail = other[-8:]
    assert crm.contacts.get(contact_id=tail).id == keep
    assert crm.deals.create(name="Second", contact_id=tail).contact_id == keep
    last = crm.contacts.create(first_name="Maria", last_name="A.", email="ma@example.com")
    crm.contacts.merge(contact_id=last.id, others=[keep])
    assert {crm.contacts.get(contact_id=name).id for name in (other, tail, keep, keep[-8:])} == {last.id}
    crm.contacts.unmerge(contact_id=last.id)
    assert crm.contacts.get(contact_id=tail).id == keep
    crm.contacts.unmerge(contact_id=keep)
    assert crm.contacts.get(contact_id=tail).id == other


def test_unmerge_restores_exactly(twins: tuple[ghl.Client, str, str]) -> None:
    """Both are as they were, and so is what hangs on them."""
    crm, keep, other = twins
    left, right = crm.contacts.get(contact_id=keep), crm.contacts.get(contact_id=other)
    crm.contacts.merge(contact_id=keep, others=[other])
    result = crm.contacts.unmerge(contact_id=keep)
    assert (result.restored, result.kept) == ([other], [])
    plain = {"version", "updated_at"}
    assert crm.contacts.get(contact_id=keep).model_dump(exclude=plain) == left.model_dump(exclude=plain)
    assert crm.contacts.get(contact_id=other).model_dump(exclude=plain) == right.model_dump(exclude=plain)
    assert crm.deals.list().items[0].contact_id == other
    assert crm.notes.list().items[0].contact_id == other


def test_a_merge_is_looked_at_first(twins: tuple[ghl.Client, str, str]) -> None:
    """A dry run says whose value wins, and changes nothing."""
    crm, keep, other = twins
    crm.contacts.update(contact_id=keep, city="Lisbon")
    dry = crm.contacts.merge(contact_id=keep, others=[other], fields={"city": other}, dry_run=True)
    both = "maria@example.com; m.alves@example.org"
    assert [(c.field, c.value, c.contact_id, c.others) for c in dry.fields] == [
        ("city", "Porto", other, ["Lisbon"]), ("emails", both, None, []),
        ("phones", "+351912345678", None, []), ("tags", "lead; vip", None, []),
    ]  # fmt: skip
    assert crm.contacts.list().total == 2
    done = crm.contacts.merge(contact_id=keep, others=[other], fields={"city": other}, plan=dry.digest)
    assert crm.contacts.get(contact_id=keep).city == "Porto"
    assert done.digest == dry.digest


def test_a_look_at_a_merge_names_people_and_fields_of_one_s_own(twins: tuple[ghl.Client, str, str]) -> None:
    """References by their names, custom fields beside the others, what is the same for all left out."""
    crm, keep, other = twins
    crm.fields.create(name="shoe", noun="contact", type="number")
    for name, contact, shoe in (("Ines", keep, 38), ("Rui", other, 39)):
        crm.users.create(name=name)
        crm.contacts.update(contact_id=contact, owner_id=name, custom_fields={"shoe": shoe}, city="Porto")
    dry = crm.contacts.merge(contact_id=keep, others=[other], dry_run=True)
    shown = {c.field: (c.value, c.chosen_from, c.others) for c in dry.fields}
    assert shown["owner"] == ("Ines", "Maria Alves", ["Rui"])
    assert shown["custom.shoe"] == ("38", "Maria Alves", ["39"])
    assert "city" not in shown
    assert "first_name" not in shown


def test_a_contact_is_not_merged_into_itself(twins: tuple[ghl.Client, str, str]) -> None:
    """Nor by another of its names."""
    crm, keep, _ = twins
    with pytest.raises(errors.Invalid):
        crm.contacts.merge(contact_id=keep, others=["maria@example.com"])


def test_duplicates_have_evidence_and_are_judged_once(twins: tuple[ghl.Client, str, str]) -> None:
    """What a person has called two people is not asked again."""
    crm, keep, other = twins
    crm.contacts.create(first_name="João", last_name="Silva", email="joao@example.com")
    crm.contacts.update(contact_id=keep, phone="912345678")
    found = crm.contacts.duplicates()
    assert [{p.left_id, p.right_id} for p in found.items] == [{keep, other}]
    assert {"name", "phone"} <= {e.field for e in found.items[0].evidence}
    crm.contacts.dismiss(contact_id=keep, other_id=other)
    assert crm.contacts.duplicates().items == []
