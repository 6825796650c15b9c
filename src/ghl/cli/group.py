"""Verbs of a noun, built one at a time: only the one that is asked for costs anything."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from ghl import nouns
from ghl.cli.context import Context, UsageError
from ghl.cli.derive import SPELLED, command
from ghl.errors import GhlError

Verbs = dict[str, Callable[..., Any]]


def by_hand(noun: str) -> Verbs:
    """The verbs of a noun that were written by hand; they win over the derived ones."""
    from ghl.cli.commands import transfer  # the verbs `import` and `export`, the same for every noun

    found: Verbs = transfer.verbs(noun)
    try:
        module = import_module(f"ghl.cli.commands.{noun}")
    except ModuleNotFoundError as error:
        if error.name != f"ghl.cli.commands.{noun}":
            raise
        return found
    found |= module.VERBS
    return found


def spelled(verb: str) -> str:
    """How a verb is typed."""
    return SPELLED.get(verb, verb).replace("_", "-")


def verbs_of(noun: str) -> dict[str, str]:
    """What may be typed after a noun, and its line of help; verbs for many are reached through the single ones."""
    operations = nouns.load(noun).__operations__
    found = {}
    for verb, kind in operations.items():
        if verb.endswith("_many") and verb.removesuffix("_many") in operations and verb not in ("create_many", "upsert_many"):
            continue
        found[spelled(verb)] = (kind.__doc__ or "").strip().split("\n")[0]
    for verb, function in by_hand(noun).items():
        found[verb] = (function.__doc__ or "").strip().split("\n")[0]
    return found


def run_noun(context: Context, noun: str, rest: list[str]) -> int:
    """`ghl NOUN VERB …`."""
    verbs = verbs_of(noun)
    if not rest or rest[0] in ("--help", "-h"):
        width = max(map(len, verbs)) + 2
        lines = [f"ghl {noun}: {nouns.NOUNS[noun].help}", "", "Verbs:", *(f"  {v:<{width}}{text}" for v, text in verbs.items())]
        sys.stdout.write("\n".join([*lines, "", f"ghl {noun} VERB --help shows its options.", ""]))
        return 0
    word = rest[0].replace("_", "-")
    hand = by_hand(noun)
    operations = nouns.load(noun).__operations__
    contract = next((verb for verb in operations if word in (spelled(verb), verb.replace("_", "-"))), None)
    word = {"rm": "delete", "ls": "list"}.get(word, word) if contract is None and word not in hand else word
    contract = contract or (word if word in operations else None)
    if word in hand or (contract and spelled(contract) in hand):
        function = hand.get(word) or hand[spelled(contract or "")]
    elif contract is not None:
        function = command(noun, contract, operations)
    else:
        close = difflib.get_close_matches(word, verbs, 1)
        raise UsageError(
            f'{noun} has no verb "{rest[0]}"', hint=f"{close[0]}?   verbs: {', '.join(verbs)}" if close else f"verbs: {', '.join(verbs)}"
        )
    return run_function(f"ghl {noun} {word}", function, rest[1:])


def run_function(name: str, function: Callable[..., Any], rest: list[str]) -> int:
    """Parse the rest of a line for a function and call it."""
    app = typer.Typer(
        add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}
    )
    if isinstance(function, typer.Typer):
        app = function
    else:
        app.command()(function)
    built = get_command(app)
    if isinstance(built, TyperGroup):
        built.no_args_is_help = True
    try:
        result = built.main(args=rest, prog_name=name, standalone_mode=False)
    except Exception as error:
        refused = _refused(error, name)
        if refused is None:
            raise
        raise refused from None
    return result if isinstance(result, int) else 0


def _refused(error: Exception, name: str) -> GhlError | None:
    """What the argument parser has against a line, as an error of ours."""
    kind = type(error).__name__
    if kind == "Abort":
        return UsageError("nothing was changed")
    message = getattr(error, "message", None) or (error.format_message() if hasattr(error, "format_message") else None)
    if not hasattr(error, "format_message"):
        return None
    shown = str(error.format_message() or message).rstrip(".")
    possible = getattr(error, "possibilities", None)
    hint = f"{possible[0]}?   {name} --help" if possible else f"{name} --help"
    return UsageError(shown[:1].lower() + shown[1:], hint=hint)
