"""Wrong input of every kind: one clear message, the right exit code, nothing on stdout, nothing half done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["contcts"], 2, "contacts?"),
        (["contacts", "lst"], 2, "list?"),
        (["contacts", "list", "--wher", "x"], 2, "--where"),
        (["contacts", "list", "--format", "xml"], 2, "one of: table"),
        (["contacts", "list", "--format"], 2, "needs a value"),
        (["contacts", "show"], 2, "is missing"),
        (["contacts", "edit", "--city", "x"], 2, "say which"),
        (["contacts", "list", "--limit", "0"], 2, "limit"),
        (["contacts", "list", "--limit", "ten"], 2, "ten"),
        (["contacts", "add", "--field", "size"], 2, "KEY=VALUE"),
        (["contacts", "add", "--input", "nowhere.json"], 3, "cannot be read"),
        (["contacts", "show", "nobody"], 3, "nobody"),
        (["contacts", "add"], 5, "needs a name"),
        (["contacts", "add", "--email", "ana@@example"], 5, "two @"),
        (["contacts", "add", "--email", "maria@example.com"], 5, "another contact"),
        (["contacts", "add", "--first-name", "x", "--phone", "12"], 5, "12"),
        (["contacts", "add", "--first-name", "x", "--zone", "Mars"], 5, "Mars"),
        (["contacts", "add", "--first-name", "x", "--birthday", "soon"], 5, "soon"),
        (["contacts", "add", "--first-name", "x", "--owner", "nobody"], 3, "nobody"),
        (["contacts", "add", "--first-name", "x", "--field", "size=1"], 5, "ghl fields add size"),
        (["contacts", "list", "--where", 'citty == "Rome"'], 5, "city?"),
        (["contacts", "list", "--where", "city ="], 5, "=="),
        (["contacts", "list", "--sort", "shoe"], 5, "one of"),
        (["contacts", "list", "--cursor", "x"], 5, "cursor"),
        (["contacts", "list", "--page", "99999"], 5, "--all walks"),
        (["contacts", "merge", "maria@example.com", "maria@example.com"], 5, "itself"),
        (["deals", "add", "x", "--amount", "12,5"], 5, "12.50"),
        (["deals", "add", "x", "--stage", "Nope"], 3, "stages:"),
        (["fields", "add", "email"], 5, "built-in"),
        (["fields", "add", "Bad Name"], 5, "small letters"),
        (["fields", "add", "kind", "--type", "select"], 5, "choices"),
        (["settings", "set", "--zone", "Mars"], 5, "Mars"),
        (["settings", "set", "--currency", "XXY"], 5, "XXY"),
        (["undo", "999"], 3, "999"),
        (["changes", "show", "x"], 2, "not a whole number"),
        (["batch", "nowhere.jsonl"], 3, "cannot be read"),
        (["workflows", "apply", "nowhere.yaml"], 3, "cannot be read"),
        (["workflows", "show", "nope"], 3, "nope"),
        (["db", "sql", "delete from contacts"], 5, "SELECT"),
        (["db", "sql", "select nope from contacts"], 5, "nope"),
        (["messages", "send", "--template", "x"], 2, "ghl messages send TEMPLATE"),
        (["operations", "contacts.nope"], 3, "ghl operations"),
        (["help", "nope"], 2, "exit-codes"),
        (["--db", "nowhere.db", "contacts", "list"], 3, "ghl init"),
        (["--db", ".", "contacts", "list"], 1, "folder"),
        (["--db", "http://127.0.0.1:1", "today"], 6, "does not answer"),
        (["--profile", "nope", "today"], 3, "ghl profiles set nope"),
        (["worker", "--from", "now"], 2, "--until"),
        (["init", "crm.db"], 5, "exists"),
        (["templates", "apply", "nowhere.html"], 3, "cannot be read"),
        (["explain", "weather"], 2, "explain message"),
        (["contacts", "add", "--compny", "x"], 2, "--company?"),
        (["contacts", "list", "--fields", "nme"], 2, "name?"),
        (["contacts", "tag", "maria@example.com"], 2, "--tag is missing"),
        (["contacts", "tag", "+vip"], 2, "say which contacts"),
        (["contacts", "edit", "maria@example.com", "--clear", "citty"], 5, "citty"),
        (["contacts", "edit", "maria@example.com", "--version", "99", "--city", "x"], 5, "version"),
        (["contacts", "list", "--page", "2", "--cursor", "x"], 2, "exclude"),
        (["contacts", "create-many"], 2, "--input FILE is missing"),
        (["contacts", "add", "--input", "broken.json"], 5, "not JSON"),
        (["contacts", "add", "--input", "list.json"], 5, "JSON object"),
        (["contacts", "add", "--input", "latin.json"], 3, "UTF-8"),
        (["contacts", "add", "--input", "."], 3, "cannot be read"),
        (["deals", "move", "Shop"], 2, "ghl deals move DEAL STAGE"),
        (["senders", "add", "x"], 2, "--url and --from are missing"),
        (["suppressions", "add"], 2, "ADDRESS is missing"),
        (["db", "bakup"], 2, "backup?"),
        (["db", "schema", "nope"], 2, "contacts"),
        (["db", "restore", "nowhere.db"], 2, "--yes"),
        (["db", "restore", "list.json", "--yes"], 1, "list.json"),
        (["--db", "list.json", "contacts", "list"], 1, "no ghl database"),
        (["--db", "postgresql://127.0.0.1:1/x", "contacts", "list"], 6, "postgresql"),
        (["--account", "nope", "contacts", "list"], 3, "nope"),
        (["profiles", "use", "nope"], 3, "nope"),
        (["profiles", "set", "a/b", "crm.db"], 5, "letters"),
        (["completion", "tcsh"], 2, "bash, zsh or fish"),
        (["attachments", "add", "maria@example.com", "nowhere.txt"], 3, "cannot be read"),
        (["attachments", "add", "maria@example.com", "-"], 2, "--name"),
        (["pipelines", "board", "Nope"], 3, "Nope"),
        (["undo", "x"], 2, "not a whole number"),
        (["worker", "--once", "--until", "2030-01-01"], 2, "exclude"),
        (["contacts", "duplicates", "--min-score", "x"], 2, "not a number"),
        (["contacts", "merge", "maria@example.com"], 2, "ghl contacts merge CONTACT CONTACT..."),
        (["contacts", "unmerge", "maria@example.com", "leo@example.com"], 2, "unexpected"),
        (["timeline", "planet", "x"], 2, "timeline"),
        (["erase", "maria@example.com"], 2, "cannot be undone"),
    ],
)
def test_every_mistake_is_one_clear_message(people: Shell, words: list[str], code: int, said: str) -> None:
    """What happened, what to type next, and the exit code; never a traceback."""
    Path("broken.json").write_text('{"first_name": ')
    Path("list.json").write_text("[1]")
    Path("latin.json").write_bytes(b'{"first_name": "Jos\xe9"}')
    ran = people(*words)
    assert ran.code == code, ran.err
    assert ran.err.startswith("error: ")
    assert said.lower() in ran.err.lower()
    assert ran.out == ""


@pytest.mark.parametrize("words", [["contacts", "show", "nobody"], ["contacts", "lst"], ["contacts", "add", "--email", "a@@b"]])
def test_errors_are_json_where_json_is_asked_for(people: Shell, words: list[str]) -> None:
    """For programs: code, message and hint, on stderr."""
    ran = people(*words, "--json")
    body = json.loads(ran.err)["error"]
    assert {"code", "message", "hint"} <= set(body)
    assert ran.out == ""


def test_a_name_that_fits_several_lists_them(people: Shell) -> None:
    """Ambiguous is a conflict; the matches can be typed."""
    people("contacts", "add", "--first-name", "Leo")
    ran = people("contacts", "show", "Leo", "--json")
    assert ran.code == 5
    error = json.loads(ran.err)["error"]
    assert (error["code"], len(error["matches"])) == ("ambiguous", 2)
    told = people("contacts", "show", "Leo")
    assert all(match[-6:] in told.err for match in error["matches"])


def test_a_fault_of_ours_is_one_line_and_a_trace_on_request(people: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trace comes with --debug alone."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("ghl.cli.perform.show", broken)
    ran = people("contacts", "list")
    assert (ran.code, ran.err.count("\n")) == (1, 2)
    assert "--debug" in ran.err


_MISTAKEN = """workflow: Bad
statu: active
re_entry: never
triggers:
  - on: contact.creatd
  - on: contact.created
    where: citty == "x"
