"""Saved views over every transport: checked when saved, used in lists, kept as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl import errors, views
from ghl.engine.workflows.folder import read_folder
from tests.sight import seeing

pytestmark = pytest.mark.integration


def people(crm: ghl.Client) -> None:
    """Four contacts in two cities."""
    for name, city, score in (("Ana", "Porto", 3), ("Rui", "Porto", 9), ("Eva", "Lisbon", 5), ("Bo", "Porto", 1)):
        crm.contacts.create(first_name=name, city=city, lead_score=score)


def names(page: Any) -> list[str]:
    """First names, in the order of the list."""
    return [one.first_name for one in page]


def test_a_view_filters_and_sorts_a_list(crm: ghl.Client) -> None:
    """Beside what is asked for, and page after page."""
    people(crm)
    made = crm.views.create(name="Hot in Porto", where='city == "Porto" && lead_score > 1', sort="-lead_score", columns=["name", "city"])
    assert (made.noun, made.columns) == ("contacts", ["name", "city"])
    for reference in ("hot in porto", made.id, made.id[-8:]):
        assert names(crm.contacts.list(view=reference)) == ["Rui", "Ana"]
    assert names(crm.contacts.list(view="Hot in Porto", page_size=1)) == ["Rui", "Ana"]
    assert names(crm.contacts.list(view="Hot in Porto", where="lead_score < 9")) == ["Ana"]
    assert names(crm.contacts.list(view="Hot in Porto", sort="lead_score")) == ["Ana", "Rui"]
    assert crm.contacts.list(view="Hot in Porto").total == 2


def test_a_name_is_taken_per_noun(crm: ghl.Client) -> None:
    """Each list knows its own."""
    crm.companies.create(name="Acme", city="Porto")
    people(crm)
    first = crm.views.create(name="North", where='city == "Porto"')
    crm.views.create(name="North", noun="companies", where='city == "Porto"')
    with pytest.raises(errors.Duplicate) as caught:
        crm.views.create(name="north")
    assert caught.value.details["id"] == first.id
    assert (crm.contacts.list(view="north").total, crm.companies.list(view="north").total) == (3, 1)
    with pytest.raises(errors.Ambiguous):
        crm.views.get(view_id="North")
    assert crm.views.get(view_id="companies.North").noun == "companies"
    with pytest.raises(errors.NotFound) as missing:
        crm.deals.list(view="North")
    assert (missing.value.message, missing.value.hint, missing.value.field) == (
        'there is no view "North" of deals', "ghl views list --noun deals", "view",
    )  # fmt: skip


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"name": " "}, "name", ""),
    ({"name": "x", "where": "citty == 'Porto'"}, "where", "city?"),
    ({"name": "x", "where": "city"}, "where", ""),
    ({"name": "x", "sort": "shoe"}, "sort", "one of: created_at, updated_at, name, lead_score, last_activity_at"),
    ({"name": "x", "columns": ["nmae"]}, "columns", "name?"),
    ({"name": "x", "columns": ["custom.size"]}, "columns", ""),
    ({"name": "x", "noun": "planets"}, "noun", ""),
]


@pytest.mark.parametrize(("fields", "field", "hint"), WRONG)
def test_a_view_that_could_not_be_used_is_refused(crm: ghl.Client, fields: dict[str, Any], field: str, hint: str) -> None:
    """By the part that is wrong, with what is near."""
    with pytest.raises(errors.Invalid) as caught:
        crm.views.create(**fields)
    if not isinstance(caught.value, errors.ExpressionError):
        assert caught.value.field == field
    assert hint in (caught.value.hint or "")
    assert crm.views.list().total == 0


def test_a_view_is_changed_deleted_and_taken_back(crm: ghl.Client) -> None:
    """A name that was taken meanwhile is not given twice."""
    made = crm.views.create(name="A", where='city == "Porto"', sort="name")
    crm.fields.create(name="size", type="number")
    changed = crm.views.update(view_id="A", where="custom.size > 3", columns=["name", "custom.size"], version=made.version)
    assert (changed.where, changed.sort) == ("custom.size > 3", "name")
    assert crm.views.upsert(name="a", sort="-name").id == made.id
    assert crm.views.update(view_id="A", where=None).where is None
    crm.undo()
    assert crm.views.get(view_id="A").where == "custom.size > 3"
    crm.views.delete(view_id="A")
    with pytest.raises(errors.NotFound):
        crm.contacts.list(view="A")
    crm.views.create(name="A")
    with pytest.raises(errors.Duplicate):
        crm.views.restore(view_id=made.id)
    assert crm.views.list(noun="deals").total == 0


def test_views_travel_as_files(crm: ghl.Client, tmp_path: Path) -> None:
    """Written, read from a folder of definitions, saved elsewhere: the same."""
    crm.views.create(name="São Paulo: hot!", where='"vip" in tags && city != "Rio"', sort="-lead_score", columns=["name", "email"])
    crm.views.create(name="All", noun="deals")
    folder = tmp_path / "views"
    folder.mkdir()
    for view in crm.views.list():
        (folder / views.file_of(view)).write_text(views.text_of(view), "utf-8")
    assert sorted(path.name for path in folder.iterdir()) == ["contacts-sao-paulo-hot.yaml", "deals-all.yaml"]
    assert (folder / "contacts-sao-paulo-hot.yaml").read_text("utf-8").startswith("view:")
    assert sorted(read_folder(tmp_path).views) == ["contacts.São Paulo: hot!", "deals.All"]
    before = [view.model_dump() for view in crm.views.list()]
    for path in folder.iterdir():
        crm.views.upsert(**views.fields_of_file(path.read_bytes(), path.name))
    assert [view.model_dump() for view in crm.views.list()] == before


@pytest.mark.parametrize(("text", "place", "word"), [
    ("view: x\nnoun: planets\n", ":2:", "planets"), ("view: x\ncolumms: [name]\n", ":2:", "columms"),
    ("noun: deals\n", ":1:", "view"), ("- a\n", ":1:", ""), ("view: [\n", ":2:", ""),
])  # fmt: skip
def test_a_wrong_file_says_where(text: str, place: str, word: str) -> None:
    """With line and column."""
    with pytest.raises(errors.DefinitionError) as caught:
        views.fields_of_file(text.encode(), "v.yaml")
    assert f"v.yaml{place}" in caught.value.message
    assert word in caught.value.message + (caught.value.hint or "")


@pytest.mark.security
def test_a_view_shows_nobody_more_than_she_sees(local: ghl.Client) -> None:
    """It is a filter beside the others."""
    people(local)
    local.views.create(name="All", where="true || lead_score > 0")
    assert local.contacts.list(view="All").total == 4
    for sees in ("own", "none"):
        assert seeing(local, sees, name=sees).contacts.list(view="All").total == 0  # type: ignore[arg-type]


def test_a_view_may_be_named_with_its_noun(crm: ghl.Client) -> None:
    """As references to it are written; another noun is told."""
    assert crm.views.create(name="contacts.Hot", where="lead_score > 5").name == "Hot"
    assert crm.views.upsert(name="contacts.hot", where="lead_score > 6").where == "lead_score > 6"
    assert crm.contacts.list(view="Hot").total == 0
    with pytest.raises(errors.Invalid) as caught:
        crm.views.create(name="deals.Hot")
    assert caught.value.hint == "--noun deals"
    assert crm.views.create(name="deals.Hot", noun="deals").name == "Hot"
