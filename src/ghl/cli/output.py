"""Everything on stdout: tables for people, JSON and lines for programs."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from ghl.cli.context import Context
from ghl.cli.words import counts, is_stamp, minute

# Control characters, C1 included, and the marks that reverse the direction of writing.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_NUMBER = re.compile(r"[-+€$£¥]*[\d,.]*%?")


def clean(text: str) -> str:
    """A text that cannot command a terminal."""
    return _CONTROL.sub("�", text)


def plain(value: Any) -> Any:
    """A result as plain data."""
    serializer = getattr(type(value), "__pydantic_serializer__", None)
    if serializer is not None:
        return serializer.to_python(value, mode="json", warnings=False)
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def write_json(value: Any) -> None:
    """One JSON document."""
    serializer = getattr(type(value), "__pydantic_serializer__", None)
    if serializer is not None:
        sys.stdout.write(serializer.to_json(value, warnings=False, indent=2).decode() + "\n")
    else:
        sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2, default=str) + "\n")


def pick(record: dict[str, Any], path: str) -> Any:
    """A field by its name; `custom.key` and `deal.name` look inside."""
    found: Any = record
    for part in path.split("."):
        part = "custom_fields" if part == "custom" and isinstance(found, dict) and "custom" not in found else part
        found = found.get(part) if isinstance(found, dict) else None
    return found


def cell(value: Any) -> str:
    """A value in one line of text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        if value.keys() >= {"value", "currency"}:
            return f"{value['value']} {value['currency']}"
        for name in ("name", "address", "number"):
            if name in value:
                return str(value[name])
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return ", ".join(cell(item) for item in value)
    return str(value)


def rows_out(context: Context, rows: Iterable[dict[str, Any]], columns: Sequence[str], headers: Sequence[str]) -> None:
    """Rows in the format that is asked for."""
    match context.shape:
        case "ndjson":
            for row in rows:
                sys.stdout.write(json.dumps(_chosen(context, row), ensure_ascii=False, default=str) + "\n")
        case "ids":
            for row in rows:
                sys.stdout.write(f"{row.get('id', '')}\n")
        case "csv":
            from ghl.sdk.formulas import neutralise

            writer = csv.writer(sys.stdout, lineterminator="\n")
            if context.header:
                writer.writerow(columns)
            for row in rows:
                writer.writerow([neutralise(cell(pick(row, name))) for name in columns])
        case "tsv":
            from ghl.sdk.formulas import neutralise

            if context.header:
                sys.stdout.write("\t".join(columns) + "\n")
            for row in rows:
                sys.stdout.write("\t".join(neutralise(_flat(cell(pick(row, name)))) for name in columns) + "\n")
        case "md":
            sys.stdout.write(f"| {' | '.join(headers)} |\n|{' --- |' * len(headers)}\n")
            for row in rows:
                cells = (_flat(cell(pick(row, name))).replace("|", "\\|") for name in columns)
                sys.stdout.write(f"| {' | '.join(cells)} |\n")
        case _:
            table(context, [[short(context, name, row) for name in columns] for row in rows], headers)


def _chosen(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    return {name: pick(row, name) for name in context.fields} if context.fields else row


def _flat(text: str) -> str:
    return clean(text.replace("\t", " ").replace("\r", " ").replace("\n", " "))


def short(context: Context, name: str, row: dict[str, Any]) -> str:
    """A value as people read it: the end of an id, a local time, an amount with its sign."""
    value = pick(row, name)
    if isinstance(value, str):
        if name == "id" or name.endswith("_id"):
            return value[-6:]
        if is_stamp(value):
            return minute(value, context.zone)
    if isinstance(value, dict) and value.keys() >= {"minor", "currency"}:
        from ghl.sdk.amounts import shown
        from ghl.sdk.money import Money

        return shown(Money(minor=value["minor"], currency=value["currency"]))
    if isinstance(value, dict) and value and all(type(n) is int for n in value.values()):
        return counts(value)
    return cell(value)


def table(context: Context, rows: list[list[str]], headers: Sequence[str]) -> None:
    """A table as wide as the terminal; columns at the right that find no room are named on stderr."""
    from rich import box  # rich for tables only: it is most of their time
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    kept = [i for i, header in enumerate(headers) if i == 0 or any(row[i] for row in rows)] or [0]
    cells = [[Text(_flat(row[i])) for i in kept] for row in rows]
    widths = [
        max([cell_len(headers[i]), *(one[place].cell_len for one in cells)]) for place, i in enumerate(kept)
    ]  # fmt: skip
    width = shutil.get_terminal_size((120, 24)).columns
    least = [min(natural, max(10, cell_len(headers[i]))) for natural, i in zip(widths, kept, strict=True)]
    room = len(kept)
    while room > 1 and sum(least[:room]) + 3 * (room - 1) > width:
        room -= 1
    drawn = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold" if context.color else "",
        show_header=context.header,
    )  # fmt: skip
    for place, i in enumerate(kept[:room]):
        right = bool(rows) and all(_NUMBER.fullmatch(row[i]) for row in rows) and headers[i] != "id"
        justify: Literal["left", "right"] = "right" if right else "left"
        drawn.add_column(headers[i], no_wrap=True, overflow="ellipsis", justify=justify, min_width=least[place])
    for row in cells:
        drawn.add_row(*row[:room])
    console = Console(no_color=not context.color, color_system="auto" if context.color else None, width=width, highlight=False)
    with console.capture() as capture:
        console.print(drawn)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))
    if room < len(kept):
        left = ", ".join(headers[i] for i in kept[room:])
        context.say(f"no room for {left}: --fields chooses columns, --json has them all")


def record_out(context: Context, record: dict[str, Any]) -> None:
    """One record: as data, or its fields one below the other."""
    match context.format:
        case "json":
            write_json(_chosen(context, record))
        case "ids":
            sys.stdout.write(f"{record.get('id', '')}\n")
        case "ndjson" | "csv" | "tsv" | "md":
            names = context.fields or list(record)
            rows_out(context, [record], names, names)
        case _ if context.fields:
            width = max(map(len, context.fields)) if context.header else 0
            for name in context.fields:
                label = f"{name:<{width}}  " if context.header else ""
                sys.stdout.write(f"{label}{clean(cell(pick(record, name)))}\n")
        case _:
            from ghl.cli.views.record import lines

            sys.stdout.write("\n".join(lines(context, record)) + "\n")
