"""Contacts from files: several addresses, notes, opt-outs, other people's contacts, and forgotten ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl.engine.access import Caller
from ghl.engine.data.files import Wish, import_file
from ghl.engine.local import LocalTransport
from ghl.errors import Invalid
from tests.data.test_imports import fetched, written

pytestmark = pytest.mark.integration


def reasons(crm: ghl.Client, done: Any) -> list[str]:
    return [row.error or "" for row in crm.imports.show_rows(import_id=done.id, verdict="rejected")]


def test_cells_with_several_addresses_and_labels(crm: ghl.Client, tmp_path: Path) -> None:
    text = (
        "Name,Email,Work Email,Mobile,Phone,Other Phone,Notes,Website\n"
        'Ana Maria da Silva,"ana@example.com; ana2@example.com",ana@work.example,912345678,"913000000;914000000",,Likes tea,\n'
        "Rui,,,,,915000000,,rui.example\n"
    )
    done = import_file(crm, "contacts", written(tmp_path, text))
    assert done.counts == {"created": 2}
    ana = fetched(crm, "ana@example.com")
    assert (ana.first_name, ana.last_name) == ("Ana Maria", "da Silva")
    assert {e.address: e.label for e in ana.emails} == {
        "ana@example.com": None, "ana2@example.com": None, "ana@work.example": "work",
    }  # fmt: skip
    assert ana.email == "ana@example.com"
    assert {p.number for p in ana.phones} == {"+351912345678", "+351913000000", "+351914000000"}
    assert [n.body for n in crm.notes.list(contact_id=ana.id)] == ["Likes tea"]
    again = import_file(crm, "contacts", written(tmp_path, text.replace("Likes tea", "Likes coffee")))
    assert (again.counts["unchanged"], again.counts["created"]) == (1, 1)
    assert sorted(n.body for n in crm.notes.list(contact_id=ana.id)) == ["Likes coffee", "Likes tea"]


def test_more_addresses_and_companies_are_added_to_those_there(file_crm: ghl.Client, tmp_path: Path) -> None:
    file_crm.companies.create(name="Old")
    file_crm.contacts.create(first_name="Ana", external_id="7", email="ana@example.com", company_id="Old")
    text = "external_id,email,emails,company\n7,ana@new.example,ana@third.example,New\n"
    policies: Any = {"email": "append", "company": "append"}
    done = import_file(file_crm, "contacts", written(tmp_path, text), Wish(policies=policies, match=["external_id"]))
    assert done.counts == {"changed": 1}
    ana = fetched(file_crm, "ana@example.com")
    assert [e.address for e in ana.emails] == ["ana@example.com", "ana@new.example", "ana@third.example"]
    assert (ana.company, {link.name for link in ana.companies}) == ("Old", {"Old", "New"})
    again = import_file(file_crm, "contacts", written(tmp_path, text), Wish(policies=policies, match=["external_id"]))
    assert again.counts == {"unchanged": 1}


def test_custom_fields_of_every_type(file_crm: ghl.Client, tmp_path: Path) -> None:
    kinds: dict[str, Any] = {
        "size": "number", "worth": "money", "since": "date", "seen": "datetime", "ok": "bool", "sorts": "multi-select", "site": "url",
    }  # fmt: skip
    for name, kind in kinds.items():
        file_crm.fields.create(name=name, noun="contact", type=kind, indexed=name == "size", choices=["a", "b"] if kind == "multi-select" else None)
    head, row = ["email", *kinds], ["ana@example.com", "1,5", "1.234,50", "24/12/2025", "24/12/2025 10:00", "perhaps", "a;b", "x.example"]
    text = ";".join(head) + "\n" + ";".join(f'"{cell}"' for cell in row) + "\n"
    with pytest.raises(Invalid):
        import_file(file_crm, "contacts", written(tmp_path, text), Wish(targets={"size": "nope"}))
    done = import_file(file_crm, "contacts", written(tmp_path, text))
    assert reasons(file_crm, done) == ['ok: "perhaps" is neither yes nor no']
    import_file(file_crm, "contacts", written(tmp_path, text.replace("perhaps", "sim")))
    fields = fetched(file_crm, "ana@example.com").custom_fields
    assert (fields["since"], fields["ok"], fields["sorts"]) == ("2025-12-24", True, ["a", "b"])
    assert (fields["size"], fields["worth"]["minor"]) == (1.5, 123450)
    assert fields["seen"].startswith("2025-12-24T10:00")
    policies: Any = {"custom.sorts": "append", "custom.site": "never", "custom.since": "fill"}
    more = "email;sorts;site;since\nana@example.com;b;y.example;01/01/2020\n"
    assert import_file(file_crm, "contacts", written(tmp_path, more), Wish(policies=policies, dates="dmy")).counts == {"unchanged": 1}


def test_rows_that_two_contacts_fit_and_unknown_words_are_told(file_crm: ghl.Client, tmp_path: Path) -> None:
    for name in ("A", "B"):
        file_crm.contacts.create(first_name=name, phone="912345678")
    file_crm.contacts.create(first_name="C", email="c@example.com")
    text = (
        "first_name,phone,email,zone,lead_score,id,tags\n"
        "X,912345678,,,,,\n"
        "Y,,y@example.com,Nowhere/City,12,12345,vip\n"
        "Z,,z@example.com,,1.5,,\n"
        ",,,,,,\n"
        "P,12,,,,,\n"
        f"{'L' * 501},,,,,,\n"
    )
    done = import_file(file_crm, "contacts", written(tmp_path, text), Wish(match=["id", "email", "phone"]))
    assert reasons(file_crm, done) == [
        "2 contacts have its phone",
        'lead_score: "1.5" is not a whole number',
        '"12" is not a phone number',
        "`first_name` is longer than 500 characters",
    ]
    assert [t.text for t in done.notices] == ['time zone "Nowhere/City" is not known and left out']
    assert fetched(file_crm, "y@example.com").external_id == "12345"
    strict = import_file(file_crm, "contacts", written(tmp_path, "email,tags\nq@example.com,brand new\n"), Wish(strict_tags=True))
    assert strict.counts == {"rejected": 1}


def test_deleted_contacts_are_not_matched_and_their_ids_not_used_again(file_crm: ghl.Client, tmp_path: Path) -> None:
    ana = file_crm.contacts.create(first_name="Ana", email="ana@example.com")
    file_crm.contacts.delete(contact_id=ana.id)
    done = import_file(file_crm, "contacts", written(tmp_path, f"id,first_name\n{ana.id},Ana\n"))
    assert reasons(file_crm, done) == ["it was deleted here"]
    assert import_file(file_crm, "contacts", written(tmp_path, "email\nana@example.com\n")).counts == {"created": 1}
    company = file_crm.companies.create(name="Acme")
    file_crm.companies.delete(company_id=company.id)
    done = import_file(file_crm, "companies", written(tmp_path, f"id,name\n{company.id},Acme\n"))
    assert reasons(file_crm, done) == ["it was deleted here"]


def test_contacts_of_others_do_not_exist_but_their_addresses_are_taken(file_crm: ghl.Client, tmp_path: Path) -> None:
    ines = file_crm.users.create(name="Ines", email="ines@example.com")
    file_crm.contacts.create(first_name="Ana", email="ana@example.com")
    local = file_crm._transport
    assert isinstance(local, LocalTransport)
    with local.reading() as connection:
        row = connection.one("select id from users where public_id = :id", {"id": ines.id})
    narrow = ghl.Client(LocalTransport(local.database, Caller(local.caller.account_id, "ines", user_id=row["id"], sees="own"), local.shared))
    text = "email,city,owner\nana@example.com,Faro,Ines\nrui@example.com,Faro,Ines\n"
    done = import_file(narrow, "contacts", written(tmp_path, text))
    assert (done.counts, reasons(narrow, done)) == (
        {"created": 1, "rejected": 1}, ["email: ana@example.com belongs to another contact"])  # fmt: skip
    assert fetched(file_crm, "ana@example.com").city is None
    assert import_file(narrow, "contacts", written(tmp_path, text)).counts == {"unchanged": 1, "rejected": 1}


def test_an_erased_person_is_not_brought_back_and_is_gone_from_plans(crm: ghl.Client, tmp_path: Path) -> None:
    ana = crm.contacts.create(first_name="Ana", last_name="Lima", email="ana@example.com")
    path = written(tmp_path, "email,first_name,city\nana@example.com,Ana,Faro\nrui@example.com,Rui,Faro\n")
    plan = import_file(crm, "contacts", path, Wish(trial=True))
    crm.erase(contact_id=ana.id)
    assert [row.name for row in crm.imports.show_rows(import_id=plan.id)] == ["Rui"]
    done = import_file(crm, "contacts", path)
    assert done.counts == {"created": 1, "rejected": 1}
    assert "was erased" in reasons(crm, done)[0]


def test_suppressions_take_channels_and_reasons(file_crm: ghl.Client, tmp_path: Path) -> None:
    text = "address,channel,reason,source\na@example.com,,bounced,x\n912345678,sms,odd,\nA@EXAMPLE.com,email,,\nz,fax,,\n,email,,\nbad,email,,\n"
    wish = Wish(trial=True)
    assert import_file(file_crm, "suppressions", written(tmp_path, text), wish).counts == {"created": 2, "merged": 1, "rejected": 3}
    assert file_crm.suppressions.list().total == 0
    import_file(file_crm, "suppressions", written(tmp_path, text), Wish(portion=1))
    assert {(s.address, s.channel, s.reason) for s in file_crm.suppressions.list()} == {
        ("a@example.com", "email", "bounced"), ("912345678", "sms", "imported")}  # fmt: skip


def test_a_trial_over_several_portions_meets_its_own_rows(file_crm: ghl.Client, tmp_path: Path) -> None:
    file_crm.contacts.create(external_id="9", email="nine@example.com")
    text = (
        "external_id,email,phone,company,city\n"
        "1,ana@example.com,912345678,Acme,\n1,,,Acme,Faro\n,ana@example.com,,Beta,\n2,ana@example.com,,,\n"
        "9,,,,Porto\n9,,,,Braga\n3,,912345678,,\n"
    )
    plan = import_file(file_crm, "contacts", written(tmp_path, text), Wish(trial=True, portion=1))
    whole = import_file(file_crm, "contacts", written(tmp_path, text), Wish(trial=True))
    assert plan.counts == whole.counts == {"created": 2, "merged": 4, "changed": 1}
    assert [(t.text, t.count) for t in plan.notices] == [("new companies", 2)]
    done = import_file(file_crm, "contacts", written(tmp_path, text), Wish(plan=plan.plan, portion=2))
    assert done.counts == plan.counts


def test_notes_and_tasks_come_in_with_what_they_are_about(file_crm: ghl.Client, tmp_path: Path) -> None:
    file_crm.contacts.create(first_name="Ana", email="ana@example.com")
    notes = written(tmp_path, "Note,Email,Pinned,Date\nHello,ana@example.com,yes,2025-01-02\nLost,,,\n", "n.csv")
    done = import_file(file_crm, "notes", notes)
    assert done.counts == {"created": 1, "rejected": 1}
    note = file_crm.notes.list().items[0]
    assert (note.body, note.pinned, note.created_at.year) == ("Hello", True, 2025)
    tasks = written(tmp_path, "Task,Due date,Contact,Company\nCall,2026-04-01 10:00,new@example.com,Acme\n", "t.csv")
    assert import_file(file_crm, "tasks", tasks).counts == {"created": 1}
    task = file_crm.tasks.list().items[0]
    assert (task.title, task.company) == ("Call", "Acme")
    assert fetched(file_crm, "new@example.com").id == task.contact_id


def test_an_address_that_somebody_takes_meanwhile_is_one_row_rejected(file_crm: ghl.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ghl.engine.data import acquaintance

    file_crm.contacts.create(email="ana@example.com")
    # Not seen when the rows were looked up, as on a server where another transaction commits in between.
    monkeypatch.setattr(acquaintance.Acquaintance, "_look", lambda self, people: None)
    for extra in ("", ",birthday"):
        text = f"email{extra}\nx{len(extra)}@example.com{extra and ',1990-01-01'}\nana@example.com{extra and ',1990-01-01'}\n"
        done = import_file(file_crm, "contacts", written(tmp_path, text))
        assert (done.counts, reasons(file_crm, done)) == ({"created": 1, "rejected": 1}, ["email: ana@example.com belongs to another contact"])
