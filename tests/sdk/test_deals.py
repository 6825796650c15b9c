"""Deals over every transport: fields, people, lines, lists and many at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

import ghl
from ghl import errors
from ghl.engine.clock import VirtualClock

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _sales(crm: ghl.Client) -> None:
    """A pipeline named Sales: New, Qualified, Proposal, Won, Lost."""
    crm.pipelines.create(name="Sales")


def test_a_deal_is_created_shown_and_listed(crm: ghl.Client, clock: VirtualClock) -> None:
    """It starts in the first stage of the only pipeline."""
    made = crm.deals.create(name="Online shop", amount="4200", expected_close_on="2026-04-01", source="referral")
    assert (made.pipeline, made.stage, made.status, made.probability) == ("Sales", "New", "open", 10)
    assert made.amount is not None
    assert (made.amount.minor, made.amount.currency, made.expected_close_on) == (420_000, "EUR", "2026-04-01")
    assert made.opened_at == made.stage_entered_at == clock.now()
    assert crm.deals.get(deal_id="online shop") == made
    assert [d.id for d in crm.deals.list(search="onl ref")] == [made.id]
    clock.advance(timedelta(days=4, hours=23))
    assert crm.deals.get(deal_id=made.id).days_in_stage == 4


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x", "amount": "12,5"}, "amount"),
        ({"name": "x", "amount": "99999999999999.99"}, "amount"),
        ({"name": "x", "stage_id": "Propsal"}, "stage_id"),
        ({"name": "x", "pipeline_id": "Sails"}, "pipeline_id"),
        ({"name": "x", "status": "lots"}, "status"),
        ({"name": "x", "probability": 101}, "probability"),
        ({"name": "x", "expected_close_on": "someday"}, "expected_close_on"),
        ({"name": "x", "stage_id": "Lost", "status": "won"}, "status"),
        ({"name": "x", "lost_reason": "price"}, "lost_reason"),
        ({"name": "x", "status": "won", "opened_at": "2026-02-02", "closed_at": "2026-02-01"}, "closed_at"),
        ({"name": "x", "contact_id": "nobody@example.com"}, "contact_id"),
        ({"name": "x", "lines": ["GTX"]}, "lines"),
        ({"name": "x", "lines": [{"name": "Work", "price": "1 USD"}, {"name": "More", "price": "1 EUR"}]}, "lines"),
        ({"name": "x", "lines": [{"quantity": 2}]}, "lines"),
    ],
)
def test_bad_deals_name_the_field(crm: ghl.Client, fields: dict[str, object], field: str) -> None:
    """One clear error for each."""
    with pytest.raises(errors.GhlError) as caught:
        crm.deals.create(**fields)  # type: ignore[arg-type]
    assert (caught.value.field or "").split(".")[0] == field


def test_a_wrong_stage_is_told_the_nearest(crm: ghl.Client) -> None:
    """The words of the error are for people."""
    made = crm.deals.create(name="x")
    with pytest.raises(errors.NotFound) as caught:
        crm.deals.move(deal_id=made.id, stage="Propsal")
    assert caught.value.message == 'pipeline Sales has no stage "Propsal"'
    assert caught.value.hint == "Proposal?   stages: New, Qualified, Proposal, Won, Lost"


def test_the_pipeline_is_named_where_there_are_several(crm: ghl.Client) -> None:
    """A stage that only one has, or its id, is enough."""
    other = crm.pipelines.create(name="Renewals", stages=["Due", "Won"])
    with pytest.raises(errors.Invalid, match="several pipelines") as caught:
        crm.deals.create(name="x")
    assert caught.value.hint == "one of: Sales, Renewals"
    assert crm.deals.create(name="x", stage_id="Due").pipeline == "Renewals"
    assert crm.deals.create(name="x", stage_id=other.stages[1].id).stage == "Won"
    assert crm.deals.create(name="x", pipeline="Sales", stage="Won").status == "won"  # type: ignore[call-arg]
    with pytest.raises(errors.Ambiguous):
        crm.deals.create(name="x", stage_id="Won")
    with pytest.raises(errors.Invalid, match="belongs to pipeline Renewals"):
        crm.deals.create(name="x", pipeline_id="Sales", stage_id=other.stages[0].id)


def test_several_people_are_in_a_deal_one_is_the_main_one(crm: ghl.Client) -> None:
    """`contact_id` is short for the primary one."""
    ana = crm.contacts.create(first_name="Ana", email="ana@example.com")
    rui = crm.contacts.create(first_name="Rui")
    made = crm.deals.create(name="x", contact_id="ana@example.com")
    assert (made.contact_id, made.contact) == (ana.id, "Ana")
    changed = crm.deals.update(deal_id=made.id, contact_id=rui.id)
    assert [(c.name, c.primary) for c in changed.contacts] == [("Rui", True), ("Ana", False)]
    changed = crm.deals.update(deal_id=made.id, contacts=[{"contact_id": ana.id, "role": "buyer"}])
    assert [(c.name, c.role, c.primary) for c in changed.contacts] == [("Ana", "buyer", True)]
    assert [d.id for d in crm.deals.list(contact_id=ana.id)] == [made.id]
    assert crm.deals.list(contact_id=rui.id).total == 0


def test_lines_make_the_amount(crm: ghl.Client) -> None:
    """Products by name with their price, texts with one of their own; a typed amount gives way."""
    crm.products.create(name="GTX Pro", price="4821")
    made = crm.deals.create(
        name="x", amount=None,
        lines=[{"product_id": "GTX Pro", "quantity": "2"}, {"name": "Delivery", "price": "10.10", "quantity": "0.5"}],
    )  # fmt: skip
    assert str(made.amount) == "9647.05 EUR"
    assert [(line.name, line.quantity, str(line.amount)) for line in made.lines] == [
        ("GTX Pro", "2", "9642.00 EUR"), ("Delivery", "0.5", "5.05 EUR"),
    ]  # fmt: skip
    with pytest.raises(errors.Invalid, match="sum of its lines"):
        crm.deals.update(deal_id=made.id, amount="5")
    crm.products.update(product_id="GTX Pro", price="1", name="GTX Old")
    assert crm.deals.get(deal_id=made.id) == made
    changed = crm.deals.update(deal_id=made.id, lines=["gtx old", {"name": "Work", "price": "5"}, "GTX Old"])
    assert str(changed.amount) == "7.00 EUR"
    crm.undo()
    assert crm.deals.get(deal_id=made.id).lines == made.lines
    assert str(crm.deals.get(deal_id=made.id).amount) == "9647.05 EUR"
    assert str(crm.deals.update(deal_id=made.id, lines=[]).amount) == "9647.05 EUR"
    assert crm.deals.update(deal_id=made.id, amount=None).amount is None


def test_a_probability_is_its_own_or_the_stages(crm: ghl.Client) -> None:
    """A closed deal is certain; the effective one sent back is no override."""
    made = crm.deals.create(name="x", probability=42)
    assert made.probability == 42
    assert crm.deals.move(deal_id=made.id, stage="Proposal").probability == 42
    assert crm.deals.update(deal_id=made.id, probability=None).probability == 60
    crm.deals.update(deal_id=made.id, probability=60)
    assert crm.deals.move(deal_id=made.id, stage="Qualified").probability == 30
    assert crm.deals.win(deal_id=made.id).probability == 100
    assert crm.deals.lose(deal_id=made.id).probability == 0


def test_sending_a_response_back_changes_nothing(crm: ghl.Client) -> None:
    """Whatever its state."""
    crm.products.create(name="GTX Pro", price="4821")
    ana = crm.contacts.create(first_name="Ana")
    made = crm.deals.create(name="x", contact_id=ana.id, lines=["GTX Pro"], company_id=None, probability=3)
    for change in (crm.deals.get, crm.deals.lose, crm.deals.abandon, crm.deals.reopen, crm.deals.win):
        deal = change(deal_id=made.id)
        body = {k: v for k, v in deal.model_dump(mode="json").items() if k != "id"}
        assert crm.deals.update(deal_id=made.id, **body) == deal


def test_a_deal_from_elsewhere_keeps_its_dates(crm: ghl.Client) -> None:
    """What an import knows: when it began and ended."""
    made = crm.deals.create(
        name="x", stage_id="Won", opened_at="2025-10-20", closed_at="2026-03-01", external_id="1C1I7A6R"
    )
    assert made.opened_at is not None
    assert made.closed_at is not None
    assert made.status == "won"
    assert (made.opened_at.isoformat()[:10], made.closed_at.isoformat()[:10]) == ("2025-10-19", "2026-03-01")
    assert made.stage_entered_at == made.closed_at
    only = crm.deals.create(name="y", status="lost", closed_at="2025-03-01", lost_reason="price")
    assert only.opened_at == only.closed_at
    assert (only.stage, only.lost_reason) == ("Lost", "price")
    assert crm.deals.upsert(name="z", external_id="1C1I7A6R").id == made.id
    assert crm.deals.upsert(name="Z", amount="1", match=["name"]).id == made.id
    assert crm.deals.upsert(name="q", external_id="other").id not in (made.id, only.id)


def test_lists_filter_and_sort(crm: ghl.Client, clock: VirtualClock) -> None:
    """Every plain filter and every sort; pages and cursor agree."""
    acme = crm.companies.create(name="Acme")
    crm.pipelines.create(name="Renewals", stages=["Due", "Proposal"])
    for number in range(9):
        clock.advance(timedelta(hours=1))
        crm.deals.create(
            name=f"D{number % 4}", amount=[None, "5", "7 USD"][number % 3], company_id=["Acme", None][number % 2],
            pipeline_id=["Sales", "Renewals"][number % 2], stage_id="Proposal",
            expected_close_on=[None, "2026-05-01", "2026-04-01"][number % 3],
        )  # fmt: skip
    crm.deals.win(deal_id=crm.deals.list(sort="created_at").items[0].id)
    assert crm.deals.list(pipeline_id="Sales").total == 5
    assert crm.deals.list(pipeline_id="Sales", stage_id="proposal").total == 4
    assert crm.deals.list(status="won").total == 1
    assert crm.deals.list(company_id=acme.id).total == 5
    with pytest.raises(errors.Ambiguous):
        crm.deals.list(stage_id="Proposal")
    for sort in ["name", "-amount", "stage_entered_at", "-expected_close_on", "-updated_at", "created_at"]:
        numbered = [d.id for page in (1, 2, 3) for d in crm.deals.list(sort=sort, page=page, page_size=4).items]
        walked = [d.id for d in crm.deals.list(sort=sort, page_size=2)]
        assert numbered == walked
        assert len(set(walked)) == 9
    days = [d.expected_close_on for d in crm.deals.list(sort="expected_close_on")]
    assert days == ["2026-04-01"] * 3 + ["2026-05-01"] * 3 + [None] * 3


def test_two_writers_and_one_version(crm: ghl.Client) -> None:
    """The second is told what is, what it wanted and what it started from."""
    made = crm.deals.create(name="x", amount="1")
    crm.deals.move(deal_id=made.id, stage="Proposal", version=1)
    with pytest.raises(errors.StaleVersion) as caught:
        crm.deals.update(deal_id=made.id, amount="2", version=1)
    told = caught.value.details
    assert (told["current"]["stage"], told["original"]["stage"], told["current"]["version"]) == ("Proposal", "New", 2)
    with pytest.raises(errors.StaleVersion):
        crm.deals.move(deal_id=made.id, stage="Won", version=1)


def test_a_deleted_deal_comes_back_in_its_stage(crm: ghl.Client) -> None:
    """With its people and lines."""
    ana = crm.contacts.create(first_name="Ana")
    made = crm.deals.create(name="x", contact_id=ana.id, stage_id="Proposal", lines=[{"name": "Work", "price": "5"}])
    crm.deals.delete(deal_id=made.id)
    assert (crm.deals.list().total, crm.deals.list(deleted=True).total) == (0, 1)
    assert crm.pipelines.board(pipeline_id="Sales").columns[2].count == 0
    back = crm.deals.restore(deal_id=made.id)
    assert (back.stage, back.contact, back.lines) == ("Proposal", "Ana", made.lines)
    with pytest.raises(errors.Conflict, match="not deleted"):
        crm.deals.restore(deal_id=made.id)


def test_many_at_once_with_a_plan(crm: ghl.Client) -> None:
    """By ids or filter; a dry run names what would be done, and only that is done."""
    result = crm.deals.create_many(items=[{"name": f"D{n}", "amount": n} for n in range(4)])
    assert (result.count, result.change_set is not None) == (4, True)
    tried = crm.deals.update_many(where="true", values={"stage_id": "Proposal"}, dry_run=True)
    assert (tried.count, {d.stage for d in crm.deals.list()}) == (4, {"New"})
    crm.deals.move(deal_id="D0", stage="Proposal")
    with pytest.raises(errors.PlanChanged):
        crm.deals.update_many(where="true", values={"stage_id": "Proposal"}, plan=tried.digest)
    done = crm.deals.update_many(where="true", values={"stage_id": "Proposal"})
    assert (done.count, done.unchanged) == (3, 1)
    crm.undo()
    assert sorted(d.stage for d in crm.deals.list()) == ["New", "New", "New", "Proposal"]
    with pytest.raises(errors.NotFound):
        crm.deals.update_many(ids=["D1", "nobody"], values={"status": "won"})
    part = crm.deals.update_many(ids=["D1", "D2"], values={"lost_reason": "price"}, partial=True)
    assert (part.count, part.failed) == (0, 2)
    assert crm.deals.delete_many(ids=["D1", "D2"]).count == 2
    assert crm.deals.restore_many(ids=["D1", "D2"]).count == 2
    assert crm.deals.upsert_many(items=[{"name": "E", "external_id": "1"}] * 2).unchanged == 1


def test_tags_are_added_and_taken(crm: ghl.Client) -> None:
    """As on every noun that has them."""
    made = crm.deals.create(name="x", tags=["hot"])
    crm.deals.tag(ids=["x"], tags=["Spring"])
    assert crm.deals.get(deal_id=made.id).tags == ["Spring", "hot"]
    crm.deals.untag(ids=["x"], tags=["hot"])
    assert crm.deals.list(tag_id="hot").total == 0
    assert crm.deals.list(tag_id="spring").total == 1


def test_a_filter_finds_deals_that_stand_still(crm: ghl.Client, clock: VirtualClock) -> None:
    """The question of every morning, and a bulk answer to it."""
    for number in range(3):
        crm.deals.create(name=f"D{number}", amount=str(number), stage_id="Proposal")
        clock.advance(timedelta(days=20))
    crm.deals.win(deal_id="D0")
    found = crm.deals.list(where='status == "open" && stage == "Proposal" && days_in_stage > 30', sort="-amount")
    assert [d.name for d in found] == ["D1"]
    assert crm.deals.update_many(where="days_in_stage >= 20", values={"add_tags": ["stale"]}).count == 2
    assert {d.name for d in crm.deals.list(where='"stale" in tags')} == {"D1", "D2"}
