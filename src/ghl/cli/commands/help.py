"""`ghl help`: short pages."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ghl.cli.context import UsageError
from ghl.cli.diagnostics import EXIT_CODES

PAGES = {
    "exit-codes": "\n".join(f"{code:>4}  {text}" for code, text in EXIT_CODES.items()),
    "references": """A record is named by its id, by the last 6 or more characters of it (tables show
those), by its e-mail (contacts, users), or by its exact name where only one
record has it. A name that fits several is exit code 5, and lists them.""",
    "expressions": """--where takes an expression over the fields of the noun:
`ghl fields list --noun contact` lists them.
  city == "Lisbon" && lead_score >= 10       both; || is either, ! is not
  "vip" in tags || "lead" in tags            tags
  has(phone), !has(owner)                    filled in, not filled in
  last_name.startsWith("Al")                 also endsWith, contains
  created_at > now() - duration("30d")       times; d and w count days and weeks
  amount > money("1000 EUR")                 amounts
  size > 40                                  a custom field; custom.size in full
In a shell, put the whole expression between single quotes.""",
    "environment": """GHL_DB           the file, postgresql://… or https://… that is meant where --db
                 says nothing
GHL_CONFIG_DIR   where config.toml with the profiles is
GHL_STATE_DIR    where it is remembered which files were made here (a copy holds
                 its mail)
GHL_ADOPT        1: outgoing mail leaves from here without asking (containers)
GHL_TOKEN        the bearer token for an https:// target; a profile keeps its own
                 (ghl profiles set NAME URL --token -)
GHL_OUTBOX       the folder for mail of outbox senders
GHL_ALLOW_HOSTS  addresses in the own network that webhooks may reach
GHL_USER         who is at the keyboard, for the record of changes
GHL_FORCE_TTY    tables in a pipe too
NO_COLOR, CLICOLOR=0, TERM=dumb   no colour
COLUMNS          how wide tables may be""",
    "formats": """--format table   for people; the default on a terminal
--format tsv     tab-separated lines with a header; lists in a pipe are these
--format json    one document: {"items": …, "total": …} for lists, the bare
                 record for one
--format ndjson  a record per line
--format csv     commas, quotes and a header; formulas are made harmless, as in
                 tsv, and restored by `import`
--format md      a Markdown table
--format ids     an id per line
--fields a,b     only these fields; custom.size and company.name look inside
One record, and reports such as a board, are told as text on a terminal and in a
pipe; --json has the data.
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
