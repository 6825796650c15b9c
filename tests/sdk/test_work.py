"""Notes, tasks and activities over every transport: what they are about, and what follows from them."""

from __future__ import annotations

from typing import Any

import pytest

import ghl
from ghl import errors
from ghl.engine.clock import VirtualClock
from tests.sight import seeing

pytestmark = pytest.mark.integration


def deal(crm: ghl.Client, **fields: Any) -> Any:
    """An open deal."""
    if not crm.pipelines.list().items:
        crm.pipelines.create(name="Sales")
    return crm.deals.create(**{"name": "D", **fields})


def moment(value: Any) -> str | None:
    """A moment as it is on the wire."""
    return value.strftime("%Y-%m-%dT%H:%MZ") if value else None


def happened(crm: ghl.Client) -> list[str]:
    """The names of the events in the log, oldest first."""
    transport: Any = crm._transport
    with transport.database.read() as connection:
        rows = connection.all("select w.name from events e join words w on w.id = e.name order by e.id")
    return [row["name"] for row in rows]


# --- notes


def test_a_note_is_about_somebody_and_keeps_its_text(crm: ghl.Client) -> None:
    """Markdown as it was written; who wrote it is told."""
    ana = crm.contacts.create(first_name="Ana")
    acme = crm.companies.create(name="Acme")
    body = "# Call\n\n* likes **tea**\n\n    code"
    made = crm.notes.create(body=f"\n{body}\n", contact_id="Ana", company_id="Acme", deal_id=deal(crm).id)
    assert (made.body, made.contact, made.company, made.deal, made.pinned) == (body, "Ana", "Acme", "D", False)
    assert made.author
    for about in ({"contact_id": ana.id}, {"company_id": acme.id}, {"search": "tea"}, {"where": 'body.contains("tea")'}):
        assert [note.id for note in crm.notes.list(**about)] == [made.id]


def test_pinned_notes_are_found_by_it(crm: ghl.Client) -> None:
    """Both ways."""
    crm.contacts.create(first_name="Ana")
    crm.notes.create(body="a", contact_id="Ana")
    pinned = crm.notes.create(body="b", contact_id="Ana", pinned=True)
    assert [note.id for note in crm.notes.list(pinned=True)] == [pinned.id]
    assert crm.notes.update(note_id=pinned.id, pinned=False).pinned is False
    assert crm.notes.list(pinned=False).total == 2


@pytest.mark.parametrize(("fields", "field"), [({"body": " \n"}, "body"), ({"body": "x"}, "contact_id"), ({"contact_id": "Ana"}, "body")])
def test_a_note_without_text_or_subject_is_refused(crm: ghl.Client, fields: Any, field: str) -> None:
    """By the field that is missing."""
    crm.contacts.create(first_name="Ana")
    with pytest.raises(errors.Invalid) as caught:
        crm.notes.create(**fields)
    assert caught.value.field == field
    assert caught.value.hint


# --- tasks

DUE = [
    ("tomorrow 10:00", "2026-03-03T10:00Z"),
    ("+1 business day", "2026-03-03T09:00Z"),
    ("+4 business days", "2026-03-06T09:00Z"),
    ("friday 17:30", "2026-03-06T17:30Z"),
    ("2026-07-01 10:00", "2026-07-01T09:00Z"),
    ("2026-07-01T10:00:00Z", "2026-07-01T10:00Z"),
]


@pytest.mark.parametrize(("text", "expected"), DUE)
def test_a_due_time_is_read_as_people_say_it(crm: ghl.Client, text: str, expected: str) -> None:
    """In the account's zone, with its clocks."""
    assert moment(crm.tasks.create(title="Call", due_at=text).due_at) == expected


def test_a_due_time_is_read_in_the_zone_of_who_says_it(local: ghl.Client) -> None:
    """Where the user has one."""
    ines = seeing(local, "all", name="Ines", zone="America/New_York")
    assert moment(ines.tasks.create(title="Call", due_at="tomorrow 10:00").due_at) == "2026-03-03T15:00Z"
    local.fields.create(name="visit", type="datetime")
    shown = ines.contacts.create(first_name="Ana", birthday="1990-05-01", custom_fields={"visit": "tomorrow 10:00"})
    assert (shown.birthday, shown.custom_fields["visit"]) == ("1990-05-01", "2026-03-03T15:00:00.000Z")
    assert moment(seeing(local, "all", name="Rui").tasks.create(title="Call", due_at="tomorrow 10:00").due_at) == "2026-03-03T10:00Z"


