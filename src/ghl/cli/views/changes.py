"""Change sets as people read them."""

from __future__ import annotations

import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.cli.table import aligned
from ghl.cli.words import counts, said
from ghl.sdk.differences import differences

SHOWN = 20
"""So many changes of a set are shown on a terminal."""


def undone(context: Context, result: Any, done: str = "undone") -> None:
    """What an undo did or would do, and what it had to leave."""
    verb = f"can be {done}" if result.dry_run else done
    lines = [f"{verb}: {counts(result.counts)}" if result.counts else f"nothing {'can be' if result.dry_run else 'was'} {done}"]
    for kept in result.kept[:20]:
        name = kept.name or kept.record_id[-6:]
        by = f" by change set {kept.change_set}" if kept.change_set and str(kept.change_set) not in kept.reason else ""
        lines.append(f"  stays  {kept.noun} {name}{f' {kept.field}' if kept.field else ''}: {kept.reason}{by}")
    if len(result.kept) > 20:
        lines.append(f"  … and {len(result.kept) - 20:,} more: --json lists them")
    lines += [f"  ends   {note}" for note in result.ended]
    lines += [f"  stays  {note}" for note in result.not_undoable]
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")


def values(context: Context, change: Any) -> str:
    """Fields with their values before and after."""
    return ", ".join(differences(change.before, change.after, context.zone))


def history(context: Context, changes: list[Any]) -> None:
    """The changes of one record, a line each; the number is what `ghl undo` takes."""
    rows = [
        (f"change set {one.change_set}", said(one.at, context.zone), one.kind, _whose(one), values(context, one))
        for one in changes
    ]  # fmt: skip
    lines = aligned([tuple(map(clean, row)) for row in rows], indent="", room=context.room)
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _whose(change: Any) -> str:
    return change.actor if change.actor.startswith("workflow ") else f"{change.actor}, {change.origin}"


def heading(context: Context, one: Any) -> str:
    """A change set in one line: who, from where, when, what was typed, and what it did."""
    said_why = one.name or one.reason
    why = f"  {said_why}:" if said_why else ""
    return f"change set {one.id}  {one.actor}, {one.origin}, {said(one.at, context.zone)}{why}   {counts(one.counts)}"


def show(context: Context, detail: Any) -> None:
    """A change set with what it changed."""
    lines = [heading(context, detail)]
    if detail.undone_by:
        lines.append(f"  undone by change set {detail.undone_by}")
    first = detail.changes if context.room is None else detail.changes[:SHOWN]
    rows = [(one.noun, one.record_id[-6:], one.name or "", one.kind, values(context, one)) for one in first]
    lines += aligned([tuple(map(clean, row)) for row in rows], room=context.room)
    if detail.total > len(first):
        lines.append(f"  … and {detail.total - len(first):,} more: --json has the first {len(detail.changes):,}")
    sys.stdout.write("\n".join(clean(text.rstrip()) for text in lines) + "\n")


