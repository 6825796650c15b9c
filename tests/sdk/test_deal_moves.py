"""Deals through stages and statuses, and the visits that remember it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ghl
from ghl import errors
from ghl.engine.clock import VirtualClock

pytestmark = pytest.mark.integration


def visits(crm: ghl.Client) -> list[tuple[Any, ...]]:
    """Every row of the visits, with the stage by name; for local stores."""
    with crm._transport.database.read() as connection:  # type: ignore[attr-defined]
        return connection.tuples(  # type: ignore[no-any-return]
            """select v.deal_id, s.name, v.entered_at, v.left_at, v.seconds, v.actor from stage_visits v
            join stages s on s.id = v.stage_id order by v.deal_id, v.id"""
        )


def stays(crm: ghl.Client) -> list[tuple[str, int | None]]:
    """Stages and seconds of every visit."""
    return [(row[1], row[4]) for row in visits(crm)]


def happened(crm: ghl.Client) -> list[tuple[str, Any, Any]]:
    """The events so far: name, person, and whether a change is named."""
    with crm._transport.database.read() as connection:  # type: ignore[attr-defined]
        return connection.tuples(  # type: ignore[no-any-return]
            """select w.name, e.person_id, e.change_id is not null from events e join words w on w.id = e.name
            where w.name like 'deal.%' order by e.id"""
        )


def test_a_stage_that_sets_a_status_sets_it(crm: ghl.Client) -> None:
    """And leaving it opens the deal again; a status of one's own stays."""
    crm.pipelines.create(name="Sales")
    deal = crm.deals.create(name="x")
    won = crm.deals.move(deal_id=deal.id, stage="Won")
    assert (won.status, won.closed_at is not None) == ("won", True)
    back = crm.deals.move(deal_id=deal.id, stage="Proposal")
    assert (back.status, back.closed_at) == ("open", None)
    lost = crm.deals.move(deal_id=deal.id, stage="Lost", lost_reason="price")
    assert (lost.status, lost.lost_reason) == ("lost", "price")
    assert crm.deals.move(deal_id=deal.id, stage="Won").lost_reason is None
    crm.deals.abandon(deal_id=crm.deals.reopen(deal_id=deal.id).id, reason="no answer")
    moved = crm.deals.move(deal_id=deal.id, stage="Qualified")
    assert (moved.status, moved.lost_reason) == ("abandoned", "no answer")


def test_closing_moves_to_the_stage_for_it_and_reopening_back(crm: ghl.Client, clock: VirtualClock) -> None:
    """Twice is the same as once."""
    crm.pipelines.create(name="Sales")
    deal = crm.deals.create(name="x", stage_id="Qualified")
    won = crm.deals.win(deal_id=deal.id)
    assert (won.stage, won.status) == ("Won", "won")
    clock.advance(timedelta(days=1))
    assert crm.deals.win(deal_id=deal.id) == won.model_copy(update={"days_in_stage": 1})
    assert crm.deals.reopen(deal_id=deal.id).stage == "Qualified"
    lost = crm.deals.lose(deal_id=deal.id, reason="price")
    assert (lost.stage, lost.status, lost.lost_reason) == ("Lost", "lost", "price")
    assert crm.deals.lose(deal_id=deal.id).lost_reason == "price"
    left = crm.deals.abandon(deal_id=deal.id)
    assert (left.stage, left.status) == ("Qualified", "abandoned")
    again = crm.deals.reopen(deal_id=deal.id, stage_id="Proposal")
    assert (again.stage, again.status, again.lost_reason) == ("Proposal", "open", None)
    assert crm.deals.reopen(deal_id=deal.id).version == again.version
    with pytest.raises(errors.Invalid):
        crm.deals.reopen(deal_id=crm.deals.win(deal_id=deal.id).id, stage_id="Lost")


def test_a_pipeline_without_endings_closes_in_place(crm: ghl.Client) -> None:
    """Status apart from stage."""
    crm.pipelines.create(name="Renewals", stages=["Due", "Agreed"])
    deal = crm.deals.create(name="x", stage_id="Agreed")
    won = crm.deals.win(deal_id=deal.id, closed_at="2026-03-02T10:00")
    assert (won.stage, won.status) == ("Agreed", "won")
    assert crm.deals.move(deal_id=deal.id, stage="Due").status == "won"
    assert crm.deals.reopen(deal_id=deal.id).stage == "Due"


def test_a_move_back_can_be_refused(crm: ghl.Client) -> None:
    """With a flag; forward and the same stage are allowed."""
    crm.pipelines.create(name="Sales")
    deal = crm.deals.create(name="Shop", stage_id="Proposal")
    with pytest.raises(errors.Conflict, match="Shop is in Proposal; New comes before it"):
        crm.deals.move(deal_id=deal.id, stage="New", forward_only=True)
    assert crm.deals.move(deal_id=deal.id, stage="Proposal", forward_only=True).version == deal.version
    assert crm.deals.move(deal_id=deal.id, stage="Won", forward_only=True).stage == "Won"
    assert crm.deals.move(deal_id=deal.id, stage="New").stage == "New"


