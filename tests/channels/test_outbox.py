"""The outbox folder: one file for each message, whole, private, and never another's."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from ghl.engine.channels import Address, Message, Outcome
from ghl.engine.channels.outbox import Outbox
from ghl.engine.clock import VirtualClock
from ghl.errors import Invalid

pytestmark = pytest.mark.unit

MAIL = Message(
    id="m1@example.com", to=(Address("ann@example.com"),), sender=Address("shop@example.com"), subject="Hello", text="Hi\n",
    date=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
)  # fmt: skip


def test_a_message_becomes_a_file(tmp_path: Path, clock: VirtualClock) -> None:
    folder = tmp_path / "a" / "outbox"
    with Outbox.open(f"outbox:{folder}", clock=clock) as outbox:
        assert outbox.verify().outcome is Outcome.SENT
        receipt = outbox.send(MAIL)
    assert (receipt.outcome, receipt.recipients[0].address) == (Outcome.SENT, "ann@example.com")
    files = list(folder.iterdir())
    assert [one.name for one in files] == [receipt.provider_id]
    assert files[0].name.startswith("20261124T093000Z-")
    assert message_from_bytes(files[0].read_bytes(), policy=default)["Subject"] == "Hello"
    if os.name == "posix":
        assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_same_message_again_is_the_same_file(tmp_path: Path, clock: VirtualClock) -> None:
    outbox = Outbox(tmp_path, clock)
    undated = replace(MAIL, date=None)
    outbox.send(undated)
    clock.advance(timedelta(hours=3))
    outbox.send(undated)
    Outbox(tmp_path, clock).send(replace(undated, subject="Again"))
    files = list(tmp_path.glob("*.eml"))
    assert len(files) == 1
    assert b"Subject: Again" in files[0].read_bytes()


def test_other_messages_are_other_files(tmp_path: Path, clock: VirtualClock) -> None:
    for number in range(200):
        Outbox(tmp_path, clock).send(replace(MAIL, id=f"m{number}@example.com"))
    assert len(list(tmp_path.glob("*.eml"))) == 200


def test_many_writers_at_once(tmp_path: Path, clock: VirtualClock) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(
            threads.map(
                lambda n: Outbox(tmp_path, clock).send(replace(MAIL, id=f"m{n}@example.com")), range(100)
            )
        )
    assert len(list(tmp_path.iterdir())) == 100


def test_a_folder_that_cannot_be_used(tmp_path: Path, clock: VirtualClock) -> None:
    (tmp_path / "file").write_text("x")
    outbox = Outbox(tmp_path / "file", clock)
    for receipt in (outbox.send(MAIL), outbox.verify()):
        assert (receipt.outcome, receipt.scope, receipt.reason) == (
            Outcome.DEFERRED,
            "sender",
            "folder_unusable",
        )
    with pytest.raises(Invalid):
        Outbox.open("outbox:", clock=clock)


@pytest.mark.security
@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")
def test_a_link_in_the_folder_is_not_written_through(tmp_path: Path, clock: VirtualClock) -> None:
    folder, victim = tmp_path / "outbox", tmp_path / "victim"
    victim.write_text("precious")
    name = Outbox(folder, clock).send(MAIL).provider_id
    (folder / name).unlink()
    (folder / name).symlink_to(victim)
    (folder / f".{name}.{os.getpid()}.part").symlink_to(victim)
    receipt = Outbox(folder, clock).send(MAIL)
    assert receipt.outcome is Outcome.DEFERRED
    (folder / f".{name}.{os.getpid()}.part").unlink(missing_ok=True)
    assert Outbox(folder, clock).send(MAIL).outcome is Outcome.SENT
    assert victim.read_text() == "precious"
    assert not (folder / name).is_symlink()
