"""Exports: what they write reads back the same, formulas stay text, and a copy makes an equal account."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl.engine.data.copies import export_everything, export_records, import_copy
from ghl.engine.data.files import Wish, import_file
from ghl.errors import Conflict, Invalid, Malformed
from tests.data.dump import business
from tests.data.tables import tables

pytestmark = pytest.mark.integration


def filled(crm: ghl.Client) -> None:
    """An account with something of everything, deleted records and odd texts among it."""
    crm.fields.create(name="shoe", noun="contact", type="number", indexed=True)
    crm.users.create(name="Ines", email="ines@example.com")
    acme = crm.companies.create(name="Acme", domain="acme.com", revenue="1200 EUR", tags=["key"])
    crm.companies.create(name="Sub", parent_id=acme.id)
    crm.companies.update(company_id=acme.id, parent_id=crm.companies.create(name="Holding").id)
    crm.products.create(name="GTX Pro", price="10 EUR")
    crm.pipelines.create(name="Sales")
    ana = crm.contacts.create(
        first_name="=1+1", last_name="Lima", emails=["ana@example.com", "ana2@example.com"], phone="912345678",
        company_id="Acme", tags=["vip", "a;b"], owner_id="Ines", custom_fields={"shoe": 38}, city="São Paulo", followers=["Ines"],
    )  # fmt: skip
    rui = crm.contacts.create(first_name="Rui", email="rui@example.com", dnd=["sms"])
    gone = crm.contacts.create(first_name="Gone", email="gone@example.com")
    crm.contacts.delete(contact_id=gone.id)
    deal = crm.deals.create(name="Shop", contact_id=ana.id, lines=["GTX Pro"], stage_id="Qualified", owner_id="Ines")
    crm.deals.move(deal_id=deal.id, stage="Proposal")
    crm.deals.create(name="Other", amount="5 EUR", company_id="Acme", contacts=[rui.id, ana.id])
    crm.deals.win(deal_id="Other")
    crm.activities.create(kind="call", subject="Hello", contact_id=ana.id, deal_id=deal.id)
    crm.notes.create(body="First\nsecond", contact_id=ana.id, pinned=True)
    crm.tasks.create(title="Call", due_at="2026-03-05 10:00", deal_id=deal.id)
    crm.views.create(noun="contacts", name="VIP", where='"vip" in tags')
    crm.attachments.create(contact_id=ana.id, name="a.txt", content="aGVsbG8=")
    crm.templates.create(name="hi", subject="Hi", body="Hello {{ contact.first_name }}")
    crm.senders.create(name="out", url="outbox:", from_address="me@example.com")
    crm.suppressions.create(address="no@example.com", reason="complained")
    crm.settings.set(postal_address="Rua 1")


def full(crm: ghl.Client) -> None:
    """Something in every column of every table."""
    where: dict[str, Any] = {"street": "Rua 1", "city": "Porto", "state": "P", "postal_code": "4000", "country": "PT"}
    crm.fields.create(name="size", noun="deal", type="select", choices=["S", "M"], label="Size", description="How large", indexed=True)
    crm.users.create(name="Rui", email="rui@work.example.com")
    crm.users.update(user_id="Ines", zone="Europe/Lisbon", manager="Rui", office="Porto", external_id="u1", active=False)
    crm.tags.update(tag_id="vip", description="The best")
    crm.pipelines.update(pipeline_id="Sales", stale_days=9)
    crm.pipelines.create(name="Support", stages=["In", "Out"])
    crm.pipelines.update(pipeline_id="Support", remove_stages=["Out"])
    crm.products.create(name="Box", sku="B1", family="Boxes", description="A box", price="3 EUR", active=False, external_id="p1")
    box = crm.companies.create(
        name="Box Co", domain="box.example.com", phone="+351212345678", website="https://box.example.com", industry="Boxes",
        employees=3, founded=1999, revenue="9 EUR", description="Boxes", external_id="c1", owner_id="Ines", **where,
    )  # fmt: skip
    eve = crm.contacts.create(
        first_name="Eve", last_name="Box", job_title="Boss", owner_id="Ines", lifecycle_stage="lead", lead_score=7, source="web",
        dnd=["email"], website="https://eve.example.com", birthday="1990-01-02", zone="Europe/Lisbon", locale="pt-PT", external_id="e1",
        emails=[{"address": "eve@example.com", "label": "work", "primary": True}], phones=[{"number": "+351911111111", "label": "mobile"}],
        companies=[{"company_id": box.id, "role": "owner", "primary": True}], followers=["Ines"], tags=["vip"], **where,
    )  # fmt: skip
    other = crm.contacts.create(first_name="Eve", last_name="Box", email="other@example.com")
    crm.contacts.dismiss(contact_id="rui@example.com", other_id="ana@example.com")
    crm.contacts.merge(contact_id=eve.id, others=[other.id])
    deal = crm.deals.create(
        name="Lost", pipeline_id="Sales", probability=40, source="web", description="Long", external_id="d1", tags=["vip"], company_id=box.id,
        expected_close_on="2026-05-01", lines=[{"name": "Free", "quantity": "2", "price": "1 EUR"}, "Box"], custom_fields={"size": "M"},
        contacts=[{"contact_id": eve.id, "role": "buyer", "primary": True}],
    )  # fmt: skip
    crm.deals.lose(deal_id=deal.id, reason="Price")
    about: dict[str, Any] = {"contact_id": eve.id, "company_id": box.id, "deal_id": deal.id, "owner_id": "Ines"}
    crm.activities.create(kind="call", direction="out", outcome="talked", subject="S", body="B", seconds=60, external_id="a1", **about)
    crm.notes.create(body="Note", external_id="n1", **about)
    task = crm.tasks.create(title="T", body="B", kind="call", priority="high", due_at="2026-03-05 10:00", external_id="t1", **about)
    crm.tasks.complete(task_id=task.id)
    crm.views.create(noun="deals", name="Open", where='status == "open"', sort="-amount", columns=["name", "amount"])
    crm.templates.create(name="bye", subject="Bye", html="<p>Bye</p>", body="Bye", description="At the end", kind="transactional")
    crm.templates.create(name="plain", subject="Plain", markdown="**Plain**")
    crm.senders.create(name="smtp", url="smtp://localhost", from_address="me@example.com", reply_to="you@example.com", default=True)
    crm.suppressions.create(address="bad@example.com", reason="complained", source="a list")
    for name in ("hello", "stopped", "old"):
        crm.workflows.apply(source=f"workflow: {name}\nstatus: active\nre_entry: never\ntriggers:\n  - on: contact.created\nsteps:\n  - wait: 1 days\n")
    crm.workflows.pause(workflow_id="stopped")
    crm.workflows.archive(workflow_id="old")


def test_every_column_of_every_table_comes_back(file_crm: ghl.Client, tmp_path: Path, clock: Any) -> None:
    filled(file_crm)
    full(file_crm)
    clock.advance(timedelta(hours=1))
    file_crm.deals.move(deal_id="Shop", stage="Qualified")
    path = tmp_path / "deals.csv"
    path.write_text("name,stage,created_at\nOld,Proposal,2020-01-05\n", "utf-8")
    import_file(file_crm, "deals", path)
    wanted = tables(file_crm)
    unused = {
        f"{table}.{name}" for table, rows in wanted.items() for name in rows[0]
        if all(row[name] in (None, "", 0, "{}", "[]") for row in rows) and name not in ("custom", "deleted_at", "search_text")
    }  # fmt: skip
    assert unused <= BLANK
    export_everything(file_crm, tmp_path / "copy.jsonl")
    with ghl.init(str(tmp_path / "new.db"), clock=clock) as new:
        import_copy(new, tmp_path / "copy.jsonl")
        found = tables(new)
        for table, rows in wanted.items():
            assert found[table] == rows, table


BLANK = {"pipelines.position", "templates.origin"}
"""Columns that nothing in the account above fills."""


@pytest.mark.parametrize("target", ["copy.jsonl", "copy"])
def test_a_copy_of_everything_makes_an_equal_account(crm: ghl.Client, tmp_path: Path, clock: Any, target: str) -> None:
    filled(crm)
    full(crm)
    path = tmp_path / target
    counts = export_everything(crm, path)
    assert counts["contacts"] == 5
    with ghl.init(str(tmp_path / "new.db"), zone="UTC", currency="USD", country="US", clock=clock) as new:
        new.pipelines.create(name="Sales")
        read, change_set = import_copy(new, path)
        assert read == {noun: count for noun, count in counts.items() if count}
        assert business(new) == business(crm)
        assert new.contacts.list(search="lima").total == 1
        assert new.contacts.list(where="custom.shoe == 38").total == 1
        assert new.contacts.get(contact_id="ana@example.com").company == "Acme"
        with pytest.raises(Conflict, match="already"):
            import_copy(new, path)
        assert change_set is not None
        assert new.undo(change_set_id=change_set).kept == []
        assert new.contacts.list().total == 0


def test_a_copy_that_was_stopped_goes_on(file_crm: ghl.Client, tmp_path: Path, clock: Any) -> None:
    filled(file_crm)
    path = tmp_path / "copy.jsonl"
    export_everything(file_crm, path)
    lines = path.read_text("utf-8").splitlines()
    with ghl.init(str(tmp_path / "new.db"), clock=clock) as new:
        begun = new.imports.begin_copy(header=json.loads(lines[0])["account"])
        new.imports.copy(import_id=begun.id, noun="users", records=[json.loads(lines[1])["users"]])
        import_copy(new, path)
        assert business(new) == business(file_crm)


def test_contacts_come_back_from_every_format(file_crm: ghl.Client, tmp_path: Path, clock: Any) -> None:
    filled(file_crm)
    wanted = {c.id: c for c in file_crm.contacts.list(sort="name")}
    for name in ("c.csv", "c.jsonl", "c.vcf", "c.xlsx"):
        assert export_records(file_crm, "contacts", tmp_path / name) == 2
        with ghl.init(str(tmp_path / f"{name}.db"), zone="Europe/Lisbon", currency="EUR", country="PT", clock=clock) as new:
            new.fields.create(name="shoe", noun="contact", type="number")
            new.users.create(name="Ines", email="ines@example.com")
            import_file(new, "contacts", tmp_path / name)
            for old in wanted.values():
                found = new.contacts.get(contact_id=old.email or "")
                same = ("first_name", "last_name", "email", "phone", "tags", "city", "company", "owner", "custom_fields", "dnd")
                assert {n: getattr(found, n) for n in same} == {n: getattr(old, n) for n in same}, name
                assert {e.address for e in found.emails} == {e.address for e in old.emails}
                assert name == "c.vcf" or found.id == old.id


def test_deals_companies_and_products_come_back_from_csv(file_crm: ghl.Client, tmp_path: Path, clock: Any) -> None:
    filled(file_crm)
    with ghl.init(str(tmp_path / "new.db"), zone="Europe/Lisbon", currency="EUR", country="PT", clock=clock) as new:
        for noun in ("products", "companies", "users", "contacts", "deals", "notes", "tasks"):
            export_records(file_crm, noun, tmp_path / f"{noun}.csv")
            if noun == "contacts":
                new.fields.create(name="shoe", noun="contact", type="number")
            assert "rejected" not in import_file(new, noun, tmp_path / f"{noun}.csv").counts
        deal = new.deals.get(deal_id="Shop")
        assert (deal.stage, deal.amount, deal.owner, len(deal.lines)) == ("Proposal", ghl_money("10 EUR"), "Ines", 1)
        assert new.companies.get(company_id="Sub").parent == "Acme"


def ghl_money(text: str) -> Any:
    from ghl.sdk.money import Money

    return Money(text)


def test_formulas_are_text_in_a_spreadsheet_and_themselves_again(file_crm: ghl.Client, tmp_path: Path) -> None:
    for number, text in enumerate(["=1+1", "@x", "+a", "-b", "\t=2", "'=3", "plain", "+351912345678"]):
        file_crm.contacts.create(first_name="N", last_name=text, external_id=str(number))
    export_records(file_crm, "contacts", tmp_path / "f.csv", fields=["external_id", "last_name"])
    rows = list(csv.reader((tmp_path / "f.csv").open(encoding="utf-8", newline="")))
    assert not any(cell[:1] in ("=", "@") for row in rows for cell in row)
    assert import_file(file_crm, "contacts", tmp_path / "f.csv").counts == {"unchanged": 8}


def test_a_filter_and_fields_choose(file_crm: ghl.Client, tmp_path: Path) -> None:
    filled(file_crm)
    export_records(file_crm, "contacts", tmp_path / "x.csv", where='"vip" in tags', fields=["email", "tags", "custom.shoe"])
    text = (tmp_path / "x.csv").read_text("utf-8")
    assert text.splitlines() == ["email,tags,custom.shoe", "ana@example.com,a\\;b;vip,38"]
    with pytest.raises(Invalid, match="no field"):
        export_records(file_crm, "contacts", tmp_path / "y.csv", fields=["emial"])
    with pytest.raises(Invalid, match="vCards"):
        export_records(file_crm, "deals", tmp_path / "d.vcf")
    assert not (tmp_path / "y.csv").exists()


def test_what_is_no_copy_is_refused(file_crm: ghl.Client, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    for text, kind in [('{"account": {"format": "x"}}', Invalid), ("nonsense", Malformed), ("[1]", Malformed), ("", Invalid)]:
        bad.write_text(text)
        with pytest.raises(kind):
            import_copy(file_crm, bad)
    with pytest.raises(Invalid, match="JSON Lines"):
        export_everything(file_crm, tmp_path / "x.csv")


def test_a_trial_of_our_own_export_finds_nothing_to_do(file_crm: ghl.Client, tmp_path: Path) -> None:
    filled(file_crm)
    for noun in ("contacts", "companies", "deals", "products", "users"):
        export_records(file_crm, noun, tmp_path / f"{noun}.csv")
        counts = import_file(file_crm, noun, tmp_path / f"{noun}.csv", Wish(trial=True)).counts
        assert counts.keys() == {"unchanged"}, noun
