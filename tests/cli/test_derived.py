"""Derived commands: references, options, formats, writes and what they say."""

from __future__ import annotations

import csv
import io
import json

import pytest

import ghl
from tests.cli.conftest import Shell

pytestmark = pytest.mark.integration


def test_a_contact_is_added_with_everything(shell: Shell) -> None:
    """Repeated options, objects, custom fields and a note of the change set on stderr."""
    assert shell("fields", "add", "size", "--type", "number").code == 0
    ran = shell(
        "contacts", "add", "--first-name", "Ann", "--email", "address=ann@example.com,label=work,primary",
        "--email", "a2@example.com", "--tag", "vip", "--tag", "lead", "--field", "size=40", "--phone", "912345678", "--json",
    )  # fmt: skip
    assert ran.code == 0
    assert ran.json["emails"][0] == {"address": "ann@example.com", "label": "work", "primary": True}
    assert (ran.json["tags"], ran.json["custom_fields"], ran.json["phone"]) == (["lead", "vip"], {"size": 40}, "+351912345678")
    assert "Undo with: ghl undo" in ran.err


@pytest.mark.parametrize("verb", ["add", "create"])
def test_both_spellings_of_a_verb_work(shell: Shell, verb: str) -> None:
    """The contract's word, and the shell's."""
    assert shell("contacts", verb, "--first-name", "Ann").code == 0
    assert shell("contact", "ls", "--format", "ids").out.count("\n") == 1


def test_every_format_has_its_shape(people: Shell) -> None:
    """One list, seven ways."""
    assert people("contacts", "list", "--json").json["total"] == 3
    lines = people("contacts", "list", "--format", "ndjson", "--fields", "email").out.splitlines()
    assert [json.loads(line) for line in lines][-1] == {"email": "maria@example.com"}
    rows = list(csv.reader(io.StringIO(people("contacts", "list", "--format", "csv", "--fields", "name,email").out)))
    assert rows[0] == ["name", "email"]
    assert ["Maria Alves", "maria@example.com"] in rows
    assert people("contacts", "list", "--format", "tsv", "--no-header", "--fields", "email").out.splitlines()[-1] == "maria@example.com"
    assert people("contacts", "list", "--format", "md", "--fields", "name").out.startswith("| name |\n| --- |\n")
    assert len(people("contacts", "list", "--format", "ids").out.split()) == 3
    assert "Maria Alves" in people("contacts", "list", "--format", "table").out


