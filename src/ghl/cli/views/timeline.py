"""What happened to a record, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.cli.table import aligned, width
from ghl.cli.words import said


def entries(context: Context, found: Sequence[Any]) -> list[str]:
    """When, what kind of thing, what, and who or why."""
    rows = []
    for entry in found:
        title = "" if entry.title == entry.kind else " ".join(entry.title.split())
        room = max(20, width() - 60)
        title = title if len(title) <= room else f"{title[: room - 1]}…"
        actor = entry.actor or ""
        if actor.startswith("workflow "):
            actor = actor.removesuffix(", workflow")
        about = "   ".join(text for text in (entry.about, actor) if text)
        rows.append(tuple(map(clean, (said(entry.at, context.zone), entry.kind, title, about))))
    return aligned(rows, gap="   ", room=context.room)
