"""Asking for workflows and runs, by people who mistype: each mistake is one clear answer, and changes nothing."""

from __future__ import annotations

import pytest

from ghl.errors import Conflict, Invalid, NotFound
from tests.workflows.play import Play

pytestmark = pytest.mark.integration

WAITS = "steps:\n- wait: 1 day\n- add_tag: after\n"


def test_runs_of_one_person(play: Play) -> None:
    play.apply(WAITS)
    ann, bo = play.person("Ann"), play.person("Bo")
    runs = [play.enroll(who) for who in (ann, bo, bo)]
    assert [run.id for run in play.runs(contact_id="bo@example.com")] == runs[1:]
    assert [run.id for run in play.runs(contact_id=ann.id, state="live")] == runs[:1]
    assert play.run(runs[0][-8:]).id == runs[0]


@pytest.mark.parametrize("reference", ["abc", "", "no-such-run"])
def test_a_run_that_is_not_there(play: Play, reference: str) -> None:
    play.apply(WAITS)
    play.enroll(play.person("Ann"))
    with pytest.raises(NotFound, match="enrollment") as told:
        play.run(reference)
    assert told.value.hint == "ghl workflows enrollments"


def test_a_definition_is_given_once(play: Play) -> None:
    with pytest.raises(Invalid, match="give the text of a file or a definition"):
        play.crm.workflows.apply()
    with pytest.raises(Invalid, match="give the text of a file or a definition"):
        play.crm.workflows.apply(source=f"workflow: flow\n{WAITS}", definition={"workflow": "flow", "steps": []})


def test_what_a_workflow_is_already_is_no_change_and_an_archived_one_is_not_paused(play: Play) -> None:
    play.apply(WAITS)
    before = play.crm.changes.list().items[0].id
    assert play.crm.workflows.resume(workflow_id="flow").status == "active"
    assert play.crm.changes.list().items[0].id == before
    play.crm.workflows.pause(workflow_id="flow")
    assert play.crm.workflows.pause(workflow_id="flow").status == "paused"
    play.crm.workflows.archive(workflow_id="flow")
    with pytest.raises(Conflict, match="flow is archived") as told:
        play.crm.workflows.pause(workflow_id="flow")
    assert told.value.hint == "it must be active"


def test_an_event_about_a_deal_starts_a_workflow_of_deals(play: Play) -> None:
    """A task on a deal is about that deal; one on nobody starts nothing."""
    play.crm.pipelines.create(name="Sales", stages=["New"])
    deal = play.crm.deals.create(name="Shop", contact_id=play.person("Ann").id)
    other = play.crm.deals.create(name="Site")
    play.apply("subject: deal\ntriggers: [task.created]\nsteps:\n- deals.update: {deal_id: '{{ deal.id }}', source: seen}\n")
    play.crm.tasks.create(title="Call", deal_id=deal.id)
    play.crm.tasks.create(title="Nobody's")
    play.work()
    assert [run.state for run in play.runs()] == ["done"]
    assert play.crm.deals.get(deal_id=deal.id).source == "seen"
    assert play.crm.deals.get(deal_id=other.id).source is None


def test_a_workflow_about_nobody_starts_with_any_event(play: Play) -> None:
    play.apply("subject: none\ntriggers:\n- on: company.created\nsteps:\n- tasks.create: {title: 'Look at it'}\n")
    play.crm.companies.create(name="Filhos")
    play.work()
    assert [task.title for task in play.crm.tasks.list().items] == ["Look at it"]


def test_a_filter_says_who_is_started(play: Play) -> None:
    play.apply("triggers:\n- on: contact.changed\n  where: lead_score > 3\nsteps:\n- add_tag: x\n")
    low, high = play.person("Ann", lead_score=1), play.person("Bo", lead_score=9)
    play.work()
    for who in (low, high):
        play.crm.contacts.update(contact_id=who.id, city="Porto")
    play.work()
    assert [play.tags(who) for who in (low, high)] == [[], ["x"]]
