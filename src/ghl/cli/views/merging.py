"""How a merge looks before it is done and after: what is kept, from whom, and what gives way."""

from __future__ import annotations

import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.cli.table import aligned


def merged(context: Context, result: Any) -> None:
    """The fields that were not the same for all, and what moves to the one that stays."""
    rows = [("field", "kept", "from", "gives way")]
    for one in result.fields:
        whose = f"{one.contact_id[-6:]} {one.chosen_from}" if one.contact_id else one.chosen_from
        rows.append((one.field, one.value or "", whose, ", ".join(one.others)))
    lines = aligned(rows, indent="  ") if len(rows) > 1 else ["  the same in every field"]
    moved = ", ".join(f"{count:,} {noun}" for noun, count in result.moved.items())
    word = "would be" if result.dry_run else "are"
    lines.insert(0, f"{', '.join(one[-6:] for one in result.merged)} → {result.contact_id[-6:]}")
    if moved:
        lines.append(f"  {moved} {word} moved to it")
    if result.dry_run and result.fields:
        lines.append(f"another choice: --take FIELD={result.merged[0][-6:]}, --prefer newest")
    elif not result.dry_run:
        lines.append(f"apart again: ghl contacts unmerge {result.contact_id[-6:]}")
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")
