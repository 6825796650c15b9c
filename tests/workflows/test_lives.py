"""The life of a workflow and of those inside: pause, archive, versions, deletion, merging, undo."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ghl.errors import Conflict
from tests.workflows.play import Play

pytestmark = pytest.mark.integration


def test_pause_holds_and_resume_goes_on(play: Play) -> None:
    play.apply("steps:\n- wait: 1 day\n- add_tag: later\n")
    ann, bob = play.person("Ann"), play.person("Bob")
    play.enroll(ann)
    play.work()
    play.crm.workflows.pause(workflow_id="flow")
    play.enroll(bob)
    play.later(days=2)
    assert play.tags(ann) == []
    assert {run.held for run in play.runs()} == {"the workflow is paused"}
    play.crm.workflows.resume(workflow_id="flow")
    play.work()
    assert (play.tags(ann), play.tags(bob)) == (["later"], [])
    play.later(days=1)
    assert play.tags(bob) == ["later"]


def test_who_waits_for_an_event_is_woken_during_a_pause_and_goes_on_after_it(play: Play) -> None:
    play.apply("steps:\n- wait_for: {event: contact.tag_added, timeout: 9 days}\n  then:\n  - exit: woken\n")
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    play.crm.workflows.pause(workflow_id="flow")
    play.crm.contacts.update(contact_id=ann.id, add_tags=["x"])
    play.work()
    assert play.run(run).state == "live"
    play.crm.workflows.resume(workflow_id="flow")
    play.work()
    assert play.run(run).outcome == "woken"


def test_archive_lets_nobody_stay(play: Play) -> None:
    play.apply("steps:\n- wait_for: {event: contact.tag_added, timeout: 9 days}\n- add_tag: later\n")
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    play.crm.workflows.archive(workflow_id="flow")
    found = play.run(run)
    assert (found.state, found.outcome, found.ended_at) == ("exited", "archived", play.clock.now())
    assert play.rows("select * from waits") == []
    with pytest.raises(Conflict):
        play.crm.workflows.enroll(workflow_id="flow", contact_id=ann.id)
    play.crm.workflows.activate(workflow_id="flow")
    play.enroll(ann)


def test_archiving_many_is_left_to_the_engine(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ghl.engine.workflows.workflows.AT_ONCE", 10)
    monkeypatch.setattr("ghl.engine.workflows.moves.CHUNK", 7)
    play.apply("steps:\n- wait: 9 days\n")
    play.crm.contacts.create_many(items=[{"first_name": f"P{n}"} for n in range(40)])
    play.crm.workflows.enroll(workflow_id="flow", where="true")
    play.work()
    play.crm.workflows.archive(workflow_id="flow")
    play.work()
    assert play.crm.workflows.get(workflow_id="flow").counts == {"exited": 40}
    assert play.rows("select * from hurries") == []


OLD = "steps:\n- id: one\n  wait: 10 days\n- id: two\n  add_tag: old\n"
NEW = "steps:\n- id: zero\n  add_tag: zero\n- id: one\n  wait: 10 days\n- id: two\n  add_tag: new\n"


@pytest.mark.parametrize(
    ("waiting", "tags", "state"),
    [("keep", ["old"], "done"), ("migrate", ["new"], "done"), ("restart", ["new", "zero"], "done"), ("exit", [], "exited")],
)
def test_a_new_version(play: Play, waiting: str, tags: list[str], state: str) -> None:
    play.apply(OLD)
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    applied = play.apply(NEW, waiting=waiting)
    assert (applied.number, applied.inside) == (2, 1)
    play.work()
    if waiting == "exit":
        assert play.run(run).state == "exited"
    play.later(days=11)
    assert (play.tags(ann), play.run(run).state) == (tags, state)
    bob = play.person("Bob")
    play.enroll(bob)
    play.later(days=11)
    assert play.tags(bob) == ["new", "zero"]


def test_a_restart_does_not_cut_short_who_entered_since(play: Play) -> None:
    play.apply(OLD)
    ann, bob = play.person("Ann"), play.person("Bob")
    play.enroll(ann)
    play.work()
    play.apply(NEW, waiting="restart")
    late = play.enroll(bob)
    play.work()
    play.later(days=5)
    assert play.run(late).path[-1].step == "one"
    assert play.tags(bob) == ["zero"]


def test_a_step_that_was_taken_out(play: Play) -> None:
    """Who stands before a step that the new version lacks stays on hers."""
    play.apply(OLD)
    ann = play.person("Ann")
    play.enroll(ann)
    play.work()
    play.apply("steps:\n- id: other\n  add_tag: other\n", waiting="migrate")
    play.later(days=11)
    assert play.tags(ann) == ["old"]


def test_two_versions_before_anybody_was_claimed(play: Play) -> None:
    play.apply(OLD)
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    play.apply(NEW, waiting="migrate")
    play.apply(NEW.replace("add_tag: new", "add_tag: newest"), waiting="migrate")
    play.later(days=11)
    assert play.tags(ann) == ["newest"]
    assert play.run(run).version == 3


def test_the_same_again_makes_no_version(play: Play) -> None:
    first = play.apply(OLD)
    again = play.apply(OLD)
    assert (first.created, first.number, again.created, again.changed, again.number) == (True, 1, False, False, 1)


def test_a_dry_run_says_what_would_change(play: Play) -> None:
    play.apply(OLD)
    play.enroll(play.person("Ann"))
    dry = play.apply(NEW, dry_run=True)
    assert (dry.number, dry.inside, dry.dry_run) == (2, 1, True)
    assert play.crm.workflows.get(workflow_id="flow").number == 1


def test_a_deleted_contact_s_runs_are_held_and_go_on_when_she_is_restored(play: Play) -> None:
    play.apply("steps:\n- wait: 1 day\n- add_tag: later\n")
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    play.crm.contacts.delete(contact_id=ann.id)
    play.later(days=3)
    assert play.run(run).held == "the record it is about is deleted"
    play.crm.workflows.pause(workflow_id="flow")
    play.crm.workflows.resume(workflow_id="flow")
    play.later(days=1)
    assert play.run(run).held == "the record it is about is deleted"
    play.crm.contacts.restore(contact_id=ann.id)
    play.work()
    assert play.tags(ann) == ["later"]


def test_merged_contacts_runs_go_on_with_the_survivor(play: Play) -> None:
    play.apply("workflow: own\nsteps:\n- wait: 1 day\n- add_tag: own\n")
    play.apply("workflow: both\nre_entry: never\nsteps:\n- wait: 1 day\n- add_tag: both\n")
    play.apply("workflow: listens\nsteps:\n- wait_for: {event: contact.changed, timeout: 9 days}\n  then:\n  - add_tag: heard\n")
    ann, bob = play.person("Ann"), play.person("Bob")
    for who, name in ((bob, "own"), (ann, "both"), (bob, "both"), (bob, "listens")):
        play.enroll(who, name)
    play.work()
    play.crm.contacts.merge(contact_id=ann.id, others=[bob.id])
    assert [run.outcome for run in play.runs(workflow_id="both")] == [None, "merged"]
    play.crm.contacts.update(contact_id=ann.id, city="Faro")
    play.work()
    assert play.tags(ann) == ["heard"]
    play.later(days=2)
    assert play.tags(ann) == ["both", "heard", "own"]
    if play.local.database.dialect == "postgres":
        shards = play.rows("select shard from enrollments where person_id = (select id from contact_records where public_id = :id)", id=ann.id)
        assert len({row["shard"] for row in shards}) == 1


def test_undo_ends_the_runs_that_only_it_started(play: Play) -> None:
    play.apply("workflow: tagged\ntriggers:\n- {on: contact.tag_added, tag: vip}\nsteps:\n- wait: 1 day\n- add_tag: later\n")
    ann, bob = play.person("Ann"), play.person("Bob")
    play.crm.contacts.update(contact_id=bob.id, add_tags=["vip"])
    play.crm.contacts.update(contact_id=ann.id, add_tags=["vip"])
    play.work()
    play.crm.undo()
    assert [(run.contact, run.outcome) for run in play.runs()] == [("Bob", None), ("Ann", "undone")]
    play.later(days=2)
    assert (play.tags(ann), play.tags(bob)) == ([], ["later", "vip"])


def test_undo_ends_the_runs_that_somebody_started_by_hand(play: Play) -> None:
    """And says what it cannot take back: what steps did, and runs that are over."""
    play.apply("steps:\n- add_tag: seen\n- wait: 1 day\n")
    ann, bob = play.person("Ann"), play.person("Bob")
    play.crm.workflows.enroll(workflow_id="flow", where="true")
    (made,) = [one for one in play.crm.changes.list() if one.counts == {"enrollment created": 2}]
    assert {change.name for change in play.crm.changes.show(change_set_id=made.id).changes} == {"Ann in flow", "Bob in flow"}
    play.work()
    undone = play.crm.undo(change_set_id=made.id)
    assert (undone.counts, undone.kept) == ({"enrollment created": 2}, [])
    assert (undone.ended, undone.not_undoable) == (["2 runs of flow end"], ["what 2 runs of flow did so far stays"])
    assert {run.outcome for run in play.runs()} == {"undone"}
    assert (play.tags(ann), play.tags(bob)) == (["seen"], ["seen"])
    again = play.crm.redo()
    assert [kept.reason for kept in again.kept] == ["a run that was ended does not begin again: ghl workflows enroll"] * 2
    play.crm.workflows.enroll(workflow_id="flow", contact_id=ann.id)
    play.work()
    play.later(days=2)
    late = play.crm.undo()
    assert [(kept.noun, kept.name, kept.reason) for kept in late.kept] == [
        ("enrollment", "Ann in flow", "the run is over (completed), and what it did stays")
    ]
    assert (late.ended, late.not_undoable) == ([], [])


def test_undo_before_the_engine_has_looked(play: Play) -> None:
    play.apply("triggers:\n- {on: contact.tag_added, tag: vip}\nsteps:\n- add_tag: later\n")
    ann = play.person("Ann")
    play.crm.contacts.update(contact_id=ann.id, add_tags=["vip"])
    play.crm.undo()
    play.work()
    assert play.tags(ann) == []


def test_undo_of_what_a_step_did(play: Play) -> None:
    play.apply("steps:\n- add_tag: x\n- update_field: {source: flow}\n")
    people = [play.person(name) for name in ("Ann", "Bob")]
    for who in people:
        play.enroll(who)
    play.work()
    sets = [row["id"] for row in play.rows("select s.id from change_sets s join words w on w.id = s.origin where w.name = 'workflow' order by s.id")]
    for number in sets[::-1]:
        play.crm.undo(change_set_id=number)
    for who in people:
        now = play.crm.contacts.get(contact_id=who.id)
        assert (now.tags, now.source) == ([], None)


def test_deleting_a_workflow(play: Play) -> None:
    play.apply("triggers:\n- contact.created\nsteps:\n- add_tag: x\n")
    with pytest.raises(Conflict, match="active"):
        play.crm.workflows.delete(workflow_id="flow")
    play.crm.workflows.archive(workflow_id="flow")
    play.crm.workflows.delete(workflow_id="flow")
    ann = play.person("Ann")
    play.work()
    assert play.tags(ann) == []


def test_a_run_tells_its_path(play: Play) -> None:
    play.apply("steps:\n- id: hello\n  add_tag: x\n- id: pause\n  wait: 1 day\n- id: test\n  if: lead_score > 5\n  then:\n  - exit: hot\n")
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.later(days=2)
    found = play.run(run)
    assert [(e.step, e.kind, e.outcome) for e in found.path] == [
        ("hello", "add_tag", "done"), ("pause", "wait", "waiting"), ("test", "if", "else"),
    ]  # fmt: skip
    assert found.path[-1].at - found.path[0].at == timedelta(days=1)
    assert play.crm.workflows.enrollment(enrollment_id=run[-8:]).id == run


def test_where_people_stand(play: Play) -> None:
    play.apply("steps:\n- id: pause\n  wait: 1 day\n- id: last\n  wait: 1 day\n")
    for name in ("Ann", "Bob"):
        play.enroll(play.person(name))
    play.later(days=1)
    play.enroll(play.person("Cid"))
    play.work()
    detail = play.crm.workflows.get(workflow_id="flow")
    assert {step.name: step.waiting for step in detail.plan} == {"pause": 0, "last": 1}
    assert detail.counts == {"live": 3}

