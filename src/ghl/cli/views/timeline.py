"""What happened to a record, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.cli.table import aligned
from ghl.cli.words import said


def entries(context: Context, found: Sequence[Any]) -> list[str]:
    """When, what kind of thing, what, and who or why."""
    from rich.cells import cell_len, set_cell_size  # widths of wide characters

    rows = []
    for entry in found:
        title = "" if entry.title == entry.kind else " ".join(entry.title.split())
        actor = entry.actor or ""
        if actor.startswith("workflow "):
            actor = actor.removesuffix(", workflow")
        about = "   ".join(text for text in (entry.about, actor) if text)
        rows.append(tuple(map(clean, (said(entry.at, context.zone), entry.kind, title, about))))
    if context.room is not None:
        beside = sum(max((cell_len(row[i]) for row in rows), default=0) for i in (0, 1, 3)) + len("   ") * 4
        room = max(20, context.room - beside)
        rows = [(*row[:2], row[2] if cell_len(row[2]) <= room else f"{set_cell_size(row[2], room - 1)}…", row[3]) for row in rows]
    return aligned(rows, gap="   ", room=context.room)
