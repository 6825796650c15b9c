"""The day's list as people read it."""

from __future__ import annotations

import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.cli.table import aligned
from ghl.cli.words import said

_TITLES = {
    "overdue": "overdue", "due": "today", "planned": "planned", "idle": "nothing planned", "manual": "waits for a person",
}  # fmt: skip


def show(context: Context, result: Any) -> None:
    """Items by kind, the most pressing first."""
    if not result.items:
        sys.stdout.write("nothing waits for you today\n")
        return
    rows = [
        (item.id[-6:], said(item.due_at, context.zone) if item.due_at else "", item.title, item.about or "", item.owner or "")
        for item in result.items
    ]  # fmt: skip
    texts = aligned([tuple(map(clean, row)) for row in rows], room=context.room)
    lines: list[str] = []
    for kind, title in _TITLES.items():
        told = [text for item, text in zip(result.items, texts, strict=True) if item.kind == kind]
        if told:
            lines += ["", f"{title}  {result.counts.get(kind, len(told)):,}", *told]
    sys.stdout.write("\n".join(lines[1:]) + "\n")
    total = sum(result.counts.values())
    if total > len(result.items):
        context.say(f"{len(result.items):,} of {total:,} shown; more with --limit {min(500, total)}, or --owner")
