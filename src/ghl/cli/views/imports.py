"""How an import looks: the mapping, the plan, a bar while it runs, and what it did."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.sdk.data.imports import Import, ImportColumn, Tally

if TYPE_CHECKING:
    from ghl.engine.data.files import FileImport
    from ghl.sdk.client import Client

WIDTH = 24


def opened(context: Context, job: FileImport) -> None:
    """The file as it was understood, and what its columns become."""
    source, mapping = job.source, job.mapping
    about = [source.encoding or "", f"'{_mark(source.delimiter)}'" if source.delimiter else source.format]
    about += [_many(source.total_hint, "row"), _many(len(source.columns), "column")]
    line = f"{source.name}  {', '.join(part for part in about if part)}"
    if mapping is None:
        context.say(line)
        return
    if mapping.preset:
        how = f"ready mapping {mapping.preset}"
    elif mapping.guessed:
        how = "mapping guessed" + (f" (kept as {mapping.profile})" if mapping.profile else "")
    else:
        how = f"mapping {mapping.profile}" if mapping.profile else "mapping as you said"
    context.say(f"{line}  {how}")
    width = max((len(one.column) for one in mapping.columns), default=0)
    for one in mapping.columns:
        context.say(f"  {one.column:<{min(width, 40)}} {_becomes(one)}")


def _becomes(one: ImportColumn) -> str:
    if not one.target:
        return "  not imported" + (f": {one.note}" if one.note else "")
    more = [f"({one.label})" if one.label else "", one.note or ""]
    if one.policy not in (None, "overwrite") and not (one.policy == "append" and one.target in ("tags", "emails", "phones")):
        more.append(f"{one.policy}")
    if one.confidence < 0.5:
        more.append("please check")
    return f"→ {one.target}" + "".join(f"  {part}" for part in more if part)


def _mark(delimiter: str) -> str:
    return {"\t": "tab"}.get(delimiter, delimiter)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


class Bar:
    """A bar on stderr while rows go in; nothing where nobody watches."""

    def __init__(self, context: Context) -> None:
        from time import monotonic  # for people's eyes only

        self._on = sys.stderr.isatty() and not context.json
        self._now, self._start, self._first = monotonic, monotonic(), 0
        self._begun = False

    def show(self, done: int, total: int) -> None:
        """So many rows of about so many."""
        if not self._on:
            return
        if not self._begun:
            self._begun, self._first = True, done
        full = WIDTH * done // max(total, 1)
        seconds = self._now() - self._start
        rate = f"{done / seconds:,.0f} rows/s" if seconds > 0.2 else ""
        sys.stderr.write(f"\r{'█' * full}{'░' * (WIDTH - full)} {done:,}/{total:,}  {rate}\x1b[K")
        sys.stderr.flush()

    def clear(self) -> None:
        """The line is free again."""
        if self._on and self._begun:
            sys.stderr.write("\n")


_WORDS = {"created": "created", "changed": "changed", "unchanged": "unchanged", "merged": "merged with another row", "rejected": "rejected", "blank": "blank rows"}


def finished(context: Context, crm: Client, done: Import, job: FileImport, command: str) -> None:
    """What was done, or would be."""
    counts = [f"{word} {done.counts[name]:,}" for name, word in _WORDS.items() if done.counts.get(name)]
    told = " · ".join(counts) or "nothing to do"
    lines = [f"plan {done.plan}  {told}" if done.trial else told]
    if done.differences:
        shown = ", ".join(f"{one.count:,} × {one.text}" for one in done.differences[:4])
        more = " …" if len(done.differences) > 4 else ""
        lines.append(f"  changed    {shown}{more}" + (f"   {command} --show changed" if done.trial else ""))
    notes = _together(done.notices)
    lines += [f"  note       {note}" for note in notes[:12]]
    if len(notes) > 12:
        lines.append(f"  note       … and {len(notes) - 12} more")
    if done.counts.get("rejected"):
        first = crm.imports.show_rows(import_id=done.id, verdict="rejected", page_size=1).first()
        why = f"   line {first.line} {first.error}" if first else ""
        lines.append(f"  rejected   {done.counts['rejected']:,} → {job.rejects.path}{why}")
    if done.trial:
        for one in done.automations:
            word = "up to " if one.filtered else ""
            lines.append(f"  would start {one.workflow} for {word}{_people(one.count)} if run with --live")
        lines.append(f"nothing was changed; do exactly this with: {command} --plan {done.plan}")
    elif done.change_set is not None:
        lines.append(f"change set {done.change_set}.  Undo with: ghl undo {done.change_set}")
    sys.stdout.write("".join(clean(line) + "\n" for line in lines))


def _together(notices: list[Tally]) -> list[str]:
    """The notes, with what is new of one kind in one line."""
    new: dict[str, list[str]] = {}
    lines = []
    for one in notices:
        found = re.fullmatch(r'new (user|product) "(.*)"', one.text)
        if found is None:
            lines.append(f"{one.count:,} × {one.text}")
        else:
            new.setdefault(found[1], []).append(found[2])
    for noun, names in new.items():
        more = f", … and {len(names) - 5} more" if len(names) > 5 else ""
        lines.append(f"{_many(len(names), f'new {noun}')}: {', '.join(names[:5])}{more}")
    return lines


def _people(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"


def rows(context: Context, crm: Client, done: Import, verdict: str) -> None:
    """The rows of a plan with one verdict, each with what would change."""
    from ghl.cli.output import rows_out

    page = crm.imports.show_rows(import_id=done.id, verdict=verdict, page_size=1000)  # type: ignore[arg-type]
    if context.shape not in ("table", "tsv"):
        rows_out(context, (row.model_dump(mode="json") for row in page), ["line", "name", "error", "before", "after"], ["line", "name", "error", "before", "after"])
        return
    for row in page:
        line = f"line {row.line}  {row.name or row.error or ''}"
        if row.before or row.after:
            names = dict.fromkeys([*row.after, *row.before])
            line += "  " + "; ".join(f"{name} {_value(row.before.get(name))} → {_value(row.after.get(name))}" for name in names)
        sys.stdout.write(clean(line) + "\n")


def _value(value: object) -> str:
    from ghl.cli.output import cell

    text = cell(value)
    return f'"{text}"' if text else "nothing"
