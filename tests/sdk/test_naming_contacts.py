"""How a contact may be named where a record is asked for: by what people know of it."""

from __future__ import annotations

import pytest

import ghl
from ghl.errors import Duplicate, NotFound

pytestmark = pytest.mark.integration


@pytest.fixture
def ann(crm: ghl.Client) -> str:
    return crm.contacts.create(first_name="Ann", last_name="da Silva", phone="912345678", email="ann@example.com").id


@pytest.mark.parametrize(
    "name", ["912 345 678", "+351912345678", "da Silva Ann", "ann DA silva", "ANN@example.com", " ann@example.com "]
)
def test_a_contact_is_found_by(crm: ghl.Client, ann: str, name: str) -> None:
    assert crm.contacts.get(contact_id=name).id == ann


@pytest.mark.parametrize("name", ["123", "999 999 999", "ann@@example", "bo@example.com", "Silva", "@"])
def test_nobody_is_found_by(crm: ghl.Client, ann: str, name: str) -> None:
    with pytest.raises(NotFound, match="there is no contact"):
        crm.contacts.get(contact_id=name)


def test_a_deleted_one_is_restored_by_its_address(crm: ghl.Client, ann: str) -> None:
    crm.contacts.delete(contact_id=ann)
    with pytest.raises(NotFound):
        crm.contacts.restore(contact_id="ann@@example")
    assert crm.contacts.restore(contact_id="ann@example.com").id == ann


def test_one_of_several_with_a_phone_is_not_guessed(crm: ghl.Client, ann: str) -> None:
    assert crm.contacts.upsert(match=["phone"], phone="912345678", city="Porto").id == ann
    crm.contacts.create(first_name="Bo", phone="912345678")
    with pytest.raises(Duplicate, match="2 contacts have the same phone"):
        crm.contacts.upsert(match=["phone"], phone="912345678", city="Faro")
    assert crm.contacts.get(contact_id=ann).city == "Porto"
