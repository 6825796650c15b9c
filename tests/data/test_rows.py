"""Rows as programs send them: cells that are no texts, objects, odd values, and what policies do with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl.engine.data.copies import export_everything, import_copy
from ghl.engine.data.files import Wish, import_file, open_import
from ghl.errors import Conflict, Invalid, Malformed
from tests.data.dump import business
from tests.data.test_imports import fetched, written
from tests.data.test_people import reasons

pytestmark = pytest.mark.integration


def begun(crm: ghl.Client, targets: dict[str, str], **options: Any) -> str:
    columns: Any = [{"column": name, "target": target} for name, target in targets.items()]
    return crm.imports.begin(noun="contacts", file="rows", fingerprint="f" * 32, columns=columns, **options).id


def test_cells_of_any_kind_and_objects_are_rows(crm: ghl.Client) -> None:
    number = begun(crm, {"mail": "email", "who": "name", "tel": "phone", "land": "country", "firm": "company", "tags": "tags", "id": "external_id"})
    rows: list[Any] = [
        ["a@example.com", "Ana Lima", "2025550143", "US", "Acme", ["vip", "a;b"], 7],
        {"mail": "b@example.com", "who": "Rui", "tags": ["vip"], "firm": "Acme"},
        ["c@example.com", True, None, None, None, None, None],
        ["d@example.com;e@example.com", "", "912345678;913456789", "PT", "", "x, y", None],
        ["", "Solo", " ", "", "", "", ""],
        ["f@example.com", {"no": "text"}, None, None, None, None, None],
        [" ", "", "", "", "", "", ""],
    ]
    done = crm.imports.rows(import_id=number, after=0, lines=list(range(2, 9)), rows=rows)
    assert done.counts == {"created": 5, "rejected": 2}
    assert [row.line for row in done.rejected] == [7, 8]
    ana = fetched(crm, "a@example.com")
    assert (ana.name, ana.phone, ana.tags, ana.external_id) == ("Ana Lima", "+12025550143", ["a;b", "vip"], "7")
    assert [e.address for e in fetched(crm, "d@example.com").emails] == ["d@example.com", "e@example.com"]
    assert crm.companies.list().total == 1
    assert crm.imports.finish(import_id=number).state == "finished"
    assert crm.imports.finish(import_id=number).state == "finished"
    with pytest.raises(Conflict, match="is finished"):
        crm.imports.rows(import_id=number, after=8, lines=[9], rows=[["x@example.com", *[None] * 6]])


def test_nothing_to_import_is_a_finished_import_and_an_empty_plan(crm: ghl.Client) -> None:
    trial = begun(crm, {"mail": "email"}, trial=True)
    plan = crm.imports.finish(import_id=trial)
    assert (plan.state, plan.counts, bool(plan.plan)) == ("planned", {}, True)
    again = crm.imports.begin(noun="contacts", file="rows", fingerprint="f" * 32, digest=plan.plan)
    assert crm.imports.finish(import_id=again.id).counts == {}


def test_bad_portions_and_choices_are_refused(file_crm: ghl.Client) -> None:
    number = begun(file_crm, {"mail": "email"})
    bad: Any = [{"line": 3, "error": "is no row"}]
    done = file_crm.imports.rows(import_id=number, after=0, lines=[], rows=[], unreadable=bad)
    assert (done.line, done.counts) == (3, {"rejected": 1})
    with pytest.raises(Conflict, match="is at line 3"):
        file_crm.imports.rows(import_id=number, after=0, lines=[4], rows=[["a@example.com"]])
    for options, why in [({"mode": "update", "match": []}, "nothing to match by")]:
        with pytest.raises(Invalid, match=why):
            begun(file_crm, {"mail": "email"}, **options)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="only addresses of contacts"):
        file_crm.imports.begin(
            noun="companies", file="x", fingerprint="f" * 32, mode="suppress", columns=[{"column": "n", "target": "name"}]  # type: ignore[list-item]
        )
    page = file_crm.imports.list(page_size=1)
    assert (page.total, page.next_cursor) == (1, None)
    begun(file_crm, {"mail": "email"}, trial=True)
    page = file_crm.imports.list(page_size=1)
    assert len(list(file_crm.imports.list(page_size=1, cursor=page.next_cursor))) == 1


def test_policies_of_other_nouns(file_crm: ghl.Client, tmp_path: Path) -> None:
    file_crm.companies.create(name="Acme", industry="retail", employees=5, revenue="10 EUR", description="old", tags=["a"])
    text = "name,industry,employees,revenue,description,tags,owner\nAcme,steel,7,20,new,b,Ines\n"
    policies: Any = {"industry": "append", "employees": "fill", "revenue": "fill", "description": "append", "owner": "fill"}
    done = import_file(file_crm, "companies", written(tmp_path, text), Wish(policies=policies))
    assert {t.text for t in done.differences} == {
        'industry "retail" → "retail; steel"', 'description "old" → "old; new"', "tags added", "owner filled",
    }  # fmt: skip
    acme = file_crm.companies.get(company_id="Acme")
    assert (acme.industry, acme.employees, acme.description, acme.tags, acme.owner) == (
        "retail; steel", 5, "old; new", ["a", "b"], "Ines")  # fmt: skip
    more = "name,employees,revenue,tags\nAcme,9,30,c\n"
    bad = import_file(file_crm, "companies", written(tmp_path, more), Wish(policies={"employees": "append"}))
    assert reasons(file_crm, bad) == ["`employees` is no text and no list: nothing can be appended to it"]
    done = import_file(file_crm, "companies", written(tmp_path, more), Wish(policies={"tags": "overwrite"}))
    assert {t.text for t in done.differences} == {"employees changed", "revenue changed", "tags added"}
    with pytest.raises(Invalid, match="no column and no field"):
        import_file(file_crm, "companies", written(tmp_path, more), Wish(policies={"nope": "fill"}))


def test_opt_outs_by_phone_and_without_address(file_crm: ghl.Client, tmp_path: Path) -> None:
    file_crm.contacts.create(first_name="Ana", phone="912345678", email="ana@example.com")
    text = "email,phone,first_name,dnd\nana@example.com,912345678,Ana,sms\n,,Eva,\nana@example.com,,,email\n"
    done = import_file(file_crm, "contacts", written(tmp_path, text), Wish(mode="suppress"))
    assert (done.counts, reasons(file_crm, done)) == ({"changed": 2, "rejected": 1}, ["has no address to suppress"])
    assert fetched(file_crm, "ana@example.com").dnd == ["email", "sms"]
    assert {(s.channel, s.address) for s in file_crm.suppressions.list()} == {("sms", "912345678"), ("email", "ana@example.com")}


def test_saved_plans_name_what_came_since_for_every_noun(file_crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, "name,sku\nGTX,7\n")
    plan = import_file(file_crm, "products", path, Wish(trial=True))
    file_crm.products.create(name="Other", sku="7")
    with pytest.raises(Conflict, match="7 came since"):
        import_file(file_crm, "products", path, Wish(plan=plan.plan))
    people = written(tmp_path, "phone\n912345678\n")
    plan = import_file(file_crm, "contacts", people, Wish(trial=True))
    file_crm.contacts.create(phone="912345678")
    with pytest.raises(Conflict, match=r"\+351912345678 came since"):
        import_file(file_crm, "contacts", people, Wish(plan=plan.plan))


def test_old_plans_are_forgotten(file_crm: ghl.Client, tmp_path: Path, clock: Any) -> None:
    from datetime import timedelta

    path = written(tmp_path, "email\nana@example.com\n")
    plan = import_file(file_crm, "contacts", path, Wish(trial=True))
    clock.advance(timedelta(days=8))
    with pytest.raises(Conflict, match="too old"):
        import_file(file_crm, "contacts", path, Wish(plan=plan.plan))


def test_a_file_is_closed_when_its_mapping_is_wrong(file_crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, "email\nana@example.com\n")
    with pytest.raises(Invalid):
        open_import(file_crm, "contacts", path, Wish(targets={"nope": "email"}))
    path.unlink()


def test_a_copy_with_workflows_companies_in_any_order_and_erased_people(file_crm: ghl.Client, tmp_path: Path, clock: Any) -> None:
    source = "workflow: hello\nstatus: active\nre_entry: never\ntriggers:\n  - on: contact.created\nsteps:\n  - wait: 1 day\n"
    file_crm.workflows.apply(source=source)
    child = file_crm.companies.create(name="Child")
    file_crm.companies.update(company_id=child.id, parent_id=file_crm.companies.create(name="Parent").id)
    gone = file_crm.contacts.create(email="gone@example.com")
    file_crm.erase(contact_id=gone.id)
    file_crm.pipelines.create(name="Sales", stages=["New", "Old"])
    file_crm.pipelines.update(pipeline_id="Sales", remove_stages=["Old"])
    export_everything(file_crm, tmp_path / "copy")
    with pytest.raises(Conflict, match="not empty"):
        export_everything(file_crm, tmp_path / "copy")
    with ghl.init(str(tmp_path / "new.db"), clock=clock) as new:
        import_copy(new, tmp_path / "copy")
        wanted, found = business(file_crm), business(new)
        assert {n: r for n, r in found.items() if n != "workflows"} == {n: r for n, r in wanted.items() if n != "workflows"}
        assert [w.name for w in new.workflows.list()] == ["hello"]
        back = import_file(new, "contacts", written(tmp_path, "email\ngone@example.com\n"))
        assert back.counts == {"rejected": 1}


def test_broken_copies_name_what_is_wrong(file_crm: ghl.Client, tmp_path: Path) -> None:
    export_everything(file_crm, tmp_path / "copy.jsonl")
    header = (tmp_path / "copy.jsonl").read_text().splitlines()[0]
    newer = json.loads(header)
    newer["account"]["version"] = 99
    deal = {"deals": {"id": "019ab2f0-0000-7000-8000-000000000000", "created_at": "", "updated_at": "", "company_id": "nobody"}}
    for lines, kind, why in [
        ([json.dumps(newer)], Invalid, "format 99"),
        ([header, '{"tables": {}}'], Invalid, 'no "tables"'),
        ([header, json.dumps(deal)], Invalid, "company nobody, which it does not hold"),
    ]:
        path = tmp_path / "bad.jsonl"
        path.write_text("\n".join(lines))
        with pytest.raises(kind, match=why):
            import_copy(file_crm, path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(Malformed, match=r"no account\.jsonl"):
        import_copy(file_crm, tmp_path / "folder")
    (tmp_path / "folder" / "account.jsonl").write_text(json.dumps(json.loads(header)["account"] | {"nouns": ["planets"]}))
    with pytest.raises(Malformed, match="planets"):
        import_copy(file_crm, tmp_path / "folder")
