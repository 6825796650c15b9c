"""Which database is meant, and which setting wins."""

from __future__ import annotations

from pathlib import Path

import pytest

import ghl
from ghl import profiles
from tests.cli.conftest import Shell, call

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of settings of its own."""
    folder = tmp_path / "settings"
    monkeypatch.setenv("GHL_CONFIG_DIR", str(folder))
    return folder


def test_a_named_target_is_used_by_name_and_by_default(run: Shell, settings: Path, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("profiles", "list").out == ""
    assert run("profiles", "set", "work", "crm.db").code == 0
    monkeypatch.delenv("GHL_DB")
    nothing = run("contacts", "list")
    assert (nothing.code, "no database was named" in nothing.err) == (3, True)
    assert run("--profile", "work", "contacts", "list", "--json").json["total"] == 3
    assert run("--db", "work", "contacts", "list", "--json").json["total"] == 3
    assert run("profiles", "use", "work").code == 0
    assert run("contacts", "list", "--json").json["total"] == 3
    listed = run("profiles", "list")
    assert listed.out == f"name\ttarget\ttoken\tdefault\nwork\t{db}\tno\tyes\n"
    assert f"meant here: {db} (profile work, the default)" in listed.err
    assert run("profiles", "list", "--json").json["items"] == [{"name": "work", "target": str(db), "token": False, "default": True}]
    monkeypatch.setenv("GHL_DB", "other.db")
    assert "meant here: other.db (GHL_DB)" in run("profiles", "list").err
    assert "(said here)" in run("profiles", "list", "--db", str(db)).err
    monkeypatch.delenv("GHL_DB")
    assert run("profiles", "remove", "work").code == 0
    assert run("contacts", "list").code == 3
    assert db.exists()


@pytest.mark.security
def test_a_token_is_kept_with_its_target_alone(run: Shell, settings: Path) -> None:
    """Read from stdin, in a file for its owner, never shown, and dropped where the target changes."""
    url = "https://crm.example.com"
    assert run("profiles", "set", "there", "--token", "-", stdin="ghl_x\n").code == 3
    assert run("profiles", "set", "there", url, "--token", "-", stdin="").code == 2
    assert run("profiles", "set", "there", url, "--token", "-", stdin="ghl_x\n").code == 0
    assert (settings / "config.toml").stat().st_mode & 0o777 == 0o600
    assert profiles.token_of("there") == "ghl_x"
    listed = run("profiles", "list")
    assert "yes" in listed.out
    assert "ghl_x" not in listed.out + listed.err
    run("profiles", "set", "there", url)
    assert profiles.token_of("there") == "ghl_x"
    run("profiles", "set", "there", "https://other.example.com")
    assert profiles.token_of("there") is None
    assert run("profiles", "set", "here", "crm.db", "--token", "x").code == 5
    assert run("profiles", "set", "here").code == 2


def test_comments_of_the_settings_are_kept(run: Shell, settings: Path) -> None:
    settings.mkdir()
    (settings / "config.toml").write_text('# mine\ndefault = "a"  # the first\n[profiles.a]\ntarget = "x.db"\n')
    run("profiles", "set", "b", "https://crm.example.com")
    text = (settings / "config.toml").read_text()
    assert text.startswith('# mine\ndefault = "a"  # the first\n')
    assert "https://crm.example.com" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("default = ", "cannot be read"), ('default = "gone"', 'no profile "gone"'), ('default = "a"\n[profiles.a]\n', "has no target"),
        ('default = "a"\n[profiles]\na = 3\n', "has no target"),
    ],
)  # fmt: skip
def test_wrong_settings_are_one_message(run: Shell, settings: Path, text: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GHL_DB")
    settings.mkdir()
    (settings / "config.toml").write_text(text)
    found = run("contacts", "list")
    assert (found.code in (1, 3, 5), said in found.err) == (True, True), found.err


def test_an_account_is_picked_by_name(run: Shell) -> None:
    assert run("--account", "main", "contacts", "list", "--json").json["total"] == 3
    assert run("--account", "other", "contacts", "list").code == 3


def test_undo_asks_at_a_terminal(run: Shell) -> None:
    run("contacts", "edit", "maria@example.com", "--city", "Faro")
    no = run("undo", stdin="\n", terminal=True)
    assert (no.code, "undo it? [y/N]" in no.err, "contacts edit" in no.err) == (2, True, True)
    assert run("undo", stdin="y\n", terminal=True).code == 0
    assert run("contacts", "show", "maria@example.com", "--json").json["city"] == "Lisbon"
    again = run("redo", "--dry-run")
    assert "nothing was changed" in again.err
    assert run("history", "maria@example.com", "--noun", "contacts").code == 0


def test_attachments_go_where_they_are_told(run: Shell, tmp_path: Path) -> None:
    run("attachments", "add", "maria@example.com", "-", "--name", "a.txt", stdin="hello")
    one = run("attachments", "list", "--format", "ids").out.strip()
    (tmp_path / "folder").mkdir()
    assert run("attachments", "download", one, "folder").code == 0
    assert (tmp_path / "folder" / "a.txt").read_text() == "hello"
    assert run("attachments", "download", one, "folder/a.txt").code == 2
    assert run("attachments", "download", one, "folder/a.txt", "--yes").code == 0
    assert run("attachments", "download", one, "-").out == "hello"
    assert run("attachments", "download", one, "nowhere/a.txt").code == 3


def test_a_restored_backup_is_in_force(run: Shell, db: Path) -> None:
    assert run("db", "backup", "before.db").code == 0
    run("contacts", "delete", "--where", "true", "--yes")
    restored = run("db", "restore", "before.db", "--yes")
    assert restored.code == 0, restored.err
    assert run("contacts", "list", "--json").json["total"] == 3
    assert "ghl db adopt" in restored.err


def test_the_schema_of_one_view(run: Shell) -> None:
    assert run("db", "schema", "deals").out.startswith("deals ")
    assert run("doctor", "--json").json[0]["state"]


def test_sql_from_stdin(run: Shell) -> None:
    assert run("db", "sql", "-", "--format", "csv", stdin="select city from contacts order by city").out.split() == ["city", "Lisbon", "Porto", "Porto"]


def test_init_makes_what_the_first_steps_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = call("init", "new.db", "--zone", "UTC", "--name", "Studio")
    assert "ghl contacts add" in made.err
    with ghl.connect(tmp_path / "new.db") as crm:
        assert [pipeline.name for pipeline in crm.pipelines.list()] == ["Sales"]
        assert [sender.name for sender in crm.senders.list()] == ["outbox"]
        assert crm.settings.show().name == "Studio"
    for words, said in ((("--zone", "Mars"), "Mars"), (("--currency", "XXY"), "XXY"), (("--country", "Nowhere"), "Nowhere")):
        wrong = call("init", "other.db", *words)
        assert (wrong.code, said in wrong.err) == (5, True), wrong.err
        assert not (tmp_path / "other.db").exists()


def test_a_batch_is_told_undone_and_redone_in_words(run: Shell) -> None:
    lines = ['{"contacts.create": {"first_name": "Bo"}}', '{"companies.create": {"name": "New"}}']
    run("batch", "-", stdin="\n".join(lines))
    assert run("undo", "--dry-run").out == "can be undone: 1 company created, 1 contact created\n"
    assert run("undo", "--yes").out == "undone: 1 company created, 1 contact created\n"
    assert run("redo").out == "redone: 1 company restored, 1 contact restored\n"
    failed = run("batch", "-", stdin="\n".join([*lines, '{"contacts.create": {"email": "maria@example.com"}}']))
    assert (failed.code, "line 3: maria@example.com belongs to another contact; nothing was done" in failed.err) == (5, True)


def test_the_views_are_listed_within_the_terminal(run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = run("db", "schema", "--format", "table")
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "datasette" in run("db", "schema").err
    (view,) = run("db", "schema", "deals", "--json").json
    assert (view["view"], "stage" in view["columns"]) == ("deals", True)
    refused = run("db", "sql", "select * from secrets")
    assert (refused.code, refused.out) == (4, "")