def test_a_deal_moves_to_another_pipeline(crm: ghl.Client) -> None:
    """By the pipeline's name, or by the id of its stage; without a stage to the one of the same name."""
    crm.pipelines.create(name="Sales")
    other = crm.pipelines.create(name="Other", stages=["Start", "Proposal"])
    deal = crm.deals.create(name="x", pipeline_id="Sales", stage_id="Proposal")
    assert crm.deals.update(deal_id=deal.id, pipeline_id="Other").stage == "Proposal"
    assert crm.deals.move(deal_id=deal.id, pipeline_id="Sales", stage="New").pipeline == "Sales"
    assert crm.deals.move(deal_id=deal.id, stage=other.stages[0].id).pipeline == "Other"
    assert crm.deals.update(deal_id=deal.id, pipeline_id="Sales", stage_id="Lost").status == "lost"


def test_every_move_ends_a_visit_and_begins_one(local: ghl.Client, clock: VirtualClock) -> None:
    """Entered, left, seconds and who; events name the change and the main person."""
    local.pipelines.create(name="Sales")
    ana = local.contacts.create(first_name="Ana")
    deal = local.deals.create(name="x", contact_id=ana.id)
    clock.advance(timedelta(minutes=10))
    local.deals.move(deal_id=deal.id, stage="Proposal")
    clock.advance(timedelta(minutes=1))
    local.deals.update(deal_id=deal.id, amount="5")
    local.deals.win(deal_id=deal.id)
    assert stays(local) == [("New", 600), ("Proposal", 60), ("Won", None)]
    assert {row[5] for row in visits(local)} == {"tester"}
    events = happened(local)
    assert [name for name, _, _ in events] == [
        "deal.created", "deal.changed", "deal.stage_changed", "deal.changed", "deal.changed", "deal.stage_changed",
        "deal.status_changed",
    ]  # fmt: skip
    assert all(person is not None and change for _, person, change in events)


def test_an_undo_of_a_move_leaves_the_visits_as_they_were(local: ghl.Client, clock: VirtualClock) -> None:
    """The same rows, and the redo brings the same moment back."""
    local.pipelines.create(name="Sales")
    deal = local.deals.create(name="x")
    clock.advance(timedelta(hours=1))
    local.deals.move(deal_id=deal.id, stage="Qualified")
    before, shown = visits(local), local.deals.get(deal_id=deal.id)
    clock.advance(timedelta(hours=1))
    local.deals.win(deal_id=deal.id)
    moved = visits(local)
    clock.advance(timedelta(hours=1))
    local.undo()
    assert visits(local) == before
    back = local.deals.get(deal_id=deal.id)
    assert (back.stage, back.status, back.stage_entered_at) == ("Qualified", "open", shown.stage_entered_at)
    clock.advance(timedelta(hours=1))
    local.redo()
    assert visits(local) == moved
    local.undo()
    assert visits(local) == before


def test_an_undo_of_an_older_move_is_a_move_of_its_own(local: ghl.Client, clock: VirtualClock) -> None:
    """Only the change that opened the visit takes the visit away."""
    local.pipelines.create(name="Sales")
    deal = local.deals.create(name="x")
    local.deals.move(deal_id=deal.id, stage="Proposal")
    first = local.outcome.change_set
    for stage in ("New", "Proposal"):
        clock.advance(timedelta(hours=1))
        local.deals.move(deal_id=deal.id, stage=stage)
    clock.advance(timedelta(hours=1))
    assert local.undo(change_set_id=first).undone == 1
    assert stays(local) == [("New", 0), ("Proposal", 3600), ("New", 3600), ("Proposal", 3600), ("New", None)]


def test_an_undo_does_not_put_a_deal_where_it_cannot_be(local: ghl.Client) -> None:
    """A stage that was removed since is a reason to leave the deal."""
    local.pipelines.create(name="Sales")
    deal = local.deals.create(name="x")
    local.deals.move(deal_id=deal.id, stage="Proposal")
    moved = local.outcome.change_set
    local.pipelines.update(pipeline_id="Sales", remove_stages=["New"])
    result = local.undo(change_set_id=moved)
    assert (result.undone, "was removed" in result.kept[0].reason) == (0, True)


MOVES = st.lists(
    st.sampled_from(["New", "Qualified", "Proposal", "Won", "Lost", "win", "lose", "abandon", "reopen", "undo"]),
    max_size=12,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=MOVES)
def test_taking_everything_back_gives_the_visits_of_the_start(
    file_crm: ghl.Client, clock: VirtualClock, steps: list[str]
) -> None:
    """Whatever was done in between, undone too; there is always one open visit, and it is the deal's."""
    crm = file_crm
    if not crm.pipelines.list().items:
        crm.pipelines.create(name="Sales")
    deal = crm.deals.create(name="x")
    start, done = visits(crm), [crm.outcome.change_set]
    taken: list[int | None] = []
    for step in steps:
        clock.advance(timedelta(minutes=7))
        if step == "undo":
            if len(done) == 1:
                continue
            crm.undo()
            done.pop()
            taken.append(crm.outcome.change_set)
        elif step.islower():
            getattr(crm.deals, step)(deal_id=deal.id)
        else:
            crm.deals.move(deal_id=deal.id, stage=step)
        if step != "undo" and crm.outcome.change_set is not None:
            done.append(crm.outcome.change_set)
        now = crm.deals.get(deal_id=deal.id).model_dump(mode="json")
        current = [row for row in visits(crm) if row[3] is None and row[0] == visits(crm)[-1][0]]
        assert [(row[1], row[2]) for row in current] == [(now["stage"], now["stage_entered_at"])]
    for number in reversed(done[1:]):
        crm.undo(change_set_id=number)
    assert visits(crm) == start
