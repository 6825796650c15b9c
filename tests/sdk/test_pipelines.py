"""Pipelines, their boards and reports, over every transport."""

from __future__ import annotations

from datetime import timedelta

import pytest

import ghl
from ghl import errors
from ghl.engine.clock import VirtualClock

pytestmark = pytest.mark.integration


def names(pipeline: object) -> list[str]:
    """The stages' names in order."""
    return [stage.name for stage in pipeline.stages]  # type: ignore[attr-defined]


def test_a_pipeline_has_stages_from_the_start(crm: ghl.Client) -> None:
    """Given ones in their order with evenly spaced probabilities, or the usual five."""
    usual = crm.pipelines.create(name="Sales")
    assert names(usual) == ["New", "Qualified", "Proposal", "Won", "Lost"]
    assert [s.sets_status for s in usual.stages] == [None, None, None, "won", "lost"]
    own = crm.pipelines.create(
        name="Renewals", stages=["Due", {"name": "Agreed", "probability": 90}, {"name": "Paid", "sets_status": "won"}]
    )
    assert [(s.name, s.probability) for s in own.stages] == [("Due", 33), ("Agreed", 90), ("Paid", 100)]
    assert crm.pipelines.get(pipeline_id="renewals") == own
    assert [p.name for p in crm.pipelines.list(sort="name")] == ["Renewals", "Sales"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "Sales"}, "already"),
        ({"name": " "}, "needs a name"),
        ({"name": "X", "stages": ["A", "a "]}, "two stages"),
        ({"name": "X", "stages": []}, "stages"),
        ({"name": "X", "stages": [" "]}, "needs a name"),
        ({"name": "X", "stages": [{"name": "A", "probability": 101}]}, "101"),
    ],
)
def test_bad_pipelines_are_refused(crm: ghl.Client, fields: dict[str, object], says: str) -> None:
    """Names are unique, stages are named once."""
    crm.pipelines.create(name="Sales")
    with pytest.raises((errors.Invalid, errors.Duplicate), match=says):
        crm.pipelines.create(**fields)  # type: ignore[arg-type]


def test_stages_are_renamed_reordered_added_and_removed(crm: ghl.Client) -> None:
    """A stage keeps its id through it all; an undo brings back the stages as they were."""
    sales = crm.pipelines.create(name="Sales", stages=["New", "Proposal", "Talk"])
    ids = {stage.name: stage.id for stage in sales.stages}
    changed = crm.pipelines.update(
        pipeline_id="Sales",
        stages=[{"id": "Talk", "probability": 5}, {"id": ids["New"], "name": "Fresh"}, "Proposal", "Last"],
    )
    assert names(changed) == ["Talk", "Fresh", "Proposal", "Last"]
    assert [s.id for s in changed.stages][:3] == [ids["Talk"], ids["New"], ids["Proposal"]]
    assert changed.stages[0].probability == 5
    swapped = crm.pipelines.update(
        pipeline_id="Sales",
        stages=[{"id": ids["Talk"], "name": "Fresh"}, {"id": ids["New"], "name": "Talk"}, "Proposal"],
    )
    assert [(s.name, s.id) for s in swapped.stages][:2] == [("Fresh", ids["Talk"]), ("Talk", ids["New"])]
    crm.undo()
    crm.undo()
    assert crm.pipelines.get(pipeline_id="Sales").stages == sales.stages


def test_one_stage_is_added_or_removed_without_naming_the_others(crm: ghl.Client) -> None:
    """New ones come before those that end a deal, or after the one they name."""
    crm.pipelines.create(name="Sales")
    changed = crm.pipelines.update(pipeline_id="Sales", add_stages=["Contract", {"name": "Call", "after": "New"}])
    assert names(changed) == ["New", "Call", "Qualified", "Proposal", "Contract", "Won", "Lost"]
    changed = crm.pipelines.update(pipeline_id="Sales", remove_stages=["qualified", "Call"])
    assert names(changed) == ["New", "Proposal", "Contract", "Won", "Lost"]
    with pytest.raises(errors.NotFound, match="no stage"):
        crm.pipelines.update(pipeline_id="Sales", remove_stages=["Qualified"])


def test_sending_a_response_back_changes_nothing(crm: ghl.Client) -> None:
    """Stages come back with their ids."""
    made = crm.pipelines.create(name="Sales", stale_days=10)
    body = made.model_dump(mode="json")
    assert crm.pipelines.update(pipeline_id=made.id, **{k: v for k, v in body.items() if k != "id"}) == made


