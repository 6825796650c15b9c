"""What is loaded for what: lists of modules, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import ghl

pytestmark = pytest.mark.integration

HEAVY = ("pydantic", "rich", "typer", "httpx", "jinja2", "apscheduler", "sqlite_utils", "starlette", "textual", "psycopg", "asyncio")


def loaded(argv: list[str]) -> set[str]:
    """The heavy modules that a command loads."""
    code = (
        "import sys, io; from ghl.cli.main import run; out, sys.stdout = sys.stdout, io.StringIO();"
        f" code = run({argv!r}); sys.stdout = out; print(code, *sorted(m for m in {HEAVY!r} if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    code_word, *modules = done.stdout.split()
    assert code_word == "0", done.stderr
    return set(modules)


def test_help_loads_next_to_nothing() -> None:
    """Neither pydantic nor rich."""
    assert loaded(["--help"]) == set()


def test_a_list_as_json_loads_no_table_and_no_network(tmp_path: Path) -> None:
    """The contract, the parser and the store."""
    path = str(tmp_path / "crm.db")
    ghl.init(path, zone="UTC").close()
    assert loaded(["--db", path, "contacts", "list", "--json"]) == {"pydantic", "typer"}


def test_importing_the_package_loads_nothing() -> None:
    """Public names come when they are used."""
    code = f"import sys, ghl; print(*(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["contacts", "--help"], ["contacts", "add", "--help"], ["db", "--help"]])
def test_help_is_there_for_every_level(words: list[str]) -> None:
    """With exit code 0, on stdout."""
    done = subprocess.run([sys.executable, "-m", "ghl", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ghl" in done.stdout
