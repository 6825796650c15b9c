"""How operations are called: the record by position or by name, everything else by name."""

from __future__ import annotations

import re

import pytest

import ghl
from ghl import nouns
from ghl.sdk.operation import name_of

pytestmark = pytest.mark.integration


def test_fields_by_position_are_those_of_the_path() -> None:
    """The mark that type checkers read says what the call accepts."""
    for operation in nouns.operations().values():
        marked = [name for name, info in operation.model_fields.items() if info.kw_only is False]
        assert marked == operation.__route__.fields, name_of(operation)


def test_a_record_may_be_given_by_position(crm: ghl.Client) -> None:
    """The same call, by position and by name, at once or in a batch."""
    ann = crm.contacts.create(first_name="Ann", email="ann@example.com")
    assert crm.contacts.get("ann@example.com") == crm.contacts.get(contact_id=ann.id) == ann
    assert crm.contacts.update(ann.id, city="Rome").city == "Rome"
    acme = crm.companies.create(name="Acme")
    crm.companies.add_contact("Acme", ann.id)
    assert crm.contacts.get(ann.id).company == acme.name
    with crm.batch() as batch:
        batch.contacts.delete(ann.id)
    assert crm.contacts.restore(ann.id).deleted_at is None


def test_what_is_given_by_position_wrongly_is_told(file_crm: ghl.Client) -> None:
    """Before anything is opened, with the name that is meant."""
    calls = {
        "contacts.create() takes nothing by position and everything else by name: contacts.create(first_name=…)": lambda: (
            file_crm.contacts.create("Ann")  # type: ignore[call-arg]
        ),
        "contacts.get() takes `contact_id` by position and everything else by name": lambda: (
            file_crm.contacts.get("a", "b")  # type: ignore[call-arg]
        ),
        "contacts.get() was given `contact_id` twice, by position and by name": lambda: (
            file_crm.contacts.get("a", contact_id="b")  # type: ignore[call-arg]
        ),
    }
    for message, call in calls.items():
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            call()
