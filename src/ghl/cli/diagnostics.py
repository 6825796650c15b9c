"""Everything on stderr that goes wrong, and the exit code."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.errors import GhlError, Malformed, NotFound

EXIT_CODES = {
    0: "done",
    1: "failed",
    2: "wrong command line, or a missing --yes where nobody can be asked",
    3: "not found",
    4: "not allowed",
    5: "invalid, or in conflict with what is there",
    6: "unreachable, busy or limited",
    7: "partly failed",
    8: "differs",
    130: "interrupted",
}


_HERE = {"follow `next_cursor` instead": "--all walks through everything; --cursor goes on where a list ended"}
"""Hints in the words of the wire, and how the same is said here."""
MISTAKES = 20
"""So many mistakes of one file are told on a terminal."""


def tell(error: GhlError, context: Context) -> int:
    """One clear message for an error, and its exit code."""
    if context.debug:
        import traceback

        traceback.print_exception(error)
    error.hint = _HERE.get(error.hint or "", error.hint)
    if context.json:
        body = error.as_dict()
        body["message"] = body.pop("error")
        sys.stderr.write(json.dumps({"error": body}, ensure_ascii=False, default=str) + "\n")
        return error.exit_code
    color = context.color and sys.stderr.isatty()
    mark, hint, off = ("\x1b[31m", "\x1b[36m", "\x1b[0m") if color else ("", "", "")
    problems = error.details.get("problems")
    if isinstance(problems, list) and len(problems) > 1:
        lines = _mistakes(problems, error.details.get("file"))
        sys.stderr.write(f"{mark}error:{off} " + "".join(f"{clean(line)}\n" for line in lines))
        return error.exit_code
    sys.stderr.write(f"{mark}error:{off} {clean(error.message)}\n")
    if error.hint:
        sys.stderr.write(f"{hint}hint:{off}  {clean(error.hint)}\n")
    return error.exit_code


def _mistakes(problems: list[dict[str, Any]], file: str | None) -> list[str]:
    """Everything that is wrong, a line each with its place, as compilers say it."""
    lines = [f"{len(problems)} mistakes in {file}" if file else f"{len(problems)} mistakes"]
    for problem in problems[:MISTAKES]:
        line = problem.get("line")
        place = f"{file}:{line}:{problem.get('column', 1)}" if file and line else problem.get("path")
        # What may have been meant is the first part of a hint; lists of all that is allowed are long.
        hint = str(problem.get("hint") or "").split("   ")[0]
        text = f"{place}  {problem['error']}" if place else problem["error"]
        lines.append(f"{text}   {hint}" if hint and len(hint) <= 80 else text)
    more = len(problems) - MISTAKES
    return [*lines, f"and {more:,} more; --json has all of them"] if more > 0 else lines


def tell_unexpected(error: BaseException, context: Context) -> int:
    """A fault of ours: one line, and what to do about it."""
    if context.debug:
        import traceback

        traceback.print_exception(error)
        return 1
    if isinstance(error, UnicodeError):
        return tell(Malformed("what was read is not UTF-8 text", hint="save it as UTF-8"), context)
    if isinstance(error, OSError) and error.strerror:
        where = error.filename if isinstance(error.filename, str) else "the output"
        if error.filename is None:
            _let_output_go()
        kind = NotFound if isinstance(error, FileNotFoundError) else GhlError
        return tell(kind(f"{where}: {error.strerror[:1].lower()}{error.strerror[1:]}"), context)
    if isinstance(error, RecursionError):
        return tell(Malformed("that is nested too deeply"), context)
    fault = GhlError(
        f"something unexpected happened: {type(error).__name__}: {error}",
        hint="the same command with --debug shows where; please report it",
    )
    return tell(fault, context)


def quiet_pipe() -> int:
    """The reader of our output went away: nothing to say."""
    _let_output_go()
    return 0


def _let_output_go() -> None:
    """What is still to be written goes nowhere; Python would try once more at its end, and complain by itself."""
    with suppress(OSError, ValueError):  # where the output is no file there is nothing to do
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
