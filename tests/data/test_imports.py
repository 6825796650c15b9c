"""Imports: what becomes of rows, plans and their application, stopping and going on, and taking back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl.engine.data.files import Wish, import_file, open_import
from ghl.errors import Conflict, Invalid, NotFound, PlanChanged

pytestmark = pytest.mark.integration

LEADS = """First Name;Last Name;Correo;Móvil;Empresa;City;Etiquetas
Ana;Lima;ana@example.com;912345678;Acme;Lisboa;vip,lead
Rui;Costa;rui@example.com;;Acme;Porto;
Eva;;eva@@example.com;;;;
Ana;Lima;ANA@example.com;;;Faro;new
;;;;;;
"""


def written(folder: Path, text: str, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def fetched(crm: ghl.Client, email: str) -> Any:
    return crm.contacts.get(contact_id=email)


def test_rows_are_created_merged_and_rejected_with_their_reason(crm: ghl.Client, tmp_path: Path) -> None:
    done = import_file(crm, "contacts", written(tmp_path, LEADS))
    assert (done.state, done.counts) == ("finished", {"created": 2, "merged": 1, "rejected": 1, "blank": 1})
    ana = fetched(crm, "ana@example.com")
    assert (ana.city, ana.company, ana.phone, ana.tags) == ("Faro", "Acme", "+351912345678", ["lead", "new", "vip"])
    assert crm.companies.list().total == 1
    rejected = (tmp_path / "leads.rejected.csv").read_text("utf-8").splitlines()
    assert rejected[0].endswith(";error")
    assert rejected[1:] == ['Eva;;eva@@example.com;;;;;"line 4 email: ""eva@@example.com"" has two @"']


def test_the_whole_import_is_one_change_set_and_is_taken_back(crm: ghl.Client, tmp_path: Path) -> None:
    rui = crm.contacts.create(first_name="Rui", email="rui@example.com", city="Braga")
    done = import_file(crm, "contacts", written(tmp_path, LEADS), Wish(portion=1))
    assert done.change_set is not None
    assert fetched(crm, "rui@example.com").city == "Porto"
    sets = crm.changes.list().items
    assert sets[0].id == done.change_set
    assert (sets[0].origin, sets[0].name) == ("import", "import leads.csv")
    undone = crm.undo()
    assert undone.kept == []
    assert [c.email for c in crm.contacts.list()] == ["rui@example.com"]
    assert crm.contacts.get(contact_id=rui.id).city == "Braga"
    assert crm.companies.list().total == 0
    crm.redo()
    assert fetched(crm, "ana@example.com").city == "Faro"


def test_imports_are_silent_but_for_one_event(file_crm: ghl.Client, tmp_path: Path) -> None:
    import_file(file_crm, "contacts", written(tmp_path, LEADS))
    events = [event.name for event in file_crm.events.list()]
    assert events.count("import.finished") == 1
    assert "contact.created" not in events
    import_file(file_crm, "contacts", written(tmp_path, "email\nlive@example.com\n", "live.csv"), Wish(live=True))
    assert [event.name for event in file_crm.events.list()].count("contact.created") == 1


def test_a_trial_changes_nothing_and_its_plan_does_exactly_that(crm: ghl.Client, tmp_path: Path) -> None:
    crm.contacts.create(first_name="Rui", email="rui@example.com", city="Braga")
    path = written(tmp_path, LEADS)
    plan = import_file(crm, "contacts", path, Wish(trial=True, portion=2))
    assert plan.counts == {"created": 1, "changed": 1, "merged": 1, "rejected": 1, "blank": 1}
    assert crm.contacts.list().total == 1
    assert crm.companies.list().total == 0
    assert {t.text for t in plan.differences} == {'city "Braga" → "Porto"', "last_name filled", "companies added"}
    assert [(t.text, t.count) for t in plan.notices] == [("new companies", 1)]
    rows = crm.imports.show_rows(import_id=plan.plan or "", verdict="changed").items
    assert [(row.line, row.name, row.after["city"]) for row in rows] == [(3, "Rui", "Porto")]
    done = import_file(crm, "contacts", path, Wish(plan=plan.plan, portion=3))
    assert done.counts == plan.counts
    assert fetched(crm, "rui@example.com").city == "Porto"


def test_the_same_trial_has_the_same_digest(file_crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, LEADS)
    first = import_file(file_crm, "contacts", path, Wish(trial=True, portion=1))
    second = import_file(file_crm, "contacts", path, Wish(trial=True))
    assert first.plan == second.plan
    file_crm.contacts.create(email="rui@example.com")
    assert import_file(file_crm, "contacts", path, Wish(trial=True)).plan != first.plan


def test_a_plan_is_refused_before_the_first_write_once_something_changed(crm: ghl.Client, tmp_path: Path) -> None:
    rui = crm.contacts.create(first_name="Rui", email="rui@example.com", city="Braga")
    path = written(tmp_path, LEADS)
    plan = import_file(crm, "contacts", path, Wish(trial=True)).plan
    crm.contacts.update(contact_id=rui.id, city="Évora")
    with pytest.raises(PlanChanged, match="Rui"):
        import_file(crm, "contacts", path, Wish(plan=plan))
    plan = import_file(crm, "contacts", path, Wish(trial=True)).plan
    crm.contacts.create(email="ana@example.com")
    with pytest.raises(PlanChanged, match=r"ana@example\.com"):
        import_file(crm, "contacts", path, Wish(plan=plan))
    assert crm.contacts.list().total == 2
    with pytest.raises(NotFound):
        import_file(crm, "contacts", path, Wish(plan="0123456789"))
    with pytest.raises(PlanChanged, match="another content"):
        import_file(crm, "contacts", written(tmp_path, LEADS + "x", "leads.csv"), Wish(plan=plan))


def test_a_record_that_changes_while_a_plan_runs_is_rejected_by_name(file_crm: ghl.Client, tmp_path: Path) -> None:
    rui = file_crm.contacts.create(first_name="Rui", email="rui@example.com", city="Braga")
    path = written(tmp_path, LEADS)
    plan = import_file(file_crm, "contacts", path, Wish(trial=True)).plan
    job = open_import(file_crm, "contacts", path, Wish(plan=plan, portion=1))
    job.begin()
    file_crm.contacts.update(contact_id=rui.id, city="Évora")
    done = job.run()
    job.source.close()
    assert done.counts["rejected"] == 2
    errors = [row.error for row in file_crm.imports.show_rows(import_id=done.id, verdict="rejected")]
    assert errors[0] == "Rui has changed since the plan was made"
    assert file_crm.contacts.get(contact_id=rui.id).city == "Évora"


def test_a_stopped_import_goes_on_with_the_same_command(crm: ghl.Client, tmp_path: Path) -> None:
    text = "email,city\n" + "".join(f"p{n}@example.com,Porto\n" if n % 7 else f"p{n}@@,X\n" for n in range(30))
    path = written(tmp_path, text)

    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done >= 15:
            raise StopError

    job = open_import(crm, "contacts", path, Wish(portion=5))
    with job.source, pytest.raises(StopError):
        job.run(stop)
    (tmp_path / "leads.rejected.csv").write_text("half a li")
    again = open_import(crm, "contacts", path, Wish(portion=5))
    with again.source:
        begun = again.begin()
        assert (begun.resumed, begun.done) == (True, 15)
        done = again.run()
    assert done.counts == {"created": 25, "rejected": 5}
    assert len(crm.changes.list().items) == 1
    assert len((tmp_path / "leads.rejected.csv").read_text().splitlines()) == 6
    unchanged = import_file(crm, "contacts", path)
    assert (unchanged.resumed, unchanged.counts) == (False, {"unchanged": 25, "rejected": 5})
    assert unchanged.change_set is None


def test_an_import_that_was_undone_halfway_begins_again(file_crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, "email\n" + "".join(f"p{n}@example.com\n" for n in range(6)))
    job = open_import(file_crm, "contacts", path, Wish(portion=3))
    with job.source, pytest.raises(ZeroDivisionError):
        job.run(lambda done, total: 1 // 0)
    file_crm.undo()
    assert import_file(file_crm, "contacts", path).counts == {"created": 6}


def test_two_at_once_do_not_import_a_row_twice(file_crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, "first_name\nAna\nRui\n")
    job = open_import(file_crm, "contacts", path, Wish(portion=1))
    begun = job.begin()
    file_crm.imports.rows(import_id=begun.id, after=0, lines=[2], rows=[["Ana"]])
    with job.source, pytest.raises(Conflict, match="is at line 2"):
        job.run()


@pytest.mark.parametrize(
    ("mode", "counts"),
    [
        ("create", {"created": 1, "merged": 1, "rejected": 2}),
        ("update", {"changed": 1, "rejected": 3}),
        ("upsert", {"created": 1, "changed": 1, "merged": 1, "rejected": 1}),
    ],
)
def test_modes(file_crm: ghl.Client, tmp_path: Path, mode: Any, counts: dict[str, int]) -> None:
    file_crm.contacts.create(first_name="Rui", email="rui@example.com")
    assert import_file(file_crm, "contacts", written(tmp_path, LEADS), Wish(mode=mode)).counts == counts | {"blank": 1}


def test_policies_say_what_may_be_overwritten(file_crm: ghl.Client, tmp_path: Path) -> None:
    file_crm.contacts.create(
        first_name="Rui", email="rui@example.com", city="Braga", source="fair", tags=["old"], phone="912345678"
    )
    text = "email,first_name,last_name,city,source,tags,phone\nrui@example.com,Rui P.,Costa,Porto,web,new,913333333\n"
    policies: Any = {"first_name": "never", "last_name": "fill", "city": "fill", "source": "append", "phone": "append"}
    import_file(file_crm, "contacts", written(tmp_path, text), Wish(policies=policies))
    rui = fetched(file_crm, "rui@example.com")
    assert (rui.first_name, rui.last_name, rui.city, rui.source) == ("Rui", "Costa", "Braga", "fair; web")
    assert (rui.tags, [p.number for p in rui.phones]) == (["new", "old"], ["+351912345678", "+351913333333"])
    import_file(file_crm, "contacts", written(tmp_path, text), Wish(policies={"tags": "overwrite", "phone": "overwrite"}))
    rui = fetched(file_crm, "rui@example.com")
    assert (rui.city, rui.tags, rui.phone) == ("Porto", ["new"], "+351913333333")


def test_opt_outs_never_make_a_contact_that_can_be_mailed(crm: ghl.Client, tmp_path: Path) -> None:
    crm.contacts.create(email="rui@example.com")
    done = import_file(
        crm, "contacts", written(tmp_path, "email\nrui@example.com\nana@example.com\n"), Wish(mode="suppress")
    )
    assert done.counts == {"changed": 1, "created": 1}
    assert crm.contacts.list().total == 1
    assert fetched(crm, "rui@example.com").dnd == ["email"]
    assert sorted(s.address or "" for s in crm.suppressions.list()) == ["ana@example.com", "rui@example.com"]
    more = import_file(crm, "suppressions", written(tmp_path, "E-mail;Grund\nana@example.com;x\neva@example.com;x\n", "s.csv"))
    assert more.counts == {"unchanged": 1, "created": 1}


def test_an_unsubscribe_column_suppresses_the_address(file_crm: ghl.Client, tmp_path: Path) -> None:
    text = "Email Address,First Name,LEID,EUID,UNSUB_TIME\nana@example.com,Ana,1,abc,2025-03-01 10:00:00\nrui@example.com,Rui,2,abd,\n"
    done = import_file(file_crm, "contacts", written(tmp_path, text))
    assert done.counts == {"created": 2}
    assert fetched(file_crm, "ana@example.com").dnd == ["email"]
    assert [s.address for s in file_crm.suppressions.list()] == ["ana@example.com"]


def test_dates_of_unclear_order_are_refused_until_somebody_says(file_crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, "email,birthday\nana@example.com,03/04/1990\n")
    with pytest.raises(Invalid, match="birthday") as caught:
        import_file(file_crm, "contacts", path)
    assert "--dates" in (caught.value.hint or "")
    import_file(file_crm, "contacts", path, Wish(dates="dmy"))
    assert fetched(file_crm, "ana@example.com").birthday == "1990-04-03"


def test_a_mapping_that_somebody_made_is_kept_and_used_again(crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, "Wo,Mail\nPorto,ana@example.com\n", "orte.csv")
    import_file(crm, "contacts", path, Wish(targets={"Wo": "city"}))
    assert [(p.name, p.guessed) for p in crm.imports.profiles()] == [("orte", False)]
    assert fetched(crm, "ana@example.com").city == "Porto"
    other = written(tmp_path, "Mail,Wo,More\nrui@example.com,Faro,x\n", "other.csv")
    import_file(crm, "contacts", other, Wish(profile="orte"))
    assert fetched(crm, "rui@example.com").city == "Faro"
    with pytest.raises(NotFound, match="nope"):
        import_file(crm, "contacts", other, Wish(profile="nope"))
    crm.imports.forget_profile(noun="contacts", name="orte")


def test_a_guess_is_made_anew_when_a_field_was_declared_since(file_crm: ghl.Client, tmp_path: Path) -> None:
    path = written(tmp_path, "email,Origen Raro\nana@example.com,feria\n")
    import_file(file_crm, "contacts", path)
    file_crm.fields.create(name="origen_raro", noun="contact", type="text")
    assert import_file(file_crm, "contacts", path).counts == {"changed": 1}
    assert fetched(file_crm, "ana@example.com").custom_fields == {"origen_raro": "feria"}


def test_what_a_live_run_would_start_is_part_of_the_plan(file_crm: ghl.Client, tmp_path: Path) -> None:
    source = "workflow: hello\nstatus: active\nre_entry: never\ntriggers:\n  - on: contact.created\nsteps:\n  - wait: 1 day\n"
    file_crm.workflows.apply(source=source)
    plan = import_file(file_crm, "contacts", written(tmp_path, LEADS), Wish(trial=True))
    assert [(a.workflow, a.count, a.filtered) for a in plan.automations] == [("hello", 2, False)]


def test_bad_requests_are_answered_clearly(file_crm: ghl.Client, tmp_path: Path) -> None:
    begun = file_crm.imports.begin(
        noun="contacts", file="x.csv", fingerprint="0" * 32, columns=[{"column": "email", "target": "email"}]  # type: ignore[list-item]
    )
    for rows, lines, why in [([["a@b.c", "x"]], [2], "must have 1 cells"), ([["a"]], [0], "must rise"), ([["a"]], [], "its line")]:
        with pytest.raises(Invalid, match=why):
            file_crm.imports.rows(import_id=begun.id, after=0, lines=lines, rows=rows)
    with pytest.raises(Invalid, match="cannot be imported"):
        file_crm.imports.begin(noun="tags", file="x", fingerprint="0" * 32)
    with pytest.raises(Invalid, match="no column"):
        file_crm.imports.begin(noun="contacts", file="x", fingerprint="0" * 32)
    with pytest.raises(Invalid, match="matched by"):
        file_crm.imports.begin(
            noun="contacts", file="x", fingerprint="0" * 32, match=["city"],
            columns=[{"column": "email", "target": "email"}],  # type: ignore[list-item]
        )  # fmt: skip
    file_crm.imports.rows(import_id=begun.id, after=0, lines=[2], rows=[[7]])
    assert file_crm.imports.get(import_id=begun.id).counts == {"rejected": 1}
