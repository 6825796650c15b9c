"""Companies over every transport."""

from __future__ import annotations

import pytest

import ghl
from ghl import errors

pytestmark = pytest.mark.integration


def test_a_company_is_created_shown_and_listed(crm: ghl.Client) -> None:
    """Domain cut down, phone in E.164, revenue exact."""
    made = crm.companies.create(
        name="Acme Lda", domain="https://www.Acme.com/about?x=1", phone="212 345 678", revenue="1200000.50",
        employees=40, founded=1996, city="Lisboa",
    )  # fmt: skip
    assert (made.domain, made.phone) == ("acme.com", "+351212345678")
    assert made.revenue is not None
    assert (made.revenue.minor, made.revenue.currency) == (120_000_050, "EUR")
    assert crm.companies.get(company_id=made.id) == made
    assert [c.id for c in crm.companies.list(search="acme lis")] == [made.id]


@pytest.mark.parametrize("name", ["id", "tail", "name", "domain", "url"])
def test_a_reference_is_an_id_a_name_or_a_domain(crm: ghl.Client, name: str) -> None:
    """Every way to name a company finds it."""
    made = crm.companies.create(name="Ação & Filhos", domain="ação.example")
    ways = {
        "id": made.id, "tail": made.id[-6:], "name": "acao & filhos", "domain": "xn--ao-siap.example",
        "url": "http://ação.example/",
    }  # fmt: skip
    assert crm.companies.get(company_id=ways[name]).id == made.id


@pytest.mark.parametrize("domain", ["acme", "a b.com", "-a.com", "http://", "a..com", "x" * 70 + ".com"])
def test_a_domain_that_is_none_is_refused(file_crm: ghl.Client, domain: str) -> None:
    """The field and what was given are named."""
    with pytest.raises(errors.Invalid) as caught:
        file_crm.companies.create(name="Acme", domain=domain)
    assert caught.value.field == "domain"


def test_a_company_needs_a_name_or_a_domain(crm: ghl.Client) -> None:
    """Either is enough."""
    assert crm.companies.create(domain="acme.com").name == ""
    with pytest.raises(errors.Invalid, match="needs a name"):
        crm.companies.create(city="Porto")


def test_people_and_companies_are_many_to_many(crm: ghl.Client) -> None:
    """Links are read and changed from both sides; one company is a person's main one."""
    acme, beta = crm.companies.create(name="Acme"), crm.companies.create(name="Beta")
    ana = crm.contacts.create(first_name="Ana", company_id="Acme")
    rui = crm.contacts.create(first_name="Rui")
    shown = crm.companies.add_contact(company_id="Beta", contact_id=ana.id, role="adviser")
    assert [(c.name, c.role, c.primary) for c in shown.contacts] == [("Ana", "adviser", False)]
    crm.companies.add_contact(company_id=beta.id, contact_id=rui.id)
    shown = crm.companies.add_contact(company_id=beta.id, contact_id=ana.id, primary=True)
    assert shown.contact_count == 2
    assert {c.name: (c.role, c.primary) for c in shown.contacts} == {"Ana": ("adviser", True), "Rui": (None, True)}
    assert crm.contacts.get(contact_id=ana.id).company == "Beta"
    assert {c.id for c in crm.contacts.list(company_id="Beta")} == {ana.id, rui.id}
    assert {c.id for c in crm.companies.list(contact_id=ana.id)} == {acme.id, beta.id}
    crm.companies.remove_contact(company_id=beta.id, contact_id=ana.id)
    after = crm.contacts.get(contact_id=ana.id)
    assert (after.company, [c.name for c in after.companies]) == ("Acme", ["Acme"])
    with pytest.raises(errors.NotFound, match="Ana is not in Beta"):
        crm.companies.remove_contact(company_id=beta.id, contact_id=ana.id)
    crm.contacts.delete(contact_id=rui.id)
    assert crm.companies.get(company_id=beta.id).contact_count == 0


def test_a_company_keeps_its_people_through_delete_and_restore(crm: ghl.Client) -> None:
    """Relations come back with it."""
    acme = crm.companies.create(name="Acme")
    ana = crm.contacts.create(first_name="Ana", company_id=acme.id)
    crm.companies.delete(company_id=acme.id)
    assert crm.companies.list().total == 0
    assert crm.companies.list(deleted=True).total == 1
    with pytest.raises(errors.NotFound):
        crm.companies.get(company_id=acme.id)
    back = crm.companies.restore(company_id="Acme")
    assert [c.contact_id for c in back.contacts] == [ana.id]
    with pytest.raises(errors.Conflict):
        crm.companies.restore(company_id=acme.id)


def test_an_upsert_matches_by_domain_then_id_then_name(crm: ghl.Client) -> None:
    """The first field that finds one decides; several are a duplicate."""
    acme = crm.companies.create(name="Acme", domain="acme.com")
    assert crm.companies.upsert(name="ACME Inc", domain="www.acme.com").id == acme.id
    assert crm.companies.upsert(name="acme inc", city="Porto").id == acme.id
    other = crm.companies.upsert(name="acme inc", domain="other.com", match=["domain"])
    assert other.id != acme.id
    with pytest.raises(errors.Duplicate) as caught:
        crm.companies.upsert(name="ACME inc")
    assert caught.value.field == "name"


