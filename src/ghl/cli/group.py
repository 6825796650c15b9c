"""Verbs of a noun, built one at a time: only the one that is asked for costs anything."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from ghl import nouns
from ghl.cli.context import UsageError
from ghl.cli.derive import command
from ghl.cli.examples import epilog
from ghl.cli.spelling import INNER, SHORT, spelled
from ghl.errors import GhlError

Verbs = dict[str, Callable[..., Any]]


class Command(TyperCommand):
    """A command whose usage line shows required words bare."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`DEAL STAGE [OPTIONS]`, as people type it."""
        pieces = [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]
        return [*pieces[1:], *pieces[:1]] if pieces[:1] == ["[OPTIONS]"] else pieces


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


def verbs_of(noun: str) -> dict[str, str]:
    """What may be typed after a noun, and its line of help; verbs for many are reached through the single ones."""
    operations = nouns.load(noun).__operations__
    found = {}
    for verb, kind in operations.items():
        if verb in INNER.get(noun, ()):
            continue
        if verb.endswith("_many") and verb.removesuffix("_many") in operations and verb not in ("create_many", "upsert_many"):
            continue
        found[spelled(verb)] = _summary(kind)
    for verb, function in by_hand(noun).items():
        found[verb] = _summary(function)
    return found


def _summary(documented: Any) -> str:
    line: str = (documented.__doc__ or "").strip().split("\n")[0]
    first, stop, _ = line.partition(". ")
    return first if stop else line.rstrip(".")


def noun_help(noun: str, verbs: dict[str, str]) -> str:
    """The verbs of a noun."""
    width = max(map(len, verbs)) + 2
    lines = [f"ghl {noun}: {nouns.NOUNS[noun].help}", "", f"Usage: ghl {noun} VERB …", "", "Verbs:"]
    lines += [f"  {verb:<{width}}{text}" for verb, text in verbs.items()]
    return "\n".join([*lines, "", f"ghl {noun} VERB --help shows its options and examples.", ""])


def run_noun(noun: str, rest: list[str]) -> int:
    """`ghl NOUN VERB …`."""
    if not rest or rest[0] in ("--help", "-h", "help"):
        sys.stdout.write(noun_help(noun, verbs_of(noun)))
        return 0
    word, function = found(noun, rest[0])
    return run_function(f"{noun} {word}", function, rest[1:])


def found(noun: str, typed: str) -> tuple[str, Callable[..., Any]]:
    """The verb that a word names in any of its spellings, and its function."""
    word = typed.replace("_", "-")
    hand, operations = by_hand(noun), nouns.load(noun).__operations__
    for one in (word, SHORT.get(word, word)):
        contract = next((verb for verb in operations if one in (spelled(verb), verb.replace("_", "-"))), None)
        for name in (one, spelled(contract) if contract else ""):
            if name in hand:
                return name, hand[name]
        if contract is not None:
            return spelled(contract), command(noun, contract, operations)
    verbs = verbs_of(noun)
    close = difflib.get_close_matches(word, verbs, 1)
    listed = f"verbs: {', '.join(verbs)}"
    raise UsageError(f'{noun} has no verb "{typed}"', hint=f"{close[0]}?   {listed}" if close else listed)


def run_function(name: str, function: Any, rest: list[str]) -> int:
    """Parse the rest of a line for a function and call it."""
    built = parser(name, function)
    words = getattr(function, "canonical", dashed)(rest)
    try:
        result = built.main(args=words, prog_name=f"ghl {name}", standalone_mode=False)
    except UsageError as error:
        error.hint = error.hint or f"ghl {name} --help"
        raise
    except Exception as error:
        refused = _refused(error, name)
        if refused is None:
            raise
        raise refused from None
    return result if isinstance(result, int) else 0


def parser(name: str, function: Any) -> Any:
    """The argument parser of a function, or of a small application of several."""
    help_names = {"help_option_names": ["-h", "--help"]}
    if isinstance(function, typer.Typer):
        function.info.context_settings = help_names
        built = get_command(function)
        if isinstance(built, TyperGroup):
            built.no_args_is_help = True
        return built
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(cls=Command, epilog=epilog(name), context_settings=help_names)(function)
    return get_command(app)


def dashed(words: list[str]) -> list[str]:
    """Options with dashes, however they were typed."""
    if "--" in words:
        place = words.index("--")
        return dashed(words[:place]) + words[place:]
    names = (word.partition("=") for word in words)
    return [(name.replace("_", "-") if name.startswith("--") else name) + equals + value for name, equals, value in names]


def _refused(error: Exception, name: str) -> GhlError | None:
    """What the argument parser has against a line, as an error of ours."""
    kind = type(error).__name__
    if kind == "Abort":
        return UsageError("nothing was changed")
    if kind == "NoArgsIsHelpError":
        sys.stdout.write(str(getattr(error, "message", "")) + "\n")
        return UsageError("a command is missing", hint=f"ghl {name} --help")
    if not hasattr(error, "format_message"):
        return None
    usage = f"ghl {name} --help"
    if kind == "NoSuchOption":
        typed: str = getattr(error, "option_name", "")
        near = list(getattr(error, "possibilities", None) or ())
        return UsageError(f"ghl {name} has no option {typed}", hint=f"{near[0]}?   {usage}" if near else usage)
    context = getattr(error, "ctx", None)
    if kind == "MissingParameter" and context is not None:
        pieces = " ".join(context.command.collect_usage_pieces(context))
        what = getattr(getattr(error, "param", None), "metavar", None) or "an argument"
        return UsageError(f"{what} is missing", hint=f"ghl {name} {pieces}")
    shown = str(error.format_message()).rstrip(".")
    return UsageError(shown[:1].lower() + shown[1:], hint=usage)