@pytest.mark.parametrize(("fields", "field"), [
    ({"title": " "}, "title"), ({"title": "T", "due_at": "soonish"}, "due_at"), ({"title": "T", "due_at": "2026-02-30"}, "due_at"),
    ({"title": "T", "priority": "urgent"}, "priority"), ({"title": "T", "owner_id": "Nobody"}, "owner_id"),
])  # fmt: skip
def test_a_wrong_task_is_refused_by_field(crm: ghl.Client, fields: Any, field: str) -> None:
    """And nothing is kept of it."""
    with pytest.raises(errors.GhlError) as caught:
        crm.tasks.create(**fields)
    assert caught.value.field == field
    assert crm.tasks.list().total == 0


def test_a_task_is_done_once_and_can_be_reopened(crm: ghl.Client, clock: VirtualClock) -> None:
    """When it was done stays; the events tell it once."""
    rui = crm.users.create(name="Rui")
    made = crm.tasks.create(title="Call", owner_id="Rui", priority="high", kind="call")
    assert (made.status, made.owner, made.owner_id, made.due_at) == ("open", "Rui", rui.id, None)
    done = crm.tasks.complete(task_id="call")
    clock.move_to(clock.now().replace(hour=12))
    again = crm.tasks.complete(task_id="Call")
    assert (again.status, again.done_at, again.version) == ("done", done.done_at, 2)
    assert crm.tasks.list(status="open").total == 0
    crm.undo()
    assert crm.tasks.list(status="open", owner_id="Rui").total == 1
    crm.redo()
    opened = crm.tasks.reopen(task_id="Call")
    assert (opened.status, opened.done_at) == ("open", None)
    assert crm.tasks.update(task_id="Call", due_at="tomorrow").due_at
    assert crm.tasks.update(task_id="Call", due_at=None).due_at is None


def test_tasks_are_sorted_by_when_they_are_due(crm: ghl.Client) -> None:
    """Those without a time come last."""
    for title, due in (("c", None), ("b", "+2 days"), ("a", "+1 day")):
        crm.tasks.create(title=title, due_at=due)
    assert [task.title for task in crm.tasks.list(sort="due_at")] == ["a", "b", "c"]
    assert [task.title for task in crm.tasks.list(where='due_at < now() + duration("36h")')] == ["a"]


def test_a_deal_knows_when_something_is_planned_next(crm: ghl.Client) -> None:
    """By its open tasks and its appointments, whatever becomes of them."""
    made = deal(crm)

    def planned() -> str | None:
        return moment(crm.deals.get(deal_id=made.id).next_activity_at)

    assert planned() is None
    later = crm.tasks.create(title="Later", due_at="2026-03-10T10:00Z", deal_id=made.id)
    sooner = crm.tasks.create(title="Sooner", due_at="2026-03-05T10:00Z", deal_id=made.id)
    assert planned() == "2026-03-05T10:00Z"
    crm.tasks.complete(task_id=sooner.id)
    assert planned() == "2026-03-10T10:00Z"
    crm.undo()
    assert planned() == "2026-03-05T10:00Z"
    crm.tasks.delete(task_id=sooner.id)
    crm.activities.create(kind="meeting", at="2026-03-07T10:00Z", deal_id=made.id)
    assert planned() == "2026-03-07T10:00Z"
    crm.undo()
    assert planned() == "2026-03-10T10:00Z"
    other = deal(crm, name="Other")
    crm.tasks.update(task_id=later.id, deal_id=other.id)
    assert planned() is None
    assert moment(crm.deals.get(deal_id="Other").next_activity_at) == "2026-03-10T10:00Z"
    assert crm.deals.get(deal_id=made.id).version == made.version


# --- activities


def test_an_activity_says_what_there_was(crm: ghl.Client) -> None:
    """And when, which is now where nothing is said."""
    crm.contacts.create(first_name="Ana")
    made = crm.activities.create(
        kind="call", direction="out", outcome="reached", subject="Offer", body="Wants it", seconds=90, contact_id="Ana"
    )
    assert (made.kind, made.direction, made.outcome, made.seconds, moment(made.at)) == ("call", "out", "reached", 90, "2026-03-02T09:00Z")
    crm.activities.create(kind="email", at="yesterday 17:00", contact_id="Ana")
    assert [one.kind for one in crm.activities.list(sort="at")] == ["email", "call"]
    assert crm.activities.list(kind="call", contact_id="Ana").total == 1
    assert crm.activities.list(search="offer").total == 1


@pytest.mark.parametrize(("fields", "field"), [
    ({"contact_id": "Ana"}, "kind"), ({"kind": "fax", "contact_id": "Ana"}, "kind"), ({"kind": "call"}, "contact_id"),
    ({"kind": "call", "contact_id": "Ana", "seconds": -1}, "seconds"),
    ({"kind": "call", "contact_id": "Ana", "direction": "up"}, "direction"),
    ({"kind": "call", "contact_id": "Eva"}, "contact_id"),
])  # fmt: skip
def test_a_wrong_activity_is_refused_by_field(crm: ghl.Client, fields: Any, field: str) -> None:
    """With the words that are possible."""
    crm.contacts.create(first_name="Ana")
    with pytest.raises(errors.GhlError) as caught:
        crm.activities.create(**fields)
    assert caught.value.field == field


