"""The guides and the README work as they are written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.guide import ROOT, Reader, blocks

pytestmark = [pytest.mark.integration, pytest.mark.skipif(shutil.which("bash") is None, reason="the guides are for bash")]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_guide_can_be_followed(page: Path, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    found = blocks(page)
    assert any(block.language in ("bash", "python") for block in found)
    for block in found:
        reader.follow(block)


def test_the_example_of_the_readme_runs(tmp_path: Path) -> None:
    (example,) = [block for block in blocks(ROOT / "README.md") if block.language == "python"]
    assert 8 <= len(example.text.strip().splitlines()) <= 24
    reader = Reader(tmp_path)
    reader.follow(example)
    assert "Ann Lee" in reader.output


PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md")) + sorted((ROOT / "changes").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in link:
            assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    named = re.findall(r"`((?:src|tests|docs|bench|changes)/[\w/.-]+\.\w+)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []
