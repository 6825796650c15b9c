"""A colleague who sees only her own records sees no others, in lists, boards, reports and filters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import ghl
from ghl import errors
from ghl.engine.local import LocalTransport

pytestmark = [pytest.mark.integration, pytest.mark.security]


@pytest.fixture
def ines(local: ghl.Client) -> ghl.Client:
    """A client for Ines, who sees her own; Rui has as many."""
    transport: Any = local._transport
    local.pipelines.create(name="Sales")
    for name in ("Ines", "Rui"):
        user = local.users.create(name=name, email=f"{name.lower()}@example.com")
        company = local.companies.create(name=f"{name} Lda", owner_id=user.id)
        contact = local.contacts.create(first_name=f"Of {name}", owner_id=user.id, company_id=company.id)
        other = local.companies.get(company_id="Ines Lda")
        local.companies.add_contact(company_id=other.id, contact_id=contact.id)
        local.deals.create(
            name=f"Deal of {name}", owner_id=user.id, amount="10", contact_id=contact.id, company_id=other.id
        )
    with transport.database.read() as connection:
        number = connection.one("select id from users where name = 'Ines'")["id"]
    caller = replace(transport.caller, sees="own", user_id=number)
    return ghl.Client(LocalTransport(transport.database, caller, transport.shared))


def test_others_records_do_not_exist(local: ghl.Client, ines: ghl.Client) -> None:
    """By name, by id, in lists and among many."""
    assert [d.name for d in ines.deals.list()] == ["Deal of Ines"]
    assert [c.name for c in ines.companies.list()] == ["Ines Lda"]
    others = local.deals.get(deal_id="Deal of Rui")
    for reference in (others.id, others.name, others.id[-8:]):
        with pytest.raises(errors.NotFound):
            ines.deals.get(deal_id=reference)
        with pytest.raises(errors.NotFound):
            ines.deals.move(deal_id=reference, stage="Won")
    with pytest.raises(errors.NotFound):
        ines.deals.delete_many(ids=[others.id])
    assert ines.deals.update_many(where="true", values={"amount": "11"}).count == 1
    assert local.deals.get(deal_id=others.id).version == others.version


def test_counts_sums_and_reports_are_of_what_is_seen(ines: ghl.Client) -> None:
    """The board, the report and the people of a company."""
    column = ines.pipelines.board(pipeline_id="Sales").columns[0]
    assert (column.count, [str(a.value) for a in column.amounts], len(column.cards)) == (1, ["10.00"], 1)
    report = ines.pipelines.report(pipeline_id="Sales")
    assert (report.deals, report.stages[0].entered, sum(f.count for f in report.forecast)) == (1, 1, 1)
    company = ines.companies.get(company_id="Ines Lda")
    assert (company.contact_count, [c.name for c in company.contacts]) == (1, ["Of Ines"])


def test_a_filter_counts_only_what_is_seen(local: ghl.Client, ines: ghl.Client) -> None:
    """Related records too."""
    assert local.companies.list(where="count(deals) == 2 && count(contacts) == 2").total == 1
    assert ines.companies.list(where="count(deals) == 1 && count(contacts) == 1").total == 1
    assert ines.companies.list(where='exists(deals, name == "Deal of Rui")').total == 0


def test_a_stage_is_in_use_by_deals_one_does_not_see(ines: ghl.Client) -> None:
    """The number is told, not the names."""
    ines.deals.move(deal_id="Deal of Ines", stage="Won")
    with pytest.raises(errors.InUse) as caught:
        ines.pipelines.update(pipeline_id="Sales", remove_stages=["New"])
    assert (caught.value.details["count"], caught.value.details["users"]) == (1, [])
    with pytest.raises(errors.InUse):
        ines.pipelines.delete(pipeline_id="Sales")
