"""Completion: what may stand at the end of a line, as `word<TAB>what it is` lines.

Nouns, commands and global options are answered from lists; a noun's verbs and options from its
contract; names of records from the database, read only.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Iterator
from typing import Any

from ghl import nouns
from ghl.cli import context as contexts

NAMED = ("pipeline", "workflow", "template", "sender", "view", "user", "product", "field", "tag", "company", "deal")
"""Nouns whose records are completed by their names."""


def main(words: list[str]) -> int:
    """Write the candidates for the last word; whatever goes wrong, there are none."""
    contexts.speak_utf8()
    *before, part = words or [""]
    try:
        for word, about in candidates(before, part):
            if word.startswith(part):
                sys.stdout.write(f"{word}\t{about}\n")
    except Exception:
        return 0  # a shell that waits for words must not be shown errors
    return 0


def candidates(before: list[str], part: str) -> Iterator[tuple[str, str]]:
    """Every word that may come next, with what it is."""
    from ghl.cli.main import COMMANDS, noun_named

    if before and before[-1] in contexts.VALUED:
        if before[-1] == "--format":
            yield from ((name, "") for name in contexts.FORMATS)
        return
    context, rest = contexts.split_globals(before)
    if not rest:
        yield from ((noun.name, noun.help) for noun in nouns.NOUNS.values())
        yield from ((name, text) for name, (_, text) in COMMANDS.items())
        yield from _globals(part)
        return
    noun = noun_named(rest[0])
    if noun is None or rest[0] in COMMANDS:
        yield from _parameters(context, _command(rest[0]), rest[1:], part)
    elif len(rest) == 1:
        from ghl.cli.group import verbs_of

        yield from verbs_of(noun).items()
    else:
        from ghl.cli.group import found

        yield from _parameters(context, found(noun, rest[1])[1], rest[2:], part)


def _command(name: str) -> Any:
    from ghl.cli.main import function_of

    return function_of(name)


def _globals(part: str) -> Iterator[tuple[str, str]]:
    if part.startswith("-"):
        yield from ((name, "") for name in (*contexts.VALUED, *contexts.FLAGS))


def _parameters(context: contexts.Context, function: Any, rest: list[str], part: str) -> Iterator[tuple[str, str]]:
    """Options of a command, values of the option before, names for the positions."""
    import typer

    if isinstance(function, dict):
        if not rest:
            yield from ((name, (one.__doc__ or "").split("\n")[0]) for name, one in function.items())
        elif rest[0] in function:
            yield from _parameters(context, function[rest[0]], rest[1:], part)
        return
    marks = _marks(function)
    options = {
        part: mark for mark in marks if isinstance(mark, typer.models.OptionInfo)
        for name in (mark.default, *(mark.param_decls or ())) if isinstance(name, str) for part in name.split("/")
    }  # fmt: skip
    if rest and rest[-1] in options:
        yield from _values(context, str(options[rest[-1]].metavar or ""), part)
    elif part.startswith("-"):
        yield from ((name, str(mark.help or "")) for name, mark in options.items() if name.startswith("--"))
        yield from _globals(part)
    else:
        places = [mark for mark in marks if isinstance(mark, typer.models.ArgumentInfo)]
        done = sum(1 for i, word in enumerate(rest) if not word.startswith("-") and not (i and rest[i - 1] in options))
        if places:
            mark = places[min(done, len(places) - 1)]
            yield from _values(context, str(mark.metavar or "").strip("[].").rstrip("]"), part)


def _marks(function: Any) -> list[Any]:
    signature = getattr(function, "__signature__", None)
    if signature is not None:
        return [typing.get_args(one.annotation)[-1] for one in signature.parameters.values()]
    hints = typing.get_type_hints(function, include_extras=True)
    return [typing.get_args(hint)[-1] for name, hint in hints.items() if name != "return" and typing.get_args(hint)]


def _values(context: contexts.Context, metavar: str, part: str) -> Iterator[tuple[str, str]]:
    """Choices, or the names of records."""
    if "|" in metavar and metavar == metavar.lower():
        yield from ((choice, "") for choice in metavar.split("|") if choice != "-")
        return
    kind = metavar.lower()
    try:
        if kind == "contact" and len(part) >= 2:
            for one in context.crm.contacts.list(search=part, page_size=30).items:
                yield from ((text, one.name or "") for text in (one.email, one.name) if text)
        elif kind == "stage":
            for pipeline in context.crm.pipelines.list(page_size=100).items:
                yield from ((stage.name, pipeline.name) for stage in pipeline.stages)
        elif kind in NAMED:
            noun = next(one.name for one in nouns.NOUNS.values() if one.singular == kind)
            page = getattr(context.crm, noun).list(page_size=100)
            yield from ((str(one.name), kind) for one in page.items)
    finally:
        context.close()
