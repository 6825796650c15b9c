"""Writes the generated part of the reference; `--check` fails where it is not current."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ghl import nouns
from ghl.cli import group, main
from ghl.cli.commands.help import PAGES
from ghl.cli.diagnostics import EXIT_CODES
from ghl.contract import contract

HERE = Path(__file__).resolve().parent / "reference"


def pages() -> dict[str, str]:
    """Every generated page and its text."""
    known = contract()
    return {
        "operations.json": json.dumps(known, indent=1, ensure_ascii=False, sort_keys=True) + "\n",
        "api.md": "\n".join(api(known)) + "\n",
        "cli.md": "\n".join(cli()) + "\n",
    }


def api(known: dict[str, Any]) -> list[str]:
    """Every operation with its route and fields, every event, every error."""
    lines = [
        "# API", "",
        "Every operation, its route and its fields; generated from the contract. In Python `contacts.create` is",
        "`crm.contacts.create(…)`; in a batch or a step of a workflow it is `{\"contacts.create\": {…}}`.", "",
    ]  # fmt: skip
    noun = None
    for name, one in known["operations"].items():
        if (of := name.rpartition(".")[0]) != noun:
            noun = of
            lines += [f"## {noun or 'Without a noun'}", ""]
        lines += [f"### {name}", "", f"`{one['method']} /api/v1{one['path']}` → {one['result']}, {one['status']}", "", one["summary"], ""]
        for field, about in one["fields"].items():
            needed = ", required" if about["required"] else ""
            lines.append(f"- `{field}` ({about['type']}{needed}) {about.get('description') or ''}".rstrip())
        lines += [""] if one["fields"] else []
    lines += ["## Events", "", *(f"- `{name}`: {about['summary']}" for name, about in known["events"].items()), ""]
    lines += ["## Errors", "", "| code | HTTP | exit | |", "|---|---|---|---|"]
    lines += [f"| `{code}` | {about['status']} | {about['exit_code']} | {about['summary']} |" for code, about in known["errors"].items()]
    return lines


def cli() -> list[str]:
    """Every command that can be typed, with its line of help."""
    lines = ["# Command line", "", "Every command; generated from the program. `ghl NOUN VERB --help` shows its options and examples.", ""]
    lines += ["```", main.GLOBALS, "```", "", "## Commands", "", "| | |", "|---|---|"]
    for name, (_, about) in main.COMMANDS.items():
        function = main.function_of(name)
        if isinstance(function, dict):
            lines += [f"| `ghl {name} {verb}` | {group._summary(one)} |" for verb, one in function.items()]
        else:
            lines.append(f"| `ghl {name}` | {about} |")
    for noun in nouns.NOUNS.values():
        if noun.name != "exports":
            lines += ["", f"## {noun.name}", "", f"{noun.help}.", "", "| | |", "|---|---|"]
            lines += [f"| `ghl {noun.name} {verb}` | {about} |" for verb, about in group.verbs_of(noun.name).items()]
    lines += ["", "## Exit codes", "", "| | |", "|---|---|", *(f"| {code} | {text} |" for code, text in EXIT_CODES.items())]
    lines += ["", "## Environment", "", "```", PAGES["environment"], "```"]
    return lines


def run() -> int:
    """Write the pages, or say which are not current."""
    stale = []
    HERE.mkdir(exist_ok=True)
    for name, text in pages().items():
        path = HERE / name
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8", newline="\n")
        elif not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
    if stale:
        print(f"not current: {', '.join(stale)}; run: python docs/generate.py")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(run())
