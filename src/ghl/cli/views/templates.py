"""Templates as people read them: what is known of one, then its texts as they are written or filled in."""

from __future__ import annotations

import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.cli.table import aligned
from ghl.cli.words import minute

_PARTS = {"html": "HTML", "markdown": "Markdown", "body": "text"}


def show(context: Context, template: Any) -> None:
    """A template's settings, and each of its texts under its name."""
    parts = [(name, getattr(template, name)) for name in _PARTS if getattr(template, name)]
    facts = [
        ("kind", template.kind), ("subject", template.subject), ("about", template.description or ""),
        ("file", template.file or ""), ("version", str(template.number or "")),
        ("id", f"{template.id} · changed {minute(template.updated_at, context.zone)}"),
    ]  # fmt: skip
    if template.deleted_at:
        facts.append(("deleted", minute(template.deleted_at, context.zone)))
    lines = [template.name, *aligned([fact for fact in facts if fact[1]])]
    for name, text in parts:
        lines += ["", *([f"{_PARTS[name]}:"] if len(parts) > 1 else []), *text.rstrip().splitlines()]
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")


def preview(context: Context, message: Any) -> None:
    """A message as its reader gets it: the subject and the text; the HTML is for --fields html."""
    lines = [message.subject, "", *message.text.rstrip().splitlines()]
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")
    if message.html:
        context.say(f"the HTML part has {len(message.html):,} characters: --fields html --no-header shows it")
