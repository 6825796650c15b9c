"""Workflows as people look at them: steps, who waits where, and the path of a run."""

from __future__ import annotations

import json
import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.cli.table import aligned, cut
from ghl.cli.words import counted, said

_PLURALS = {"is": "are", "was": "were"}


def _out(lines: list[str]) -> None:
    sys.stdout.write("\n".join(clean(line.rstrip()) for line in lines) + "\n")


def show(context: Context, detail: Any) -> None:
    """A workflow with its steps and counts."""
    counts = " · ".join(f"{name} {n:,}" for name, n in detail.counts.items()) or "nobody entered yet"
    lines = [f"{detail.name}   {detail.status}, version {detail.number or '–'}, about a {detail.subject}, re-entry {detail.re_entry}"]
    if detail.description:
        lines.append(detail.description)
    for trigger in detail.definition.get("triggers") or []:
        one = trigger if isinstance(trigger, dict) else {"on": trigger}
        more = "  ".join(f"{k} {v}" for k, v in one.items() if k != "on")
        lines.append(f"  on {one['on']}  {more}")
    lines.append(counts)
    width = max((len(step.name) for step in detail.plan), default=0)
    kinds = max((len(step.kind) for step in detail.plan), default=0)
    for step in detail.plan:
        other = f"   else → {step.other}" if step.other and step.other != step.next and step.kind != "wait" else ""
        waiting = f"{step.waiting:>7,}" if step.waiting else " " * 7
        lines.append(f"{waiting}  {step.name:<{width}}  {step.kind:<{kinds}}  {step.summary}{other}")
    _out(lines if context.room is None else [cut(line, context.room) for line in lines])


def applied(context: Context, result: Any) -> None:
    """What applying a definition did."""
    word = "created" if result.created else "changed" if result.changed else "unchanged"
    lines = [f"{result.workflow.name}  {word}: version {result.number}, {result.workflow.status}, {counted(result.workflow.steps, 'step')}"]
    if result.inside:
        does = {"keep": "stay on it", "migrate": "go on at the same step", "restart": "start again", "exit": "leave"}
        lines.append(f"  {result.inside:,} inside an older version {does[result.waiting]}")
    lines += [f"  warning  {warning}" for warning in result.warnings]
    _out(lines)


def enrolled(context: Context, result: Any) -> None:
    """Who was enrolled, and who was not and why."""
    _out([enrolled_line(result.count, result.refused)])


def enrolled_line(count: int, refused: dict[str, int]) -> str:
    """`2 enrolled; 3 are inside already`."""
    reasons = ", ".join(_refusal(n, reason) for reason, n in refused.items())
    if not count:
        return f"nobody enrolled: {reasons}" if reasons else "nobody enrolled"
    return f"{count:,} enrolled; {reasons}" if reasons else f"{count:,} enrolled"


def _refusal(number: int, reason: str) -> str:
    verb, _, rest = reason.partition(" ")
    if verb not in _PLURALS:
        return f"{number:,} because {reason}"
    return f"{number:,} {verb if number == 1 else _PLURALS[verb]} {rest}"


def enrollment(context: Context, detail: Any) -> None:
    """A run with the steps it took."""
    lines = [f"{detail.workflow} v{detail.version}   {detail.contact or detail.object_id or ''}   {detail.state}"]
    if detail.step:
        when = f", looks next {said(detail.run_at, context.zone)}" if detail.run_at else ""
        lines[0] += f" before {detail.step}{when}"
    if detail.held:
        lines.append(f"  does not move: {detail.held}")
    rows = []
    for entry in detail.path:
        more = "" if entry.detail is None else entry.detail if isinstance(entry.detail, str) else json.dumps(entry.detail, ensure_ascii=False)
        rows.append((said(entry.at, context.zone), entry.outcome, entry.step, more))
    if detail.ended_at:
        rows.append((said(detail.ended_at, context.zone), "ended", detail.outcome or "", ""))
    _out([*lines, *aligned(rows)])
