"""The root of the command line: global options, lazy nouns, exit codes."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ghl import nouns
from ghl.cli import context as contexts
from ghl.errors import GhlError

if TYPE_CHECKING:
    from ghl.cli.context import Context

# Commands without a noun: the module in cli/commands, and one line of help.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Make a new file with one account"),
    "today": ("today", "What waits for you: overdue and due tasks, deals with nothing planned"),
    "erase": ("", "Forget a person for good, and keep her from being mailed again"),
    "export-person": ("", "Everything that is stored about a person"),
    "undo": ("undo", "Take back a change set, or your latest one"),
    "redo": ("undo", "Take back an undo"),
    "history": ("undo", "The changes of a record, or of everything"),
    "batch": ("batch", "Perform operations from a file in one transaction"),
    "explain": ("explain", "Why something happened, or did not"),
    "export": ("transfer", "Everything, as files"),
    "import": ("transfer", "Everything back, from what `ghl export` has written"),
    "worker": ("worker", "Run workflows and send mail"),
    "serve": ("serve", "Answer the same operations over HTTP"),
    "db": ("db", "Backup, restore, check, SQL, schema, migrate, vacuum"),
    "doctor": ("doctor", "What is wrong or risky with this file and machine"),
    "profiles": ("profiles", "Named targets, and which one is meant"),
    "operations": ("operations", "The contract as data: every operation, field, type and error"),
    "demo": ("demo", "Make a file with sample data and let two weeks pass"),
    "completion": ("completion", "The script that completes words in bash, zsh or fish"),
    "help": ("help", "Pages: exit-codes, references, expressions, formats, environment"),
}
BEGIN = (
    ("ghl init work.db", "a new file, with a pipeline and an outbox for mail"),
    ("export GHL_DB=work.db", "so that --db may be left out"),
    ("ghl contacts import leads.csv --dry-run", "what an import would do"),
    ("ghl today", "what waits for you"),
)
GLOBALS = """Global options, anywhere in the line:
  --db FILE|URL       the database; else GHL_DB, else the default profile
  --account NAME      where a database has several
  --profile NAME      a named target
  --format FORMAT     table, json, ndjson, csv, tsv, md or ids; --json for short
  --fields A,B        only these fields
  --dry-run           say what would happen, with a digest; change nothing
  --plan DIGEST       do exactly what the dry run said, or refuse
  --yes               do not ask
  --no-color --no-header --debug --version --help"""


def run(argv: list[str]) -> int:
    """Run one command line; its exit code. No traceback reaches anybody without --debug."""
    context = contexts.Context()
    contexts.speak_utf8()
    try:
        context, rest = contexts.split_globals(argv)
        contexts.begin(context)
        code = _run(context, rest)
        sys.stdout.flush()  # here, where a reader that went away is nothing to complain about
        return code
    except KeyboardInterrupt:
        from ghl.cli.diagnostics import tell
        from ghl.errors import Interrupted

        return tell(Interrupted("interrupted"), context)
    except BrokenPipeError:
        from ghl.cli.diagnostics import quiet_pipe

        return quiet_pipe()
    except GhlError as error:
        from ghl.cli.diagnostics import tell

        return tell(error, context)
    except Exception as error:
        from ghl.cli.diagnostics import tell_unexpected

        return tell_unexpected(error, context)
    finally:
        context.close()


def _run(context: Context, rest: list[str]) -> int:
    if not rest or rest[0] in ("--help", "-h"):
        sys.stdout.write(root_help())
        return 0
    if rest[0] in ("--version", "-V"):
        from ghl import __version__

        sys.stdout.write(f"ghl {__version__}\n")
        return 0
    name = rest[0]
    context.command = " ".join(word for word in rest[:2] if word.isalpha() and word.isascii())
    noun = noun_named(name)
    if noun is not None and not (name in COMMANDS and noun != name):
        from ghl.cli import group  # Typer, for commands only

        return group.run_noun(noun, rest[1:])
    if name in COMMANDS:
        return _command(name, rest[1:])
    import difflib  # for what is misspelled only

    known = [*COMMANDS, *nouns.NOUNS]
    close = difflib.get_close_matches(name, known, 1)
    raise contexts.UsageError(f'there is no command "{name}"', hint=f"{close[0]}?   ghl --help" if close else "ghl --help")


def noun_named(word: str) -> str | None:
    """The noun that a word names, in the plural or the singular."""
    if word in nouns.NOUNS:
        return word
    return next((noun.name for noun in nouns.NOUNS.values() if noun.singular == word), None)


def root_help() -> str:
    """What there is, from lists alone: nothing is loaded for it."""
    from ghl import __version__

    listed = [noun for noun in nouns.NOUNS.values() if noun.name != "exports"]
    width = max(len(name) for name in (*nouns.NOUNS, *COMMANDS)) + 2
    lines = [f"ghl {__version__}: a CRM and marketing automation in one file", "", "Usage: ghl NOUN VERB …  or  ghl COMMAND …", ""]
    lines += ["Begin with:", *(f"  {typed:<42}{text}" for typed, text in BEGIN), "", "Nouns:"]
    lines += [f"  {noun.name:<{width}}{noun.help}" for noun in listed]
    lines += ["", "Commands:", *(f"  {name:<{width}}{text}" for name, (_, text) in COMMANDS.items())]
    lines += ["", GLOBALS, "", "ghl NOUN --help lists its verbs; ghl NOUN VERB --help shows options and examples.", ""]
    return "\n".join(lines)


def function_of(name: str) -> Any:
    """What a command without a noun does, for the argument parser."""
    module = COMMANDS[name][0]
    if not module:
        from ghl.cli.derive import command

        return command("", name.replace("-", "_"), nouns.load("").__operations__)
    # `import` and `help` are no names for functions of ours; getattr takes any.
    return getattr(import_module(f"ghl.cli.commands.{module}"), name)


def _command(name: str, rest: list[str]) -> int:
    from ghl.cli import group  # Typer, for commands only

    if name == "help" and rest and noun_named(rest[0]):
        return group.run_noun(noun_named(rest[0]) or "", [*rest[1:2], "--help"])
    function = function_of(name)
    if isinstance(function, dict):
        return group.run_verbs(name, COMMANDS[name][1], function, rest)
    return group.run_function(name, function, rest)
