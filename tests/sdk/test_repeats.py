"""A write with a key is done once, however often it is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

import ghl
from ghl.engine.clock import VirtualClock
from ghl.errors import Conflict, Malformed

pytestmark = pytest.mark.integration


def test_the_second_gets_the_answer_of_the_first(crm: ghl.Client, clock: VirtualClock) -> None:
    """With its change set; another key, another client or another day does it again."""
    once = crm.with_options(idempotency_key="a-1")
    first = once.contacts.create(first_name="Ann", tags=["vip"])
    outcome = crm.outcome
    crm.contacts.update(first.id, city="Rome")
    assert once.contacts.create(first_name="Ann", tags=["vip"]) == first
    assert crm.outcome == outcome
    assert crm.contacts.list().total == 1
    with pytest.raises(Conflict, match='the key "a-1" belongs to another request'):
        once.contacts.create(first_name="Bo")
    made = crm.with_options(idempotency_key="a-2").contacts.create_many(items=[{"first_name": "Bo"}])  # type: ignore[list-item]
    assert crm.with_options(idempotency_key="a-2").contacts.create_many(items=[{"first_name": "Bo"}]) == made  # type: ignore[list-item]
    assert isinstance(made.change_set, int)
    clock.move_to(clock.now() + timedelta(days=2))
    once.contacts.create(first_name="Ann")
    assert crm.contacts.list().total == 3


def test_what_failed_may_be_sent_again(crm: ghl.Client) -> None:
    """And a dry run takes no key."""
    once = crm.with_options(idempotency_key="b")
    crm.contacts.create(first_name="Ann", email="ann@example.com")
    with pytest.raises(Conflict):
        once.contacts.create(email="ann@example.com")
    crm.contacts.delete("ann@example.com")
    once.with_options(dry_run=True).contacts.create(first_name="Cy")
    assert once.contacts.create(email="ann@example.com").email == "ann@example.com"
    assert once.contacts.create(email="ann@example.com").email == "ann@example.com"
    for wrong in (" ", "x" * 201):
        with pytest.raises(Malformed):
            crm.with_options(idempotency_key=wrong).contacts.create(first_name="Ann")
