"""What waits for a person today, over every transport."""

from __future__ import annotations

from datetime import timedelta

import pytest

import ghl
from ghl import errors
from ghl.engine.clock import VirtualClock
from tests.sight import seeing

pytestmark = pytest.mark.integration


def fill(crm: ghl.Client) -> None:
    """Monday, 9:00 in Lisbon: something overdue, something for today, something later, and two deals."""
    crm.users.create(name="Rui")
    crm.pipelines.create(name="Sales")
    crm.contacts.create(first_name="Ana")
    crm.tasks.create(title="Late", due_at="yesterday 10:00", contact_id="Ana", owner_id="Rui")
    crm.tasks.create(title="Evening", due_at="today 23:30")
    crm.tasks.create(title="Midnight", due_at="tomorrow 00:00")
    crm.tasks.create(title="Some day")
    crm.tasks.create(title="Done", due_at="yesterday")
    crm.tasks.complete(task_id="Done")
    for name in ("Idle", "Busy"):
        crm.deals.create(name=name, owner_id="Rui")
    crm.tasks.create(title="Next", due_at="+3 days", deal_id="Busy")


def shown(crm: ghl.Client, owner: str | None = None) -> list[tuple[str, str]]:
    """Kind and title."""
    return [(item.kind, item.title) for item in crm.today(owner=owner).items]


def test_overdue_work_comes_first_then_todays_then_idle_deals(crm: ghl.Client) -> None:
    """Counted per kind; whose and about whom is told."""
    fill(crm)
    found = crm.today()
    assert shown(crm) == [("overdue", "Late"), ("due", "Evening"), ("idle", "Idle")]
    assert found.counts == {"overdue": 1, "due": 1, "idle": 1}
    late, _, idle = found.items
    assert (late.noun, late.about, late.owner) == ("task", "Ana", "Rui")
    assert late.due_at is not None
    assert (idle.noun, idle.about, idle.owner, idle.due_at) == ("deal", "New", "Rui", None)


def test_the_day_is_the_accounts(crm: ghl.Client) -> None:
    """Its midnight ends it, wherever the machine is."""
    fill(crm)
    crm.settings.set(zone="Asia/Tokyo")
    assert shown(crm) == [("overdue", "Late"), ("idle", "Idle")]
    crm.settings.set(zone="America/Los_Angeles")
    assert [title for _, title in shown(crm)] == ["Late", "Evening", "Midnight", "Idle"]


def test_of_one_person(crm: ghl.Client) -> None:
    """By name; nobody of that name is an error."""
    fill(crm)
    assert shown(crm, "Rui") == [("overdue", "Late"), ("idle", "Idle")]
    with pytest.raises(errors.NotFound) as caught:
        crm.today(owner="Nobody")
    assert caught.value.field == "owner"


def test_a_deal_is_idle_when_its_last_appointment_is_over(crm: ghl.Client, clock: VirtualClock) -> None:
    """An overdue task is still a plan; a closed or deleted deal waits for nobody."""
    fill(crm)
    crm.activities.create(kind="meeting", at="+1 day", deal_id="Idle")
    assert ("idle", "Idle") not in shown(crm)
    clock.advance(timedelta(days=2))
    assert ("idle", "Idle") in shown(crm)
    crm.deals.win(deal_id="Idle")
    assert ("idle", "Idle") not in shown(crm)
    clock.advance(timedelta(days=5))
    assert ("idle", "Busy") not in shown(crm)
    crm.tasks.complete(task_id="Next")
    assert ("idle", "Busy") in shown(crm)
    crm.deals.delete(deal_id="Busy")
    assert ("idle", "Busy") not in shown(crm)


def test_a_limit_counts_all_the_same(crm: ghl.Client) -> None:
    """What is left out is in the counts."""
    fill(crm)
    found = crm.today(limit=1)
    assert [item.title for item in found.items] == ["Late"]
    assert found.counts == {"overdue": 1, "due": 1, "idle": 1}


@pytest.mark.security
def test_one_sees_her_own_day(local: ghl.Client) -> None:
    """And those who see nothing have none."""
    fill(local)
    ines = seeing(local, "own", name="Ines")
    local.tasks.create(title="Hers", due_at="yesterday", owner_id="Ines")
    assert shown(ines) == [("overdue", "Hers")]
    assert local.today().counts["overdue"] == 2
    assert seeing(local, "none").today().counts == {}
