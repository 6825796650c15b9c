"""The rights of a person: export, and erasure without a trace, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

import ghl
from ghl import errors

pytestmark = [pytest.mark.integration, pytest.mark.security]

CANARIES = ("canaryfirst", "canarylast", "canary.mail@example.com", "canarycity", "canarynote", "canarytask")


@pytest.fixture
def person(local: ghl.Client) -> str:
    """Somebody who is everywhere."""
    made = local.contacts.create(first_name="Canaryfirst", last_name="Old", email="canary.mail@example.com", city="Canarycity")
    local.contacts.update(contact_id=made.id, last_name="Canarylast", add_tags=["vip"])
    local.notes.create(body="canarynote about her", contact_id=made.id)
    local.tasks.create(title="canarytask for her", contact_id=made.id)
    local.activities.create(kind="call", subject="canarycall", contact_id=made.id)
    local.suppressions.create(address="canary.mail@example.com", reason="unsubscribed")
    return made.id


def test_an_export_holds_all_that_is_stored(local: ghl.Client, person: str) -> None:
    """Contact, work, history and suppressions."""
    found = local.export_person(contact_id=person)
    assert found.contact["email"] == "canary.mail@example.com"
    assert {"notes", "tasks", "activities", "history", "suppressions"} <= found.records.keys()


def test_an_erased_person_is_nowhere_and_stays_suppressed(local: ghl.Client, person: str, target: str) -> None:
    """No table, no index and no log of the file holds a word of hers; her address is never mailed again."""
    dry = local.erase(contact_id=person, dry_run=True)
    assert dry.removed["notes"] == 1
    local.erase(contact_id=person)
    with pytest.raises(errors.NotFound):
        local.contacts.get(contact_id=person)
    assert local.contacts.list(search="canaryfirst").total == 0
    if "://" not in target:
        from ghl.engine.db.backup import vacuum

        vacuum(local._transport.database)  # type: ignore[attr-defined]
        local._transport.database.close()  # type: ignore[attr-defined]
        content = b"".join(path.read_bytes().lower() for path in Path(target).parent.glob("crm.db*"))
        assert [word for word in CANARIES if word.encode() in content] == []
    reasons = {s.reason for s in local.suppressions.list()}
    assert reasons == {"erased"}


def test_an_undo_of_what_was_erased_says_so(local: ghl.Client, person: str) -> None:
    """Older change sets answer `erased`."""
    number = local.changes.list(page_size=100).items[-1].id
    local.erase(contact_id=person)
    for change_set in local.changes.list(page_size=100).items:
        if change_set.id >= number and change_set.undone_by is None:
            local.undo(change_set_id=change_set.id)
    assert local.contacts.list().total == 0


def test_nobody_inherits_the_number_of_who_was_erased(local: ghl.Client, person: str) -> None:
    """A file would give the number of the newest row to the next one, and with it what happened to the erased."""
    local.erase(person)
    later = local.contacts.create(first_name="Bo")
    assert [event.name for event in local.events.list() if event.contact_id == later.id] == ["contact.created"]
    assert [entry.kind for entry in local.contacts.timeline(later.id).items] == ["created"]
