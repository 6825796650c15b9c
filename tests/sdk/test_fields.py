"""Custom fields over every transport: declared, checked, converted with a preview, indexed, removed."""

from __future__ import annotations

from typing import Any

import pytest

import ghl
from ghl import errors
from tests.sight import seeing

pytestmark = pytest.mark.integration

VALUES: list[tuple[str, Any, Any]] = [
    ("text", " hello ", "hello"),
    ("number", "12.5", 12.5),
    ("number", 12, 12),
    ("money", "12.50", {"value": "12.50", "currency": "EUR", "minor": 1250}),
    ("money", "3 USD", {"value": "3.00", "currency": "USD", "minor": 300}),
    ("date", "2026-11-24", "2026-11-24"),
    ("date", "tomorrow", "2026-03-03"),
    ("datetime", "2026-07-01 10:00", "2026-07-01T09:00:00.000Z"),
    ("bool", "yes", True),
    ("bool", False, False),
    ("select", "SMALL", "small"),
    ("multi-select", ["large", "small", "Large"], ["large", "small"]),
    ("multi-select", "small;large", ["small", "large"]),
    ("url", "example.com/a", "https://example.com/a"),
    ("json", {"a": [1, None]}, {"a": [1, None]}),
]
WRONG: list[tuple[str, Any]] = [
    ("text", ["a"]), ("number", "ten"), ("number", True), ("number", "nan"), ("money", "12 XYZ"), ("date", "soonish"),
    ("datetime", "2026-02-30"), ("bool", "maybe"), ("select", "medium"), ("multi-select", ["small", "medium"]),
    ("url", "no dot"),
]  # fmt: skip


def declare(crm: ghl.Client, kind: str, **more: Any) -> Any:
    """A custom field `size` of a contact."""
    if "select" in kind:
        more.setdefault("choices", ["small", "large"])
    return crm.fields.create(name="size", type=kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "given", "kept"), VALUES)
def test_a_value_is_kept_as_its_type(crm: ghl.Client, kind: str, given: Any, kept: Any) -> None:
    """Written one way, read another; null and empty clear."""
    declare(crm, kind)
    made = crm.contacts.create(first_name="Ana", custom_fields={"size": given})
    assert made.custom_fields == {"size": kept}
    assert crm.contacts.update(contact_id=made.id, custom_fields={"size": kept}).version == 1
    assert crm.contacts.update(contact_id=made.id, custom_fields={"size": None}).custom_fields == {}


@pytest.mark.parametrize(("kind", "given"), WRONG)
def test_a_wrong_value_is_refused_with_the_field_and_what_it_can_be(crm: ghl.Client, kind: str, given: Any) -> None:
    """And nothing is written."""
    declare(crm, kind)
    with pytest.raises(errors.Invalid) as caught:
        crm.contacts.create(first_name="Ana", custom_fields={"size": given})
    assert caught.value.field == "custom_fields.size"
    assert caught.value.hint or "XYZ" in caught.value.message
    assert crm.contacts.list().total == 0


def test_an_undeclared_field_names_the_command_that_declares_it(crm: ghl.Client) -> None:
    """With the nearest known one."""
    declare(crm, "text")
    with pytest.raises(errors.Malformed) as caught:
        crm.contacts.create(first_name="Ana", custom_fields={"sise": 1})
    assert caught.value.field == "custom_fields.sise"
    assert caught.value.hint == "size?   or ghl fields add sise --noun contact --type number"


@pytest.mark.parametrize("name", ["email", "tags", "company", "last_activity_at", "custom", "lead_score", "id"])
def test_a_built_in_name_cannot_be_declared(crm: ghl.Client, name: str) -> None:
    """Whatever filters or answers call their own."""
    with pytest.raises(errors.Conflict) as caught:
        crm.fields.create(name=name)
    assert caught.value.field == "name"


@pytest.mark.parametrize("name", ["Shoe Size", "1st", "", "größe", "a" * 64])
def test_a_name_is_a_plain_word(crm: ghl.Client, name: str) -> None:
    """Small letters, digits and _."""
    with pytest.raises(errors.Invalid) as caught:
        crm.fields.create(name=name)
    assert (caught.value.field, caught.value.hint) == ("name", "small letters, digits and _, such as shoe_size")


