"""Who enters: the four re-entry modes, enrolling by hand, and loops that are stopped."""

from __future__ import annotations

import pytest

from ghl.engine.workflows.loops import LONGEST
from ghl.errors import Conflict, Invalid, PlanChanged
from tests.workflows.play import Play

pytestmark = pytest.mark.integration

LEAVE = "steps:\n- wait: 1 day\n- exit: done\n"


def refused(play: Play, who: str) -> dict[str, int]:
    return play.crm.workflows.enroll(workflow_id="flow", contact_id=who).refused


def test_never(play: Play) -> None:
    play.apply(f"re_entry: never\n{LEAVE}")
    ann = play.person("Ann")
    play.enroll(ann)
    assert refused(play, ann.id) == {"was here before, and re_entry is never": 1}
    play.later(days=2)
    assert refused(play, ann.id) == {"was here before, and re_entry is never": 1}
    assert len(play.runs()) == 1


def test_after_exit(play: Play) -> None:
    play.apply(f"re_entry: after_exit\n{LEAVE}")
    ann = play.person("Ann")
    play.enroll(ann)
    assert refused(play, ann.id) == {"is inside already": 1}
    play.later(days=2)
    play.enroll(ann)
    assert refused(play, ann.id) == {"is inside already": 1}


def test_always(play: Play) -> None:
    play.apply(f"re_entry: always\n{LEAVE}")
    ann = play.person("Ann")
    for _ in range(3):
        play.enroll(ann)
    assert len(play.runs(state="live")) == 3
    play.later(days=2)
    play.enroll(ann)
    assert [run.state for run in play.runs()] == ["exited"] * 3 + ["live"]


def test_keyed(play: Play) -> None:
    play.apply(f"re_entry: keyed\nkey: city\ntriggers:\n- contact.changed\n{LEAVE}")
    ann = play.person("Ann", city="Lisbon")
    for city in ("Porto", "Faro", "Porto"):
        play.crm.contacts.update(contact_id=ann.id, city=city)
        play.work()
    assert [row["reentry_key"] for row in play.rows("select reentry_key from enrollment_details order by enrollment_id")] == ["Porto", "Faro"]
    play.later(days=2)
    play.crm.contacts.update(contact_id=ann.id, city="Faro")
    play.work()
    assert len(play.runs()) == 3


def test_a_storm_of_events_starts_one_run(play: Play) -> None:
    play.apply(f"re_entry: after_exit\ntriggers:\n- contact.changed\n{LEAVE}")
    ann = play.person("Ann")
    for number in range(20):
        play.crm.contacts.update(contact_id=ann.id, lead_score=number + 1)
    play.work()
    assert len(play.runs()) == 1


def test_enrolling_everybody_for_whom_something_is_true(play: Play) -> None:
    play.apply("re_entry: never\nsteps:\n- add_tag: in\n")
    for name in ("Ann", "Bob", "Cid"):
        play.person(name, city="Lisbon" if name != "Cid" else "Porto")
    dry = play.crm.workflows.enroll(workflow_id="flow", where="city == 'Lisbon'", dry_run=True)
    assert (dry.count, dry.dry_run) == (2, True)
    assert play.runs() == []
    play.person("Dan", city="Lisbon")
    with pytest.raises(PlanChanged):
        play.crm.workflows.enroll(workflow_id="flow", where="city == 'Lisbon'", plan=dry.digest)
    again = play.crm.workflows.enroll(workflow_id="flow", where="city == 'Lisbon'", dry_run=True)
    done = play.crm.workflows.enroll(workflow_id="flow", where="city == 'Lisbon'", plan=again.digest)
    assert done.count == 3
    more = play.crm.workflows.enroll(workflow_id="flow", where="true")
    assert (more.count, more.unchanged) == (1, 3)


def test_enrolling_what_the_workflow_is_not_about(play: Play) -> None:
    play.apply("subject: deal\nsteps:\n- exit: x\n")
    ann = play.person("Ann")
    with pytest.raises(Invalid, match="about a deal"):
        play.crm.workflows.enroll(workflow_id="flow", contact_id=ann.id)


def test_enrolling_in_a_draft(play: Play) -> None:
    play.apply("status: draft\nsteps:\n- exit: x\n")
    with pytest.raises(Conflict, match="draft"):
        play.crm.workflows.enroll(workflow_id="flow", contact_id=play.person("Ann").id)


def test_workflows_that_start_one_another_are_stopped_and_named(play: Play) -> None:
    play.apply("workflow: A\ntriggers:\n- {on: contact.tag_removed, tag: x}\nsteps:\n- add_tag: x\n")
    play.apply("workflow: B\ntriggers:\n- {on: contact.tag_added, tag: x}\nsteps:\n- remove_tag: x\n")
    other = play.apply("workflow: C\ntriggers:\n- {on: contact.tag_added, tag: x}\nsteps:\n- add_tag: seen\n")
    ann = play.person("Ann", tags=["x"])
    play.work()
    stopped = play.runs(state="failed")
    assert [run.outcome for run in stopped] == ["loop"] * len(stopped)
    assert 1 <= len(stopped) <= 2
    told = play.run(stopped[0].id).path[0].detail
    assert "A → B → A" in told["error"] or "B → A → B" in told["error"]
    steps = play.rows("select count(*) as n from journal")[0]["n"]
    assert steps <= 100
    assert other.workflow.name == "C"
    assert "seen" in play.tags(ann)


def test_an_innocent_in_the_same_batch_is_no_deeper_for_it(play: Play) -> None:
    play.apply("workflow: A\ntriggers:\n- {on: contact.tag_removed, tag: x}\nsteps:\n- add_tag: x\n")
    play.apply("workflow: B\ntriggers:\n- {on: contact.tag_added, tag: x}\nsteps:\n- if: \"'looping' in tags\"\n  then:\n  - remove_tag: x\n")
    loop = play.person("Loop", tags=["x", "looping"])
    for number in range(30):
        play.person(f"P{number}", tags=["x"])
        play.worker.runner.tick([play.rows("select shard from inbox limit 1")[0]["shard"]])
    play.work()
    assert {run.contact for run in play.runs(state="failed")} <= {loop.name}


def test_steps_that_repeat_without_a_wait_are_stopped_and_named(play: Play) -> None:
    play.apply("steps:\n- id: one\n  add_tag: x\n- id: two\n  remove_tag: x\n- goto: one\n")
    run = play.enroll(play.person("Ann"))
    play.work()
    found = play.run(run)
    assert (found.state, len(found.path)) == ("failed", 101)
    assert "one → two → goto-1 → one" in found.path[-1].detail["error"]


def test_a_loop_with_a_wait_goes_on(play: Play) -> None:
    play.apply("steps:\n- id: one\n  wait: 1 hour\n- goto: one\n")
    run = play.enroll(play.person("Ann"))
    play.later(hours=LONGEST + 10)
    assert play.run(run).state == "live"


def test_a_deleted_contact_does_not_enter(play: Play) -> None:
    play.apply(f"triggers:\n- contact.created\n{LEAVE}")
    ann = play.person("Ann")
    play.crm.contacts.delete(contact_id=ann.id)
    play.work()
    assert play.runs() == []
    assert refused(play, ann.id) == {"the contact is deleted": 1}
