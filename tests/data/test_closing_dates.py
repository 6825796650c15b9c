"""A column of closing dates: what is expected of an open deal, and when the others ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import ghl
from ghl.engine.data.files import Wish, import_file, open_import
from ghl.sdk.crm.deal_records import Deal

pytestmark = pytest.mark.integration

ENDS: Any = ({"name": "Won", "sets_status": "won"}, {"name": "Lost", "sets_status": "lost"})

DEALS = """id,name,stage,status,close date
D1,Open one,Offer,,2027-01-31
D2,Won one,Won,,2026-01-31
D3,Lost one,,lost,2026-02-01
D4,Plain,,,2027-03-01
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "deals.csv"
    path.write_text(text, "utf-8")
    return path


def test_the_plan_says_what_a_closing_date_becomes(file_crm: ghl.Client, tmp_path: Path) -> None:
    job = open_import(file_crm, "deals", written(tmp_path, "name,close_date\nP,2027-01-31\n"))
    assert job.mapping is not None
    column = job.mapping.columns[1]
    assert (column.target, column.note) == ("close_date", "expected_close_on of open deals, closed_at of the others")
    job.source.close()


def test_an_open_deal_is_expected_to_close_and_a_closed_one_has(crm: ghl.Client, tmp_path: Path) -> None:
    crm.pipelines.create(name="Sales", stages=["New", "Offer", *ENDS])
    done = import_file(crm, "deals", written(tmp_path, DEALS))
    assert done.counts == {"created": 4}
    found = {deal.external_id: deal for deal in crm.deals.list()}
    assert {key: deal.status for key, deal in found.items()} == {"D1": "open", "D2": "won", "D3": "lost", "D4": "open"}
    assert {key: deal.expected_close_on for key, deal in found.items()} == {
        "D1": "2027-01-31", "D2": None, "D3": None, "D4": "2027-03-01"}  # fmt: skip
    ended = {key: ended_on(deal) for key, deal in found.items() if deal.closed_at}
    assert ended == {"D2": "2026-01-31", "D3": "2026-02-01"}
    assert import_file(crm, "deals", written(tmp_path, DEALS)).counts == {"unchanged": 4}
    later = written(tmp_path, "id,close date\nD1,2027-02-28\nD2,2026-02-02\n")
    assert import_file(crm, "deals", later).counts == {"changed": 2}
    found = {deal.external_id: deal for deal in crm.deals.list()}
    assert found["D1"].expected_close_on == "2027-02-28"
    assert (ended_on(found["D2"]), found["D2"].expected_close_on) == ("2026-02-02", None)


def ended_on(deal: Deal) -> str | None:
    return deal.closed_at.astimezone(ZoneInfo("Europe/Lisbon")).date().isoformat() if deal.closed_at else None


def test_policies_of_the_column_hold_for_both_fields(file_crm: ghl.Client, tmp_path: Path) -> None:
    file_crm.pipelines.create(name="Sales", stages=["New", *ENDS])
    file_crm.deals.create(name="A", external_id="A", expected_close_on="2027-01-01")
    file_crm.deals.create(name="B", external_id="B")
    path = written(tmp_path, "id,close date\nA,2027-05-05\nB,2027-05-05\n")
    import_file(file_crm, "deals", path, Wish(policies={"close date": "fill"}))
    found = {deal.external_id: deal.expected_close_on for deal in file_crm.deals.list()}
    assert found == {"A": "2027-01-01", "B": "2027-05-05"}


def test_a_stage_that_may_not_be_written_does_not_decide(file_crm: ghl.Client, tmp_path: Path) -> None:
    file_crm.pipelines.create(name="Sales", stages=["New", *ENDS])
    file_crm.deals.create(name="A", external_id="A")
    path = written(tmp_path, "id,stage,close date\nA,Won,2027-05-05\n")
    import_file(file_crm, "deals", path, Wish(policies={"stage": "never"}))
    deal = file_crm.deals.get(deal_id="A")
    assert (deal.status, deal.expected_close_on) == ("open", "2027-05-05")


def test_a_deal_that_is_there_keeps_its_name_where_the_row_has_none(file_crm: ghl.Client, tmp_path: Path) -> None:
    file_crm.pipelines.create(name="Sales", stages=["New", *ENDS])
    file_crm.deals.create(name="Roof of the school", external_id="A")
    assert import_file(file_crm, "deals", written(tmp_path, "id,amount\nA,12\n")).counts == {"changed": 1}
    assert file_crm.deals.list().items[0].name == "Roof of the school"


def test_dates_of_their_own_columns_win(file_crm: ghl.Client, tmp_path: Path) -> None:
    text = "name,stage,close date,expected close,closed at\nA,Offer,2027-05-05,2027-06-06,\nB,Won,2026-05-05,,2026-06-06\n"
    import_file(file_crm, "deals", written(tmp_path, text), Wish(mode="create"))
    found = {deal.name: deal for deal in file_crm.deals.list()}
    assert (found["A"].expected_close_on, found["A"].closed_at) == ("2027-06-06", None)
    assert (found["B"].expected_close_on, ended_on(found["B"])) == (None, "2026-06-06")


def test_the_end_of_a_deal_that_is_open_is_told_and_left_out(file_crm: ghl.Client, tmp_path: Path) -> None:
    done = import_file(file_crm, "deals", written(tmp_path, "name,stage,won date\nA,Offer,2026-05-05\n"), Wish(trial=True))
    assert ("open deals with a date of their end: it is left out", 1) in {(one.text, one.count) for one in done.notices}
