"""`ghl help`: short pages."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ghl.cli.context import UsageError
from ghl.cli.diagnostics import EXIT_CODES

PAGES = {
    "exit-codes": "\n".join(f"{code:>4}  {text}" for code, text in EXIT_CODES.items()),
    "references": """A record is named by its id, by the last 6 or more characters of it (tables show those), by its e-mail
(contacts, users), or by its exact name where only one record has it. A name that fits several is exit code 5,
and lists them.""",
    "formats": """--format table   for people; the default on a terminal
--format tsv     tab-separated lines with a header; the default in a pipe
--format json    one document: {"items": …, "total": …} for lists, the bare record for one
--format ndjson  a record per line
--format csv     formulas are made harmless, and made formulas again by `import`
--format md      a Markdown table
--format ids     an id per line
--fields a,b     only these fields; custom.size and company.name look inside
Data goes to stdout, everything else to stderr.""",
}


def help(page: Annotated[str | None, typer.Argument(metavar="[PAGE]")] = None) -> None:
    """Short pages on exit codes, references and formats."""
    if page is None:
        from ghl.cli.main import root_help

        sys.stdout.write(root_help() + "\nPages: " + ", ".join(f"ghl help {name}" for name in PAGES) + "\n")
    elif page in PAGES:
        sys.stdout.write(PAGES[page] + "\n")
    else:
        raise UsageError(f'there is no page "{page}"', hint=", ".join(PAGES))
