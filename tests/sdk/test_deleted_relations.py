"""A deleted record is shown nowhere, also where another refers to it, and comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest

import ghl
from ghl.errors import NotFound

pytestmark = pytest.mark.integration


@pytest.fixture
def related(crm: ghl.Client) -> ghl.Client:
    """A contact with companies, an owner and a follower, and a deal of theirs."""
    for name in ("Acme", "Beta"):
        crm.companies.create(name=name)
    crm.users.create(name="Olga", email="olga@example.com")
    crm.contacts.create(
        first_name="Ann", email="ann@example.com", owner_id="Olga", followers=["Olga"],
        companies=[{"company_id": "Acme", "role": "buyer", "primary": True}, {"company_id": "Beta"}],
    )  # fmt: skip
    crm.pipelines.create(name="Sales")
    crm.deals.create(name="Shop", company_id="Acme", contact_id="ann@example.com", owner_id="Olga")
    crm.tasks.create(title="Call", company_id="Acme", contact_id="ann@example.com")
    return crm


def sent_back(record: Any) -> dict[str, Any]:
    """A response as a program sends it back."""
    return {name: value for name, value in record.model_dump(mode="json").items() if name != "version"}


def test_a_deleted_company_is_not_shown_and_is_kept(related: ghl.Client) -> None:
    before = related.contacts.get("ann@example.com"), related.deals.get("Shop"), related.tasks.list().items[0]
    related.companies.delete("Acme")
    ann, shop, task = related.contacts.get("ann@example.com"), related.deals.get("Shop"), related.tasks.list().items[0]
    assert (ann.company, ann.company_id, [link.name for link in ann.companies]) == (None, None, ["Beta"])
    assert (shop.company, shop.company_id, task.company) == (None, None, None)
    for wrong in ('company == "Acme"', 'company.name == "Acme"', "has(company)"):
        assert related.contacts.list(where=wrong).total == 0, wrong
        assert related.deals.list(where=wrong).total == 0, wrong
    # What is sent back as it was shown changes nothing; nor does another company undo the hidden link.
    assert related.contacts.update("ann@example.com", **sent_back(ann)).version == ann.version
    assert related.deals.update("Shop", **sent_back(shop)).version == shop.version
    related.contacts.update("ann@example.com", company_id=None)
    related.companies.restore("Acme")
    assert (related.contacts.get("ann@example.com"), related.deals.get("Shop"), related.tasks.list().items[0]) == before


def test_another_primary_company_stays_the_primary(related: ghl.Client) -> None:
    related.companies.delete("Acme")
    assert related.contacts.update("ann@example.com", company_id="Beta").company == "Beta"
    related.companies.restore("Acme")
    ann = related.contacts.get("ann@example.com")
    assert [(link.name, link.role, link.primary) for link in ann.companies] == [("Beta", None, True), ("Acme", "buyer", False)]


def test_a_deleted_contact_is_not_shown_and_is_kept(related: ghl.Client) -> None:
    before = related.deals.get("Shop")
    ann = related.contacts.get("ann@example.com")
    related.contacts.delete("ann@example.com")
    shop = related.deals.get("Shop")
    assert (shop.contact, shop.contacts, shop.owner) == (None, [], "Olga")
    assert related.deals.list(where='contact.first_name == "Ann"').total == 0
    assert related.deals.update("Shop", **sent_back(shop)).version == shop.version
    related.contacts.restore(ann.id)
    assert related.deals.get("Shop") == before


def test_the_past_keeps_its_names(related: ghl.Client) -> None:
    related.contacts.update("ann@example.com", company_id="Beta")
    related.companies.delete("Beta")
    entries = related.contacts.timeline("ann@example.com").items
    assert "Beta" in str([entry.model_dump() for entry in entries])


def test_what_is_deleted_is_named_by_its_error_and_restored_by_its_address(crm: ghl.Client) -> None:
    ann = crm.contacts.create(first_name="Ann", email="ann@example.com")
    crm.contacts.delete(contact_id=ann.id)
    for reference in ("Ann@example.com", ann.id, ann.id[-6:]):
        with pytest.raises(NotFound) as told:
            crm.contacts.get(contact_id=reference)
        assert told.value.hint == f"it is deleted: ghl contacts restore {ann.id[-6:]}"
    assert crm.contacts.restore(contact_id="ann@example.com").id == ann.id
    for reference in ("bob@example.com", "@", "Nobody"):
        with pytest.raises(NotFound) as told:
            crm.contacts.get(contact_id=reference)
        assert told.value.hint == "ghl contacts list"