steps:
  - send_emal: {template: x}
  - wait: sometime
  - goto: nowhere
"""


def test_every_mistake_of_a_file_is_told_with_its_place(shell: Shell) -> None:
    """One line each as compilers write it, with what may have been meant; not one run for each mistake."""
    Path("bad.yaml").write_text(_MISTAKEN)
    ran = shell("workflows", "apply", "bad.yaml")
    assert ran.code == 5
    lines = ran.err.splitlines()
    assert lines[0] == "error: 6 mistakes in bad.yaml"
    assert [line.split("  ")[0] for line in lines[1:]] == [
        "bad.yaml:2:1", "bad.yaml:5:9", "bad.yaml:7:12", "bad.yaml:9:5", "bad.yaml:10:11", "bad.yaml:11:11"
    ]  # fmt: skip
    assert 'there is no "statu" here   status?' in lines[1]
    assert 'no field "citty" for a contact   city?' in lines[3], "the place is that in the file"
    assert not any(len(line) > 200 for line in lines), "long lists are in --json"


def test_very_many_mistakes_are_counted(shell: Shell) -> None:
    """Twenty lines, and how many more there are."""
    Path("bad.yaml").write_text("workflow: Bad\nre_entry: never\nsteps:\n" + "".join(f"  - nope{n}: {{}}\n" for n in range(25)))
    lines = shell("workflows", "apply", "bad.yaml").err.splitlines()
    assert lines[0] == "error: 25 mistakes in bad.yaml"
    assert len(lines) == 22
    assert lines[-1] == "and 5 more; --json has all of them"


def test_one_mistake_is_told_as_before(shell: Shell) -> None:
    """The place in front, and the hint in a line of its own."""
    Path("bad.yaml").write_text("workflow: Bad\nre_entry: never\nsteps:\n  - nope: {}\n")
    lines = shell("workflows", "apply", "bad.yaml").err.splitlines()
    assert lines[0] == 'error: bad.yaml:4:5  there is no step "nope"'
    assert lines[1].startswith("hint:  steps: ")


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("fields add kind --option red", "--choice"),
        ("fields add kind --options red", "--choice"),
        ("contacts list --filter x", "--where"),
        ("contacts list --order-by name", "--sort"),
        ("contacts list --max 5", "--limit"),
        ("contacts list --columns name", "--fields"),
        ("contacts list --output json", "--format"),
        ("contacts list --wher x", "--where"),
        ("contacts add --firstname x", "--first-name"),
        ("contacts add --first x", "--first-name"),
        ("contacts add --surname x", "--last-name"),
        ("contacts add --mobile 1", "--phone"),
        ("contacts add --compny x", "--company"),
        ("contacts add --custom a=1", "--field"),
        ("deals add --value 3", "--amount"),
        ("tasks add x --deadline tomorrow", "--due"),
        ("tasks add x --desc y", "--body"),
        ("senders add x --sender a@b.c", "--from"),
        ("contacts list --dryrun", "--dry-run"),
    ],
)
def test_an_option_that_is_not_there_names_the_one_that_was_meant(people: Shell, line: str, meant: str) -> None:
    """By what words mean first, then by how they are spelled."""
    ran = people(*line.split())
    assert (ran.code, ran.err.splitlines()[1].split("   ")[0]) == (2, f"hint:  {meant}?")


@pytest.mark.parametrize("line", ["fields add kind --wombat red", "contacts list --shoe-size 4"])
def test_nothing_is_suggested_where_nothing_is_near(people: Shell, line: str) -> None:
    """A wrong guess is worse than none."""
    assert "?" not in people(*line.split()).err
