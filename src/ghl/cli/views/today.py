"""The day's list as people read it."""

from __future__ import annotations

import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean

_TITLES = {
    "overdue": "overdue", "due": "due today", "planned": "planned", "idle": "nothing planned", "manual": "waits for a person",
}  # fmt: skip


def show(context: Context, result: Any) -> None:
    """Items by kind, the most pressing first."""
    if not result.items:
        sys.stdout.write("nothing waits for you today\n")
        return
    lines: list[str] = []
    for kind, title in _TITLES.items():
        items = [item for item in result.items if item.kind == kind]
        if not items:
            continue
        lines += ["", f"{title}  {result.counts.get(kind, len(items))}"]
        for item in items:
            due = f"{item.due_at:%d %b %H:%M}" if item.due_at else ""
            more = "  ".join(text for text in (item.about, item.owner) if text)
            lines.append(f"  {item.id[-6:]}  {due:<13}{item.title}   {more}".rstrip())
    sys.stdout.write("\n".join(clean(line) for line in lines[1:]) + "\n")
