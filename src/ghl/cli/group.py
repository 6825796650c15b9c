"""Verbs of a noun, built one at a time: only the one that is asked for costs anything."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from ghl import nouns
from ghl.cli.context import UsageError, current
from ghl.cli.derive import command
from ghl.cli.spelling import INNER, SHORT, spelled
from ghl.errors import GhlError

Verbs = dict[str, Callable[..., Any]]


NO_DRY_RUN = frozenset(
    {
        "init", "worker", "serve", "db backup", "db restore", "db adopt", "db migrate", "db vacuum", "export", "profiles set",
        "profiles use", "profiles remove", "attachments download", "views export",
    }
)  # fmt: skip
"""Commands that act on files or the world and have nothing to show beforehand: asked to, they refuse to act."""


class Command(TyperCommand):
    """A command whose usage line shows required words bare."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`DEAL STAGE [OPTIONS]`, as people type it."""
        pieces = [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]
        return [*pieces[1:], *pieces[:1]] if pieces[:1] == ["[OPTIONS]"] else pieces


def by_hand(noun: str, only: str | None = None) -> Verbs:
    """The verbs of a noun that were written by hand, or those that may be `only`; they win over the derived ones."""
    found: Verbs = {}
    if only in (None, "import", "export"):
        from ghl.cli.commands import transfer  # these two verbs, the same for every noun

        found |= transfer.verbs(noun)
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


def verbs_help(name: str, about: str, verbs: dict[str, str]) -> str:
    """What may be typed after a noun or a command with verbs."""
    width = max(map(len, verbs)) + 2
    lines = [f"ghl {name}: {about}", "", f"Usage: ghl {name} VERB …", "", "Verbs:"]
    lines += [f"  {verb:<{width}}{text}" for verb, text in verbs.items()]
    return "\n".join([*lines, "", f"ghl {name} VERB --help shows its options and examples.", ""])


def run_noun(noun: str, rest: list[str]) -> int:
    """`ghl NOUN VERB …`."""
    if not rest or rest[0] in ("--help", "-h", "help"):
        sys.stdout.write(verbs_help(noun, nouns.NOUNS[noun].help, verbs_of(noun)))
        return 0
    word, function = found(noun, rest[0])
    return run_function(f"{noun} {word}", function, rest[1:])


def run_verbs(name: str, about: str, verbs: Verbs, rest: list[str]) -> int:
    """`ghl COMMAND VERB …` for commands that are no nouns."""
    if not rest or rest[0] in ("--help", "-h", "help"):
        sys.stdout.write(verbs_help(name, about, {verb: _summary(function) for verb, function in verbs.items()}))
        return 0
    word = rest[0] if rest[0] in verbs else SHORT.get(rest[0], rest[0])
    if word not in verbs:
        raise no_verb(name, rest[0], list(verbs))
    return run_function(f"{name} {word}", verbs[word], rest[1:])


ELSEWHERE = {"history": "ghl history RECORD", "search": "ghl {noun} list --search TEXT", "undo": "ghl undo"}
"""What people look for among the verbs of a noun, and where it is."""


def no_verb(name: str, typed: str, verbs: list[str]) -> UsageError:
    """The error for a verb that does not exist, with the nearest one that does."""
    import difflib  # for what is misspelled only

    close = difflib.get_close_matches(typed.replace("_", "-"), verbs, 1)
    listed = f"verbs: {', '.join(verbs)}"
    if typed in ELSEWHERE:
        return UsageError(f'{name} has no verb "{typed}"', hint=ELSEWHERE[typed].format(noun=name))
    return UsageError(f'{name} has no verb "{typed}"', hint=f"{close[0]}?   {listed}" if close else listed)


def found(noun: str, typed: str) -> tuple[str, Callable[..., Any]]:
    """The verb that a word names in any of its spellings, and its function."""
    word = typed.replace("_", "-")
    hand, operations = by_hand(noun, word), nouns.load(noun).__operations__
    for one in (word, SHORT.get(word, word)):
        contract = next((verb for verb in operations if one in (spelled(verb), verb.replace("_", "-"))), None)
        for name in (one, spelled(contract) if contract else ""):
            if name in hand:
                return name, hand[name]
        if contract is not None:
            return spelled(contract), command(noun, contract, operations)
    raise no_verb(noun, typed, list(verbs_of(noun)))