@pytest.mark.parametrize("choices", [None, [], ["a", "A"], ["a", " "]])
def test_choices_are_needed_and_told_apart(crm: ghl.Client, choices: Any) -> None:
    """A select without them has no values."""
    with pytest.raises(errors.Invalid) as caught:
        crm.fields.create(name="size", type="select", choices=choices)
    assert caught.value.field == "choices"


def test_a_name_is_taken_per_noun(crm: ghl.Client) -> None:
    """The same name on another noun is another field; a reference says which."""
    made = crm.fields.create(name="tier", noun="contact")
    other = crm.fields.create(name="tier", noun="deal", type="number")
    with pytest.raises(errors.Duplicate) as caught:
        crm.fields.create(name="tier", noun="contact")
    assert caught.value.details["id"] == made.id
    with pytest.raises(errors.Ambiguous):
        crm.fields.get(field_id="tier")
    assert crm.fields.get(field_id="deal.tier").id == other.id
    assert crm.fields.get(field_id="contact.tier").id == made.id


def test_the_list_has_built_in_fields_beside_custom_ones(crm: ghl.Client) -> None:
    """Each with its type, whether it is written and whether it is filtered by."""
    crm.fields.create(name="size", type="select", choices=["s", "l"], indexed=True, label="Size", description="Of shirts")
    found = {one.name: one for one in crm.fields.list(noun="contact")}
    assert (found["city"].type, found["city"].writable, found["city"].filterable) == ("text", True, True)
    assert (found["email"].writable, found["created_at"].writable, found["version"].writable) == (True, False, False)
    assert (found["tags"].type, found["lead_score"].type, found["last_activity_at"].type) == ("list", "number", "datetime")
    assert (found["deleted_at"].type, found["deleted_at"].filterable, found["companies"].type) == ("datetime", False, "list")
    assert found["email"].description == "Primary e-mail; others are kept"
    assert not found["city"].custom
    size = found["size"]
    assert (size.custom, size.type, size.choices, size.indexed, size.label, size.description) == (
        True, "select", ["s", "l"], True, "Size", "Of shirts",
    )  # fmt: skip
    assert [one.name for one in crm.fields.list(noun="contact", custom=True)] == ["size"]
    assert {one.noun for one in crm.fields.list(custom=False)} >= {"contact", "company", "deal", "task", "user"}


def test_every_filterable_field_can_be_filtered_by(crm: ghl.Client) -> None:
    """What the list promises holds for every noun."""
    for one in crm.fields.list(custom=False):
        if one.filterable:
            nouns: Any = getattr(crm, {"company": "companies", "activity": "activities"}.get(one.noun, f"{one.noun}s"))
            assert nouns.list(where=f"has({one.name})").items is not None


@pytest.mark.parametrize("indexed", [False, True])
def test_a_custom_field_filters_bare_and_qualified(crm: ghl.Client, indexed: bool) -> None:
    """And in both spellings finds the same."""
    crm.fields.create(name="size", type="number", indexed=indexed)
    crm.contacts.create_many(items=[{"first_name": f"P{n}", "custom_fields": {"size": n}} for n in range(10)])
    for where in ("size > 6", "custom.size > 6", "size >= 7 && size <= 9"):
        assert crm.contacts.list(where=where).total == 3
    assert crm.contacts.list(where="size == 4").total == 1


def test_an_index_is_filled_when_it_is_asked_for_and_follows_changes(file_crm: ghl.Client) -> None:
    """Older values, new ones, cleared ones and deleted records."""
    crm = file_crm
    transport: Any = crm._transport

    def indexed() -> list[Any]:
        with transport.database.read() as connection:
            return [row[0] for row in connection.tuples("select number_key from field_values order by number_key")]

    crm.fields.create(name="size", type="number")
    people = [crm.contacts.create(first_name=f"P{n}", custom_fields={"size": n}) for n in range(3)]
    assert indexed() == []
    crm.fields.update(field_id="size", indexed=True)
    assert indexed() == [0, 1, 2]
    crm.contacts.update(contact_id=people[0].id, custom_fields={"size": 7})
    crm.contacts.update(contact_id=people[1].id, custom_fields={"size": None})
    crm.contacts.create(first_name="P4", custom_fields={"size": 9})
    assert indexed() == [2, 7, 9]
    crm.undo()
    crm.contacts.delete(contact_id=people[2].id)
    assert crm.contacts.list(where="size < 100").total == 1
    crm.contacts.restore(contact_id=people[2].id)
    assert crm.contacts.list(where="size < 100").total == 2
    crm.fields.update(field_id="size", indexed=False)
    assert indexed() == []


