"""Contacts over every transport."""

from __future__ import annotations

from datetime import timedelta

import pytest

import ghl
from ghl import errors
from ghl.engine.clock import VirtualClock

pytestmark = pytest.mark.integration


def test_a_contact_is_created_shown_and_listed(crm: ghl.Client) -> None:
    """What was written is what is read, whatever lies between."""
    made = crm.contacts.create(
        first_name="Maria", last_name="Alves", email="Maria.Alves@Example.com", phone="912 345 678"
    )
    assert made.name == "Maria Alves"
    assert made.phone == "+351912345678"
    assert [e.primary for e in made.emails] == [True]
    assert crm.contacts.get(contact_id=made.id) == made
    page = crm.contacts.list()
    assert (page.total, [c.id for c in page]) == (1, [made.id])


@pytest.mark.parametrize("name", ["id", "tail", "email", "full name"])
def test_a_reference_is_an_id_its_tail_or_a_unique_name(crm: ghl.Client, name: str) -> None:
    """Every way to name a record finds it."""
    made = crm.contacts.create(first_name="Maria", last_name="Alves", email="maria@example.com")
    references = {"id": made.id, "tail": made.id[-8:], "email": "MARIA@example.com", "full name": "maria alves"}
    assert crm.contacts.get(contact_id=references[name]).id == made.id


def test_an_ambiguous_name_lists_its_matches(crm: ghl.Client) -> None:
    """Two people of one name are told apart by id."""
    ids = {crm.contacts.create(first_name="Ana", last_name="Silva").id for _ in range(2)}
    with pytest.raises(errors.Ambiguous) as caught:
        crm.contacts.get(contact_id="Ana Silva")
    assert set(caught.value.details["matches"]) == ids


def test_a_field_left_out_stays_null_clears_and_a_list_replaces(crm: ghl.Client) -> None:
    """The three meanings of an update."""
    made = crm.contacts.create(first_name="Ana", last_name="Silva", city="Porto", tags=["a", "b"])
    changed = crm.contacts.update(contact_id=made.id, city=None, tags=["c"])
    assert (changed.first_name, changed.city, changed.tags) == ("Ana", None, ["c"])
    changed = crm.contacts.update(contact_id=made.id, add_tags=["d"], remove_tags=["c"])
    assert changed.tags == ["d"]


def test_writing_email_sets_the_primary_and_keeps_the_others(crm: ghl.Client) -> None:
    """The old primary stays as a second address."""
    made = crm.contacts.create(email="one@example.com")
    changed = crm.contacts.update(contact_id=made.id, email="two@example.com")
    assert changed.email == "two@example.com"
    assert [(e.address, e.primary) for e in changed.emails] == [
        ("two@example.com", True), ("one@example.com", False),
    ]  # fmt: skip
    changed = crm.contacts.update(contact_id=made.id, emails=[{"address": "three@example.com"}])
    assert [e.address for e in changed.emails] == ["three@example.com"]


def test_sending_a_response_back_changes_nothing(crm: ghl.Client) -> None:
    """A program may read, and write all of it back."""
    made = crm.contacts.create(first_name="Ana", email="ana@example.com", tags=["x"], phone="+351912345678")
    body = made.model_dump(mode="json")
    again = crm.contacts.update(contact_id=made.id, **{k: v for k, v in body.items() if k != "id"})
    assert again == made


def test_a_field_that_cannot_be_written_is_refused_by_itself(crm: ghl.Client) -> None:
    """Nobody believes to have changed what stays as it was."""
    with pytest.raises(errors.Malformed, match='no field "name"') as caught:
        crm.contacts.create(name="Ann Lee")
    assert "first_name" in str(caught.value.hint)
    made = crm.contacts.create(first_name="Ana")
    with pytest.raises(errors.Malformed, match='no field "name"'):
        crm.contacts.update(contact_id=made.id, name="Eva")


def test_a_taken_email_names_its_holder(crm: ghl.Client) -> None:
    """Unique among live contacts, case and IDN folded."""
    first = crm.contacts.create(email="ana@example.com")
    with pytest.raises(errors.Duplicate) as caught:
        crm.contacts.create(email="ANA@EXAMPLE.COM")
    assert caught.value.details["id"] == first.id
    crm.contacts.delete(contact_id=first.id)
    second = crm.contacts.create(email="ana@example.com")
    with pytest.raises(errors.Duplicate):
        crm.contacts.restore(contact_id=first.id)
    crm.contacts.delete(contact_id=second.id)
    assert crm.contacts.restore(contact_id=first.id).email == "ana@example.com"


