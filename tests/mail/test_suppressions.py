"""The list of addresses that get nothing: reasons, which of them are for good, and people who were erased."""

from __future__ import annotations

import pytest

import ghl
from ghl.errors import Conflict, NotFound
from tests.workflows.play import Play

pytestmark = pytest.mark.integration


def test_an_address_is_listed_once_and_found_however_it_is_written(crm: ghl.Client) -> None:
    made = crm.suppressions.create(address="Ann@Example.com", reason="manual")
    again = crm.suppressions.create(address=" ann@example.com", reason="bounced")
    assert (again.id, again.reason) == (made.id, "manual")
    assert crm.suppressions.get(suppression_id="ANN@example.com").id == made.id
    assert [one.id for one in crm.suppressions.list(reason="manual").items] == [made.id]
    assert crm.suppressions.list(reason="bounced").items == []
    with pytest.raises(NotFound):
        crm.suppressions.get(suppression_id="bo@example.com")
    with pytest.raises(NotFound):
        crm.suppressions.get(suppression_id="nothing")


def test_what_can_be_lifted_is_and_a_complaint_is_not(crm: ghl.Client) -> None:
    crm.suppressions.create(address="ann@example.com", reason="manual")
    crm.suppressions.delete(suppression_id="ann@example.com")
    assert crm.suppressions.list().items == []
    crm.suppressions.create(address="ann@example.com", reason="manual")
    worse = crm.suppressions.create(address="ann@example.com", reason="complained", source="provider")
    assert (worse.reason, worse.source) == ("complained", "provider")
    assert crm.suppressions.create(address="ann@example.com", reason="manual").reason == "complained"
    with pytest.raises(Conflict, match=r"ann@example\.com complained, and that cannot be lifted"):
        crm.suppressions.delete(suppression_id="ann@example.com")


def test_a_phone_is_listed_on_its_channel(crm: ghl.Client) -> None:
    crm.suppressions.create(address="912 345 678", channel="sms", reason="unsubscribed")
    assert crm.suppressions.create(address="+351912345678", channel="sms", reason="manual").reason == "unsubscribed"
    assert crm.suppressions.list(channel="email").items == []
    assert crm.suppressions.list(channel="sms").total == 1


def test_somebody_who_was_erased_gets_nothing_when_she_is_entered_again(play: Play) -> None:
    """Only the hash of her address is known, and it cannot be lifted."""
    play.crm.templates.create(name="hello", kind="transactional", subject="Hello", body="Hi")
    play.apply("steps:\n- send_email: hello\n")
    play.crm.erase(contact_id=play.person("Ann").id)
    (kept,) = play.crm.suppressions.list().items
    assert (kept.address, kept.reason) == (None, "erased")
    with pytest.raises(Conflict, match="erased address was erased, and that cannot be lifted"):
        play.crm.suppressions.delete(suppression_id=kept.id)
    play.enroll(play.person("Ann", email="ANN@example.com"))
    play.enroll(play.person("Bo"))
    play.work()
    assert {(one.contact, one.state, one.reason) for one in play.crm.messages.list().items} >= {("Ann", "skipped", "erased")}
    assert [mail["To"] for mail in play.mail()] == ["Bo <bo@example.com>"]
