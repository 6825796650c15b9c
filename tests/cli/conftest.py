"""Running the command line in this process."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl.cli.main import run


@dataclass
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


Shell = Callable[..., Ran]


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    """`shell("contacts", "list")` on a fresh file, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    path = str(tmp_path / "crm.db")
    monkeypatch.setenv("GHL_DB", path)
    monkeypatch.setenv("COLUMNS", "120")
    assert run(["init", path, "--zone", "Europe/Lisbon", "--currency", "EUR", "--country", "PT"]) == 0
    capsys.readouterr()

    def call(*words: str, stdin: str | None = None) -> Ran:
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run(list(words))
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Ran(code, captured.out, captured.err)

    yield call


@pytest.fixture
def people(shell: Shell, tmp_path: Path) -> Shell:
    """The same with three people in the file."""
    with ghl.connect(tmp_path / "crm.db") as crm:
        crm.contacts.create(first_name="Maria", last_name="Alves", email="maria@example.com", city="Lisbon", tags=["vip"])
        crm.contacts.create(first_name="Leo", email="leo@example.com", city="Porto")
        crm.contacts.create(first_name="Ana", last_name="Silva")
    return shell
