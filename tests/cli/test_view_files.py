"""Saved views as files, from the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Shell

pytestmark = pytest.mark.integration


def test_views_are_written_and_saved_again(run: Shell, tmp_path: Path) -> None:
    """One file each; all of them or none are saved."""
    run("views", "add", "North", "--where", 'city == "Porto"', "--column", "email")
    run("views", "add", "Open", "--noun", "deals", "--where", 'status == "open"')
    folder = tmp_path / "out"
    assert run("views", "export", str(folder)).err == f"2 views in {folder}\n"
    assert (folder / "contacts-north.yaml").read_text("utf-8") == "view: North\nnoun: contacts\nwhere: city == \"Porto\"\ncolumns:\n  - email\n"
    assert run("views", "export", str(folder)).code == 2
    assert run("views", "export", str(folder), "--yes").code == 0
    text = (folder / "contacts-north.yaml").read_text("utf-8").replace("Porto", "Lisbon")
    (folder / "contacts-north.yaml").write_text(text, "utf-8")
    files = [str(path) for path in sorted(folder.iterdir())]
    assert "1 view changed" in run("views", "apply", *files).err
    assert "Lisbon" in run("views", "show", "North", "--json").out
    (folder / "bad.yaml").write_text("view: Bad\nwhere: nope == 1\n", "utf-8")
    assert run("views", "apply", str(folder / "bad.yaml"), *files).code == 5
    assert run("views", "apply", str(folder / "none.yaml")).code == 3