def test_a_stage_with_deals_is_in_use(crm: ghl.Client) -> None:
    """The deals are named; they can be moved first, in the same change set."""
    crm.pipelines.create(name="Sales")
    deal = crm.deals.create(name="Shop", stage_id="Qualified")
    with pytest.raises(errors.InUse) as caught:
        crm.pipelines.update(pipeline_id="Sales", remove_stages=["Qualified"])
    assert caught.value.details["users"] == [{"id": deal.id, "name": "Shop"}]
    assert "Shop" in caught.value.message
    crm.pipelines.update(pipeline_id="Sales", remove_stages=["Qualified"], move_deals_to="Proposal")
    assert crm.deals.get(deal_id=deal.id).stage == "Proposal"
    crm.undo()
    assert crm.deals.get(deal_id=deal.id).stage == "Qualified"
    assert "Qualified" in names(crm.pipelines.get(pipeline_id="Sales"))


def test_a_pipeline_with_open_deals_is_in_use(crm: ghl.Client) -> None:
    """Unless they move: to the stage of the same name, else to the first."""
    crm.pipelines.create(name="Sales")
    crm.pipelines.create(name="Other", stages=["Start", "Proposal"])
    first = crm.deals.create(name="One", pipeline_id="Sales", stage_id="Proposal")
    second = crm.deals.create(name="Two", pipeline_id="Sales")
    won = crm.deals.win(deal_id=crm.deals.create(name="Three", pipeline_id="Sales").id)
    with pytest.raises(errors.InUse) as caught:
        crm.pipelines.delete(pipeline_id="Sales")
    assert (caught.value.details["count"], len(caught.value.details["users"])) == (2, 2)
    with pytest.raises(errors.InUse):
        crm.pipelines.delete_many(ids=["Sales"])
    crm.pipelines.delete(pipeline_id="Sales", move_to="Other")
    assert [crm.deals.get(deal_id=d.id).stage for d in (first, second)] == ["Proposal", "Start"]
    assert crm.deals.get(deal_id=won.id).pipeline == "Sales"
    with pytest.raises(errors.Conflict, match="was deleted"):
        crm.deals.reopen(deal_id=won.id)
    crm.pipelines.restore(pipeline_id="Sales")
    assert crm.deals.reopen(deal_id=won.id).stage == "New"


def test_a_deal_restored_into_a_removed_stage_can_be_moved(crm: ghl.Client) -> None:
    """Only live deals hold a stage; the board shows what is left in a removed one."""
    crm.pipelines.create(name="Sales")
    deal = crm.deals.create(name="Shop", stage_id="Qualified")
    crm.deals.delete(deal_id=deal.id)
    crm.pipelines.update(pipeline_id="Sales", remove_stages=["Qualified"])
    assert crm.deals.restore(deal_id=deal.id).stage == "Qualified"
    columns = crm.pipelines.board(pipeline_id="Sales").columns
    assert [(c.name, c.count) for c in columns][-1] == ("Qualified", 1)
    assert crm.deals.update(deal_id=deal.id, name="Web shop", stage_id=deal.stage_id).stage == "Qualified"
    assert crm.deals.move(deal_id=deal.id, stage="Proposal").stage == "Proposal"


def test_a_board_has_counts_sums_and_the_biggest_deals(crm: ghl.Client, clock: VirtualClock) -> None:
    """A column per stage; sums are per currency."""
    crm.pipelines.create(name="Sales")
    ana = crm.contacts.create(first_name="Ana", last_name="Reis")
    crm.companies.create(name="Acme")
    for number, amount in enumerate(["100", "300", "200 USD", None]):
        crm.deals.create(name=f"D{number}", amount=amount, contact_id=ana.id, company_id="Acme")
    crm.deals.win(deal_id="D0")
    clock.advance(timedelta(days=3))
    board = crm.pipelines.board(pipeline_id="Sales", cards=2)
    assert [(c.name, c.count) for c in board.columns] == [
        ("New", 3), ("Qualified", 0), ("Proposal", 0), ("Won", 1), ("Lost", 0),
    ]  # fmt: skip
    new = board.columns[0]
    assert [str(m) for m in new.amounts] == ["300.00 EUR", "200.00 USD"]
    assert [c.name for c in new.cards] == ["D1", "D2"]
    card = new.cards[0]
    assert (card.days_in_stage, card.contact, card.company, card.owner) == (3, "Ana Reis", "Acme", None)
    assert [(e.status, e.count) for e in board.endings] == [("won", 1), ("lost", 0), ("abandoned", 0)]
    assert crm.pipelines.board(pipeline_id="Sales", contact_id=ana.id).columns[0].count == 3


