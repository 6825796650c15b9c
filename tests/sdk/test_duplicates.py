"""What speaks for two contacts being one person, and what against it."""

from __future__ import annotations

import sys
from typing import Any

import pytest

import ghl
from ghl.errors import Invalid
from ghl.sdk.crm.duplicates import DuplicatePair

pytestmark = pytest.mark.integration


def create(crm: ghl.Client, name: str | None = None, **more: Any) -> None:
    first, _, last = (name or "").partition(" ")
    crm.contacts.create(first_name=first or None, last_name=last or None, **more)


def pair(crm: ghl.Client, left: dict[str, Any], right: dict[str, Any]) -> DuplicatePair | None:
    """What is found of two contacts."""
    for one in (left, right):
        create(crm, **one)
    found = crm.contacts.duplicates(min_score=0)
    return found.items[0] if found.items else None


@pytest.mark.parametrize(
    ("left", "right", "fields"),
    [
        ({"name": "Maria Alves"}, {"name": "Alves Maria"}, {"name": True}),
        ({"name": "Maria Alves"}, {"name": "Mariah Alves"}, {"name": True}),
        ({"name": "Jo Silva", "phone": "912345678"}, {"name": "Ann Costa", "phone": "+351 912 345 678"}, {"name": False, "phone": True}),
        ({"email": "maria.alves@gmail.com"}, {"email": "mariaalves+x@gmail.com"}, {"email": True}),
        ({"email": "maria.alves@gmail.com"}, {"email": "mariaalves@outlook.com"}, {"email": True}),
        ({"name": "Maria Alves", "email": "maria@a.example"}, {"name": "Maria Alvez", "email": "m.alves@a.example"}, {"name": True}),
        ({"name": "Maria Alves", "birthday": "1990-01-02"}, {"name": "Maria Alves", "birthday": "1990-01-02"},
         {"name": True, "birthday": True}),
        ({"name": "Maria Alves", "birthday": "1990-01-02"}, {"name": "Maria Alves", "birthday": "1961-05-06"},
         {"name": True, "birthday": False}),
        ({"name": "Maria Alves", "city": "Porto", "street": "Rua Nova 1"}, {"name": "Maria Alves", "city": "PORTO", "street": "rua nova 1"},
         {"name": True, "city": True, "street": True}),
        ({"name": "Maria Alves", "company_id": "Filhos"}, {"name": "Maria Alves", "company_id": "Filhos"}, {"name": True, "company": True}),
    ],
)  # fmt: skip
def test_evidence_speaks_for_or_against(file_crm: ghl.Client, left: dict[str, Any], right: dict[str, Any], fields: dict[str, bool]) -> None:
    file_crm.companies.create(name="Filhos")
    found = pair(file_crm, left, right)
    assert found is not None
    assert {one.field: one.score > 0 for one in found.evidence} == fields
    assert 0 <= found.score <= 1


def test_what_speaks_against_weighs(crm: ghl.Client) -> None:
    """The same name with another birthday is less likely one person than without any."""
    scores = []
    for name, birthdays in (("Maria Alves", (None, None)), ("Rui Costa", ("1990-01-02", "1961-05-06"))):
        for birthday in birthdays:
            create(crm, name, birthday=birthday)
    for one in crm.contacts.duplicates(min_score=0).items:
        scores.append((one.left, one.score))
    assert [name for name, _ in scores] == ["Maria Alves", "Rui Costa"]
    assert scores[0][1] > scores[1][1] + 0.3
    assert [one.left for one in crm.contacts.duplicates(min_score=0.5).items] == ["Maria Alves"]


def test_people_who_share_nothing_are_not_compared(crm: ghl.Client) -> None:
    assert pair(crm, {"name": "Ann Costa", "email": "ann@a.example"}, {"name": "Rui Silva", "email": "rui@b.example"}) is None
    create(crm, "Rui Silvo", email="r@c.example")
    assert crm.contacts.duplicates(contact_id="ann@a.example", min_score=0).compared == 0
    assert crm.contacts.duplicates(contact_id="rui@b.example", min_score=0).compared == 1


def test_a_name_that_very_many_have_says_nothing(file_crm: ghl.Client) -> None:
    file_crm.contacts.create_many(items=[{"first_name": "Maria", "last_name": "Silva", "email": f"m{n}@s{n}.example"} for n in range(41)])
    assert file_crm.contacts.duplicates(min_score=0).compared == 0


def test_one_contact_is_no_pair(crm: ghl.Client) -> None:
    create(crm, "Ann", email="ann@a.example")
    with pytest.raises(Invalid, match="that is one contact"):
        crm.contacts.dismiss(contact_id="ann@a.example", other_id="ann@a.example")


def test_without_the_extra_names_are_compared_all_the_same(file_crm: ghl.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidfuzz.distance", None)
    found = pair(file_crm, {"name": "Maria Alves"}, {"name": "Mariah Alves"})
    assert found is not None
    assert found.evidence[0].score > 0.3
