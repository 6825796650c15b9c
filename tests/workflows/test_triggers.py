"""Every trigger starts a workflow, and its filters decide for whom."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.play import Play

pytestmark = pytest.mark.integration


def started(play: Play) -> list[str | None]:
    """Whom the runs are about."""
    play.work()
    return [run.contact for run in play.runs()]


TAG = "steps:\n- add_tag: reached\n"


def test_a_contact_that_is_created(play: Play) -> None:
    play.apply(f"triggers:\n- on: contact.created\n{TAG}")
    ann = play.person("Ann")
    assert started(play) == ["Ann"]
    assert play.tags(ann) == ["reached"]


def test_nothing_starts_for_what_happened_before(play: Play) -> None:
    play.person("Ann")
    play.apply(f"triggers:\n- on: contact.created\n{TAG}")
    assert started(play) == []


def test_fields_that_changed(play: Play) -> None:
    play.apply(f"triggers:\n- on: contact.changed\n  fields: [city]\n{TAG}")
    ann, bob = play.person("Ann"), play.person("Bob")
    play.crm.contacts.update(contact_id=ann.id, city="Lisbon")
    play.crm.contacts.update(contact_id=bob.id, job_title="Baker")
    assert started(play) == ["Ann"]


def test_tags(play: Play) -> None:
    play.apply(f"triggers:\n- on: contact.tag_added\n  tag: [vip, lead]\n{TAG}")
    ann = play.person("Ann")
    play.person("Bob", tags=["VIP"])
    play.crm.contacts.update(contact_id=ann.id, add_tags=["other"])
    assert started(play) == ["Bob"]
    play.crm.contacts.update(contact_id=ann.id, add_tags=["lead"])
    assert started(play) == ["Bob", "Ann"]
    play.crm.contacts.update(contact_id=ann.id, add_tags=["lead"])
    assert started(play) == ["Bob", "Ann"]


def test_tags_taken_away(play: Play) -> None:
    play.apply(f"triggers:\n- on: contact.tag_removed\n  tag: vip\n{TAG}")
    ann = play.person("Ann", tags=["vip", "lead"])
    play.crm.contacts.update(contact_id=ann.id, remove_tags=["lead"])
    assert started(play) == []
    play.crm.contacts.update(contact_id=ann.id, remove_tags=["vip"])
    assert started(play) == ["Ann"]


def test_a_filter_over_the_record(play: Play) -> None:
    play.apply(f"triggers:\n- on: contact.created\n  where: city == 'Lisbon'\n{TAG}")
    play.person("Ann", city="Lisbon")
    play.person("Bob", city="Porto")
    play.person("Cid")
    assert started(play) == ["Ann"]
    misses = play.rows("select reason from trigger_misses order by id")
    assert [row["reason"] for row in misses] == ["where: city == 'Lisbon' is false"] * 2


def test_before_and_after(play: Play) -> None:
    play.apply(f"triggers:\n- on: contact.changed\n  where: before.city == 'Porto' && after.city == 'Lisbon'\n{TAG}")
    ann, bob = play.person("Ann", city="Porto"), play.person("Bob", city="Faro")
    for who in (ann, bob):
        play.crm.contacts.update(contact_id=who.id, city="Lisbon")
    assert started(play) == ["Ann"]


def test_merging_and_deleting(play: Play) -> None:
    play.apply(f"workflow: merged\ntriggers:\n- on: contact.merged\n{TAG}")
    play.apply("workflow: deleted\nsubject: none\ntriggers:\n- on: contact.deleted\nsteps:\n- exit: seen\n")
    ann, bob = play.person("Ann"), play.person("Bob")
    play.crm.contacts.merge(contact_id=ann.id, others=[bob.id])
    play.work()
    assert sorted(run.workflow for run in play.runs()) == ["deleted", "merged"]
    assert play.tags(ann) == ["reached"]


def test_companies(play: Play) -> None:
    play.apply("workflow: made\nsubject: company\ntriggers:\n- on: company.created\nsteps:\n- add_tag: {tags: new, of: company}\n")
    play.apply(
        "workflow: moved\nsubject: company\ntriggers:\n- on: company.changed\n  fields: city\nsteps:\n- add_tag: {tags: moved, of: company}\n"
    )
    firm = play.crm.companies.create(name="Alves & Filhos")
    play.work()
    play.crm.companies.update(company_id=firm.id, city="Lisbon")
    play.work()
    assert play.crm.companies.get(company_id=firm.id).tags == ["moved", "new"]


@pytest.fixture
def sales(play: Play) -> Any:
    return play.crm.pipelines.create(name="Sales", stages=["New", "Offer", "Signed"])


def test_deals(play: Play, sales: Any) -> None:
    for name in ("created", "changed", "stage_changed", "status_changed"):
        play.apply(f"workflow: {name}\nsubject: deal\ntriggers:\n- on: deal.{name}\nsteps:\n- add_tag: {{tags: {name}, of: deal}}\n")
    ann = play.person("Ann")
    deal = play.crm.deals.create(name="Roof", pipeline_id=sales.id, contact_id=ann.id)

    def tags() -> set[str]:
        play.work()
        return set(play.crm.deals.get(deal_id=deal.id).tags)

    assert "created" in tags()
    play.crm.deals.move(deal_id=deal.id, stage="Offer")
    assert "stage_changed" in tags()
    assert "status_changed" not in tags()
    play.crm.deals.win(deal_id=deal.id)
    assert tags() >= {"created", "changed", "stage_changed", "status_changed"}
    assert {run.contact for run in play.runs()} == {"Ann"}


def test_a_deal_leads_to_its_contact(play: Play, sales: Any) -> None:
    play.apply(f"triggers:\n- on: deal.stage_changed\n  where: after == 'Offer'\n{TAG}")
    ann, bob = play.person("Ann"), play.person("Bob")
    for who in (ann, bob):
        deal = play.crm.deals.create(name=f"Roof of {who.first_name}", pipeline_id=sales.id, contact_id=who.id)
        play.crm.deals.move(deal_id=deal.id, stage="Offer" if who is ann else "Signed")
    assert started(play) == ["Ann"]


@pytest.mark.parametrize("name", ["task.created", "task.completed", "note.added", "activity.logged"])
def test_work_about_a_contact(play: Play, name: str) -> None:
    play.apply(f"triggers:\n- on: {name}\n{TAG}")
    ann = play.person("Ann")
    if name == "note.added":
        play.crm.notes.create(body="Called", contact_id=ann.id)
    elif name == "activity.logged":
        play.crm.activities.create(kind="call", subject="Hello", contact_id=ann.id)
    else:
        task = play.crm.tasks.create(title="Call", contact_id=ann.id)
        if name == "task.completed":
            assert started(play) == []
            play.crm.tasks.complete(task_id=task.id)
    assert started(play) == ["Ann"]


def test_an_import_that_finished(play: Play) -> None:
    play.apply("subject: none\ntriggers:\n- on: import.finished\nsteps:\n- exit: seen\n")
    with play.local.database.write() as connection:
        tx = play.local.tx(connection)
        tx.events.emit("import.finished", payload={"rows": 3})
        tx.finish()
    play.work()
    assert [run.outcome for run in play.runs()] == ["seen"]


def test_several_triggers_are_alternatives(play: Play) -> None:
    play.apply(f"re_entry: never\ntriggers:\n- contact.created\n- on: contact.tag_added\n  tag: vip\n{TAG}")
    play.person("Ann", tags=["vip"])
    assert started(play) == ["Ann"]


def test_a_draft_and_a_paused_workflow_start_nothing(play: Play) -> None:
    play.apply(f"workflow: draft\nstatus: draft\ntriggers:\n- contact.created\n{TAG}")
    play.apply(f"workflow: held\ntriggers:\n- contact.created\n{TAG}")
    play.crm.workflows.pause(workflow_id="held")
    play.person("Ann")
    assert started(play) == []
