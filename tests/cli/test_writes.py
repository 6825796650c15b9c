"""Writing: options from fields, lists and objects, whole bodies, many records, undo."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell

pytestmark = pytest.mark.integration


def made(run: Shell, *words: str, stdin: str = "") -> Any:
    found = run(*words, "--json", stdin=stdin)
    assert found.code == 0, found.err
    return found.json


def test_a_contact_with_the_options_that_scripts_use(run: Shell) -> None:
    one = made(
        run, "contacts", "add", "--first-name", "Ann", "--last-name", "Lee", "--email", "ann@example.com",
        "--phone", "+1 202 555 0143", "--tag", "vip", "--tag", "new", "--field", "size=41", "--owner", "Ines Costa",
    )  # fmt: skip
    assert (one["name"], one["phone"], one["tags"]) == ("Ann Lee", "+12025550143", ["new", "vip"])
    assert (one["custom_fields"], one["owner"]) == ({"size": 41}, "Ines Costa")


def test_options_are_forgiving_about_their_spelling(run: Shell) -> None:
    one = made(run, "contacts", "create", "--first_name=Ann", "--company-id", "Alves & Filhos", "--tags", "x")
    other = made(run, "contacts", "add", "--first-name", "Bo", "--company", "Alves & Filhos", "--tag", "x")
    assert one["company_id"] == other["company_id"] is not None
    assert one["tags"] == other["tags"] == ["x"]


def test_objects_are_key_value_pairs(run: Shell) -> None:
    one = made(run, "contacts", "add", "--email", "address=w@example.com,label=work", "--email", "address=h@example.com,primary")
    assert one["email"] == "h@example.com"
    assert {(e["address"], e["label"]) for e in one["emails"]} == {("w@example.com", "work"), ("h@example.com", None)}


def test_a_whole_body_comes_from_a_file_or_stdin(run: Shell, tmp_path: Path) -> None:
    body = {"first_name": "Ann", "custom_fields": {"size": 40}}
    (tmp_path / "ann.json").write_text(json.dumps(body))
    assert made(run, "contacts", "add", "--input", "ann.json", "--city", "Rome")["city"] == "Rome"
    assert made(run, "contacts", "add", "--input", "-", stdin=json.dumps(body))["custom_fields"] == {"size": 40}


def test_many_records_come_as_a_list_or_as_lines(run: Shell) -> None:
    found = run("contacts", "create-many", "--input", "-", stdin='[{"first_name": "A"}, {"first_name": "B"}]')
    assert (found.code, "2 contacts created" in found.err) == (0, True)
    found = run("contacts", "create-many", "--input", "-", stdin='{"first_name": "C"}\n{"first_name": "D"}\n')
    assert "2 contacts created" in found.err


def test_clear_empties_a_field_and_what_is_left_out_stays(run: Shell) -> None:
    one = made(run, "contacts", "edit", "maria@example.com", "--clear", "city", "--clear", "owner", "--last-name", "Silva")
    assert (one["city"], one["owner"], one["last_name"], one["tags"]) == (None, None, "Silva", ["lead", "vip"])


def test_every_write_says_how_it_is_undone(run: Shell) -> None:
    found = run("contacts", "edit", "maria@example.com", "--city", "Faro")
    number = re.search(r"change set (\d+): 1 contact changed\.  Undo with: ghl undo \1\n", found.err)
    assert number, found.err
    assert run("undo", number[1]).code == 0
    assert made(run, "contacts", "show", "maria@example.com")["city"] == "Lisbon"
    again = run("redo")
    assert again.code == 0
    assert made(run, "contacts", "show", "maria@example.com")["city"] == "Faro"


def test_many_need_a_yes_where_nobody_can_be_asked(run: Shell) -> None:
    line = ("contacts", "edit", "--where", 'city == "Porto"', "--city", "Braga")
    refused = run(*line)
    assert refused.code == 2
    assert "edit 2 contacts: --yes is needed" in refused.err
    dry = run(*line, "--dry-run")
    digest = re.search(r"plan (\w+)", dry.err)
    assert digest, dry.err
    assert made(run, "contacts", "list", "--where", 'city == "Braga"')["total"] == 0
    assert run(*line, "--plan", digest[1]).code == 0
    assert made(run, "contacts", "list", "--where", 'city == "Braga"')["total"] == 2
    stale = run("contacts", "edit", "--where", "true", "--city", "Oslo", "--plan", digest[1])
    assert stale.code == 5


def test_somebody_at_a_terminal_is_asked(run: Shell) -> None:
    line = ("contacts", "delete", "--where", 'city == "Porto"')
    no = run(*line, stdin="n\n", terminal=True)
    assert (no.code, "delete 2 contacts? [y/N]" in no.err) == (2, True)
    assert run(*line, stdin="y\n", terminal=True).code == 0
    assert made(run, "contacts", "list")["total"] == 1


def test_several_references_are_one_change_set(run: Shell) -> None:
    found = run("contacts", "delete", "maria@example.com", "joao@example.com")
    assert "2 contacts deleted" in found.err
    run("undo")
    assert made(run, "contacts", "list")["total"] == 3


def test_partly_failed_is_seven(run: Shell) -> None:
    lines = '{"first_name": "A"}\n{"email": "maria@example.com"}\n'
    assert run("contacts", "create-many", "--input", "-", stdin=lines).code == 5
    found = run("contacts", "create-many", "--input", "-", "--partial", stdin=lines)
    assert found.code == 7, found.err
    assert "1 of 2 failed" in found.err
    assert "failed  item 2: " in found.err


def test_tags_are_written_with_a_plus_or_as_an_option(run: Shell) -> None:
    assert run("contacts", "tag", "maria@example.com", "+new").code == 0
    assert run("contacts", "untag", "maria@example.com", "--tag", "lead").code == 0
    assert made(run, "contacts", "show", "maria@example.com")["tags"] == ["new", "vip"]


def test_deals_move_win_and_lose(run: Shell) -> None:
    assert made(run, "deals", "move", "Website", "Proposal")["stage"] == "Proposal"
    assert made(run, "deals", "win", "Website")["status"] == "won"
    assert made(run, "deals", "reopen", "Website")["status"] == "open"
    lost = made(run, "deals", "lose", "Website", "--reason", "too dear")
    assert (lost["status"], lost["lost_reason"]) == ("lost", "too dear")


def test_the_first_word_of_a_new_record_is_its_name(run: Shell) -> None:
    assert made(run, "tasks", "add", "Call Ann", "--due", "tomorrow 10:00")["title"] == "Call Ann"
    assert made(run, "notes", "add", "Likes tea", "--contact", "maria@example.com")["body"] == "Likes tea"
    assert made(run, "activities", "add", "call", "--contact", "maria@example.com")["kind"] == "call"
    assert made(run, "tasks", "add", "--title", "Other")["title"] == "Other"


def test_a_dry_run_of_one_changes_nothing(run: Shell) -> None:
    found = run("contacts", "edit", "maria@example.com", "--city", "Oslo", "--dry-run")
    assert "Nothing was changed" in found.err
    assert made(run, "contacts", "show", "maria@example.com")["city"] == "Lisbon"


def test_settings_and_fields(run: Shell) -> None:
    assert made(run, "settings", "set", "--postal-address", "Rua 1, Lisboa")["postal_address"] == "Rua 1, Lisboa"
    assert made(run, "settings", "show")["currency"] == "EUR"
    assert made(run, "fields", "add", "shoe", "--type", "text", "--noun", "contact")["name"] == "shoe"


def test_attachments_are_files(run: Shell, tmp_path: Path) -> None:
    (tmp_path / "hello.txt").write_bytes(b"hello\x00")
    one = made(run, "attachments", "add", "maria@example.com", "hello.txt")
    assert (one["name"], one["content_type"], one["size"]) == ("hello.txt", "text/plain", 6)
    (tmp_path / "hello.txt").unlink()
    assert run("attachments", "download", one["id"]).code == 0
    assert (tmp_path / "hello.txt").read_bytes() == b"hello\x00"


def test_erasing_is_asked_for_and_final(run: Shell) -> None:
    assert run("erase", "maria@example.com").code == 2
    assert run("erase", "maria@example.com", "--yes").code == 0
    assert run("contacts", "show", "maria@example.com").code == 3


def test_a_batch_is_all_or_nothing(run: Shell) -> None:
    lines = '{"contacts.create": {"first_name": "A"}}\n{"contacts.create": {"email": "maria@example.com"}}\n'
    failed = run("batch", "-", stdin=lines, *())
    assert failed.code == 5
    assert made(run, "contacts", "list")["total"] == 3
    partial = run("batch", "-", "--partial", "--json", stdin=lines)
    assert partial.code == 7
    assert [item["status"] for item in partial.json["items"]] == ["ok", "failed"]


def test_references_come_from_stdin_too(run: Shell) -> None:
    ids = run("contacts", "list", "--where", 'city == "Porto"', "--format", "ids").out
    assert run("contacts", "tag", "-", "+north", stdin=ids).code == 0
    assert made(run, "contacts", "list", "--tag", "north")["total"] == 2
    assert run("contacts", "delete", "-", stdin=ids).code == 0
    assert made(run, "contacts", "list")["total"] == 1
    assert run("contacts", "delete", "-", stdin="").code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["init", "new.db"], ["worker", "--once"], ["serve"], ["db", "backup", "x.db"], ["db", "vacuum"], ["db", "adopt"],
        ["profiles", "set", "x", "y.db"], ["export", "folder"],
    ],
)  # fmt: skip
def test_what_has_no_dry_run_refuses_to_act(run: Shell, words: list[str], tmp_path: Path) -> None:
    found = run(*words, "--dry-run")
    assert (found.code, "nothing was done" in found.err) == (2, True)
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("crm.db-")) == ["crm.db"]
