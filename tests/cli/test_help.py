"""Help: every command has it, every example can be parsed, every variable is told of."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import ghl
from ghl import nouns
from ghl.cli.examples import EXAMPLES
from ghl.cli.group import found, parser, run_noun, verbs_of
from ghl.cli.main import COMMANDS, function_of, noun_named
from tests.cli.conftest import Shell, call

pytestmark = pytest.mark.unit


def every_verb() -> list[tuple[str, str]]:
    """Every noun with every verb that is listed."""
    return [(noun, verb) for noun in nouns.NOUNS for verb in verbs_of(noun)]


@pytest.mark.parametrize(("noun", "verb"), every_verb())
def test_every_verb_has_help(noun: str, verb: str) -> None:
    """With a sentence, on stdout, within eighty columns but for examples."""
    told = call(noun, verb, "--help")
    assert told.code == 0, told.err
    head = told.out.split("Examples:")[0]
    assert head.startswith(f"Usage: ghl {noun} {verb}")
    assert "--help" in told.out
    assert len(head.splitlines()[2].strip()) > 10


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    """Those with verbs list them."""
    told = call(name, "--help")
    assert told.code == 0, told.err
    assert f"ghl {name}" in told.out


def test_the_root_lists_every_noun_and_command() -> None:
    """Those that only programs use are left out."""
    out = call().out
    assert all(f"\n  {name} " in out for name in (*nouns.NOUNS, *COMMANDS) if name != "exports")
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_examples_can_be_typed(name: str) -> None:
    """Each is a line that the parser of its command takes."""
    for line in EXAMPLES[name]:
        words = shlex.split(line)
        words = words[words.index("ghl") + 1 :] if "|" not in words else words[words.index("|") + 2 :]
        assert " ".join(words).startswith(name)
        from ghl.cli.context import split_globals

        _, rest = split_globals(words)
        noun = noun_named(rest[0])
        if noun and rest[0] not in COMMANDS:
            typed, function = found(noun, rest[1])
            label, arguments = f"{noun} {typed}", rest[2:]
        else:
            function, label, arguments = function_of(rest[0]), rest[0], rest[1:]
            if isinstance(function, dict):
                function, label, arguments = function[rest[1]], f"{label} {rest[1]}", rest[2:]
        with parser(label, function).make_context(label, list(arguments)):
            pass


@pytest.mark.parametrize("page", ["exit-codes", "references", "expressions", "formats", "environment", "contacts"])
def test_pages(page: str) -> None:
    """Each is there."""
    assert call("help", page).code == 0
    assert page in call("help").out


def test_the_page_on_the_environment_knows_every_variable() -> None:
    """Read from the source."""
    source = "".join(path.read_text("utf-8") for path in Path(ghl.__file__).parent.rglob("*.py"))
    named = set(re.findall(r"[\"'](GHL_[A-Z_]+)[\"']", source))
    out = call("help", "environment").out
    assert named
    assert {name for name in named if name not in out} == set()


def test_expressions_of_the_page_are_right(run: Shell) -> None:
    """Each of them filters."""
    page = call("help", "expressions").out
    lines = [re.split(r"\s{3,}|;  |, !", line.strip())[0] for line in page.splitlines() if line.startswith("  ")]
    assert len(lines) >= 6
    for text in lines:
        noun = "deals" if "amount" in text else "contacts"
        told = run(noun, "list", "--where", text)
        assert told.code == 0, (text, told.err)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([""], "contacts"), (["con"], "contacts"), (["contacts", "a"], "add"), (["contacts", "add", "--em"], "--email"),
        (["contacts", "list", "--format", "nd"], "ndjson"), (["tasks", "add", "x", "--priority", ""], "high"),
        (["deals", "move", "Web"], "Website"), (["deals", "move", "Website", "Pro"], "Proposal"),
        (["contacts", "show", "mar"], "maria@example.com"), (["db", "b"], "backup"), (["db", "restore", "--ye"], "--yes"),
        (["contacts", "tag", "maria@example.com", "--tag", "v"], ""), (["nonsense", ""], ""),
    ],
)  # fmt: skip
def test_words_are_completed(run: Shell, words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nouns, verbs, options, choices and names of records; nothing where nothing is known."""
    from ghl.cli.complete import main

    assert main(words) == 0
    told = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]
    assert expected in told or not expected


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_completion_scripts(shell_name: str) -> None:
    """Each asks the program for words."""
    assert "ghl __complete" in call("completion", shell_name).out


def test_a_noun_in_the_singular_and_other_spellings() -> None:
    """`ghl contact ls` is `ghl contacts list`."""
    assert noun_named("contact") == "contacts"
    assert found("contacts", "ls")[0] == "list"
    assert found("contacts", "get")[0] == "show"
    assert found("contacts", "rm")[0] == "delete"
    assert run_noun("contacts", ["--help"]) == 0
