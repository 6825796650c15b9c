"""A file to work on, and the command line run in this process with its streams captured."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl.cli.main import run as run_line


@dataclass
class Ran:
    """What one command line answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The data on stdout."""
        return json.loads(self.out)


Shell = Callable[..., Ran]


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def call(*words: str, stdin: str | None = None, terminal: bool = False) -> Ran:
    """Run a line as `ghl` would."""
    kind = Terminal if terminal else io.TextIOWrapper
    streams = [kind(io.BytesIO(text.encode()), encoding="utf-8") for text in (stdin or "", "", "")]
    kept = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = streams
    try:
        code = run_line(list(words))
        for stream in streams[1:]:
            stream.flush()
    finally:
        sys.stdin, sys.stdout, sys.stderr = kept
    out, err = (stream.buffer.getvalue().decode() for stream in streams[1:])  # type: ignore[attr-defined]
    assert "Traceback" not in err
    return Ran(code, out, err)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a little of everything, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "crm.db"
    with ghl.init(str(path), zone="Europe/Lisbon", currency="EUR", country="PT") as crm:
        crm.pipelines.create(name="Sales", stages=["New", "Qualified", "Proposal"])
        crm.users.create(name="Ines Costa", email="ines@example.com")
        crm.fields.create(name="size", noun="contact", type="number")
        crm.companies.create(name="Alves & Filhos", domain="alves.example")
        crm.contacts.create(
            first_name="Maria", last_name="Alves", email="maria@example.com", phone="912345678", city="Lisbon",
            tags=["lead", "vip"], owner_id="Ines Costa", company_id="Alves & Filhos", custom_fields={"size": 39},
        )  # fmt: skip
        crm.contacts.create(first_name="João", last_name="Ñandú", email="joao@example.com", city="Porto", tags=["lead"])
        crm.contacts.create(first_name="=1+1", last_name="Red", email="evil@example.com", city="Porto")
        crm.deals.create(name="Website", amount="4200 EUR", stage_id="New", contact_id="maria@example.com")
        crm.tasks.create(title="Call Maria", due_at="2026-01-02 10:00", contact_id="maria@example.com")
        crm.notes.create(body="Likes *tea*", contact_id="maria@example.com")
        with crm._transport.database.write() as connection:  # type: ignore[attr-defined]
            # What is no longer taken may be there all the same.
            connection.run("update contact_records set last_name = :name where last_name = 'Red'", {"name": "\x1b[31mRed\x9b"})
    return path


@pytest.fixture
def db(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the filled file, the one that is meant; this folder is the current one."""
    import shutil

    path = tmp_path / "crm.db"
    shutil.copy(filled, path)
    monkeypatch.setenv("GHL_DB", str(path))
    monkeypatch.setenv("COLUMNS", "120")
    for name in ("NO_COLOR", "FORCE_COLOR", "GHL_FORCE_TTY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    yield path
    os.environ.pop("GHL_FORCE_TTY", None)


@pytest.fixture
def run(db: Path) -> Shell:
    """Run a line on the copy."""
    return call


@pytest.fixture
def crowd(db: Path) -> Path:
    """The copy with thirty more contacts."""
    with ghl.connect(db) as crm:
        items = [{"first_name": f"Person {n}", "email": f"p{n}@example.com", "city": "Faro"} for n in range(30)]
        crm.contacts.create_many(items=items)
    return db


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """`shell("contacts", "list")` on a fresh file, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GHL_DB", str(tmp_path / "crm.db"))
    monkeypatch.setenv("COLUMNS", "120")
    made = call("init", "crm.db", "--zone", "Europe/Lisbon", "--currency", "EUR", "--country", "PT")
    assert made.code == 0, made.err
    return call


@pytest.fixture
def people(shell: Shell, tmp_path: Path) -> Shell:
    """The same with three people in the file."""
    with ghl.connect(tmp_path / "crm.db") as crm:
        crm.contacts.create(first_name="Maria", last_name="Alves", email="maria@example.com", city="Lisbon", tags=["vip"])
        crm.contacts.create(first_name="Leo", email="leo@example.com", city="Porto")
        crm.contacts.create(first_name="Ana", last_name="Silva")
    return shell
