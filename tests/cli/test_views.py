"""Records and reports as people read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ghl import nouns
from ghl.cli.views import COLUMNS
from ghl.sdk.operation import result_of
from tests.cli.conftest import Shell

pytestmark = pytest.mark.integration


def test_a_contact_is_shown_with_what_happened(run: Shell) -> None:
    out = run("contacts", "show", "maria@example.com").out
    first, second, *rest = out.splitlines()
    assert first.startswith("Maria Alves   lead, vip   maria@example.com   +351912345678   Lisbon")
    assert "Alves & Filhos" in second
    assert "owner: Ines Costa" in second
    assert "next: Call Maria" in second
    assert any("Likes *tea*" in line for line in rest)


def test_a_deleted_contact_says_so(run: Shell) -> None:
    short = run("contacts", "show", "joao@example.com", "--fields", "id", "--no-header").out.strip()
    run("contacts", "delete", "joao@example.com")
    deleted = run("contacts", "list", "--deleted", "--json").json
    assert deleted["total"] == 1
    found = run("contacts", "show", short)
    assert found.code == 3 or "ghl contacts restore" in found.out


def test_today_groups_what_waits(run: Shell) -> None:
    out = run("today").out
    assert out.startswith("overdue  1\n")
    assert "Call Maria" in out
    assert "nothing planned  1" in out


@pytest.mark.parametrize("columns", [40, 80, 160])
def test_the_board_fits_and_shows_sums(run: Shell, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for line in (("pipelines", "board", "Sales"), ("pipelines", "board")):
        out = run(*line).out
        assert "New 1 €4.2k" in out
        assert "Website" in out
        assert max(map(len, out.splitlines())) <= columns


def test_the_report_of_the_only_pipeline(run: Shell) -> None:
    out = run("pipelines", "report").out
    assert "all deals of Sales: 1   open 1" in out
    run("pipelines", "add", "Hiring")
    asked = run("pipelines", "report")
    assert (asked.code, "Hiring" in asked.err, "Sales" in asked.err) == (2, True, True)


def test_any_record_is_told_field_by_field(run: Shell) -> None:
    out = run("deals", "show", "Website").out
    assert out.startswith("Website\n")
    assert "  amount" in out
    assert "pipeline_id" not in out
    assert "€4,200" in out


def test_history_and_changes(run: Shell) -> None:
    run("contacts", "edit", "maria@example.com", "--city", "Faro")
    assert "city Faro ← Lisbon" in run("history", "maria@example.com").out
    sets = run("changes", "list", "--json").json["items"]
    assert sets[0]["reason"] == "contacts edit"
    shown = run("changes", "show", str(sets[0]["id"])).out
    assert "contacts edit:   1 contact changed" in shown
    assert "city Faro ← Lisbon" in shown


def test_a_dry_undo_says_what_stays(run: Shell) -> None:
    run("contacts", "edit", "maria@example.com", "--city", "Faro", "--last-name", "Silva")
    number = run("changes", "list", "--limit", "1", "--format", "ids").out.strip()
    run("contacts", "edit", "maria@example.com", "--city", "Oslo")
    found = run("undo", number, "--dry-run")
    assert "stays  contact" in found.out
    assert "city" in found.out
    assert "nothing was changed" in found.err


def test_timeline_and_events(run: Shell) -> None:
    assert "Likes *tea*" in run("contacts", "timeline", "maria@example.com").out
    assert "contact.created" in run("events", "list").out


def test_duplicates_are_shown_with_evidence(run: Shell) -> None:
    run("contacts", "add", "--first-name", "Maria", "--last-name", "Alves", "--phone", "912 345 678", "--city", "Faro")
    out = run("contacts", "duplicates").out
    found = re.search("ghl contacts merge ([0-9a-f]{6}) ([0-9a-f]{6}) --dry-run", out)
    assert found is not None
    ids = run("contacts", "list", "--format", "ids").out.split()
    other = next(one for one in (found[1], found[2]) if ids[0].endswith(one))
    table = run("contacts", "merge", "maria@example.com", other, "--dry-run").out.splitlines()
    assert table[1].split() == ["field", "kept", "from", "gives", "way"]
    assert [line.split()[0] for line in table[2:] if "Lisbon" in line and line.endswith("Faro")] == ["city"]


def test_the_database_tells_of_itself(run: Shell, db: Path) -> None:
    assert "contacts" in run("db", "schema").out
    assert run("db", "sql", "select count(*) as n from contacts", "--json").json == [{"n": 3}]
    assert run("db", "check").code == 0
    assert run("db", "vacuum").code == 0
    assert run("db", "migrate").code == 0
    assert run("db", "backup", "copy.db").code == 0
    assert run("--db", "copy.db", "contacts", "list", "--format", "ids").out.count("\n") == 3
    assert run("db", "adopt").code == 0
    assert run("doctor").code == 0


def test_nothing_is_written_by_sql(run: Shell) -> None:
    for query in ("delete from contacts", "update contacts set city = 'x'", "drop table contacts", "pragma user_version = 9"):
        assert run("db", "sql", query).code in (1, 4, 5), query
    assert run("contacts", "list", "--format", "ids").out.count("\n") == 3


def test_operations_are_data(run: Shell) -> None:
    every = run("operations", "--json").json
    assert every.keys() >= {"operations", "types", "events", "errors"}
    assert every["operations"]["contacts.create"]["result"] in every["types"]
    one = run("operations", "deals.move", "--json").json
    assert one["fields"]["stage"]["required"] is True
    assert (one["noun"], one["verb"], "conflict" in one["errors"]) == ("deals", "move", True)
    assert "deals.move" in run("operations", "deals").out
    told = run("operations", "deals.move").out
    assert "PUT /api/v1/crm/deals/{deal_id}/stage   answers Deal" in told
    assert "stale_version" in told
    assert "contacts?" in run("operations", "contacs").err


def test_a_limit_of_the_operation_itself_is_kept(run: Shell) -> None:
    for n in range(3):
        run("contacts", "add", "--first-name", "Maria", "--last-name", "Alves", "--email", f"m{n}@example.com", "--phone", "912 345 678")
    assert len(run("contacts", "duplicates", "--limit", "2", "--json").json["items"]) == 2


def test_a_dry_run_of_many_names_some(run: Shell) -> None:
    found = run("contacts", "delete", "--where", "true", "--dry-run")
    assert "Maria Alves" in found.out
    assert "3 contacts deleted. Nothing was changed." in found.err


def test_a_contact_fits_the_terminal(run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run("contacts", "edit", "maria@example.com", "--source", "fair", "--field", "size=41")
    shown = run("contacts", "show", "maria@example.com", "--format", "table").out
    assert max(map(len, shown.splitlines())) <= 80
    assert "size 41 ← 39" in shown
    assert max(map(len, run("history", "maria@example.com", "--format", "table").out.splitlines())) <= 80


@pytest.mark.parametrize("noun", sorted(COLUMNS))
def test_every_column_of_a_table_is_a_field(noun: str) -> None:
    """A header without anything under it promises what nobody has."""
    record = result_of(nouns.load(noun).__operations__["list"]).__pydantic_generic_metadata__["args"][0]
    assert [name for name in COLUMNS[noun].split() if name not in record.model_fields] == []


def test_what_is_looked_for_among_the_verbs_of_a_noun_is_pointed_to(run: Shell) -> None:
    assert "ghl history RECORD" in run("contacts", "history", "x").err
    assert "ghl deals list --search TEXT" in run("deals", "search", "x").err
