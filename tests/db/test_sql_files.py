"""Every named query exists, is used, is explained, and asks for one account unless it says otherwise."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import ghl
from ghl.engine.db.sql import ANY_ACCOUNT, blocks, statement

pytestmark = pytest.mark.unit

SOURCE = Path(ghl.__file__).parent
ENGINE = SOURCE / "engine"
FILES = sorted(
    path.relative_to(ENGINE).with_suffix("").as_posix() for path in ENGINE.rglob("*.sql") if "migrations" not in path.parts
)
BLOCKS = [(file, name, mark) for file in FILES for name, mark in blocks(file)]
MARKS = {"", "postgres", "sqlite", ANY_ACCOUNT}


@cache
def spelled() -> tuple[frozenset[str], tuple[re.Pattern[str], ...], frozenset[str]]:
    """The names that the source spells: whole ones, those with a part filled in, and every plain word."""
    whole, partly, words, fragments = set(), set(), set(), set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                (whole if "/" in node.value else words).add(node.value)
            elif isinstance(node, ast.JoinedStr):
                fragments |= {part.value for part in node.values if isinstance(part, ast.Constant)}
                parts = [re.escape(p.value) if isinstance(p, ast.Constant) else r"(\w+)" for p in node.values]
                partly.add("".join(parts))
    ours = (re.compile(text) for text in partly if any(text.startswith(f"{file}/") for file in FILES))
    return frozenset(whole - fragments), tuple(ours), frozenset(words)


def used(name: str) -> bool:
    whole, partly, words = spelled()
    if name in whole:
        return True
    for pattern in partly:
        match = pattern.fullmatch(name)
        # What fills the gap is a word of the source.
        if match and all(part in words for part in match.groups()):
            return True
    return False


def test_a_name_that_nobody_spells_is_found() -> None:
    assert not used("crm/contacts/nobody_spells_this")
    assert not used("crm/tags/nobody_users")


@pytest.mark.parametrize("file", FILES)
def test_a_file_has_blocks_and_known_marks(file: str) -> None:
    assert blocks(file)
    assert {mark for _, mark in blocks(file)} <= MARKS


@pytest.mark.parametrize(("file", "name", "mark"), BLOCKS)
def test_a_block_is_one_statement_of_one_account(file: str, name: str, mark: str) -> None:
    text = blocks(file)[name, mark]
    assert text, "the block is empty"
    assert ";" not in text.rstrip(";"), "one block is one statement"
    exempt = (name, ANY_ACCOUNT) in blocks(file)
    assert ":account_id" in text or exempt, f"{file}/{name} asks every account: say `(any account)` where it must"


@pytest.mark.parametrize("name", sorted({f"{file}/{name}" for file, name, _ in BLOCKS}))
def test_a_block_is_used(name: str) -> None:
    assert used(name)


@pytest.mark.parametrize("file", FILES)
def test_a_block_says_in_a_sentence_what_it_is_for(file: str) -> None:
    text = (ENGINE / f"{file}.sql").read_text("utf-8")
    for head in re.finditer(r"^-- name: (\w+)[^\n]*\n(?P<next>[^\n]*)", text, re.MULTILINE):
        assert head["next"].startswith("-- "), f"{file}/{head[1]} is not explained"


def test_every_name_in_the_source_exists() -> None:
    known = {f"{file}/{name}" for file, name, _ in BLOCKS}
    whole, _, _ = spelled()
    for name in whole:
        if re.fullmatch(r"\w+(/\w+)+", name) and name.rpartition("/")[0] in FILES:
            assert name in known, f"no block is named {name}"


def test_macros_are_filled() -> None:
    for file, name, mark in BLOCKS:
        for dialect in ("sqlite", "postgres"):
            if mark in ("sqlite", "postgres") and mark != dialect:
                continue
            for sees in ("all", "own", "none"):
                text = statement(f"{file}/{name}", dialect, sees)
                assert "{visible" not in text
                assert "{lock}" not in text
