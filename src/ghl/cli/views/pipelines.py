"""Pipelines as people look at them: a board, and a report."""

from __future__ import annotations

import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.cli.table import aligned, drawn, width
from ghl.cli.words import counted


def _money(amounts: list[Any]) -> str:
    from ghl.sdk.amounts import compact

    return " ".join(compact(amount) for amount in amounts)


def board(context: Context, result: Any) -> None:
    """A column per stage: how many deals, how much, and the first cards. Stages that find no room go below."""
    room, stages = width(), list(result.columns)
    beside = max(1, min(len(stages), (room + 3) // 25))
    lines = [clean(result.name)]
    for start in range(0, len(stages), beside):
        lines += _row(stages[start : start + beside], min(36, (room + 3) // beside - 3))
        lines.append("")
    ends = [f"{end.status.capitalize()} {end.count} {_money(end.amounts)}".rstrip() for end in result.endings]
    lines.append(" · ".join(ends))
    sys.stdout.write("\n".join(line.rstrip() for line in lines) + "\n")


def _row(stages: list[Any], each: int) -> list[str]:
    cards = [_cards(stage) for stage in stages]
    heads = [f"{stage.name} {stage.count} {_money(stage.amounts)}".rstrip() for stage in stages]
    lines = [" │ ".join(_fit(head, each) for head in heads), "─┼─".join("─" * each for _ in stages)]
    for row in range(max(map(len, cards), default=0)):
        lines.append(" │ ".join(_fit(one[row] if row < len(one) else "", each) for one in cards))
    return lines


def _cards(column: Any) -> list[str]:
    lines: list[str] = []
    for card in column.cards:
        days = f"{card.days_in_stage} d" if card.days_in_stage else "new"
        whose = card.contact or card.company or card.owner or ""
        lines.append(f"{card.id[-6:]} {card.name}")
        lines.append(f"  {'  '.join(text for text in (_money([card.amount]) if card.amount else '', days, whose) if text)}")
    if column.count > len(column.cards):
        lines.append(f"… {column.count - len(column.cards)} more")
    return lines


def _fit(text: str, size: int) -> str:
    from rich.cells import cell_len, set_cell_size  # widths of wide characters

    text = clean(text)
    return set_cell_size(text, size) if cell_len(text) <= size else set_cell_size(text, size - 1) + "…"


def _part(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _days(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def report(context: Context, result: Any) -> None:
    """What became of the deals, stage by stage; what is stale, and what may be expected."""
    ends = [f"{name} {n:,}" for name in ("open", "won", "lost", "abandoned") if (n := getattr(result, name))]
    more = [f"win rate {_part(result.win_rate)}"] if result.win_rate is not None else []
    more += [f"{result.cycle_days:.0f} days from open to won"] if result.cycle_days is not None else []
    lines = [result.name, f"{result.cohort}: {result.deals:,}   {' · '.join(ends)}".rstrip(), *(["   ".join(more)] if more else []), ""]
    headers = ["stage", "entered", "advanced", "conversion", "lost", "here now", "average days", "median days"]
    rows = [
        [
            stage.name, f"{stage.entered:,}", f"{stage.advanced:,}", "no history" if stage.unknown else _part(stage.conversion), f"{stage.lost:,}", f"{stage.here:,}",
            _days(stage.average_days), _days(stage.median_days),
        ]
        for stage in result.stages
    ]  # fmt: skip
    lines += drawn(headers, rows, room=width())[0]
    unknown = max((stage.unknown for stage in result.stages), default=0)
    if unknown:
        lines.append(f"no history: {counted(unknown, 'deal')} came in behind the stage, and whether they were ever in it is not known")
    if result.forecast:
        rows = [[one.month or "no date", f"{one.count:,}", _money([one.amount]), _money([one.weighted])] for one in result.forecast]
        lines += ["", *drawn(["expected", "deals", "amount", "weighted"], rows, room=width())[0]]
    lines += ["", f"open and longer than {result.stale_days} days in their stage: {result.stale_count:,}"]
    lines += aligned(
        [
            (card.id[-6:], card.name, _money([card.amount]) if card.amount else "", f"{card.days_in_stage} d", card.owner or "")
            for card in result.stale
        ]
    )
    if result.lost_reasons:
        lines += ["", "lost or abandoned because"]
        lines += aligned([(f"{one.count:>5,}", one.reason or "no reason given") for one in result.lost_reasons])
    sys.stdout.write("\n".join(clean(line.rstrip()) for line in lines) + "\n")
