"""Every kind of step does what it says, for one person and for many."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workflows.play import Play

pytestmark = pytest.mark.integration


def test_tags_are_added_and_taken_away_with_changes_and_events(play: Play) -> None:
    play.apply("steps:\n- add_tag: [lead, new]\n- remove_tag: old\n")
    ann = play.person("Ann", tags=["old", "lead"])
    run = play.enroll(ann)
    play.work()
    assert play.tags(ann) == ["lead", "new"]
    assert play.path(run) == ["add_tag-1", "remove_tag-1"]
    changes = play.history(ann)
    told = [(c.actor, c.origin, c.before, c.after) for c in changes if c.origin == "workflow"]
    assert told == [
        ("workflow flow", "workflow", {"tags": ["old"]}, {}),
        ("workflow flow", "workflow", {}, {"tags": ["new"]}),
    ]
    names = [row["name"] for row in play.rows("select w.name from events e join words w on w.id = e.name order by e.id")]
    assert names[-4:] == ["contact.changed", "contact.tag_added", "contact.changed", "contact.tag_removed"]


def test_tags_of_the_subject(play: Play) -> None:
    play.apply("subject: company\nsteps:\n- add_tag: {tags: key, of: company}\n")
    firm = play.crm.companies.create(name="Alves")
    play.crm.workflows.enroll(workflow_id="flow", company_id=firm.id)
    play.work()
    assert play.crm.companies.get(company_id=firm.id).tags == ["key"]


def test_a_field_of_everybody(play: Play) -> None:
    play.apply("steps:\n- update_field: {lifecycle_stage: customer, lead_score: 5}\n")
    people = [play.person(name) for name in ("Ann", "Bob", "Cid")]
    for who in people:
        play.enroll(who)
    play.work()
    for who in people:
        now = play.crm.contacts.get(contact_id=who.id)
        assert (now.lifecycle_stage, now.lead_score, now.version) == ("customer", 5, 3)
    history = play.history(people[0])
    assert [(c.before, c.after) for c in history[:2]] == [
        ({"lead_score": 0}, {"lead_score": 5}), ({"lifecycle_stage": None}, {"lifecycle_stage": "customer"}),
    ]  # fmt: skip


def test_a_field_that_a_search_finds(play: Play) -> None:
    play.apply("steps:\n- update_field: {city: Zagreb, first_name: 'Ana', birthday: 1990-05-01}\n")
    ann = play.person("Ann", last_name="Lee")
    play.enroll(ann)
    play.work()
    now = play.crm.contacts.get(contact_id=ann.id)
    assert (now.city, now.first_name, str(now.birthday)) == ("Zagreb", "Ana", "1990-05-01")
    assert [c.id for c in play.crm.contacts.list(search="zagreb").items] == [ann.id]
    assert [c.id for c in play.crm.contacts.list(search="ana").items] == [ann.id]


def test_a_field_filled_in(play: Play) -> None:
    play.apply("steps:\n- update_field: {job_title: '{{ contact.first_name }} of {{ contact.city }}', source: null}\n")
    ann = play.person("Ann", city="Faro", source="fair")
    play.enroll(ann)
    play.work()
    now = play.crm.contacts.get(contact_id=ann.id)
    assert (now.job_title, now.source) == ("Ann of Faro", None)


def test_a_custom_field(play: Play) -> None:
    play.crm.fields.create(name="plan", noun="contact", type="text")
    play.apply("steps:\n- update_field: {custom.plan: gold}\n")
    ann = play.person("Ann")
    play.enroll(ann)
    play.work()
    assert play.crm.contacts.get(contact_id=ann.id).custom_fields == {"plan": "gold"}


def test_a_branch(play: Play) -> None:
    play.apply("""\
        steps:
        - if: city == 'Lisbon'
          then:
          - add_tag: here
          else:
          - add_tag: away
        - add_tag: done
        """)
    ann, bob, cid = play.person("Ann", city="Lisbon"), play.person("Bob", city="Porto"), play.person("Cid")
    runs = [play.enroll(who) for who in (ann, bob, cid)]
    play.work()
    assert [play.tags(who) for who in (ann, bob, cid)] == [["done", "here"], ["away", "done"], ["away", "done"]]
    assert play.path(runs[0]) == ["if-1:then", "add_tag-1", "add_tag-3"]


def test_a_branch_that_sql_cannot_take(play: Play) -> None:
    play.apply("steps:\n- if: first_name.matches('^A.+n$')\n  then:\n  - add_tag: matched\n")
    ann, bob = play.person("Ann"), play.person("Bob")
    for who in (ann, bob):
        play.enroll(who)
    play.work()
    assert (play.tags(ann), play.tags(bob)) == (["matched"], [])


def test_a_guard_skips_its_step(play: Play) -> None:
    play.apply("steps:\n- id: greet\n  add_tag: greeted\n  when: lead_score > 10\n- add_tag: done\n")
    ann, bob = play.person("Ann", lead_score=20), play.person("Bob")
    runs = [play.enroll(who) for who in (ann, bob)]
    play.work()
    assert (play.tags(ann), play.tags(bob)) == (["done", "greeted"], ["done"])
    assert play.run(runs[1]).path[0].detail == {"skipped": "greet"}


def test_a_split_is_even_and_sticks(play: Play) -> None:
    play.apply("""\
        steps:
        - id: test
          split:
            a: 1
            b: 1
            c: 2
          a:
          - add_tag: a
          b:
          - add_tag: b
          c:
          - add_tag: c
        """)
    people = play.crm.contacts.create_many(items=[{"first_name": f"P{n}"} for n in range(400)]).ids
    play.crm.workflows.enroll(workflow_id="flow", where="true")
    play.work()
    first = {one: play.crm.contacts.get(contact_id=one).tags for one in people[:60]}
    count = {name: play.crm.contacts.list(where=f"'{name}' in tags").total or 0 for name in "abc"}
    assert sum(count.values()) == 400
    assert 60 <= count["a"] <= 140
    assert 60 <= count["b"] <= 140
    assert 150 <= count["c"] <= 250
    play.crm.workflows.enroll(workflow_id="flow", where="true")
    play.work()
    assert {one: play.crm.contacts.get(contact_id=one).tags for one in people[:60]} == first


def test_going_on_elsewhere(play: Play) -> None:
    play.apply("""\
        steps:
        - id: again
          if: lead_score < 3
          then:
          - webhook: https://example.com/hook
          - goto: last
        - add_tag: never
        - id: last
          add_tag: last
        """)
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    assert play.tags(ann) == ["last"]
    assert play.path(run) == ["again:then", "webhook-1", "goto-1", "last"]


def test_leaving_with_an_outcome(play: Play) -> None:
    play.apply("steps:\n- if: city == 'Lisbon'\n  then:\n  - exit: local\n- add_tag: stayed\n")
    ann, bob = play.person("Ann", city="Lisbon"), play.person("Bob")
    runs = [play.enroll(who) for who in (ann, bob)]
    play.work()
    assert [(play.run(r).state, play.run(r).outcome) for r in runs] == [("exited", "local"), ("done", "completed")]
    assert play.run(runs[0]).ended_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert play.tags(ann) == []


@pytest.fixture
def sales(play: Play) -> Any:
    return play.crm.pipelines.create(name="Sales", stages=["New", "Offer", "Signed"])


def test_tasks_and_notes(play: Play) -> None:
    play.apply("""\
        steps:
        - create_task: {title: 'Call {{ contact.first_name }}', due_at: in 2 days}
        - create_note: 'Score {{ contact.lead_score }}, from {{ contact.city | default("nowhere") }}'
        """)
    ann = play.person("Ann", lead_score=7)
    play.enroll(ann)
    play.work()
    task = play.crm.tasks.list().items[0]
    note = play.crm.notes.list().items[0]
    assert (task.title, task.contact_id) == ("Call Ann", ann.id)
    assert task.due_at is not None
    assert (note.body, note.contact_id) == ("Score 7, from nowhere", ann.id)
    changes = play.rows("select s.actor, c.enrollment_id from change_sets s join changes c on c.change_set_id = s.id order by c.id desc limit 1")
    assert changes[0]["actor"] == "workflow flow"
    assert changes[0]["enrollment_id"] is not None


def test_deals(play: Play, sales: Any) -> None:
    play.apply("""\
        steps:
        - create_deal: {name: 'Roof of {{ contact.last_name }}', pipeline_id: Sales, amount: 1200 EUR}
        """)
    play.apply("""\
        workflow: on
        subject: deal
        triggers: [deal.created]
        steps:
        - move_deal: Offer
        - deals.update: {name: '{{ deal.name }} ({{ deal.stage }})', add_tags: '{{ contact.tags }}'}
        """)
    ann = play.person("Ann", last_name="Alves", tags=["vip", "roof"])
    play.enroll(ann)
    play.work()
    deal = play.crm.deals.list().items[0]
    assert (deal.name, deal.stage, str(deal.amount)) == ("Roof of Alves (Offer)", "Offer", "1200.00 EUR")
    assert sorted(deal.tags) == ["roof", "vip"]


def test_any_operation(play: Play) -> None:
    play.apply("""\
        steps:
        - contacts.update: {job_title: Baker}
        - activities.create: {kind: call, subject: 'Hello {{ contact.first_name }}'}
        - suppressions.create: {address: '{{ contact.email }}', reason: manual}
        """)
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    assert play.run(run).state == "done"
    assert play.crm.contacts.get(contact_id=ann.id).job_title == "Baker"
    assert play.crm.activities.list().items[0].subject == "Hello Ann"
    assert play.crm.suppressions.list().items[0].address == "ann@example.com"


def test_a_run_about_nothing(play: Play) -> None:
    play.apply("subject: none\nsteps:\n- tasks.create: {title: 'Look at {{ account.name }}'}\n")
    play.crm.workflows.enroll(workflow_id="flow")
    play.work()
    assert [task.title for task in play.crm.tasks.list().items] == ["Look at main"]


def test_two_runs_of_one_person_in_one_batch(play: Play) -> None:
    play.apply("workflow: one\nsteps:\n- add_tag: x\n- update_field: {lead_score: 1}\n")
    play.apply("workflow: two\nsteps:\n- add_tag: x\n- update_field: {lead_score: 2}\n")
    ann = play.person("Ann")
    for name in ("one", "one", "two"):
        play.enroll(ann, name)
    play.work()
    assert [run.state for run in play.runs()] == ["done"] * 3
    assert play.tags(ann) == ["x"]
    assert play.crm.contacts.get(contact_id=ann.id).lead_score == 2
    versions = [c.version for c in play.history(ann)]
    assert versions == sorted(versions, reverse=True)
    assert len(set(versions)) == len(versions)


def test_an_empty_email_step_needs_a_template_that_there_is(play: Play) -> None:
    from ghl.errors import GhlError

    with pytest.raises(GhlError) as caught:
        play.apply("steps:\n- send_email: welcome\n")
    assert "welcome" in caught.value.message
