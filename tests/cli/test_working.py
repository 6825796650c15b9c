"""Workflows, the worker and mail from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Shell

pytestmark = pytest.mark.integration

WELCOME = """workflow: welcome
description: One mail, then a tag
status: active
re_entry: after_exit
triggers:
  - on: contact.tag_added
    where: '"hot" in tags'
steps:
  - send_email: hello
    id: hi
  - wait: 2 days
  - add_tag: welcomed
"""
HELLO = """---
subject: Hello {{ contact.first_name }}
kind: transactional
---
<p>Hello {{ contact.first_name }}</p>
"""


@pytest.fixture
def working(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A file with one person, a template and a workflow."""
    monkeypatch.setenv("GHL_OUTBOX", str(tmp_path / "outbox"))
    (tmp_path / "hello.html").write_text(HELLO)
    (tmp_path / "welcome.yaml").write_text(WELCOME)
    shell("contacts", "add", "--first-name", "Maria", "--email", "maria@example.com")
    for line in (("templates", "apply", "hello.html"), ("workflows", "apply", "welcome.yaml")):
        done = shell(*line)
        assert done.code == 0, done.err
    return shell


def test_a_workflow_from_file_to_mail(working: Shell, tmp_path: Path) -> None:
    assert "welcome" in working("workflows", "list").out
    enrolled = working("workflows", "enroll", "welcome", "--contact", "maria@example.com")
    assert enrolled.code == 0, enrolled.err
    done = working("worker", "--once")
    assert done.code == 0, done.err
    assert "1 message sent" in done.err
    assert len(list((tmp_path / "outbox").iterdir())) == 1
    message = working("messages", "list", "--json").json["items"][0]
    assert (message["state"], message["address"]) == ("sent", "maria@example.com")
    assert "reason" in message
    shown = working("messages", "show", message["id"]).out
    assert shown.startswith("Hello Maria\n")
    assert "because of  workflow welcome › hi" in shown
    why = working("explain", "message", "--contact", "maria@example.com")
    assert "sent" in why.out
    assert working("explain", "message", message["id"], "--json").json[0]["verdict"]
    assert "Hello Maria   workflow welcome" in working("contacts", "show", "maria@example.com").out
    flow = working("workflows", "show", "welcome").out
    assert "send_email" in flow
    assert "live 1" in flow
    run = working("workflows", "enrollments", "--json").json["items"][0]
    assert "waiting" in working("workflows", "enrollment", run["id"]).out


def test_virtual_time_passes(working: Shell) -> None:
    working("contacts", "tag", "maria@example.com", "+hot")
    done = working("worker", "--until", "+5 days")
    assert done.code == 0, done.err
    assert working("contacts", "show", "maria@example.com", "--json").json["tags"] == ["hot", "welcomed"]


def test_what_a_worker_did_is_data_too(working: Shell) -> None:
    working("workflows", "enroll", "welcome", "--contact", "maria@example.com")
    assert working("worker", "--once", "--json").json["sent"] == 1


def test_virtual_time_refuses_real_senders(working: Shell) -> None:
    working("senders", "add", "real", "--url", "smtp://u:secret@mail.example.com:587", "--from", "a@example.com")
    refused = working("worker", "--until", "+5 days")
    assert refused.code == 5
    assert "real" in refused.err


@pytest.mark.security
def test_a_secret_is_never_shown_again(working: Shell) -> None:
    added = working("senders", "add", "real", "--url", "smtp://u:hunter2@mail.example.com:587", "--from", "a@example.com")
    assert added.code == 0
    for line in (("senders", "list"), ("senders", "show", "real"), ("changes", "list"), ("history",), ("changes", "show", "5")):
        told = working(*line, "--json")
        assert "hunter2" not in told.out + told.err
    assert "hunter2" not in added.out + added.err


def test_a_wrong_definition_names_its_place(working: Shell, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(WELCOME.replace("send_email: hello", "send_email: helo"))
    told = working("workflows", "apply", "bad.yaml")
    assert told.code == 5
    assert "bad.yaml:9" in told.err
    assert "hello?" in told.err


def test_pausing_and_archiving(working: Shell) -> None:
    for verb, status in (("pause", "paused"), ("resume", "active"), ("archive", "archived")):
        told = working("workflows", verb, "welcome", "--json")
        assert told.code == 0, told.err
        assert told.json["status"] == status


def test_a_template_is_filled_in_without_sending(working: Shell) -> None:
    assert "Hello Maria" in working("templates", "preview", "hello", "maria@example.com").out
    assert working("messages", "list", "--json").json["items"] == []


def test_enrolling_by_an_expression_is_asked_for(working: Shell) -> None:
    line = ("workflows", "enroll", "welcome", "--where", "has(email)")
    refused = working(*line)
    assert (refused.code, "enroll 1 record" in refused.err) == (2, True)
    assert "1 enrolled" in working(*line, "--yes").out
    again = working(*line)
    assert (again.code, again.out, again.err) == (0, "nobody enrolled: 1 is inside already\n", "")


@pytest.mark.parametrize(
    ("rule", "said"),
    [("re_entry: never", "was here before, and re_entry is never"), ("re_entry: keyed\nkey: contact.city", "is inside already"), ("re_entry: after_exit", "is inside already")],
)  # fmt: skip
def test_who_was_not_enrolled_is_told_with_the_reason(working: Shell, rule: str, said: str) -> None:
    """For people, and beside the data for programs; a dry run says it too."""
    Path("again.yaml").write_text(f"workflow: again\nstatus: active\n{rule}\nsteps:\n  - wait: 2 days\n")
    assert "1 step\n" in working("workflows", "apply", "again.yaml").out, "the end is no step of theirs"
    line = ("workflows", "enroll", "again", "--contact", "maria@example.com")
    assert working(*line).out == "1 enrolled\n"
    assert working(*line).out == f"nobody enrolled: 1 {said}\n"
    assert working(*line, "--format", "ids").err == f"nobody enrolled: 1 {said}\n"
    dry = working(*line, "--dry-run")
    assert (dry.out, dry.err.startswith("dry run: nothing to change.")) == (f"nobody enrolled: 1 {said}\n", True)


def test_several_who_were_refused_are_counted(working: Shell) -> None:
    """Some enter, others do not."""
    working("workflows", "enroll", "welcome", "--contact", "maria@example.com")
    for name in ("Ann", "Bo"):
        working("contacts", "add", "--first-name", name)
    line = ("workflows", "enroll", "welcome", "--where", "first_name != 'Bo'", "--yes")
    assert working(*line).out == "1 enrolled; 1 is inside already\n"
    again = ("workflows", "enroll", "welcome", "--where", "first_name != 'Bo'", "--yes")
    assert working(*again).out == "nobody enrolled: 2 are inside already\n"


def test_enrolling_is_taken_back_like_anything_else(working: Shell) -> None:
    enrolled = working("workflows", "enroll", "welcome", "--contact", "maria@example.com")
    assert "Undo with: ghl undo" in enrolled.err
    assert working("worker", "--once").code == 0
    assert "Maria in welcome" in working("changes", "show", enrolled.err.split("ghl undo ")[1].strip()).out
    told = working("undo", "--dry-run").out
    assert "ends   1 run of welcome ends" in told
    assert "stays  1 message sent because of it cannot be taken back" in told
    assert working("undo", "--yes").code == 0
    (run,) = working("workflows", "enrollments", "welcome", "--json").json["items"]
    assert (run["outcome"], run["version"]) == ("undone", 1)