def test_a_closed_deal_leaves_the_columns_of_a_pipeline_without_endings(crm: ghl.Client) -> None:
    """Plain columns have open deals; endings count the rest."""
    crm.pipelines.create(name="Renewals", stages=["Due", "Agreed"])
    crm.deals.create(name="One", amount="5")
    crm.deals.lose(deal_id=crm.deals.create(name="Two", amount="7").id, reason="price")
    board = crm.pipelines.board(pipeline_id="Renewals")
    assert [c.count for c in board.columns] == [1, 0]
    assert [(e.status, e.count, [str(a.value) for a in e.amounts]) for e in board.endings][1] == ("lost", 1, ["7.00"])


def test_a_report_says_what_became_of_its_cohort(crm: ghl.Client, clock: VirtualClock) -> None:
    """Conversion and time by stage, win rate, reasons; stale and forecast are of now."""
    crm.pipelines.create(name="Sales", stages=["New", "Proposal"], stale_days=5)
    deals = [
        crm.deals.create(name=f"D{n}", amount="100", expected_close_on="2026-05-0" + str(n + 1)) for n in range(4)
    ]
    clock.advance(timedelta(days=2))
    for deal in deals[:3]:
        crm.deals.move(deal_id=deal.id, stage="Proposal")
    clock.advance(timedelta(days=4))
    crm.deals.win(deal_id=deals[0].id)
    crm.deals.lose(deal_id=deals[1].id, reason="price")
    crm.deals.create(name="Later", amount="10 USD", probability=90)
    report = crm.pipelines.report(pipeline_id="Sales", until="2026-03-04")
    assert report.cohort == "deals of Sales opened until 2026-03-04 (Europe/Lisbon)"
    assert (report.deals, report.open, report.won, report.lost, report.abandoned) == (4, 2, 1, 1, 0)
    assert (report.win_rate, report.cycle_days) == (0.5, 6.0)
    new, proposal = report.stages
    assert (new.entered, new.advanced, new.conversion, new.here) == (4, 3, 0.75, 1)
    assert (new.average_days, new.median_days) == (2.0, 2.0)
    assert (proposal.entered, proposal.advanced, proposal.lost, proposal.here) == (3, 1, 1, 1)
    assert proposal.average_days is None
    assert [(r.reason, r.count) for r in report.lost_reasons] == [("price", 1)]
    assert (report.stale_days, report.stale_count, [c.name for c in report.stale]) == (5, 1, ["D3"])
    month = [(f.month, f.count, str(f.amount), str(f.weighted)) for f in report.forecast]
    assert month == [("2026-05", 2, "200.00 EUR", "100.00 EUR"), (None, 1, "10.00 USD", "9.00 USD")]
    assert crm.pipelines.report(pipeline_id="Sales").cohort == "all deals of Sales"
    with pytest.raises(errors.Invalid, match="before"):
        crm.pipelines.report(pipeline_id="Sales", since="2026-03-04", until="2026-03-04")


def test_many_pipelines_at_once(crm: ghl.Client) -> None:
    """The bulk forms of a noun with few records are the same."""
    assert crm.pipelines.create_many(items=[{"name": "A"}, {"name": "B", "stages": ["X"]}]).count == 2
    result = crm.pipelines.upsert_many(items=[{"name": "a", "stale_days": 3}, {"name": "C"}])
    assert (result.count, crm.pipelines.get(pipeline_id="A").stale_days) == (2, 3)
    assert crm.pipelines.update_many(ids=["A", "C"], values={"position": 2}).count == 2
    assert crm.pipelines.delete_many(where="true").count == 3
    assert crm.pipelines.restore_many(ids=["A", "B", "C"]).count == 3
    made = crm.pipelines.get(pipeline_id="A")
    crm.pipelines.update(pipeline_id="A", stale_days=9, version=made.version)
    with pytest.raises(errors.StaleVersion):
        crm.pipelines.update(pipeline_id="A", stale_days=8, version=made.version)


def test_a_plan_with_a_new_stage_is_done_as_planned(local: ghl.Client) -> None:
    """What a dry run said has the same digest when it is done, though a new stage has another id."""
    local.pipelines.create(name="Sales")
    dry = local.with_options(dry_run=True)
    dry.pipelines.update(pipeline_id="Sales", add_stages=["Contract"])
    digest = dry.outcome.digest
    assert "Contract" not in names(local.pipelines.get(pipeline_id="Sales"))
    done = local.with_options(plan=digest).pipelines.update(pipeline_id="Sales", add_stages=["Contract"])
    assert "Contract" in names(done)