@pytest.mark.parametrize("columns", ["80", "160"])
def test_a_table_is_as_wide_as_the_terminal(people: Shell, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is longer; without colour there is no escape."""
    monkeypatch.setenv("COLUMNS", columns)
    out = people("contacts", "list", "--format", "table", "--no-color").out
    assert all(len(line) <= int(columns) for line in out.splitlines())
    assert "\x1b" not in out


def test_a_list_says_how_to_get_the_rest(people: Shell) -> None:
    """On stderr, so that a pipe gets rows alone."""
    ran = people("contacts", "list", "--limit", "2", "--format", "table")
    assert "2 of 3 shown" in ran.err
    assert len(people("contacts", "list", "--all", "--format", "ids").out.split()) == 3


def test_filters_search_and_sorts(people: Shell) -> None:
    """The words of every list."""
    assert people("contacts", "list", "--where", 'city == "Porto"', "--fields", "name", "--format", "tsv", "--no-header").out == "Leo\n"
    assert people("contacts", "list", "--search", "alv", "--json").json["total"] == 1
    names = people("contacts", "list", "--sort", "-created_at", "--fields", "name", "--format", "tsv", "--no-header").out.split("\n")
    assert names[:3] == ["Ana Silva", "Leo", "Maria Alves"]


def test_editing_clearing_and_input_from_stdin(people: Shell) -> None:
    """Left out stays, --clear empties, --input brings a whole body."""
    ran = people("contacts", "edit", "maria@example.com", "--clear", "city", "--last-name", "Alves Costa", "--json")
    assert (ran.json["city"], ran.json["last_name"], ran.json["email"]) == (None, "Alves Costa", "maria@example.com")
    ran = people("contacts", "edit", "leo@example.com", "--input", "-", "--json", stdin='{"city": "Faro", "tags": ["x"]}')
    assert (ran.json["city"], ran.json["tags"]) == ("Faro", ["x"])


def test_many_are_changed_after_a_look(people: Shell) -> None:
    """A dry run has a digest, a plan does exactly that; without --yes nobody can be asked here."""
    refused = people("contacts", "edit", "--where", "has(email)", "--city", "Oslo")
    assert refused.code == 2
    assert "--yes" in refused.err
    dry = people("contacts", "edit", "--where", "has(email)", "--city", "Oslo", "--dry-run", "--json")
    assert dry.json["count"] == 2
    people("contacts", "edit", "maria@example.com", "--city", "Rome")
    changed = people("contacts", "edit", "--where", "has(email)", "--city", "Oslo", "--plan", dry.json["digest"])
    assert changed.code == 5
    done = people("contacts", "edit", "--where", "has(email)", "--city", "Oslo", "--yes")
    assert done.code == 0
    assert "2 contacts changed" in done.err


def test_tags_with_a_plus(people: Shell) -> None:
    """The short way, by reference and by expression."""
    assert people("contacts", "tag", "leo@example.com", "+new").code == 0
    assert people("contacts", "tag", "--where", 'city == "Lisbon"', "+new", "--yes").code == 0
    assert people("contacts", "list", "--where", '"new" in tags', "--json").json["total"] == 2
    assert people("contacts", "untag", "leo@example.com", "--tag", "new").code == 0


def test_deleting_restoring_and_undoing(people: Shell) -> None:
    """Each is a change set of its own."""
    assert people("contacts", "delete", "leo@example.com").code == 0
    assert people("contacts", "show", "leo@example.com").code == 3
    assert people("undo", "--yes").code == 0
    assert people("contacts", "show", "leo@example.com").code == 0
    assert people("redo").code == 0
    assert people("contacts", "list", "--deleted", "--json").json["total"] == 1


def test_a_batch_is_all_or_nothing(people: Shell) -> None:
    """With the line at fault; partial is exit 7."""
    lines = '{"contacts.create": {"first_name": "a"}}\n{"contacts.create": {"email": "b@@c"}}\n'
    failed = people("batch", "-", "--json", stdin=lines)
    assert failed.code == 5
    assert [item["status"] for item in failed.json["items"]] == ["not_run", "failed"]
    partial = people("batch", "-", "--partial", stdin=lines)
    assert partial.code == 7
    assert "line 2" in partial.err


def test_work_on_deals(people: Shell) -> None:
    """Add, move, win, and look at the board."""
    assert people("deals", "add", "Shop", "--amount", "1200", "--contact", "maria@example.com").code == 0
    assert people("deals", "move", "Shop", "Qualified").code == 0
    wrong = people("deals", "move", "Shop", "Propsal")
    assert (wrong.code, "Proposal?" in wrong.err) == (3, True)
    assert "Shop" in people("pipelines", "board", "Sales", "--format", "table").out
    assert people("deals", "win", "Shop", "--json").json["status"] == "won"
    assert people("tasks", "add", "Call Maria", "--due", "yesterday", "--contact", "maria@example.com").code == 0
    assert "Call Maria" in people("today", "--format", "table").out
    assert "Maria Alves" in people("contacts", "show", "maria@example.com", "--format", "table").out
    assert people("contacts", "timeline", "maria@example.com", "--format", "tsv").out.count("\n") >= 3


def test_errors_are_json_where_json_is_asked_for(people: Shell) -> None:
    """For programs, on stderr."""
    ran = people("contacts", "show", "nobody", "--json")
    body = json.loads(ran.err)["error"]
    assert (body["code"], ran.code) == ("not_found", 3)


@pytest.mark.security
def test_a_name_cannot_command_the_terminal(shell: Shell) -> None:
    """Escapes, C1 and bells are shown as marks."""
    shell("contacts", "add", "Eve", "--email", "eve@example.com")
    with ghl.connect("crm.db") as crm, crm._transport.database.write() as connection:  # type: ignore[attr-defined]
        connection.run("update contact_records set first_name = :name", {"name": "Eve\x1b[31m\x07\x9b"})
    refused = shell("contacts", "add", "--first-name", "Eve\nBcc: x")
    assert (refused.code, refused.err) == (5, 'error: `first_name` holds a line break or a tab\nhint:  "Eve Bcc: x"\n')
    for words in (["contacts", "list", "--format", "table"], ["contacts", "show", "eve@example.com", "--format", "table"], ["contacts", "list", "--format", "tsv"]):
        out = shell(*words).out
        assert not set("\x1b\x07\x9b") & set(out)
