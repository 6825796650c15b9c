"""Change sets as people read them."""

from __future__ import annotations

import json
import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean


def counted(number: int, word: str) -> str:
    """A number with its word."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def undone(context: Context, result: Any) -> None:
    """What an undo did or would do, and what it had to leave."""
    verb = "can be undone" if result.dry_run else "undone"
    lines = [f"{counted(result.undone, 'change')} of {counted(result.records, 'record')} {verb}"]
    for kept in result.kept[:20]:
        name = kept.name or kept.record_id[-6:]
        by = f" by change set {kept.change_set}" if kept.change_set else ""
        lines.append(f"  stays  {kept.noun} {name}: {kept.reason}{by}")
    if len(result.kept) > 20:
        lines.append(f"  … and {len(result.kept) - 20} more")
    lines += [f"  {note}" for note in result.not_undoable]
    if result.change_set:
        lines.append(f"change set {result.change_set}.  Back again with: ghl redo {result.change_set}")
    if result.dry_run and result.digest:
        lines.append(f"nothing was changed.   plan {result.digest}")
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")


def values(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Fields with their values before and after."""
    told = []
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = (_shown(side.get(name)) for side in (before, after))
        told.append(f"{name} {new} ← {old}" if old else f"{name} {new}")
    return "   ".join(told)


def _shown(value: Any) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, dict) and value.keys() >= {"minor", "currency"}:
        from ghl.sdk.amounts import shown
        from ghl.sdk.money import Money

        return shown(Money(minor=value["minor"], currency=value["currency"]))
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    if isinstance(value, dict):
        return str(value.get("address") or value.get("number") or value.get("name") or json.dumps(value))
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def line(context: Context, change: Any) -> None:
    """One change in one line."""
    what = values(change.before, change.after) or change.kind
    text = f"{change.at:%Y-%m-%d %H:%M}  {change.kind:<8}  {what}    {change.actor}, {change.origin}, change set {change.change_set}"
    sys.stdout.write(clean(text) + "\n")


def show(context: Context, detail: Any) -> None:
    """A change set with what it changed."""
    what = ", ".join(f"{n:,} {kind}" for kind, n in detail.counts.items())
    lines = [f"change set {detail.id}  {detail.actor}, {detail.origin}, {detail.at:%Y-%m-%d %H:%M} UTC   {what}"]
    if detail.name or detail.reason:
        lines.append(f"  {detail.name or detail.reason}")
    if detail.undone_by:
        lines.append(f"  undone by change set {detail.undone_by}")
    for change in detail.changes:
        lines.append(f"  {change.noun} {change.record_id[-6:]}  {change.kind}  {values(change.before, change.after)}")
    if detail.total > len(detail.changes):
        lines.append(f"  … and {detail.total - len(detail.changes):,} more")
    sys.stdout.write("\n".join(clean(text.rstrip()) for text in lines) + "\n")


