"""The same command line on a PostgreSQL database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import call

pytestmark = pytest.mark.integration


def test_a_database_of_a_server_is_a_target_like_a_file(pg_empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GHL_DB", pg_empty)
    assert call("contacts", "list").code == 1, "nothing is made without being asked"
    made = call("init", pg_empty, "--zone", "Europe/Lisbon", "--currency", "EUR", "--country", "PT")
    assert made.code == 0, made.err
    added = call("contacts", "add", "--first-name", "Ann", "--email", "ann@example.com", "--tag", "vip", "--json")
    assert added.json["tags"] == ["vip"], added.err
    assert call("contacts", "list", "--where", '"vip" in tags', "--json").json["total"] == 1
    assert call("deals", "add", "Shop", "--amount", "1200", "--contact", "ann@example.com").code == 0
    assert "Shop" in call("pipelines", "board").out
    assert call("contacts", "edit", "--where", "true", "--city", "Oslo", "--yes").code == 0
    assert call("undo").code == 0
    assert call("contacts", "show", "Ann", "--json").json["city"] is None
    assert "Ann" in call("contacts", "show", "ann@example.com").out
    assert call("db", "sql", "select count(*) as n from contacts", "--json").json == [{"n": 1}]
    assert call("db", "check").code == 0
    assert call("doctor").code == 0
    assert call("worker", "--once").code == 0
    refused = call("db", "backup", "x.dump")
    assert refused.code != 0
    assert refused.err.startswith("error: ")