def test_a_type_is_changed_with_a_preview_of_what_is_lost(crm: ghl.Client) -> None:
    """A dry run tells the values; without `force` nothing is lost; an undo brings all of it back."""
    declare(crm, "text")
    people = [crm.contacts.create(first_name=f"P{n}", custom_fields={"size": text}) for n, text in enumerate(("1", "2.5", "big"))]
    with pytest.raises(errors.Conflict) as caught:
        crm.fields.update(field_id="size", type="number")
    assert (caught.value.message, caught.value.field) == ("1 values of size are no number, such as 'big'", "type")
    assert [one["record_id"] for one in caught.value.details["lost"]] == [people[2].id]

    looked = crm.with_options(dry_run=True).fields.update(field_id="size", type="number", force=True)
    assert (looked.converted, [one.value for one in looked.lost]) == (2, ["big"])
    assert crm.fields.get(field_id="size").type == "text"

    crm.fields.update(field_id="size", type="number", force=True)
    done = crm.outcome.change_set
    assert [crm.contacts.get(contact_id=one.id).custom_fields for one in people] == [{"size": 1}, {"size": 2.5}, {}]
    assert crm.contacts.list(where="size > 2").total == 1
    assert crm.undo(change_set_id=done).kept == []
    assert [crm.contacts.get(contact_id=one.id).custom_fields["size"] for one in people] == ["1", "2.5", "big"]
    assert crm.contacts.list(where='size == "big"').total == 1


CONVERSIONS: list[tuple[str, Any, str, Any]] = [
    ("number", 5, "text", "5"),
    ("bool", True, "text", "true"),
    ("multi-select", ["small", "large"], "text", "small; large"),
    ("money", "5 USD", "text", "5.00 USD"),
    ("text", "12.50", "money", {"value": "12.50", "currency": "EUR", "minor": 1250}),
    ("text", "Large", "select", "large"),
    ("select", "large", "multi-select", ["large"]),
    ("datetime", "2026-07-01T23:30:00.000Z", "date", "2026-07-02"),
    ("date", "2026-07-02", "datetime", "2026-07-01T23:00:00.000Z"),
    ("text", "example.com", "url", "https://example.com"),
    ("number", 1, "bool", True),
]


@pytest.mark.parametrize(("kind", "given", "to", "kept"), CONVERSIONS)
def test_values_are_converted(file_crm: ghl.Client, kind: Any, given: Any, to: Any, kept: Any) -> None:
    """Whatever the new type can hold, deleted records' too."""
    made = file_crm.contacts.create(first_name="Ana")
    declare(file_crm, kind)
    file_crm.contacts.update(contact_id=made.id, custom_fields={"size": given})
    file_crm.contacts.delete(contact_id=made.id)
    choices = ["small", "large"] if "select" in to else None
    assert file_crm.fields.update(field_id="size", type=to, choices=choices).converted == 1
    assert file_crm.contacts.restore(contact_id=made.id).custom_fields == {"size": kept}


def test_a_type_is_not_taken_back_where_values_came_since(crm: ghl.Client) -> None:
    """They would be of the wrong type."""
    declare(crm, "number")
    ana = crm.contacts.create(first_name="Ana", custom_fields={"size": 1})
    crm.fields.update(field_id="size", type="text")
    done = crm.outcome.change_set
    crm.contacts.update(contact_id=ana.id, custom_fields={"size": "big"})
    assert "written since" in crm.undo(change_set_id=done).kept[0].reason
    assert crm.fields.get(field_id="size").type == "text"
    assert crm.contacts.get(contact_id=ana.id).custom_fields == {"size": "big"}


def test_a_choice_in_use_is_taken_away_only_by_force(crm: ghl.Client) -> None:
    """Others may come and go."""
    declare(crm, "select")
    ana = crm.contacts.create(first_name="Ana", custom_fields={"size": "large"})
    assert crm.fields.update(field_id="size", choices=["large", "huge"]).choices == ["large", "huge"]
    with pytest.raises(errors.Conflict):
        crm.fields.update(field_id="size", choices=["small"])
    assert crm.fields.update(field_id="size", choices=["small"], force=True).lost[0].value == "large"
    assert crm.contacts.get(contact_id=ana.id).custom_fields == {}