def test_a_stale_version_answers_with_all_three_states(crm: ghl.Client, clock: VirtualClock) -> None:
    """A client can merge what it is told: what it sent and nothing else, and the record with the time it had."""
    made = crm.contacts.create(first_name="Ana", city="Porto")
    seen = {1: made.model_dump(mode="json")}
    for version, city in ((1, "Braga"), (2, "Viseu"), (3, "Évora")):
        clock.advance(timedelta(hours=1))
        crm.contacts.update(contact_id=made.id, city=city, version=version)
        seen[version + 1] = crm.contacts.get(contact_id=made.id).model_dump(mode="json")
    assert len({one["updated_at"] for one in seen.values()}) == 4
    for version in (1, 2, 3):
        with pytest.raises(errors.StaleVersion) as caught:
            crm.contacts.update(contact_id=made.id, city="Faro", version=version)
        told = caught.value.details
        assert told["current"] == seen[4]
        assert told["submitted"] == {"city": "Faro", "version": version}
        assert told["original"] == seen[version]
    with pytest.raises(errors.StaleVersion) as caught:
        crm.contacts.upsert_many(items=[{"external_id": "x"}, {"email": None, "external_id": "x", "version": 7}])
    assert caught.value.details["submitted"] == {"email": None, "external_id": "x", "version": 7}


def test_an_unknown_field_is_malformed_and_a_wrong_value_is_invalid(crm: ghl.Client) -> None:
    """The two kinds of bad input have codes of their own."""
    with pytest.raises(errors.Malformed, match="frist_name"):
        crm.contacts.create(frist_name="Ana")  # type: ignore[call-arg]
    with pytest.raises(errors.Invalid) as caught:
        crm.contacts.create(first_name="Ana", email="ana@@example")
    assert caught.value.field == "email"
    with pytest.raises(errors.Malformed) as undeclared:
        crm.contacts.create(first_name="Ana", custom_fields={"scroe": 1})
    assert "ghl fields add scroe" in (undeclared.value.hint or "")


def test_pages_by_number_and_by_cursor_agree(crm: ghl.Client) -> None:
    """Walking by cursor meets every record once, in order, for every sort."""
    for number in range(25):
        crm.contacts.create(first_name=f"P{number % 7}", last_name=f"N{number:02}", lead_score=number % 3)
    for sort in [None, "name", "-name", "lead_score", "-lead_score", "created_at", "-updated_at"]:
        numbered = [c.id for page in (1, 2, 3) for c in crm.contacts.list(sort=sort, page=page, page_size=10).items]
        walked = [c.id for c in crm.contacts.list(sort=sort, page_size=4)]
        assert numbered == walked
        assert len(set(walked)) == 25


def test_a_deep_page_names_the_cursor(crm: ghl.Client) -> None:
    """Numbered pages end where they would get slow."""
    with pytest.raises(errors.Invalid) as caught:
        crm.contacts.list(page=1001, page_size=100)
    assert "next_cursor" in (caught.value.hint or "")
    with pytest.raises(errors.Malformed):
        crm.contacts.list(cursor="bm9uc2Vuc2U")


def test_search_finds_every_word_as_a_prefix(crm: ghl.Client) -> None:
    """Accents and case do not matter."""
    made = crm.contacts.create(first_name="José", last_name="Gonçalves", email="jose@example.com")
    crm.contacts.create(first_name="Josefa", last_name="Pires")
    assert [c.id for c in crm.contacts.list(search="jose gonc")] == [made.id]
    assert crm.contacts.list(search="JOS").total == 2
    crm.contacts.update(contact_id=made.id, last_name="Martins")
    assert crm.contacts.list(search="gonc").total == 0


