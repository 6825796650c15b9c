"""Tables as wide as the terminal: columns shrink to an ellipsis, and the last ones give way."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence

GAP = "   "
LEGIBLE = 13
"""No column of words becomes narrower; rather, the last ones are left out."""
LEADING = frozenset({"name", "title", "subject", "body"})
"""Columns that say what a row is about, and keep some more room."""
_NUMBER = re.compile(r"-?[€$£¥]?[\d,.]*%?")
_RIGID = re.compile(r"(\d{4}-\d\d-\d\d( \d\d:\d\d)?)?")


def width() -> int:
    """The columns of the terminal, or COLUMNS; 120 where there is neither."""
    return shutil.get_terminal_size((120, 24)).columns


class Column:
    """One column: its texts, how wide it would like to be, and how narrow it may become."""

    def __init__(self, header: str, texts: Sequence[str]) -> None:
        from rich.cells import cell_len  # widths of wide characters; only tables need them

        self.header, self.texts = header, texts
        self.size = max([cell_len(header), *map(cell_len, texts)])
        self.number = header != "id" and all(map(_NUMBER.fullmatch, texts))
        rigid = header == "id" or self.number or all(map(_RIGID.fullmatch, texts))
        least = LEGIBLE + 4 if header in LEADING else LEGIBLE
        self.least = self.size if rigid else min(self.size, max(least, cell_len(header)))

    def cell(self, text: str) -> str:
        """A text in exactly the width of the column."""
        from rich.cells import cell_len, set_cell_size

        if cell_len(text) > self.size:
            return set_cell_size(text, self.size - 1) + "…"
        blank = " " * (self.size - cell_len(text))
        return blank + text if self.number else text + blank


def drawn(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, room: int, header: bool = True, bold: bool = False
) -> tuple[list[str], list[str]]:
    """The lines of a table, and the headers of the columns that found no room.

    Columns that are empty everywhere are left out, the first one never.
    """
    filled = [i for i in range(len(headers)) if i == 0 or any(row[i] for row in rows)]
    columns = [Column(headers[i], [row[i] for row in rows]) for i in filled]
    shown = len(columns)
    while shown > 1 and sum(one.least for one in columns[:shown]) + len(GAP) * (shown - 1) > room:
        shown -= 1
    left = [one.header for one in columns[shown:]]
    columns = columns[:shown]
    while sum(one.size for one in columns) + len(GAP) * (shown - 1) > room:
        widest = max(columns, key=lambda one: one.size - one.least)
        if widest.size <= widest.least:
            break
        widest.size -= 1
    lines = []
    if header:
        line = GAP.join(one.cell(one.header) for one in columns).rstrip()
        rule = "─" * min(room, sum(one.size for one in columns) + len(GAP) * (shown - 1))
        lines += [f"\x1b[1m{line}\x1b[0m" if bold else line, rule]
    lines += [GAP.join(one.cell(one.texts[n]) for one in columns).rstrip() for n in range(len(rows))]
    return lines, left


def aligned(
    rows: Sequence[Sequence[str]], *, indent: str = "  ", gap: str = "  ", room: int | None = None
) -> list[str]:
    """Rows of texts with their columns one below the other, without a heading, cut where there is no room."""
    from rich.cells import cell_len

    if not rows:
        return []
    sizes = [max(cell_len(row[i]) for row in rows) for i in range(len(rows[0]))]
    kept = [i for i, size in enumerate(sizes) if size]
    lines = [
        (indent + gap.join(row[i] + " " * (sizes[i] - cell_len(row[i])) for i in kept)).rstrip() for row in rows
    ]
    return lines if room is None else [cut(line, room) for line in lines]


def cut(line: str, room: int) -> str:
    """A line that ends where the terminal does."""
    from rich.cells import cell_len, set_cell_size

    return set_cell_size(line, room - 1) + "…" if cell_len(line) > room else line
