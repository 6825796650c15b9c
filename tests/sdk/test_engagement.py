"""Following, scoring, lifecycle stages and channels of contacts, over every transport."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import ghl
from ghl import errors
from ghl.sdk.crm.contact_records import Follower
from tests.sight import seeing

pytestmark = pytest.mark.integration


def test_users_follow_a_contact(crm: ghl.Client) -> None:
    """Twice is once; the filter and the history know it; undo takes one follower, not the others."""
    rui, ana = (crm.users.create(name=name) for name in ("Rui", "Ana"))
    maria = crm.contacts.create(first_name="Maria")
    assert crm.contacts.follow(contact_id=maria.id, user_id="Rui").followers == [Follower(user_id=rui.id, name="Rui")]
    first = crm.outcome.change_set
    assert crm.contacts.follow(contact_id=maria.id, user_id="Rui").version == 2
    crm.contacts.follow(contact_id=maria.id, user_id="Ana")
    assert crm.contacts.list(where='"Rui" in followers && size(followers) == 2').total == 1
    crm.undo(change_set_id=first)
    kept = crm.contacts.get(contact_id=maria.id)
    assert [one.user_id for one in kept.followers] == [ana.id]
    assert crm.contacts.update(contact_id=maria.id, followers=[one.model_dump() for one in kept.followers]).version == kept.version  # type: ignore[misc]
    assert crm.contacts.update(contact_id=maria.id, followers=["Rui", "Ana"]).followers[0].name
    crm.undo()
    crm.users.delete(user_id="Ana")
    assert crm.contacts.unfollow(contact_id=maria.id, user_id="Ana").followers == []
    with pytest.raises(errors.NotFound) as caught:
        crm.contacts.follow(contact_id=maria.id, user_id="Nobody")
    assert caught.value.field == "user_id"


def test_a_score_is_set_and_adjusted(crm: ghl.Client) -> None:
    """Up and down, from what it is now; found by and sorted by."""
    maria = crm.contacts.create(first_name="Maria")
    crm.contacts.create(first_name="Eva", lead_score=5)
    assert crm.contacts.set_score(contact_id=maria.id, score=10).lead_score == 10
    assert crm.contacts.adjust_score(contact_id=maria.id, by=7).lead_score == 17
    assert crm.contacts.adjust_score(contact_id=maria.id, by=-20).lead_score == -3
    assert crm.contacts.adjust_score(contact_id=maria.id, by=0).version == 4
    assert [c.first_name for c in crm.contacts.list(sort="-lead_score")] == ["Eva", "Maria"]
    crm.undo()
    assert crm.contacts.get(contact_id=maria.id).lead_score == 17
    with pytest.raises(errors.Invalid):
        crm.contacts.adjust_score(contact_id=maria.id, by=2**60)


def test_a_lifecycle_stage_moves_only_forward_unless_told(crm: ghl.Client) -> None:
    """Spelled as the account does; another stage has no place in the order; null clears."""
    maria = crm.contacts.create(first_name="Maria", lifecycle_stage="LEAD")
    assert maria.lifecycle_stage == "lead"
    assert crm.contacts.update(contact_id=maria.id, lifecycle_stage="customer").lifecycle_stage == "customer"
    with pytest.raises(errors.Conflict) as caught:
        crm.contacts.update(contact_id=maria.id, lifecycle_stage="lead", city="Porto")
    assert (caught.value.field, caught.value.hint) == ("lifecycle_stage", "--move-back lets it")
    assert crm.contacts.get(contact_id=maria.id).city is None
    back = crm.contacts.update(contact_id=maria.id, lifecycle_stage="lead", move_back=True)
    assert back.lifecycle_stage == "lead"
    crm.undo()
    assert crm.contacts.get(contact_id=maria.id).lifecycle_stage == "customer"
    assert crm.contacts.update(contact_id=maria.id, lifecycle_stage="partner").lifecycle_stage == "partner"
    assert crm.contacts.update(contact_id=maria.id, lifecycle_stage=None).lifecycle_stage is None
    assert crm.contacts.update(contact_id=maria.id, lifecycle_stage="subscriber").lifecycle_stage == "subscriber"


def test_the_order_is_the_accounts(crm: ghl.Client) -> None:
    """As its settings say."""
    crm.settings.set(lifecycle_stages=["Customer", "Fan", "Lead"])
    maria = crm.contacts.create(first_name="Maria", lifecycle_stage="customer")
    assert crm.contacts.update(contact_id=maria.id, lifecycle_stage="lead").lifecycle_stage == "Lead"
    result = crm.contacts.update_many(where="true", values={"lifecycle_stage": "fan"}, partial=True)
    assert (result.failed, result.failures[0].field) == (1, "lifecycle_stage")
    assert crm.contacts.update_many(where="true", values={"lifecycle_stage": "fan", "move_back": True}).count == 1


def test_where_nobody_is_told_the_further_stage_stays(file_crm: ghl.Client) -> None:
    """A workflow and an import write the rest."""
    maria = file_crm.contacts.create(first_name="Maria", lifecycle_stage="customer")
    transport: Any = file_crm._transport
    transport.caller = replace(transport.caller, origin="workflow")
    changed = file_crm.contacts.update(contact_id=maria.id, lifecycle_stage="lead", city="Porto")
    assert (changed.lifecycle_stage, changed.city) == ("customer", "Porto")


def test_channels_are_closed_one_by_one(crm: ghl.Client) -> None:
    """Through an update, found by a filter, and only those there are."""
    maria = crm.contacts.create(first_name="Maria", dnd=["email"])
    assert crm.contacts.update(contact_id=maria.id, dnd=["sms", "call"]).dnd == ["sms", "call"]
    assert crm.contacts.list(where='"sms" in dnd').total == 1
    assert crm.contacts.list(where='"email" in dnd').total == 0
    with pytest.raises(errors.Invalid) as caught:
        crm.contacts.update(contact_id=maria.id, dnd=["fax"])  # type: ignore[list-item]
    assert caught.value.field == "dnd.0"
    assert crm.contacts.update(contact_id=maria.id, dnd=None).dnd == []


@pytest.mark.security
@pytest.mark.parametrize("sees", ["own", "none"])
def test_whom_one_does_not_see_one_neither_follows_nor_scores(local: ghl.Client, sees: Any) -> None:
    """As if there were none."""
    maria = local.contacts.create(first_name="Maria")
    ines = seeing(local, sees, name="Ines")
    for call in (
        lambda: ines.contacts.follow(contact_id=maria.id, user_id="Ines"),
        lambda: ines.contacts.unfollow(contact_id=maria.id, user_id="Ines"),
        lambda: ines.contacts.set_score(contact_id=maria.id, score=1),
        lambda: ines.contacts.adjust_score(contact_id=maria.id, by=1),
        lambda: ines.contacts.timeline(contact_id=maria.id),
    ):
        with pytest.raises(errors.NotFound):
            call()
