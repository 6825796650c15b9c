"""Steps that fail: tried again ever later, then what the step says, and parked after five tries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.play import Play

pytestmark = pytest.mark.integration

BAD = "tasks.create: {title: x, owner_id: '{{ contact.first_name }}'}"


def test_tried_five_times_then_parked(play: Play) -> None:
    play.apply(f"steps:\n- id: bad\n  {BAD}\n- add_tag: after\n")
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    found = play.run(run)
    assert (found.state, found.attempt, found.step) == ("live", 1, "bad")
    assert found.path[0].outcome == "retried"
    assert "Ann" in found.path[0].detail["error"]
    assert found.run_at is not None
    first = found.run_at - play.clock.now()
    assert timedelta(seconds=8) <= first <= timedelta(seconds=12)
    play.later(hours=6)
    found = play.run(run)
    assert (found.state, found.attempt) == ("parked", 5)
    assert [entry.outcome for entry in found.path] == ["retried"] * 4 + ["failed"]
    assert play.tags(ann) == []
    gaps = [later.at - earlier.at for earlier, later in zip(found.path, found.path[1:], strict=False)]
    assert gaps == sorted(gaps)


@pytest.mark.parametrize(
    ("policy", "state", "tags"),
    [("continue", "done", ["after"]), ("stop", "failed", []), ("{goto: last}", "done", ["last"])],
)
def test_what_a_step_says_of_its_failure(play: Play, policy: str, state: str, tags: list[str]) -> None:
    play.apply(f"""\
        steps:
        - tasks.create: {{title: x, owner_id: '{{{{ contact.first_name }}}}'}}
          on_error: {policy}
        - add_tag: after
        - exit: end
        - id: last
          add_tag: last
        """)
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    found = play.run(run)
    assert found.state == (state if policy != "continue" else "exited")
    assert play.tags(ann) == tags
    assert found.path[0].outcome == "failed"


def test_a_number_of_retries(play: Play) -> None:
    play.apply("""\
        steps:
        - tasks.create: {title: x, owner_id: '{{ contact.first_name }}'}
          retry: {times: 2, backoff: 1 min}
          on_error: stop
        """)
    run = play.enroll(play.person("Ann"))
    play.later(days=1)
    found = play.run(run)
    assert (found.state, [entry.outcome for entry in found.path]) == ("failed", ["retried", "retried", "failed"])


def test_one_who_fails_takes_nobody_with_her(play: Play) -> None:
    play.crm.users.create(name="Ines", email="ines@example.com")
    play.apply("steps:\n- tasks.create: {title: 'For {{ contact.first_name }}', owner_id: '{{ contact.job_title }}'}\n- add_tag: after\n")
    people = [play.person(f"P{n}", job_title="Ines" if n != 3 else "Nobody") for n in range(6)]
    for who in people:
        play.enroll(who)
    play.work()
    assert [play.tags(who) for who in people] == [["after"] if n != 3 else [] for n in range(6)]
    assert len(play.crm.tasks.list().items) == 5


def test_a_value_that_is_missing_is_a_failure_that_names_it(play: Play) -> None:
    play.apply("steps:\n- create_note: 'From {{ contact.city }}'\n  on_error: continue\n")
    run = play.enroll(play.person("Ann"))
    play.work()
    assert "contact.city" in play.run(run).path[0].detail["error"]


def test_a_step_that_comes_too_late(play: Play) -> None:
    play.apply("steps:\n- wait: 1 hour\n- add_tag: late\n  expiry: 2 hours\n- add_tag: after\n")
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    play.clock.advance(timedelta(hours=4))
    play.work()
    assert play.tags(ann) == ["after"]
    assert play.path(run) == ["wait-1:waiting", "add_tag-1:skipped", "add_tag-2"]


def test_a_deal_that_is_gone(play: Play) -> None:
    sales = play.crm.pipelines.create(name="Sales", stages=["New", "Offer"])
    play.apply("subject: deal\nsteps:\n- wait: 1 day\n- move_deal: Offer\n")
    deal = play.crm.deals.create(name="Roof", pipeline_id=sales.id)
    play.crm.workflows.enroll(workflow_id="flow", deal_id=deal.id)
    play.work()
    play.crm.deals.delete(deal_id=deal.id)
    play.later(days=2)
    assert play.runs()[0].held == "the record it is about is deleted"
    play.crm.deals.restore(deal_id=deal.id)
    play.work()
    assert play.crm.deals.get(deal_id=deal.id).stage == "Offer"
