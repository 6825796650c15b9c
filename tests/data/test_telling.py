"""What an import says of what it does not take, and that a file of rejected rows comes back mended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl.engine.data.files import Wish, import_file, open_import
from ghl.errors import Invalid, Malformed

pytestmark = pytest.mark.integration


def written(folder: Path, text: str, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def notes(crm: ghl.Client, noun: str, path: Path) -> dict[str, Any]:
    """What the plan says of each column."""
    job = open_import(crm, noun, path)
    with job.source:
        assert job.mapping is not None
        return {one.column: (one.target, one.note) for one in job.mapping.columns}


def test_a_column_without_a_field_names_the_command_that_declares_one(crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, "email,Plan,Seats,Since,Site,Ok,Code\na@example.com,gold,12,2024-01-05,https://a.example.com,yes,007\n")
    said = notes(crm, "contacts", path)
    types = {"Plan": "text", "Seats": "number", "Since": "date", "Ok": "bool", "Code": "text"}
    for column, kind in types.items():
        assert said[column] == (None, f"ghl fields add {column.lower()} --noun contact --type {kind}")
    crm.fields.create(name="plan", noun="contact", type="text")
    crm.fields.create(name="seats", noun="contact", type="number")
    import_file(crm, "contacts", path)
    assert crm.contacts.get(contact_id="a@example.com").custom_fields == {"plan": "gold", "seats": 12}


def test_a_field_that_only_later_rows_have_is_told_of(file_crm: ghl.Client, tmp_path: Path) -> None:
    rows = [{"email": f"p{n}@example.com"} | ({"city": "Rome"} if n > 1005 else {}) for n in range(1010)]
    path = written(tmp_path, "".join(json.dumps(row) + "\n" for row in rows), "p.jsonl")
    done = import_file(file_crm, "contacts", path, Wish(trial=True))
    assert [(one.count, one.text) for one in done.notices] == [
        (4, '"city" is not imported: the first rows of the file do not have it')
    ]


def test_what_becomes_of_dates_of_creation_is_said(crm: ghl.Client, tmp_path: Path) -> None:
    people = written(tmp_path, "email,created_at\na@example.com,2020-01-05\n")
    assert notes(crm, "contacts", people)["created_at"] == ("created_at", "of new ones; those that are there keep theirs")
    for day in ("2020-01-05", "2021-01-05"):
        import_file(crm, "contacts", written(tmp_path, f"email,created_at\na@example.com,{day}\n"))
        assert crm.contacts.get(contact_id="a@example.com").created_at.year == 2020
    deals = written(tmp_path, "name,Created At\nBig,2020-01-05\n", "deals.csv")
    said = "the day the deal was opened; created_at is the time of the import"
    assert notes(crm, "deals", deals)["Created At"] == ("opened_at", said)
    import_file(crm, "deals", deals)
    deal = crm.deals.get(deal_id="Big")
    assert deal.opened_at is not None
    assert deal.opened_at.year == 2020 < deal.created_at.year


def test_blank_rows_are_counted_and_not_rejected(crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, "email,city\n\n,,\na@example.com,Rome\n , \n\n")
    assert import_file(crm, "contacts", path).counts == {"created": 1, "blank": 4}
    path = written(tmp_path, '\n{"email": "b@example.com"}\n{}\n\n', "b.jsonl")
    plan = import_file(crm, "contacts", path, Wish(trial=True))
    assert plan.counts == {"created": 1, "blank": 3}
    assert import_file(crm, "contacts", path, Wish(plan=plan.plan)).counts == plan.counts


def test_mended_rows_are_read_as_the_file_was(crm: ghl.Client, tmp_path: Path) -> None:
    text = "Who,Mail,When\nAna,ana@example.com,25/12/1990\nEva,eva@@example.com,03/04/1990\n"
    path = written(tmp_path, text)
    wish = Wish(targets={"Who": "first_name", "When": "birthday"})
    assert import_file(crm, "contacts", path, wish).counts == {"created": 1, "rejected": 1}
    rejected = tmp_path / "leads.rejected.csv"
    assert rejected.read_text("utf-8").splitlines()[0] == "Who,Mail,When,error"
    rejected.write_text(rejected.read_text("utf-8").replace("eva@@example", "eva@example"), "utf-8")
    assert import_file(crm, "contacts", rejected).counts == {"created": 1}
    eva = crm.contacts.get(contact_id="eva@example.com")
    assert (eva.first_name, str(eva.birthday)) == ("Eva", "1990-04-03")
    assert import_file(crm, "contacts", path).counts == {"unchanged": 1, "rejected": 1}


def test_mended_objects_come_back(crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, '{"email": "ana@@example.com", "tags": ["a", "b"]}\n{"email": "eva@example.com"\n', "p.jsonl")
    assert import_file(crm, "contacts", path).counts == {"rejected": 2}
    rejected = tmp_path / "p.rejected.jsonl"
    first, second = map(json.loads, rejected.read_text("utf-8").splitlines())
    assert first["email"] == "ana@@example.com"
    assert second["original line"] == '{"email": "eva@example.com"'
    first["email"] = "ana@example.com"
    rejected.write_text(json.dumps(first) + "\n" + second["original line"] + "}\n", "utf-8")
    assert import_file(crm, "contacts", rejected).counts == {"created": 2}
    assert crm.contacts.get(contact_id="ana@example.com").tags == ["a", "b"]


def test_where_rejected_rows_cannot_go_is_known_before_anything_is_done(file_crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, "email\na@example.com\nb@@example.com\n")
    with pytest.raises(Malformed, match="no such folder"):
        import_file(file_crm, "contacts", path, Wish(rejects=tmp_path / "none" / "r.csv"))
    assert file_crm.contacts.list().total == 0


def test_a_column_with_values_is_taken_before_one_without(file_crm: ghl.Client, tmp_path: Path) -> None:
    header = "Contact Id,First Name,Last Name,Phone,Email,Tags,Business Name,Company Name,Last Activity\n"
    path = written(tmp_path, header + "g1,Go,High,,go@example.com,,,Acme,2024-01-05\n")
    assert notes(file_crm, "contacts", path)["Company Name"] == ("company", None)
    file_crm.fields.create(name="last_activity", noun="contact", type="date")
    assert notes(file_crm, "contacts", path)["Last Activity"][0] == "custom.last_activity"


def test_a_kept_mapping_says_nothing_of_other_columns(file_crm: ghl.Client, tmp_path: Path) -> None:
    first = written(tmp_path, "Who,Mail,City\nAna,ana@example.com,Rome\n")
    import_file(file_crm, "contacts", first, Wish(targets={"Who": "last_name", "City": None}))
    other = written(tmp_path, "Who,E-mail,City,Phone\nEva,eva@example.com,Rome,912345678\n")
    said = {column: target for column, (target, _) in notes(file_crm, "contacts", other).items()}
    assert said == {"Who": "last_name", "E-mail": "email", "City": None, "Phone": "phone"}


@pytest.mark.parametrize(
    ("name", "head", "what"),
    [
        ("db.csv", b"SQLite format 3\0" + bytes(100), "is a SQLite database"), ("a.jsonl", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a picture"),
        ("a.csv", b"%PDF-1.7\n", "is a PDF"), ("a.csv", b"\x1f\x8b\x08\x00abc", "packed by gzip"), ("a.xlsx", b"a,b\n1,2\n", "no spreadsheet"),
        ("a.csv", bytes(range(256)) * 8, "is not text"), ("a.vcf", bytes(range(256)) * 8, "is not text"),
    ],
)  # fmt: skip
def test_what_holds_no_rows_is_refused(file_crm: ghl.Client, tmp_path: Path, name: str, head: bytes, what: str) -> None:
    (tmp_path / name).write_bytes(head)
    with pytest.raises(Malformed, match=what):
        open_import(file_crm, "contacts", tmp_path / name)


def test_a_number_of_another_country_is_no_number_of_this_one(crm: ghl.Client, tmp_path: Path) -> None:
    crm.settings.set(country="US")
    text = "first_name,phone\nA,06 1234 5678\nB,(555) 555-1234\nC,212 555 0143\nD,+39 06 1234 5678\nE,123 456 7890\n"
    done = import_file(crm, "contacts", written(tmp_path, text), Wish(match=["phone"]))
    assert done.counts == {"created": 3, "rejected": 2}
    why = [row.error for row in crm.imports.show_rows(import_id=done.id)]
    assert why == [
        'phone: "06 1234 5678" begins with 0, as no number of US (+1) does',
        'phone: "123 456 7890" begins with 1, as no number of US (+1) does',
    ]
    with pytest.raises(Invalid, match="begins with 0"):
        crm.contacts.create(first_name="A", phone="06 1234 5678")


def test_a_plan_that_makes_products_and_lines_is_the_same_each_time(crm: ghl.Client, tmp_path: Path) -> None:
    text = "name,product,amount,company,owner,stage\nOne,Widget,10 EUR,Acme,Ines,New\nTwo,Widget,20 EUR,Acme,Ines,Won\n"
    path = written(tmp_path, text, "deals.csv")
    first, again = (import_file(crm, "deals", path, Wish(trial=True, portion=n)) for n in (1, 10))
    assert first.plan == again.plan
    assert crm.products.list().total == crm.deals.list().total == 0
    assert import_file(crm, "deals", path, Wish(plan=again.plan)).counts == first.counts == {"created": 2}
    assert [line.name for line in crm.deals.get(deal_id="Two").lines] == ["Widget"]


def test_notes_and_tasks_are_found_by_their_ids_elsewhere(crm: ghl.Client, tmp_path: Path) -> None:
    crm.contacts.create(first_name="Ana", email="ana@example.com")
    notes = written(tmp_path, "external_id,body,contact\nn1,Hello,ana@example.com\n,Other,ana@example.com\n", "notes.csv")
    tasks = written(tmp_path, "external_id,title\nt1,Call\n", "tasks.csv")
    assert import_file(crm, "notes", notes).counts == {"created": 2}
    assert import_file(crm, "tasks", tasks).counts == {"created": 1}
    assert {note.external_id for note in crm.notes.list()} == {"n1", None}
    assert import_file(crm, "tasks", tasks).counts == {"unchanged": 1}
    changed = written(tmp_path, "external_id,body\nn1,Changed\n", "more.csv")
    assert import_file(crm, "notes", changed).counts == {"changed": 1}


def test_an_import_that_was_stopped_before_its_end_is_ended_by_the_next(crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, "email\na@example.com\nb@@example.com\nc@example.com\n")
    stopped = open_import(crm, "contacts", path, Wish(portion=1))
    with stopped.source:
        begun = stopped.begin()
        stopped._send(begun, None)
    again = import_file(crm, "contacts", path, Wish(portion=1))
    assert (again.id, again.state, again.counts) == (begun.id, "finished", {"created": 2, "rejected": 1})
    assert crm.imports.list().total == 1
    assert "b@@example.com" in (tmp_path / "leads.rejected.csv").read_text("utf-8")
    assert [event.name for event in crm.events.list()].count("import.finished") == 1