def test_a_group_of_companies_has_no_circle(crm: ghl.Client) -> None:
    """A parent by name; nothing is above itself."""
    top = crm.companies.create(name="Top")
    middle = crm.companies.create(name="Middle", parent_id="Top")
    assert middle.parent == "Top"
    assert [c.name for c in crm.companies.list(parent_id=top.id)] == ["Middle"]
    with pytest.raises(errors.Invalid, match="part of itself"):
        crm.companies.update(company_id=top.id, parent_id=middle.id)
    with pytest.raises(errors.Invalid, match="part of itself"):
        crm.companies.update(company_id=top.id, parent_id=top.id)


def test_sending_a_response_back_changes_nothing(crm: ghl.Client) -> None:
    """A program may read, and write all of it back; a reference may be named without _id."""
    crm.companies.create(name="Top")
    made = crm.companies.create(name="Acme", domain="acme.com", revenue="5 USD", parent="Top")  # type: ignore[call-arg]
    assert made.parent == "Top"
    crm.contacts.create(first_name="Ana", company_id=made.id)
    made = crm.companies.get(company_id=made.id)
    body = made.model_dump(mode="json")
    assert crm.companies.update(company_id=made.id, **{k: v for k, v in body.items() if k != "id"}) == made


def test_two_writers_and_one_version(crm: ghl.Client) -> None:
    """The second is told what is, what it wanted and what it started from."""
    made = crm.companies.create(name="Acme", city="Porto")
    crm.companies.update(company_id=made.id, city="Braga", version=made.version)
    with pytest.raises(errors.StaleVersion) as caught:
        crm.companies.update(company_id=made.id, city="Faro", version=made.version)
    told = caught.value.details
    assert [told[name]["city"] for name in ("current", "submitted", "original")] == ["Braga", "Faro", "Porto"]


def test_many_at_once_all_or_nothing_or_partial(crm: ghl.Client) -> None:
    """Bulk forms answer counts, failures and ids; a dry run changes nothing and has a digest."""
    items = [{"name": "A"}, {"city": "nowhere"}, {"name": "B"}]
    with pytest.raises(errors.Invalid) as caught:
        crm.companies.create_many(items=items)
    assert caught.value.details["index"] == 1
    assert crm.companies.list().total == 0
    result = crm.companies.create_many(items=items, partial=True)
    assert (result.count, result.failed, result.failures[0].index) == (2, 1, 1)
    tried = crm.companies.update_many(ids=result.ids, values={"city": "Porto"}, dry_run=True)
    assert (tried.count, tried.dry_run, tried.change_set) == (2, True, None)
    done = crm.companies.update_many(ids=result.ids, values={"city": "Porto"}, plan=tried.digest)
    assert done.count == 2
    with pytest.raises(errors.PlanChanged):
        crm.companies.update_many(ids=result.ids, values={"city": "Faro"}, plan=tried.digest)
    assert crm.companies.upsert_many(items=[{"name": "A", "city": "Porto"}, {"name": "C"}]).unchanged == 1
    assert crm.companies.delete_many(ids=["A", "B"]).count == 2
    assert crm.companies.restore_many(ids=result.ids).count == 2
    assert crm.companies.delete_many(where="true").count == 3


def test_tags_are_added_and_taken(crm: ghl.Client) -> None:
    """On one and on many."""
    made = crm.companies.create(name="Acme", tags=["vip"])
    assert crm.companies.tag(ids=["Acme"], tags=["Lead", "VIP"]).count == 1
    assert crm.companies.get(company_id=made.id).tags == ["Lead", "vip"]
    assert [c.id for c in crm.companies.list(tag_id="lead")] == [made.id]
    assert crm.companies.untag(where="true", tags=["vip"]).count == 1
    assert crm.companies.untag(where="true", tags=["vip"]).unchanged == 1
    with pytest.raises(errors.NotFound):
        crm.companies.tag(ids=["Acme"], tags=["never seen"], strict_tags=True)


def test_sorts_agree_by_page_and_cursor(crm: ghl.Client) -> None:
    """Money sorts by currency, then amount."""
    revenues = ["5 USD", "7 EUR", None, "6 EUR", "9 USD"]
    for number, revenue in enumerate(revenues):
        crm.companies.create(name=f"C{number % 2}", revenue=revenue)
    shown = [c.revenue for c in crm.companies.list(sort="revenue")]
    assert [str(r.value) if r else None for r in shown] == [None, "6.00", "7.00", "5.00", "9.00"]
    for sort in [None, "name", "-name", "revenue", "-revenue", "created_at", "-updated_at"]:
        numbered = [c.id for page in (1, 2) for c in crm.companies.list(sort=sort, page=page, page_size=3).items]
        assert numbered == [c.id for c in crm.companies.list(sort=sort, page_size=2)]


def test_undo_takes_a_change_back(crm: ghl.Client) -> None:
    """The change of a link is one of the contact, and undone with it."""
    acme = crm.companies.create(name="Acme", revenue="5 EUR")
    ana = crm.contacts.create(first_name="Ana")
    crm.companies.update(company_id=acme.id, revenue="7 USD", parent_id=None, name="ACME")
    crm.undo()
    back = crm.companies.get(company_id=acme.id)
    assert (back.name, back.revenue, back.version) == ("Acme", acme.revenue, 3)
    crm.companies.add_contact(company_id=acme.id, contact_id=ana.id)
    crm.undo()
    assert crm.contacts.get(contact_id=ana.id).companies == []
