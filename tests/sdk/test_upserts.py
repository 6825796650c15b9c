"""Creating or updating by what another system knows, of every noun, over every transport."""

from __future__ import annotations

from typing import Any

import pytest

import ghl
from ghl import errors, nouns

pytestmark = pytest.mark.integration

WORK: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "notes": ({"body": "Likes tea"}, {"body": "Likes coffee", "pinned": True}),
    "tasks": ({"title": "Call"}, {"title": "Call again", "priority": "high"}),
    "activities": ({"kind": "call", "subject": "Price"}, {"subject": "Terms", "outcome": "reached"}),
}
EVERY = ("create", "get", "list", "update", "upsert", "delete", "restore")
NOUNS = ("contacts", "companies", "deals", "pipelines", "products", "activities", "notes", "tasks", "tags", "fields", "users")


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_has_every_verb(noun: str) -> None:
    """Of one record, and of many in one transaction."""
    known = nouns.load(noun).__operations__.keys()
    many = {f"{verb}_many" for verb in EVERY if verb not in ("get", "list")}
    assert {*EVERY, *many} <= known


@pytest.mark.parametrize("noun", WORK)
def test_work_is_matched_by_the_id_of_another_system(crm: ghl.Client, noun: str) -> None:
    """The second time the same record is updated; what is left out stays."""
    crm.contacts.create(first_name="Ana")
    first, second = WORK[noun]
    verbs = getattr(crm, noun)
    made = verbs.upsert(external_id="x-1", contact_id="Ana", **first)
    again = verbs.upsert(external_id="x-1", **second)
    assert (again.id, again.version, again.external_id, again.contact) == (made.id, 2, "x-1", "Ana")
    assert {name: getattr(again, name) for name in second} == second
    assert verbs.upsert(external_id="x-1", **second).version == 2
    assert verbs.list(where='external_id == "x-1"').total == verbs.list().total == 1


@pytest.mark.parametrize("noun", WORK)
def test_much_work_is_matched_in_one_transaction(crm: ghl.Client, noun: str) -> None:
    """What is new, what changed and what did not are told apart; undo takes all of it back."""
    crm.contacts.create(first_name="Ana")
    first, second = WORK[noun]
    verbs = getattr(crm, noun)
    verbs.upsert(external_id="a", contact_id="Ana", **first)
    verbs.upsert(external_id="b", contact_id="Ana", **first | second)
    items = [{"external_id": key, "contact_id": "Ana", **first, **second} for key in "abc"]
    told = verbs.upsert_many(items=items)
    assert (told.count, told.unchanged) == (2, 1)
    assert verbs.list().total == 3
    crm.undo()
    assert verbs.list().total == 2


@pytest.mark.parametrize("noun", WORK)
def test_an_upsert_without_what_it_matches_by_is_refused(crm: ghl.Client, noun: str) -> None:
    """It would create another record each time; so is one that fits several."""
    crm.contacts.create(first_name="Ana")
    first, _ = WORK[noun]
    verbs = getattr(crm, noun)
    with pytest.raises(errors.Invalid, match="external_id") as caught:
        verbs.upsert(contact_id="Ana", **first)
    assert caught.value.field == "external_id"
    for _ in range(2):
        verbs.create(external_id="twice", contact_id="Ana", **first)
    with pytest.raises(errors.Duplicate):
        verbs.upsert(external_id="twice", contact_id="Ana", **first)


def test_tags_and_users_are_matched_many_at_once(crm: ghl.Client) -> None:
    """Tags by their folded name, users by e-mail or name."""
    crm.tags.create(name="VIP")
    told = crm.tags.upsert_many(items=[{"name": "vip", "description": "The best"}, {"name": "New"}])
    assert (told.count, crm.tags.list().total) == (2, 2)
    assert crm.tags.get(tag_id="VIP").description == "The best"
    crm.users.create(name="Ines", email="ines@example.com")
    crm.users.upsert_many(items=[{"email": "ines@example.com", "office": "Porto"}, {"name": "Rui"}])
    assert {one.name: one.office for one in crm.users.list()} == {"Ines": "Porto", "Rui": None}


def test_a_custom_field_is_declared_or_changed(crm: ghl.Client) -> None:
    """What is left out stays as it is, the type too; values follow a new type."""
    made = crm.fields.upsert(name="size", type="number", label="Shoe size")
    crm.contacts.create(first_name="Ana", custom_fields={"size": 39})
    same = crm.fields.upsert(name="size", indexed=True)
    assert (same.id, same.type, same.label, same.indexed) == (made.id, "number", "Shoe size", True)
    text = crm.fields.upsert(name="size", type="text")
    assert (text.type, text.converted) == ("text", 1)
    assert crm.contacts.list().items[0].custom_fields == {"size": "39"}
    assert crm.fields.upsert(name="size", noun="deal").id != made.id
    assert crm.fields.get(field_id="deal.size").type == "text"


def test_many_custom_fields_at_once(crm: ghl.Client) -> None:
    """Declared, upserted, changed, deleted and restored, by name or by filter, each an undo."""
    told = crm.fields.create_many(items=[{"name": "size", "type": "number"}, {"name": "hat"}])
    assert told.count == 2
    told = crm.fields.upsert_many(items=[{"name": "hat", "label": "Hat"}, {"name": "glove"}, {"name": "size"}])
    assert (told.count, told.unchanged) == (2, 1)
    told = crm.fields.update_many(where='noun == "contact" && name != "size"', values={"indexed": True})
    assert told.count == 2
    assert [one.indexed for one in crm.fields.list(custom=True)] == [False, True, True]
    crm.contacts.create(first_name="Ana", custom_fields={"hat": "bowler"})
    with pytest.raises(errors.InUse):
        crm.fields.delete_many(ids=["size", "hat"])
    told = crm.fields.delete_many(ids=["size", "hat"], force=True)
    assert (told.count, [one.name for one in crm.fields.list(custom=True)]) == (2, ["glove"])
    assert crm.fields.restore_many(where="true").count == 2
    assert crm.fields.list(custom=True).total == 3
    with pytest.raises(errors.Duplicate):
        crm.fields.create_many(items=[{"name": "new"}, {"name": "hat"}])
    assert crm.fields.list(custom=True).total == 3
