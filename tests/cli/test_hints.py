"""Whatever the program tells anybody to type exists: commands, verbs and options, in every text of the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ghl
from ghl.cli import group
from ghl.cli.context import FLAGS, VALUED
from ghl.cli.main import COMMANDS, function_of, noun_named
from ghl.errors import GhlError

pytestmark = pytest.mark.unit

SOURCE = Path(ghl.__file__).parent
_TOLD = re.compile(r"(?:^|[\s`(:\"'|])ghl ([^\n`]+)")
_END = re.compile(r"   |  or |, or |; | or: |\. |, then|…|\)")
PROSE = frozenset({"copy", "id", "database", "schema", "than", "raises"})
"""Words that follow the name of the program where nothing is to be typed."""


def texts(node: ast.AST) -> Iterator[str]:
    """Every text of a file; what is filled in is an X."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in child.values)
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        else:
            yield from texts(child)


def told() -> dict[str, str]:
    """Every line that somebody may type, and the file that says so."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for text in texts(ast.parse(path.read_text("utf-8"))):
            for line in _TOLD.findall(text):
                found.setdefault(_END.split(line)[0].strip(" .?,:\"'"), str(path.relative_to(SOURCE)))
    return found


def wrong(line: str) -> str | None:
    """What is wrong with a line, if anything."""
    words = line.split()
    while words and (words[0] in FLAGS or words[0].partition("=")[0] in VALUED):
        words = words[1 if words[0] in FLAGS or "=" in words[0] else 2 :]
    if not words or words[0] in PROSE or not re.fullmatch(r"[a-z][a-z-]*", words[0]):
        return None
    name, *rest = words
    noun = noun_named(name)
    verb = rest[0] if rest and re.fullmatch(r"[a-z][a-z-]*", rest[0]) else None
    try:
        if noun is not None and not (name in COMMANDS and noun != name):
            if verb is None:
                return None
            called, function = group.found(noun, verb)
            called = f"{noun} {called}"
        elif name in COMMANDS:
            function, called = function_of(name), name
            if isinstance(function, dict):
                if verb is None:
                    return None
                function, called = function[verb], f"{name} {verb}"
        else:
            return f"there is no command {name}"
    except (GhlError, KeyError):
        return f"{name} has no verb {verb}"
    known = {option for parameter in group.parser(called, function).params for option in parameter.opts} | {*VALUED, *FLAGS, "--help", "--version"}
    known |= {f"--no-{option[2:]}" for option in known}
    typed = getattr(function, "canonical", group.dashed)([word for word in rest if word.startswith("--") and len(word) > 2])
    missing = [word for word in typed if word.partition("=")[0].rstrip(",.;") not in known]
    return f"{called} has no option {missing[0]}" if missing else None


def test_every_command_that_is_told_exists() -> None:
    lines = told()
    assert len(lines) > 100
    mistakes = {line: (problem, lines[line]) for line in lines if (problem := wrong(line))}
    assert mistakes == {}


@pytest.mark.parametrize("line", ["contcts list", "contacts lst", "contacts list --limt 3", "db bakup x", "wrker", "--db x contacts lst"])
def test_a_wrong_command_is_found(line: str) -> None:
    assert wrong(line)
