"""Lists: formats, paging, columns, and what a terminal must not be told."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, call

pytestmark = pytest.mark.integration

FORMATS = ("table", "json", "ndjson", "csv", "tsv", "md", "ids")
NOUNS = (
    "contacts", "companies", "deals", "pipelines", "products", "activities", "notes", "tasks", "tags", "fields", "views",
    "attachments", "users", "workflows", "templates", "senders", "messages", "suppressions", "events", "changes", "imports",
)  # fmt: skip


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("form", FORMATS)
def test_every_noun_lists_in_every_format(run: Shell, noun: str, form: str) -> None:
    found = run(noun, "list", "--format", form)
    assert (found.code, "Traceback" in found.err) == (0, False), found.err
    assert not found.err.startswith("error")
    if form == "json":
        assert set(found.json) >= {"items", "total"}


def test_json_of_a_list_has_items_and_a_total(run: Shell) -> None:
    found = run("contacts", "list", "--json").json
    assert isinstance(found, dict)
    assert found["total"] == 3
    assert {one["email"] for one in found["items"]} == {"maria@example.com", "joao@example.com", "evil@example.com"}


def test_json_of_one_is_the_bare_record(run: Shell) -> None:
    found = run("--json", "contacts", "show", "maria@example.com").json
    assert isinstance(found, dict)
    assert (found["email"], found["custom_fields"]) == ("maria@example.com", {"size": 39})


def test_global_options_stand_anywhere(run: Shell, db: Path) -> None:
    lines = (
        ("--json", "contacts", "list"), ("contacts", "--json", "list"), ("contacts", "list", "--json"),
        ("contacts", "list", f"--db={db}", "--format=json"), ("--db", str(db), "contacts", "list", "--format", "json"),
    )  # fmt: skip
    answers = {run(*line).out for line in lines}
    assert len(answers) == 1


def test_fields_choose_columns_and_look_inside(run: Shell) -> None:
    found = run("contacts", "list", "--where", 'city == "Lisbon"', "--format", "csv", "--fields", "email,custom.size,company")
    assert found.out == "email,custom.size,company\nmaria@example.com,39,Alves & Filhos\n"
    rows = run("contacts", "list", "--sort", "-created_at", "--format", "ndjson", "--fields", "email").out.splitlines()
    assert [json.loads(row) for row in rows] == [{"email": f"{name}@example.com"} for name in ("evil", "joao", "maria")], "newest first"


def test_csv_and_tsv_compute_nothing(run: Shell) -> None:
    rows = list(csv.reader(io.StringIO(run("contacts", "list", "--format", "csv", "--fields", "first_name").out)))
    assert ["'=1+1"] in rows
    assert "'=1+1" in run("contacts", "list", "--format", "tsv", "--fields", "first_name").out.splitlines()


@pytest.mark.security
@pytest.mark.parametrize("form", ["table", "tsv", "md"])
def test_what_is_stored_cannot_command_the_terminal(run: Shell, form: str) -> None:
    found = run("contacts", "list", "--format", form, terminal=False)
    assert "Red" in found.out
    assert not {"\x1b", "\x9b", "\x07"} & set(found.out)
    assert not {"\x1b", "\x9b"} & set(run("contacts", "show", "evil@example.com").out)


def test_ids_are_one_to_a_line_and_go_into_other_commands(run: Shell) -> None:
    ids = run("contacts", "list", "--format", "ids", "--where", 'city == "Porto"').out.split()
    assert len(ids) == 2
    assert run("contacts", "tag", *ids, "+north").code == 0
    assert run("contacts", "list", "--tag", "north", "--json").json["total"] == 2


def test_no_header_leaves_the_headings_out(run: Shell) -> None:
    for form in ("csv", "tsv", "table"):
        assert "email" not in run("contacts", "list", "--format", form, "--fields", "email", "--no-header").out


@pytest.mark.parametrize("form", FORMATS)
def test_a_list_that_goes_on_says_how(crowd: Path, form: str) -> None:
    found = call("contacts", "list", "--limit", "5", "--format", form)
    if form == "json":
        assert found.json["next_cursor"]
    else:
        assert "5 of 33 shown; more with --page 2 --limit 5, or --all" in found.err


def test_pages_and_cursors_walk_through_everything(crowd: Path) -> None:
    pages = [call("contacts", "list", "--limit", "20", "--page", str(n), "--format", "ids").out.split() for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 13, 0]
    cursor = call("contacts", "list", "--json").json["next_cursor"]
    rest = call("contacts", "list", "--cursor", cursor, "--format", "ids").out.split()
    assert rest == pages[1]
    assert call("contacts", "list", "--all", "--format", "ids").out.split() == pages[0] + pages[1]
    assert len(call("contacts", "list", "--limit", "25", "--format", "ids").out.split()) == 25


@pytest.mark.parametrize("columns", [30, 80, 160])
def test_tables_fit_the_terminal(run: Shell, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for line in (("contacts", "list"), ("deals", "list"), ("changes", "list"), ("db", "sql", "select * from contacts")):
        found = run(*line, "--format", "table")
        lines = found.out.splitlines()
        assert len(lines) > 2
        assert max(map(len, lines)) <= columns, found.out
        assert not any(text != text.rstrip() for text in lines)
    wide = run("contacts", "list", "--format", "table")
    assert ("no room for" in wide.err) == (columns < 160)


def test_a_table_shows_the_end_of_ids_which_names_the_record(run: Shell) -> None:
    line = next(text for text in run("contacts", "list", "--format", "table").out.splitlines() if "Maria" in text)
    short = line.split()[0]
    assert len(short) == 6
    assert run("contacts", "show", short, "--json").json["email"] == "maria@example.com"


def test_a_pipe_gets_tab_separated_lines_and_a_terminal_a_table(run: Shell) -> None:
    piped, shown = run("contacts", "list"), run("contacts", "list", terminal=True)
    assert piped.out.splitlines()[0].split("\t")[:3] == ["id", "name", "email"]
    assert "─" in shown.out
    assert "\x1b[1m" in shown.out


@pytest.mark.parametrize("off", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"CLICOLOR": "0"}])
def test_colour_can_be_turned_off(run: Shell, monkeypatch: pytest.MonkeyPatch, off: dict[str, str]) -> None:
    for name, value in off.items():
        monkeypatch.setenv(name, value)
    found = run("contacts", "list", terminal=True)
    assert "\x1b" not in found.out + found.err
    assert "\x1b" not in run("contacts", "lst", terminal=True).err


def test_no_color_is_an_option_too(run: Shell) -> None:
    assert "\x1b" not in run("contacts", "list", "--no-color", terminal=True).out


def test_an_empty_list_says_so_on_stderr(run: Shell) -> None:
    found = run("contacts", "list", "--where", 'city == "Oslo"', terminal=True)
    assert (found.out, found.err) == ("", "no contacts\n")
    assert run("contacts", "list", "--where", 'city == "Oslo"', "--json").json["items"] == []


def test_times_are_shown_in_the_zone_of_the_account(run: Shell) -> None:
    run("tasks", "add", "Meet", "--due", "2026-07-01 10:00")
    assert "2026-07-01 10:00" in run("tasks", "list", "--format", "table").out
    assert "2026-07-01T09:00:00.000Z" in run("tasks", "list", "--json").out


def test_a_saved_view_is_a_filter_a_sort_and_columns(run: Shell) -> None:
    run("views", "add", "north", "--noun", "contacts", "--where", 'city == "Porto"', "--sort", "-created_at", "--column", "email")
    assert run("contacts", "list", "--view", "north").out.split() == ["email", "evil@example.com", "joao@example.com"]
    assert run("contacts", "list", "--view", "north", "--where", "has(tags)", "--format", "tsv", "--fields", "email").out.split()[-1] == "joao@example.com"
    assert run("deals", "list", "--view", "north").code == 3
    assert run("contacts", "list", "--view", "nope").code == 3


@pytest.fixture
def scored(run: Shell) -> Shell:
    """A contact whose custom field holds any JSON: one that looks like counts, like an amount, like a record."""
    run("fields", "add", "score", "--type", "json")
    for email, value in (("maria@example.com", '{"score": 7}'), ("joao@example.com", '{"name": "x", "value": 1}')):
        assert run("contacts", "edit", email, "--field", f"score={value}").code == 0
    return run


@pytest.mark.parametrize("form", ["csv", "tsv", None])
@pytest.mark.parametrize("fields", ["email,custom_fields", "email,custom.score"])
def test_objects_are_json_in_formats_of_data(scored: Shell, form: str | None, fields: str) -> None:
    """No field of one's own is read as something else, in a file or in a pipe."""
    words = ["contacts", "list", "--where", "has(custom.score)", "--fields", fields, *(["--format", form] if form else [])]
    rows = list(csv.reader(io.StringIO(scored(*words).out), delimiter="," if form == "csv" else "\t"))[1:]
    found = {email: json.loads(value) for email, value in rows}
    if "custom_fields" in fields:
        found = {email: value["score"] for email, value in found.items()}
    assert found == {"maria@example.com": {"score": 7}, "joao@example.com": {"name": "x", "value": 1}}


