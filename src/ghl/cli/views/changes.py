"""Change sets as people read them."""

from __future__ import annotations

import json
import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.cli.words import counted, counts, minute, said


def undone(context: Context, result: Any) -> None:
    """What an undo did or would do, and what it had to leave."""
    verb = "can be undone" if result.dry_run else "undone"
    lines = [f"{counted(result.undone, 'change')} of {counted(result.records, 'record')} {verb}"]
    for kept in result.kept[:20]:
        name = kept.name or kept.record_id[-6:]
        by = f" by change set {kept.change_set}" if kept.change_set and str(kept.change_set) not in kept.reason else ""
        lines.append(f"  stays  {kept.noun} {name}{f' {kept.field}' if kept.field else ''}: {kept.reason}{by}")
    if len(result.kept) > 20:
        lines.append(f"  … and {len(result.kept) - 20:,} more: --json lists them")
    lines += [f"  {note}" for note in result.not_undoable]
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
    what = values(change.before, change.after)
    when = minute(change.at, context.zone)
    text = f"{when}  {change.kind:<8}  {what}{'   ' if what else ''}{change.actor}, {change.origin}, change set {change.change_set}"
    sys.stdout.write(clean(text) + "\n")


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
    for change in detail.changes:
        lines.append(f"  {change.noun} {change.record_id[-6:]}  {change.kind}  {values(change.before, change.after)}")
    if detail.total > len(detail.changes):
        lines.append(f"  … and {detail.total - len(detail.changes):,} more")
    sys.stdout.write("\n".join(clean(text.rstrip()) for text in lines) + "\n")


