"""What an import knows of the stages that deals went through, and what a report makes of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

import ghl
from ghl.engine.clock import VirtualClock
from ghl.engine.data.copies import export_everything, import_copy
from ghl.engine.data.files import Wish, import_file

pytestmark = pytest.mark.integration

PIPELINE = """opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
A1,Moses Frase,Chair,Cancity,Won,2026-01-10,2026-01-20,4514
A2,Moses Frase,Chair,Golddex,Lost,2026-01-10,2026-01-14,0
A3,Moses Frase,Chair,Golddex,Engaging,2026-01-31,,10
A4,Moses Frase,Chair,Golddex,Prospecting,,,10
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "sales_pipeline.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_date_of_a_stage_is_a_stay_in_it_and_the_others_have_no_history(crm: ghl.Client, tmp_path: Path) -> None:
    done = import_file(crm, "deals", written(tmp_path, PIPELINE))
    assert done.counts == {"created": 4}
    report = crm.pipelines.report(pipeline_id="Sales")
    prospecting, engaging, won, lost = report.stages
    assert (prospecting.entered, prospecting.here, prospecting.unknown, prospecting.conversion) == (1, 1, 3, None)
    assert (engaging.entered, engaging.advanced, engaging.lost, engaging.here, engaging.unknown) == (3, 1, 1, 1, 0)
    assert engaging.conversion == pytest.approx(0.3333)
    assert (engaging.average_days, prospecting.average_days) == (7.0, None)
    assert (won.entered, lost.entered, won.unknown, lost.unknown) == (1, 1, 0, 0)
    found = crm.deals.list(status="won").items[0]
    stays = [(entry.title, entry.at.date().isoformat()) for entry in crm.deals.timeline(deal_id=found.id).items if entry.kind == "stage"]
    assert [day for _, day in stays] == ["2026-01-20", "2026-01-10"]
    assert import_file(crm, "deals", written(tmp_path, PIPELINE)).counts == {"unchanged": 4}


def test_a_deal_without_dates_came_with_the_import(file_crm: ghl.Client, tmp_path: Path, clock: VirtualClock) -> None:
    import_file(file_crm, "deals", written(tmp_path, PIPELINE))
    new = file_crm.deals.list(where='stage == "Prospecting"').items[0]
    assert (new.stage_entered_at, new.days_in_stage) == (new.created_at, 0)
    clock.advance(timedelta(days=31))
    stale = {card.name for card in file_crm.pipelines.report(pipeline_id="Sales").stale}
    assert stale == {"Chair for Golddex"}
    file_crm.deals.move(deal_id=new.id, stage="Engaging")
    prospecting, engaging, *_ = file_crm.pipelines.report(pipeline_id="Sales").stages
    assert (prospecting.advanced, prospecting.conversion, prospecting.average_days) == (1, None, None)
    assert (engaging.entered, engaging.average_days) == (4, 7.0)


def test_without_a_word_of_the_stage_a_date_of_opening_tells_of_none(file_crm: ghl.Client, tmp_path: Path) -> None:
    text = "name,stage,opened,closed at\nA,Won,2026-01-10,2026-01-20\nB,Offer,2026-01-10,\nC,New,2026-01-10,\n"
    file_crm.pipelines.create(name="Sales", stages=["New", "Offer", {"name": "Won", "sets_status": "won"}])  # type: ignore[list-item]
    import_file(file_crm, "deals", written(tmp_path, text), Wish(mode="create"))
    new, offer, won = file_crm.pipelines.report(pipeline_id="Sales").stages
    assert [(one.entered, one.unknown, one.conversion) for one in (new, offer, won)] == [(1, 2, None), (1, 1, None), (1, 0, None)]
    told = Wish(targets={"opened": "opened_at:Offer"}, mode="create")
    import_file(file_crm, "deals", written(tmp_path, text), told)
    new, offer, won = file_crm.pipelines.report(pipeline_id="Sales").stages
    assert [(one.entered, one.unknown) for one in (new, offer, won)] == [(2, 4), (3, 1), (2, 0)]


def test_deals_of_our_own_have_their_whole_history(file_crm: ghl.Client, tmp_path: Path, clock: VirtualClock) -> None:
    import_file(file_crm, "deals", written(tmp_path, PIPELINE))
    clock.advance(timedelta(days=1))
    since = clock.now().date().isoformat()
    first = file_crm.deals.create(name="One", pipeline_id="Sales")
    file_crm.deals.create(name="Two", pipeline_id="Sales", stage_id="Engaging")
    file_crm.deals.win(deal_id=first.id)
    stages = file_crm.pipelines.report(pipeline_id="Sales", since=since).stages
    assert [(one.name, one.entered, one.unknown, one.conversion) for one in stages[:2]] == [
        ("Prospecting", 1, 0, 1.0), ("Engaging", 1, 0, 0.0)]  # fmt: skip
    earlier = file_crm.deals.create(name="Old", pipeline_id="Sales", stage_id="Engaging", opened_at="2026-01-01")
    assert file_crm.pipelines.report(pipeline_id="Sales").stages[0].unknown == 4, earlier.id


def test_a_stage_that_an_open_deal_has_left_is_a_stay_of_unknown_length(file_crm: ghl.Client, tmp_path: Path) -> None:
    file_crm.pipelines.create(name="Sales", stages=["Engaging", "Offer"])
    path = written(tmp_path, "name,stage,opened\nA,Offer,2026-01-10\n")
    import_file(file_crm, "deals", path, Wish(targets={"opened": "opened_at:engaging"}))
    engaging, offer = file_crm.pipelines.report(pipeline_id="Sales").stages
    assert (engaging.entered, engaging.conversion, engaging.average_days, offer.unknown) == (1, 1.0, None, 0)
    entries = file_crm.deals.timeline(deal_id=file_crm.deals.list().items[0].id).items
    assert [(one.title, one.about) for one in entries if one.kind == "stage"] == [("Offer", "now"), ("Engaging", None)]


def test_the_stays_are_part_of_a_copy(file_crm: ghl.Client, tmp_path: Path) -> None:
    import_file(file_crm, "deals", written(tmp_path, PIPELINE))
    export_everything(file_crm, tmp_path / "copy.jsonl")
    with ghl.init(str(tmp_path / "other.db"), zone="Europe/Lisbon", currency="EUR", country="PT") as other:
        import_copy(other, str(tmp_path / "copy.jsonl"))
        copied = other.pipelines.report(pipeline_id="Sales").stages
    own = file_crm.pipelines.report(pipeline_id="Sales").stages
    assert copied == own


def test_a_move_that_is_undone_leaves_the_stays_of_the_import(file_crm: ghl.Client, tmp_path: Path) -> None:
    import_file(file_crm, "deals", written(tmp_path, PIPELINE))
    before = file_crm.pipelines.report(pipeline_id="Sales").stages
    file_crm.deals.reopen(deal_id=file_crm.deals.list(status="won").items[0].id)
    assert file_crm.deals.list(status="won").total == 0
    assert file_crm.deals.list(where='stage == "Engaging"').total == 2
    file_crm.undo()
    assert file_crm.pipelines.report(pipeline_id="Sales").stages == before