def test_objects_of_ones_own_are_never_counts(scored: Shell) -> None:
    """For people too a field holds what was written into it."""
    shown = scored("contacts", "show", "maria@example.com", terminal=True)
    listed = scored("contacts", "list", "--fields", "custom.score", terminal=True)
    for ran in (shown, listed):
        assert '{"score": 7}' in ran.out
        assert "7 score" not in ran.out


def test_counts_are_words_for_people_and_json_for_programs(run: Shell) -> None:
    """What the contract calls counts is read aloud in tables only."""
    run("contacts", "add", "--first-name", "Ann")
    assert "1 contact created" in run("changes", "list", "--limit", "1", terminal=True).out
    line = run("changes", "list", "--limit", "1", "--fields", "counts", "--no-header").out
    assert json.loads(line) == {"contact created": 1}
    row = next(csv.DictReader(io.StringIO(run("changes", "list", "--limit", "1", "--format", "csv").out)))
    assert json.loads(row["counts"]) == {"contact created": 1}


def test_amounts_and_records_have_a_text_in_every_format(run: Shell) -> None:
    """An amount is what an import reads; a record is its name."""
    row = next(csv.DictReader(io.StringIO(run("deals", "list", "--format", "csv", "--fields", "amount,contacts").out)))
    assert row == {"amount": "4200.00 EUR", "contacts": "Maria Alves"}


def test_pages_have_at_most_a_hundred(run: Shell) -> None:
    assert run("contacts", "list", "--page", "2", "--all").code == 2
    assert run("contacts", "list", "--page", "2", "--limit", "300").code == 2
    assert "page 5 is behind the last one: there are 3" in run("contacts", "list", "--page", "5").err
    assert run("fields", "list", "--noun", "contact", "--page", "2", "--limit", "1", "--format", "ids").code == 0
