"""Any sequence of operations, then all of it undone: the business records are those of the start."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ghl
from ghl.engine.clock import VirtualClock
from tests.conftest import START

pytestmark = pytest.mark.integration

NAMES = st.sampled_from(["Ann", "Bo", "Cy", "Di"])
EMAILS = st.sampled_from([f"p{n}@example.com" for n in range(6)])
TAGS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=2, unique=True)
PICK = st.integers(0, 30)


def steps() -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Operations as data: what to do, to which of the records, with what."""
    one = st.one_of(
        st.tuples(st.just("create"), NAMES, EMAILS, TAGS),
        st.tuples(st.just("update"), PICK, NAMES, st.one_of(st.none(), EMAILS), TAGS),
        st.tuples(st.just("field"), PICK, st.integers(0, 5)),
        st.tuples(st.just("delete"), PICK),
        st.tuples(st.just("restore"), PICK),
        st.tuples(st.just("tag"), TAGS),
        st.tuples(st.just("deal"), PICK, st.integers(1, 9)),
        st.tuples(st.just("move"), PICK, st.sampled_from(["New", "Mid", "End"])),
        st.tuples(st.just("win"), PICK),
        st.tuples(st.just("note"), PICK, NAMES),
        st.tuples(st.just("task"), PICK, NAMES),
        st.tuples(st.just("done"), PICK),
        st.tuples(st.just("merge"), PICK, PICK),
        st.tuples(st.just("settings"), NAMES),
        st.tuples(st.just("undo")),
    )
    return st.lists(one, max_size=14)


def perform(crm: ghl.Client, step: tuple[Any, ...]) -> None:
    """Do one step; what the rules refuse is refused."""
    def chosen(resource: Any, number: int, **more: Any) -> str | None:
        items = resource.list(sort="created_at", page_size=100, **more).items
        return items[number % len(items)].id if items else None

    match step:
        case ("create", name, email, tags):
            crm.contacts.create(first_name=name, email=email, tags=tags)
        case ("update", number, name, email, tags) if (one := chosen(crm.contacts, number)):
            crm.contacts.update(contact_id=one, first_name=name, email=email, tags=tags)
        case ("field", number, value) if (one := chosen(crm.contacts, number)):
            crm.contacts.update(contact_id=one, custom_fields={"size": value or None})
        case ("delete", number) if (one := chosen(crm.contacts, number)):
            crm.contacts.delete(contact_id=one)
        case ("restore", number) if (one := chosen(crm.contacts, number, deleted=True)):
            crm.contacts.restore(contact_id=one)
        case ("tag", tags) if tags:
            crm.contacts.tag(where="has(email)", tags=tags)
        case ("deal", number, amount):
            crm.deals.create(name=f"D{amount}", amount=str(amount), contact_id=chosen(crm.contacts, number))
        case ("move", number, stage) if (one := chosen(crm.deals, number)):
            crm.deals.move(deal_id=one, stage=stage)
        case ("win", number) if (one := chosen(crm.deals, number)):
            crm.deals.win(deal_id=one)
        case ("note", number, text) if (one := chosen(crm.contacts, number)):
            crm.notes.create(body=text, contact_id=one)
        case ("task", number, text) if (one := chosen(crm.contacts, number)):
            crm.tasks.create(title=text, contact_id=one)
        case ("done", number) if (one := chosen(crm.tasks, number)):
            crm.tasks.complete(task_id=one)
        case ("merge", keep, other):
            a, b = chosen(crm.contacts, keep), chosen(crm.contacts, other)
            if a and b and a != b:
                crm.contacts.merge(contact_id=a, others=[b])
        case ("settings", name):
            crm.settings.set(name=name)
        case ("undo",):
            crm.undo()


def dump(crm: ghl.Client) -> str:
    """The live business records, without versions, times of change and history."""
    found: dict[str, Any] = {}
    for name in ("contacts", "deals", "notes", "tasks", "tags", "pipelines", "companies"):
        items = getattr(crm, name).list(sort="created_at", page_size=100).items
        found[name] = [item.model_dump(mode="json", exclude={"version", "updated_at"}) for item in items]
    found["deleted"] = sorted(c.id for c in crm.contacts.list(deleted=True, page_size=100))
    found["settings"] = crm.settings.show().model_dump(mode="json", exclude={"version"})
    return json.dumps(found, sort_keys=True)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=steps(), after=steps())
def test_undoing_everything_gives_the_start(before: list[Any], after: list[Any]) -> None:
    """Whatever was done since, undone newest first, leaves what was there."""
    clock = VirtualClock(START)
    with ghl.init(":memory:", zone="UTC", currency="EUR", country="PT", clock=clock) as crm:
        crm.pipelines.create(name="Sales", stages=[{"name": "New"}, {"name": "Mid"}, {"name": "End"}])  # type: ignore[arg-type]
        crm.fields.create(name="size", type="number")
        for step in before:
            _try(crm, step)
        start, mark = dump(crm), max(s.id for s in crm.changes.list(page_size=100))
        for step in after:
            _try(crm, step)
        for change_set in [s for s in crm.changes.list(page_size=100) if s.id > mark]:
            fresh = crm.changes.show(change_set_id=change_set.id)
            if fresh.undone_by is None:
                result = crm.undo(change_set_id=change_set.id)
                assert result.kept == [], result
        ended = json.loads(dump(crm))
        began = json.loads(start)
        # What an undo removes is deleted softly, so the bin may hold more than at the start.
        assert set(began.pop("deleted")) <= set(ended.pop("deleted"))
        assert ended == began


def _try(crm: ghl.Client, step: tuple[Any, ...]) -> None:
    try:
        perform(crm, step)
    except ghl.GhlError:
        pass