def test_a_contact_knows_when_there_was_contact_last(crm: ghl.Client) -> None:
    """Moved, deleted and undone activities are followed; what lies ahead does not count."""
    ana = crm.contacts.create(first_name="Ana")
    crm.contacts.create(first_name="Eva")

    def latest(name: str = "Ana") -> str | None:
        return moment(crm.contacts.get(contact_id=name).last_activity_at)

    assert latest() is None
    crm.activities.create(kind="call", at="2026-02-20T10:00Z", contact_id="Ana")
    second = crm.activities.create(kind="call", at="2026-02-25T10:00Z", contact_id="Ana")
    crm.activities.create(kind="meeting", at="2026-03-25T10:00Z", contact_id="Ana")
    assert latest() == "2026-02-25T10:00Z"
    crm.activities.update(activity_id=second.id, at="2026-02-10T10:00Z")
    assert latest() == "2026-02-20T10:00Z"
    crm.undo()
    assert latest() == "2026-02-25T10:00Z"
    crm.activities.delete(activity_id=second.id)
    assert latest() == "2026-02-20T10:00Z"
    crm.activities.restore(activity_id=second.id)
    crm.activities.update(activity_id=second.id, contact_id="Eva")
    assert (latest("Ana"), latest("Eva")) == ("2026-02-20T10:00Z", "2026-02-25T10:00Z")
    assert crm.contacts.list(where='last_activity_at > timestamp("2026-02-22T00:00:00Z")').total == 1
    assert crm.contacts.get(contact_id="Ana").version == ana.version


# --- all three


def test_what_happens_is_told_once(local: ghl.Client) -> None:
    """By the names that workflows listen to, with the person."""
    ana = local.contacts.create(first_name="Ana")
    note = local.notes.create(body="x", contact_id=ana.id)
    task = local.tasks.create(title="T", contact_id=ana.id)
    local.activities.create(kind="call", contact_id=ana.id)
    local.notes.update(note_id=note.id, pinned=True)
    local.tasks.update(task_id=task.id, priority="low")
    for _ in range(2):
        local.tasks.complete(task_id=task.id)
    assert happened(local) == ["contact.created", "note.added", "task.created", "activity.logged", "task.completed"]
    assert local.contacts.list(where='exists(events, name == "task.completed")').total == 1


def test_many_at_once_and_back(crm: ghl.Client) -> None:
    """Created, changed, deleted, restored and undone as sets."""
    crm.contacts.create(first_name="Ana")
    rows: dict[str, dict[str, Any]] = {
        "notes": {"body": "x", "contact_id": "Ana"}, "tasks": {"title": "T"}, "activities": {"kind": "call", "contact_id": "Ana"},
    }  # fmt: skip
    values: dict[str, dict[str, Any]] = {"notes": {"pinned": True}, "tasks": {"priority": "low"}, "activities": {"outcome": "no"}}
    for noun, row in rows.items():
        nouns: Any = getattr(crm, noun)
        assert nouns.create_many(items=[row, row, row]).count == 3
        assert nouns.update_many(where="true", values=values[noun]).count == 3
        gone = nouns.delete_many(where="true")
        assert (gone.count, nouns.list().total, nouns.list(deleted=True).total) == (3, 0, 3)
        assert nouns.restore_many(ids=gone.ids).count == 3
        crm.undo()
        assert nouns.list().total == 0
        with pytest.raises(errors.Invalid) as caught:
            nouns.create_many(items=[row, {}])
        assert caught.value.details["index"] == 1
        assert nouns.list().total == 0


@pytest.mark.security
def test_one_sees_her_own_work(local: ghl.Client) -> None:
    """And none of somebody else's, nor writes about whom she does not see."""
    ines = seeing(local, "own", name="Ines")
    local.contacts.create(first_name="Ana")
    rows: dict[str, dict[str, Any]] = {
        "notes": {"body": "x", "contact_id": "Ana"}, "tasks": {"title": "T", "contact_id": "Ana"},
        "activities": {"kind": "call", "contact_id": "Ana"},
    }  # fmt: skip
    for noun, row in rows.items():
        hers: Any = getattr(ines, noun)
        every: Any = getattr(local, noun)
        every.create(**row)
        mine = every.create(**row, owner_id="Ines")
        assert [one.id for one in hers.list()] == [mine.id]
        assert hers.delete_many(where="true").ids == [mine.id]
        assert every.list().total == 1
        assert getattr(seeing(local, "none", name=noun), noun).list().total == 0
        with pytest.raises(errors.NotFound) as caught:
            hers.create(**row)
        assert caught.value.field == "contact_id"
