"""The demo as a newcomer meets it: it is made, it tells the truth, and what it proposes works."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import ghl
from ghl.cli import main

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def told(folder: Path) -> str:
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main.run(["demo", str(folder / "demo.db"), "--contacts", "120"]) == 0
    return out.getvalue()


def test_it_says_what_happened(told: str, folder: Path) -> None:
    assert "120 contacts, 24 companies, 2 pipelines with 18 deals, 2 workflows" in told
    with ghl.connect(folder / "demo.db") as crm:
        sent = crm.messages.list(state="sent", page=1).total
        skipped = crm.messages.list(state="skipped", page=1).total
        assert f"sent {sent:,} · skipped {skipped:,}" in told
        assert sent > 100
        assert skipped
    assert len(list((folder / "outbox").glob("*.eml"))) == sent


def test_everything_is_where_it_happened_in_time(told: str, folder: Path) -> None:
    now = datetime.now(UTC)
    with ghl.connect(folder / "demo.db") as crm:
        maria = crm.contacts.get(contact_id="maria.alves@example.com")
        assert timedelta(days=12, hours=23) < now - maria.created_at < timedelta(days=13, hours=1)
        (deal,) = crm.deals.list(contact_id=maria.id).items
        assert (deal.stage, deal.days_in_stage) == ("Proposal", 1)
        assert [change.actor for change in crm.changes.history(noun="deal", record_id=deal.id).items][-1] == "Ines Duarte"
        assert {message.template for message in crm.messages.list(contact_id=maria.id).items} >= {"welcome", "two-ideas"}
        assert all(row.created_at <= now for row in crm.contacts.list(sort="-created_at").items)


def test_the_five_commands_work(told: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands = [shlex.split(line) for line in told.partition("Try next\n")[2].splitlines()]
    assert len(commands) == 5
    for command in commands:
        assert command[0] == "ghl"
        assert main.run(command[1:]) == 0, command
        assert capsys.readouterr().out, command


def test_nothing_of_yours_is_overwritten(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.db"
    with ghl.init(str(mine), zone="UTC") as crm:
        crm.contacts.create(first_name="Ann")
    for extra in ([], ["--force"]):
        assert main.run(["demo", str(mine), *extra]) == 5
        assert "nothing was changed" in capsys.readouterr().err
    with ghl.connect(mine) as crm:
        assert crm.contacts.list().items[0].first_name == "Ann"
