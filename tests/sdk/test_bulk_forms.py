"""Every noun in bulk: by ids and by filter, with counts, failures and one change set that takes it back."""

from __future__ import annotations

from typing import Any

import pytest

import ghl
from ghl import nouns
from ghl.errors import NotFound, PlanChanged

pytestmark = pytest.mark.integration

NEW: dict[str, list[dict[str, Any]]] = {
    "contacts": [{"first_name": "Ann"}, {"first_name": "Bo"}, {"first_name": "Cy"}],
    "companies": [{"name": "Acme"}, {"name": "Beta"}, {"name": "Gamma"}],
    "deals": [{"name": "One", "pipeline_id": "Sales"}, {"name": "Two", "pipeline_id": "Sales"}, {"name": "Three", "pipeline_id": "Sales"}],
    "pipelines": [{"name": name, "stages": [{"name": "New"}]} for name in ("North", "South", "West")],
    "products": [{"name": "Chair"}, {"name": "Desk"}, {"name": "Lamp"}],
    "activities": [{"kind": "call", "subject": subject, "contact_id": "Zoe"} for subject in ("a", "b", "c")],
    "notes": [{"body": body, "contact_id": "Zoe"} for body in ("a", "b", "c")],
    "tasks": [{"title": "a"}, {"title": "b"}, {"title": "c"}],
    "tags": [{"name": "red"}, {"name": "green"}, {"name": "blue"}],
    "fields": [{"name": name, "noun": "contact", "type": "text"} for name in ("size", "shape", "shade")],
    "users": [{"name": "Olga"}, {"name": "Pia"}, {"name": "Rui"}],
}
"""Three new records of each noun."""
WRITTEN: dict[str, dict[str, Any]] = {
    "contacts": {"city": "Rome"}, "companies": {"city": "Rome"}, "deals": {"source": "fair"}, "pipelines": {"position": 7},
    "products": {"description": "new"}, "activities": {"outcome": "done"}, "notes": {"pinned": True}, "tasks": {"priority": "high"},
    "tags": {"description": "new"}, "fields": {"description": "new"}, "users": {"zone": "Europe/Rome"},
}  # fmt: skip
"""What is written to all of them."""


def test_every_noun_with_bulk_forms_is_tried() -> None:
    bulk = {name for name in nouns.NOUNS if "update_many" in nouns.load(name).__operations__}
    assert bulk == NEW.keys() == WRITTEN.keys()


@pytest.mark.parametrize("noun", list(NEW))
def test_by_ids_and_by_filter(crm: ghl.Client, noun: str) -> None:
    crm.pipelines.create(name="Sales", stages=[{"name": "New"}])  # type: ignore[arg-type]
    zoe = crm.contacts.create(first_name="Zoe")
    resource = getattr(crm, noun)
    before = resource.list().total
    made = resource.create_many(items=NEW[noun])
    assert (made.count, made.failed, len(made.ids), resource.list().total) == (3, 0, 3, before + 3)
    mine = f"id in [{', '.join(repr(one) for one in made.ids)}]".replace("'", '"')

    changed = resource.update_many(ids=made.ids[:2], values=WRITTEN[noun])
    assert (changed.count, changed.unchanged, changed.failed) == (2, 0, 0)
    dry = resource.update_many(where=mine, values=WRITTEN[noun], dry_run=True)
    assert (dry.count, dry.unchanged, dry.change_set, dry.dry_run) == (1, 2, None, True)
    changed = resource.update_many(where=mine, values=WRITTEN[noun], plan=dry.digest)
    assert (changed.count, changed.unchanged, changed.failed) == (1, 2, 0)
    with pytest.raises(PlanChanged):
        resource.update_many(where=mine, values=WRITTEN[noun], plan=dry.digest)

    with pytest.raises(NotFound):
        resource.delete_many(ids=[*made.ids, "nobody"])
    gone = resource.delete_many(ids=[*made.ids, "nobody"], partial=True)
    assert (gone.count, gone.failed, [failure.code for failure in gone.failures]) == (3, 1, ["not_found"])
    assert resource.list().total == before
    back = resource.restore_many(where=mine)
    assert (back.count, back.failed, resource.list().total) == (3, 0, before + 3)
    assert resource.restore_many(ids=made.ids).unchanged == 3
    again = resource.delete_many(where=mine)
    assert (again.count, resource.list().total, isinstance(again.change_set, int)) == (3, before, True)
    undone = crm.undo(change_set_id=again.change_set)
    assert (undone.undone, undone.kept, resource.list().total) == (3, [], before + 3)
    assert crm.contacts.get(zoe.id).first_name == "Zoe"