def run_function(name: str, function: Any, rest: list[str]) -> int:
    """Parse the rest of a line for a function and call it."""
    words = getattr(function, "canonical", dashed)(rest)
    if name in NO_DRY_RUN and current().dry_run:
        raise UsageError(f"ghl {name} has no dry run; nothing was done", hint=f"ghl {name} --help")
    built = parser(name, function, told="-h" in words or "--help" in words)
    try:
        # Not built.main(): it makes a reader that went away, `| head`, a failure.
        with built.make_context(f"ghl {name}", words) as started:
            result = built.invoke(started)
    except typer.Exit as done:
        return done.exit_code
    except UsageError as error:
        error.hint = error.hint or f"ghl {name} --help"
        raise
    except Exception as error:
        refused = _refused(error, name)
        if refused is None:
            raise
        raise refused from None
    return result if isinstance(result, int) else 0


def parser(name: str, function: Callable[..., Any], *, told: bool = True) -> Any:
    """The argument parser of a function; `told` with examples at the end of its help."""
    end = None
    if told:
        from ghl.cli.examples import epilog  # for help alone

        end = epilog(name)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(cls=Command, epilog=end, context_settings={"help_option_names": ["-h", "--help"]})(function)
    built = get_command(app)
    for parameter in built.params:
        if parameter.metavar is None and not getattr(parameter, "is_flag", False):
            parameter.metavar = "TEXT" if parameter.type.name in ("str", "text") else "N"
    return built


def dashed(words: list[str]) -> list[str]:
    """Options with dashes, however they were typed."""
    if "--" in words:
        place = words.index("--")
        return dashed(words[:place]) + words[place:]
    names = (word.partition("=") for word in words)
    return [(name.replace("_", "-") if name.startswith("--") else name) + equals + value for name, equals, value in names]


def _meant(typed: str, context: Any) -> str | None:
    """The option of a command, or of all of them, that stands for one that does not exist."""
    from ghl.cli.context import FLAGS, VALUED
    from ghl.cli.nearest import nearest  # for what is misspelled only

    own = [option for parameter in context.command.params for option in parameter.opts] if context else []
    return nearest(typed, [*own, *VALUED, *FLAGS])


_WORDS = {"is not in the range x>=1": "is less than 1", "a valid int range": "a whole number", "a valid integer": "a whole number", "a valid int": "a whole number", "a valid float": "a number"}


def _refused(error: Exception, name: str) -> GhlError | None:
    """What the argument parser has against a line, as an error of ours."""
    kind = type(error).__name__
    if kind == "Abort":
        return UsageError("nothing was changed")
    if not hasattr(error, "format_message"):
        return None
    usage = f"ghl {name} --help"
    context = getattr(error, "ctx", None)
    if kind == "NoSuchOption":
        typed: str = getattr(error, "option_name", "")
        places = [str(one.metavar or "").strip("[].") for one in context.command.params if not one.opts[0].startswith("-")] if context else []
        if context and typed.lstrip("-").upper() in places:
            pieces = " ".join(context.command.collect_usage_pieces(context))
            return UsageError(f"ghl {name} takes {typed.lstrip('-').upper()} without an option", hint=f"ghl {name} {pieces}")
        near = _meant(typed, context)
        return UsageError(f"ghl {name} has no option {typed}", hint=f"{near}?   {usage}" if near else usage)
    if kind == "MissingParameter" and context is not None:
        pieces = " ".join(context.command.collect_usage_pieces(context))
        what = getattr(getattr(error, "param", None), "metavar", None) or "an argument"
        return UsageError(f"{what} is missing", hint=f"ghl {name} {pieces}")
    shown = str(error.format_message()).rstrip(".")
    parameter = getattr(error, "param", None)
    if kind == "BadParameter" and parameter is not None:
        place = str(parameter.metavar or parameter.name).strip("[].")
        option = next((one for one in parameter.opts if one.startswith("--")), place)
        what = str(getattr(error, "message", shown)).rstrip(".")
        for parsers, ours in _WORDS.items():
            what = what.replace(parsers, ours)
        return UsageError(f"{option}: {what}", hint=usage)
    return UsageError(shown[:1].lower() + shown[1:], hint=usage)
