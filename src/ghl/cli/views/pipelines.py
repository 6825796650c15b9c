"""Pipelines as people look at them: a board."""

from __future__ import annotations

import shutil
import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean


def _money(amounts: list[Any]) -> str:
    from ghl.sdk.amounts import compact

    return " ".join(compact(amount) for amount in amounts)


def board(context: Context, result: Any) -> None:
    """A column per stage: how many deals, how much, and the first cards."""
    width = shutil.get_terminal_size((100, 24)).columns
    columns = list(result.columns)
    each = max(14, min(32, (width - 3 * (len(columns) - 1)) // max(1, len(columns))))
    heads = [f"{column.name} {column.count} {_money(column.amounts)}".rstrip() for column in columns]
    cards = [_cards(column, each) for column in columns]
    lines = [clean(result.name), " │ ".join(_fit(head, each) for head in heads)]
    lines.append("─┼─".join("─" * each for _ in columns))
    for row in range(max((len(one) for one in cards), default=0)):
        lines.append(" │ ".join(_fit(one[row] if row < len(one) else "", each) for one in cards).rstrip())
    ends = "   ".join(f"{end.status.capitalize()} {end.count} {_money(end.amounts)}".rstrip() for end in result.endings)
    lines.append(ends)
    sys.stdout.write("\n".join(lines) + "\n")


def _cards(column: Any, width: int) -> list[str]:
    lines: list[str] = []
    for card in column.cards:
        amount = _money([card.amount]) if card.amount else ""
        lines.append(f"{card.id[-6:]} {card.name}")
        days = f"{card.days_in_stage}d" if card.days_in_stage is not None else ""
        lines.append("       " + "  ".join(text for text in (amount, days, card.owner or card.contact or "") if text))
    if column.count > len(column.cards):
        lines.append(f"… {column.count - len(column.cards)} more")
    return lines


def _fit(text: str, width: int) -> str:
    text = clean(text)
    return f"{text[: width - 1]}…" if len(text) > width else f"{text:<{width}}"
