"""Waits: lengths of time, dates with zones, conditions, events, and their time-outs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.workflows.play import Play

pytestmark = pytest.mark.integration


def due(play: Play, run: str) -> datetime | None:
    return play.run(run).run_at


def test_a_length_of_time(play: Play) -> None:
    play.apply("steps:\n- wait: 2 days\n- add_tag: later\n")
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    assert due(play, run) == datetime(2026, 3, 4, 9, tzinfo=UTC)
    play.later(days=2, seconds=-1)
    assert play.tags(ann) == []
    play.later(seconds=1)
    assert play.tags(ann) == ["later"]
    assert play.path(run) == ["wait-1:waiting", "add_tag-1"]


def test_a_wait_at_the_end_of_a_branch(play: Play) -> None:
    play.apply("steps:\n- wait: 1 hour\n")
    run = play.enroll(play.person("Ann"))
    play.work()
    assert play.run(run).state == "live"
    play.later(hours=1)
    assert play.run(run).state == "done"


def test_a_weekday_and_a_time_of_day_in_the_contact_s_zone(play: Play) -> None:
    play.apply("steps:\n- wait: {for: 1 day, on: [sat], at: '09:30'}\n")
    tokyo = play.enroll(play.person("Ann", zone="Asia/Tokyo"))
    lisbon = play.enroll(play.person("Bob"))
    play.work()
    assert due(play, tokyo) == datetime(2026, 3, 7, 0, 30, tzinfo=UTC)
    assert due(play, lisbon) == datetime(2026, 3, 7, 9, 30, tzinfo=UTC)


def test_business_days(play: Play) -> None:
    play.apply("steps:\n- wait: 5 business days\n")
    run = play.enroll(play.person("Ann"))
    play.work()
    assert due(play, run) == datetime(2026, 3, 9, 9, tzinfo=UTC)


def test_until_a_date_across_the_change_of_clocks(play: Play) -> None:
    play.apply("steps:\n- wait_until: {date: 2026-03-30, at: '09:00'}\n- add_tag: then\n")
    run = play.enroll(play.person("Ann"))
    play.work()
    assert due(play, run) == datetime(2026, 3, 30, 8, tzinfo=UTC)


def test_until_a_field_with_an_offset(play: Play) -> None:
    play.apply("steps:\n- wait_until: {field: birthday, offset: -3 days, at: '08:00'}\n- add_tag: then\n")
    run = play.enroll(play.person("Ann", birthday="2026-05-10"))
    none = play.enroll(play.person("Bob"))
    past = play.enroll(play.person("Cid", birthday="1990-01-01"))
    play.work()
    assert due(play, run) == datetime(2026, 5, 7, 7, tzinfo=UTC)
    assert play.run(none).state == "exited"
    assert play.run(none).path[0].detail == "contact.birthday is empty"
    assert play.run(past).state == "done"


def test_a_moment_that_is_past(play: Play) -> None:
    play.apply("""\
        steps:
        - wait_until: {date: 2026-01-01, past: {goto: late}}
        - add_tag: never
        - id: late
          add_tag: late
        """)
    ann = play.person("Ann")
    play.enroll(ann)
    play.work()
    assert play.tags(ann) == ["late"]


def test_a_condition_that_holds_already(play: Play) -> None:
    play.apply("steps:\n- wait_for: lead_score > 5\n  then:\n  - add_tag: met\n  else:\n  - add_tag: missed\n")
    ann = play.person("Ann", lead_score=6)
    run = play.enroll(ann)
    play.work()
    assert play.tags(ann) == ["met"]
    assert play.path(run)[0] == "wait_for-1:then"


def test_a_condition_that_comes_true(play: Play) -> None:
    play.apply("steps:\n- wait_for: {when: lead_score > 5, timeout: 3 days}\n  then:\n  - add_tag: met\n  else:\n  - add_tag: missed\n")
    ann, bob = play.person("Ann"), play.person("Bob")
    for who in (ann, bob):
        play.enroll(who)
    play.work()
    play.crm.contacts.update(contact_id=ann.id, lead_score=3)
    play.work()
    assert play.tags(ann) == []
    play.crm.contacts.update(contact_id=ann.id, lead_score=9)
    play.work()
    assert play.tags(ann) == ["met"]
    play.later(days=3)
    assert play.tags(ann) == ["met"]
    assert play.tags(bob) == ["missed"]
    assert play.rows("select * from waits") == []


def test_a_condition_over_what_hangs_on_a_person(play: Play) -> None:
    play.apply("steps:\n- wait_for: {when: \"'vip' in tags\", timeout: 3 days}\n  then:\n  - add_tag: met\n")
    ann = play.person("Ann")
    play.enroll(ann)
    play.work()
    play.crm.contacts.tag(ids=[ann.id], tags=["vip"])
    play.work()
    assert play.tags(ann) == ["met", "vip"]


def test_an_event(play: Play) -> None:
    play.apply("""\
        steps:
        - create_task: Call
        - wait_for: {event: task.completed, timeout: 5 days}
          then:
          - add_tag: called
          else:
          - add_tag: silent
        """)
    ann, bob = play.person("Ann"), play.person("Bob")
    for who in (ann, bob):
        play.enroll(who)
    play.work()
    mine = next(t for t in play.crm.tasks.list().items if t.contact_id == ann.id)
    play.later(days=1)
    play.crm.tasks.complete(task_id=mine.id)
    play.work()
    assert (play.tags(ann), play.tags(bob)) == (["called"], [])
    play.later(days=4)
    assert (play.tags(ann), play.tags(bob)) == (["called"], ["silent"])


def test_an_event_with_a_filter(play: Play) -> None:
    play.apply("steps:\n- wait_for: {event: contact.changed, where: after.city == 'Faro', timeout: 5 days}\n  then:\n  - add_tag: moved\n")
    ann = play.person("Ann")
    play.enroll(ann)
    play.work()
    play.crm.contacts.update(contact_id=ann.id, city="Porto")
    play.work()
    assert play.tags(ann) == []
    play.crm.contacts.update(contact_id=ann.id, city="Faro")
    play.work()
    assert play.tags(ann) == ["moved"]


def test_what_happened_before_the_wait_does_not_count(play: Play) -> None:
    play.apply("steps:\n- wait_for: {event: contact.tag_added, timeout: 1 day}\n  then:\n  - exit: woken\n  else:\n  - exit: silent\n")
    ann = play.person("Ann")
    play.crm.contacts.update(contact_id=ann.id, add_tags=["x"])
    run = play.enroll(ann)
    play.work()
    play.later(days=2)
    assert play.run(run).outcome == "silent"


def test_time_out_and_event_at_one_moment(play: Play) -> None:
    """Exactly one of them wins, and the run goes one way."""
    play.apply("steps:\n- wait_for: {event: contact.tag_added, timeout: 1 day}\n  then:\n  - exit: woken\n  else:\n  - exit: silent\n")
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    play.clock.advance(timedelta(days=1))
    play.crm.contacts.update(contact_id=ann.id, add_tags=["x"])
    play.work()
    found = play.run(run)
    assert found.outcome == "woken"
    assert len(found.path) == 2


@pytest.fixture
def sales(play: Play) -> Any:
    return play.crm.pipelines.create(name="Sales", stages=["New", "Offer", "Signed"])


def test_a_deal_waits_for_itself_and_for_its_own_work(play: Play, sales: Any) -> None:
    play.apply("""\
        workflow: moved
        subject: deal
        steps:
        - wait_for: {event: deal.stage_changed, timeout: 9 days}
          then:
          - add_tag: {tags: moved, of: deal}
        """)
    play.apply("""\
        workflow: worked
        subject: deal
        steps:
        - wait_for: {event: task.completed, timeout: 9 days}
          then:
          - add_tag: {tags: worked, of: deal}
        """)
    ann = play.person("Ann")
    deals = [
        play.crm.deals.create(name="One", pipeline_id=sales.id, contact_id=ann.id),
        play.crm.deals.create(name="Two", pipeline_id=sales.id, contact_id=ann.id),
        play.crm.deals.create(name="Alone", pipeline_id=sales.id),
    ]
    for deal in deals:
        for name in ("moved", "worked"):
            play.crm.workflows.enroll(workflow_id=name, deal_id=deal.id)
    play.work()

    def tags() -> list[list[str]]:
        play.work()
        return [sorted(play.crm.deals.get(deal_id=deal.id).tags) for deal in deals]

    play.crm.deals.move(deal_id=deals[1].id, stage="Offer")
    assert tags() == [[], ["moved"], []]
    play.crm.deals.move(deal_id=deals[2].id, stage="Offer")
    assert tags() == [[], ["moved"], ["moved"]]
    for deal in deals[1:]:
        task = play.crm.tasks.create(title="Call", deal_id=deal.id)
        play.crm.tasks.complete(task_id=task.id)
    assert tags() == [[], ["moved", "worked"], ["moved", "worked"]]


def test_many_waits_are_woken_by_one_event_each(play: Play) -> None:
    play.apply("steps:\n- wait_for: {event: contact.tag_added, timeout: 9 days}\n  then:\n  - exit: woken\n")
    ids = play.crm.contacts.create_many(items=[{"first_name": f"P{n}"} for n in range(120)]).ids
    play.crm.workflows.enroll(workflow_id="flow", where="true")
    play.work()
    play.crm.contacts.tag(ids=ids[:70], tags=["go"])
    play.work()
    assert play.crm.workflows.get(workflow_id="flow").counts == {"live": 50, "exited": 70}