def test_a_field_in_use_is_deleted_only_by_force_and_undo_puts_it_back(crm: ghl.Client) -> None:
    """With its values."""
    declare(crm, "number", indexed=True)
    ana = crm.contacts.create(first_name="Ana", custom_fields={"size": 4})
    with pytest.raises(errors.InUse) as caught:
        crm.fields.delete(field_id="size")
    assert caught.value.message == "1 contact have a value of size".replace("have", "has")
    crm.fields.delete(field_id="size", force=True)
    done = crm.outcome.change_set
    assert crm.contacts.get(contact_id=ana.id).custom_fields == {}
    with pytest.raises(errors.ExpressionError):
        crm.contacts.list(where="size == 4")
    assert [one.name for one in crm.fields.list(noun="contact", custom=True, deleted=True)] == ["size"]
    assert crm.undo(change_set_id=done).kept == []
    assert crm.contacts.list(where="size == 4").total == 1


def test_a_declaration_with_values_is_not_undone(crm: ghl.Client) -> None:
    """The values would have no type."""
    declare(crm, "number")
    declared = crm.outcome.change_set
    ana = crm.contacts.create(first_name="Ana", custom_fields={"size": 4})
    assert "have a value" in crm.undo(change_set_id=declared).kept[0].reason.replace("has", "have")
    crm.contacts.update(contact_id=ana.id, custom_fields=None)
    assert crm.undo(change_set_id=declared).undone == 1
    assert list(crm.fields.list(noun="contact", custom=True)) == []
    made = crm.fields.list(noun="contact", custom=True, deleted=True).items[0]
    assert crm.fields.restore(field_id=made.id or "").name == "size"


@pytest.mark.parametrize("noun", ["contact", "company", "deal", "product", "task", "activity", "note", "user"])
def test_every_noun_has_custom_fields(crm: ghl.Client, noun: Any) -> None:
    """Written with the record and found by."""
    crm.fields.create(name="size", noun=noun, type="number")
    crm.pipelines.create(name="Sales")
    ana = crm.contacts.create(first_name="Ana")
    needed: dict[str, dict[str, Any]] = {
        "task": {"title": "Call"}, "note": {"body": "x", "contact_id": ana.id},
        "activity": {"kind": "call", "contact_id": ana.id}, "contact": {"first_name": "Rui"},
    }  # fmt: skip
    nouns: Any = getattr(crm, {"company": "companies", "activity": "activities"}.get(noun, f"{noun}s"))
    made = nouns.create(**needed.get(noun, {"name": "X"}), custom_fields={"size": 3})
    assert made.custom_fields == {"size": 3}
    assert [one.id for one in nouns.list(where="size == 3")] == [made.id]


def test_an_older_version_is_refused(crm: ghl.Client) -> None:
    """Two people do not overwrite each other."""
    made = declare(crm, "text")
    crm.fields.update(field_id="size", label="Size", version=made.version)
    with pytest.raises(errors.StaleVersion):
        crm.fields.update(field_id="size", label="Shirt", version=made.version)


@pytest.mark.security
def test_values_that_one_does_not_see_are_not_changed(local: ghl.Client) -> None:
    """A new type and a forced deletion would touch them."""
    declare(local, "text")
    local.contacts.create(first_name="Other", custom_fields={"size": "1"})
    ines = seeing(local, "own", name="Ines")
    with pytest.raises(errors.NotAllowed):
        ines.fields.update(field_id="size", type="number")
    with pytest.raises(errors.NotAllowed):
        ines.fields.delete(field_id="size", force=True)
    assert local.fields.get(field_id="size").type == "text"


def test_fields_have_pages(crm: ghl.Client) -> None:
    """All of them at once where nobody asks for pages."""
    every = crm.fields.list(noun="contact")
    assert (len(every.items), every.next_cursor) == (every.total, None)
    second = crm.fields.list(noun="contact", page=2, page_size=10)
    assert ([one.name for one in second.items], second.total) == ([one.name for one in every.items[10:20]], every.total)
    assert [one.name for one in crm.fields.list(noun="contact", page_size=7)] == [one.name for one in every.items]
    assert crm.fields.list(noun="contact", page=90).items == []
