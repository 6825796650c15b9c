"""Users over every transport: colleagues without a login, named by e-mail or exact name."""

from __future__ import annotations

from typing import Any

import pytest

import ghl
from ghl import errors

pytestmark = pytest.mark.integration


def test_a_user_owns_records_by_name_or_e_mail(crm: ghl.Client) -> None:
    """Whatever case and accents."""
    rui = crm.users.create(name="Rui Conceição", email="Rui@Example.com", zone="Atlantic/Azores")
    for reference in (rui.id, rui.id[-8:], "rui conceicao", "RUI@example.com"):
        assert crm.users.get(user_id=reference).id == rui.id
    contact = crm.contacts.create(first_name="Ana", owner_id="rui@example.com")
    assert (contact.owner, contact.owner_id) == ("Rui Conceição", rui.id)
    assert crm.contacts.list(owner_id="Rui Conceicao").total == 1
    assert crm.contacts.list(where='owner == "Rui Conceição"').total == 1
    crm.users.update(user_id=rui.id, name="Rui C.")
    assert crm.contacts.get(contact_id=contact.id).owner == "Rui C."


def test_an_e_mail_alone_gives_a_name(crm: ghl.Client) -> None:
    """Its first part."""
    made = crm.users.create(email="rui@example.com")
    assert (made.name, made.active, made.zone) == ("rui", True, None)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "name"),
    ({"name": " "}, "name"),
    ({"name": "Rui", "zone": "Lisbon"}, "zone"),
    ({"name": "Rui", "email": "rui at example"}, "email"),
]


@pytest.mark.parametrize(("fields", "field"), WRONG)
def test_a_wrong_user_is_refused_by_field(crm: ghl.Client, fields: dict[str, Any], field: str) -> None:
    """With what to write instead where there is something near."""
    with pytest.raises(errors.Invalid) as caught:
        crm.users.create(**fields)
    assert caught.value.field == field


def test_an_e_mail_is_one_users_while_she_is_there(crm: ghl.Client) -> None:
    """A deleted user's is free, and she cannot come back to it."""
    first = crm.users.create(name="Rui", email="rui@example.com")
    with pytest.raises(errors.Duplicate) as caught:
        crm.users.create(name="Other", email="RUI@EXAMPLE.com")
    assert caught.value.details["id"] == first.id
    crm.users.delete(user_id=first.id)
    crm.users.create(name="Other", email="rui@example.com")
    with pytest.raises(errors.Duplicate):
        crm.users.restore(user_id=first.id)


def test_two_of_one_name_are_told_apart(crm: ghl.Client) -> None:
    """The error lists both."""
    ids = {crm.users.create(name="Rui").id for _ in range(2)}
    with pytest.raises(errors.Ambiguous) as caught:
        crm.contacts.create(first_name="Ana", owner_id="Rui")
    assert set(caught.value.details["matches"]) == ids


def test_upsert_matches_the_e_mail_then_the_name(crm: ghl.Client) -> None:
    """So that an import names colleagues however its file does."""
    rui = crm.users.create(name="Rui", email="rui@example.com")
    assert crm.users.upsert(email="rui@example.com", office="Porto").id == rui.id
    assert crm.users.upsert(name="RUI", manager="Ana").id == rui.id
    assert crm.users.upsert(name="Ana").id != rui.id
    shown = crm.users.get(user_id=rui.id)
    assert (shown.name, shown.office, shown.manager) == ("RUI", "Porto", "Ana")


def test_who_left_keeps_what_she_owned(crm: ghl.Client) -> None:
    """Her records still say whose they were; nothing new can be given to her."""
    crm.users.create(name="Rui")
    contact = crm.contacts.create(first_name="Ana", owner_id="Rui")
    assert crm.users.update(user_id="Rui", active=False).active is False
    assert crm.users.list(where="!active").total == 1
    crm.users.delete(user_id="Rui")
    assert crm.contacts.get(contact_id=contact.id).owner == "Rui"
    with pytest.raises(errors.NotFound) as caught:
        crm.contacts.create(first_name="Eva", owner_id="Rui")
    assert caught.value.field == "owner_id"
    crm.undo()
    assert crm.contacts.create(first_name="Eva", owner_id="Rui").owner == "Rui"


def test_many_at_once(crm: ghl.Client) -> None:
    """Created, changed, deleted and restored."""
    crm.users.create_many(items=[{"name": "Ana"}, {"name": "Rui"}])
    assert crm.users.update_many(where="true", values={"office": "Porto"}).count == 2
    assert crm.users.delete_many(where='office == "Porto"').count == 2
    assert crm.users.restore_many(ids=[user.id for user in crm.users.list(deleted=True)]).count == 2
    assert [user.name for user in crm.users.list(sort="name")] == ["Ana", "Rui"]