def test_bulk_by_ids_is_all_or_nothing_unless_partial(crm: ghl.Client) -> None:
    """A failure of one takes all back; partial keeps the rest and names the failure."""
    items = [{"email": "a@example.com"}, {"email": "bad@@example.com"}, {"email": "c@example.com"}]
    with pytest.raises(errors.Invalid):
        crm.contacts.create_many(items=items)  # type: ignore[arg-type]
    assert crm.contacts.list().total == 0
    result = crm.contacts.create_many(items=items, partial=True)  # type: ignore[arg-type]
    assert (result.count, result.failed, result.failures[0].index) == (2, 1, 1)
    assert crm.contacts.list().total == 2


def test_a_dry_run_has_a_digest_that_a_plan_must_meet(crm: ghl.Client) -> None:
    """What was looked at is what is done, or nothing."""
    ids = [crm.contacts.create(first_name=f"P{n}").id for n in range(3)]
    dry = crm.contacts.tag(ids=ids, tags=["vip"], dry_run=True)
    assert (dry.count, dry.dry_run, dry.change_set) == (3, True, None)
    assert crm.contacts.list().first().tags == []  # type: ignore[union-attr]
    crm.contacts.update(contact_id=ids[0], city="Porto")
    with pytest.raises(errors.PlanChanged):
        crm.contacts.tag(ids=ids, tags=["vip"], plan=dry.digest)
    again = crm.contacts.tag(ids=ids, tags=["vip"], dry_run=True)
    done = crm.contacts.tag(ids=ids, tags=["vip"], plan=again.digest)
    assert (done.count, done.digest) == (3, again.digest)


def test_a_change_set_is_undone_and_redone(crm: ghl.Client) -> None:
    """One command is one unit, the tag that it made included."""
    ids = [crm.contacts.create(first_name=f"P{n}", tags=["old"]).id for n in range(3)]
    crm.contacts.tag(ids=ids, tags=["vip"])
    assert crm.undo().undone == 4
    assert {tuple(c.tags) for c in crm.contacts.list()} == {("old",)}
    assert crm.redo().undone == 4
    assert {tuple(c.tags) for c in crm.contacts.list()} == {("old", "vip")}


def test_an_undo_leaves_what_was_changed_since(crm: ghl.Client) -> None:
    """Field by field, with the set that stands in the way."""
    made = crm.contacts.create(first_name="Ana", city="Porto", state="Norte")
    crm.contacts.update(contact_id=made.id, city="Braga", state="Minho")
    first = crm.outcome.change_set
    crm.contacts.update(contact_id=made.id, city="Faro")
    later = crm.outcome.change_set
    result = crm.undo(change_set_id=first)
    now = crm.contacts.get(contact_id=made.id)
    assert (now.city, now.state) == ("Faro", "Norte")
    assert [(k.field, k.change_set) for k in result.kept] == [("city", later)]


def test_a_named_change_set_holds_all_of_a_block(crm: ghl.Client) -> None:
    """A script's changes are undone as one."""
    with crm.change_set("spring cleaning") as changes:
        made = crm.contacts.create(first_name="Ana")
        crm.contacts.update(contact_id=made.id, city="Porto")
    assert changes.summary == {"contact created": 1, "contact changed": 1}
    crm.undo(change_set_id=changes.id)
    assert crm.contacts.list().total == 0


def test_a_batch_is_all_or_nothing(crm: ghl.Client) -> None:
    """The answers name the one that failed and those that were not run."""
    with crm.batch() as batch:
        batch.contacts.create(first_name="a")
        batch.contacts.create(first_name="b")
    assert [item.status for item in batch.result.items] == ["ok", "ok"]
    assert batch.result.change_set is not None
    with pytest.raises(ghl.GhlError) as caught, crm.batch() as failing:
        failing.contacts.create(first_name="c")
        failing.contacts.create(email="no@@example.com")
        failing.contacts.create(first_name="d")
    assert [item.status for item in caught.value.result.items] == ["not_run", "failed", "not_run"]  # type: ignore[attr-defined]
    assert crm.contacts.list().total == 2


def test_history_tells_who_changed_what(crm: ghl.Client) -> None:
    """Newest first, with the values before and after."""
    made = crm.contacts.create(first_name="Ana")
    crm.contacts.update(contact_id=made.id, city="Porto")
    changes = crm.changes.history(noun="contact", record_id=made.id).items
    assert [change.kind for change in changes] == ["changed", "created"]
    assert (changes[0].before, changes[0].after) == ({"city": None}, {"city": "Porto"})
