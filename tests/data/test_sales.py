"""Imports of a sales team's files: companies, products, colleagues, deals with stages and lines."""

from __future__ import annotations

from pathlib import Path

import pytest

import ghl
from ghl.engine.data.files import Wish, import_file
from ghl.sdk.money import Money

pytestmark = pytest.mark.integration

ACCOUNTS = """account,sector,year_established,revenue,employees,office_location,subsidiary_of
Golddex,finance,2008,52.50,165,Kenya,Bluth
Bluth,technolgy,1993,1242.32,3027,United States,
Cancity,retail,2001,718.62,2448,Poland,
"""
PRODUCTS = "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n"
TEAMS = "sales_agent,manager,regional_office\nMoses Frase,Dustin Brinkmann,Central\nDarcel Schlecht,Melvin Marxen,Central\n"
PIPELINE = """opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
A1,Moses Frase,GTXPro,Cancity,Won,10/20/2016,3/1/2017,4514
A2,Moses Frase,MG Special,Golddex,Lost,10/25/2016,3/11/2017,0
A3,Darcel Schlecht,MG Special,,Engaging,10/25/2016,,
A4,New Agent,New Thing,New Company,Prospecting,,,
A5,Moses Frase,MG Special,Cancity,Won,5/20/2017,3/1/2017,54
A1,Moses Frase,GTXPro,Cancity,Won,10/20/2016,3/1/2017,4514
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in {"accounts": ACCOUNTS, "products": PRODUCTS, "sales_teams": TEAMS, "sales_pipeline": PIPELINE}.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def test_the_files_of_a_sales_team_come_in_with_guessed_mappings(crm: ghl.Client, files: Path) -> None:
    assert import_file(crm, "products", files / "products.csv").counts == {"created": 2}
    accounts = import_file(crm, "companies", files / "accounts.csv")
    assert (accounts.counts, accounts.notices) == ({"created": 3}, [])
    assert import_file(crm, "users", files / "sales_teams.csv").counts == {"created": 2}
    golddex = crm.companies.get(company_id="Golddex")
    assert (golddex.parent, golddex.industry, golddex.founded, golddex.employees) == ("Bluth", "finance", 2008, 165)
    plan = import_file(crm, "deals", files / "sales_pipeline.csv", Wish(trial=True))
    assert plan.counts == {"created": 4, "rejected": 1, "merged": 1}
    assert {(one.text, one.count) for one in plan.notices} == {
        ('new pipeline "Sales" with stages Prospecting, Engaging, Won, Lost', 1),
        ('product "GTXPro" is taken as "GTX Pro"', 2),
        ("deals without a company", 1),
        ("deals without an amount: the price of the product is taken", 1),
        ('new user "New Agent"', 1),
        ('new product "New Thing"', 1),
        ("new companies", 1),
    }
    assert crm.pipelines.list().total == 0
    done = import_file(crm, "deals", files / "sales_pipeline.csv", Wish(plan=plan.plan))
    assert done.counts == plan.counts
    won, lost, open_, new = (crm.deals.get(deal_id=name) for name in (
        "GTX Pro for Cancity", "MG Special for Golddex", "MG Special", "New Thing for New Company"))  # fmt: skip
    assert (won.status, won.stage, won.amount, won.owner, won.lines[0].name) == (
        "won", "Won", Money("4514", won.amount.currency if won.amount else None), "Moses Frase", "GTX Pro")  # fmt: skip
    assert won.opened_at is not None
    assert won.closed_at is not None
    assert (won.closed_at - won.opened_at).days == 132
    assert (lost.status, lost.amount) == ("lost", Money(minor=0, currency=won.amount.currency if won.amount else "EUR"))
    assert (open_.status, open_.stage, open_.company, open_.amount.value if open_.amount else None) == ("open", "Engaging", None, 55)
    assert (new.stage, new.company, new.owner) == ("Prospecting", "New Company", "New Agent")
    errors = [row.error for row in crm.imports.show_rows(import_id=done.id, verdict="rejected")]
    assert errors == ["closed_at: the deal was closed before it was opened"]
    assert import_file(crm, "deals", files / "sales_pipeline.csv").counts == {"unchanged": 5, "rejected": 1}


def test_a_missing_stage_is_added_to_the_pipeline_that_fits(file_crm: ghl.Client, files: Path) -> None:
    file_crm.pipelines.create(name="Support", stages=["Triage"])
    file_crm.pipelines.create(name="Deals", stages=["Prospecting", "Engaging"])
    import_file(file_crm, "products", files / "products.csv")
    plan = import_file(file_crm, "deals", files / "sales_pipeline.csv", Wish(trial=True))
    assert ('new stage "Won" in pipeline "Deals"', 1) in {(one.text, one.count) for one in plan.notices}
    import_file(file_crm, "deals", files / "sales_pipeline.csv", Wish(portion=3))
    stages = {s.name: s.sets_status for s in file_crm.pipelines.get(pipeline_id="Deals").stages}
    assert (stages["Won"], stages["Lost"]) == ("won", "lost")
    assert len(file_crm.pipelines.get(pipeline_id="Support").stages) == 1


def test_deals_of_other_stages_get_a_pipeline_of_their_own(file_crm: ghl.Client, files: Path) -> None:
    file_crm.pipelines.create(name="Sales", stages=["New", "Qualified"])
    import_file(file_crm, "deals", files / "sales_pipeline.csv", Wish(portion=2))
    assert [p.name for p in file_crm.pipelines.list(sort="name")] == ["Sales", "Sales pipeline"]
    assert len(file_crm.pipelines.get(pipeline_id="Sales").stages) == 2
    ends = [s.sets_status for s in file_crm.pipelines.get(pipeline_id="Sales pipeline").stages]
    assert (ends[0], ends[-2:]) == (None, ["won", "lost"])


def test_deals_name_pipelines_people_and_statuses(file_crm: ghl.Client, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(
        "Deal name,Value,Currency,Pipeline,Stage,Status,Contact,Tags\n"
        "Shop,\"1.234,50\",eur,Web,Offer,open,ana@example.com,big;new\n"
        "Site,10,,Web,Offer,won,,\nBad,10,,Web,Offer,odd,,\nWorse,10,,Web,Offer,,Nobody Known,\n"
    )
    done = import_file(file_crm, "deals", path, Wish(mode="create"))
    assert done.counts == {"created": 2, "rejected": 2}
    shop = file_crm.deals.get(deal_id="Shop")
    assert (shop.amount, shop.pipeline, shop.stage, shop.tags) == (Money("1234.50 EUR"), "Web", "Offer", ["big", "new"])
    assert file_crm.contacts.get(contact_id=shop.contact_id or "").email == "ana@example.com"
    site = file_crm.deals.get(deal_id="Site")
    assert (site.stage, site.status) == ("Offer", "won")
    errors = [row.error or "" for row in file_crm.imports.show_rows(import_id=done.id, verdict="rejected")]
    assert errors == ['"odd" is no status of a deal', 'there is no contact "Nobody Known"']
