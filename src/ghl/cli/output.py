"""Everything on stdout: tables for people, JSON and lines for programs."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from ghl.cli.context import Context

# Control characters, C1 included, and the marks that reverse the direction of writing.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


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
            if context.header:
                sys.stdout.write("\t".join(columns) + "\n")
            for row in rows:
                sys.stdout.write("\t".join(_flat(cell(pick(row, name))) for name in columns) + "\n")
        case "md":
            sys.stdout.write(f"| {' | '.join(headers)} |\n|{' --- |' * len(headers)}\n")
            for row in rows:
                cells = (_flat(cell(pick(row, name))).replace("|", "\\|") for name in columns)
                sys.stdout.write(f"| {' | '.join(cells)} |\n")
        case _:
            table(context, [[_short(name, row) for name in columns] for row in rows], headers)


def _chosen(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    return {name: pick(row, name) for name in context.fields} if context.fields else row


def _flat(text: str) -> str:
    return clean(text.replace("\t", " ").replace("\r", " ").replace("\n", " "))


_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def _short(name: str, row: dict[str, Any]) -> str:
    value = pick(row, name)
    if isinstance(value, str):
        if name == "id" or name.endswith("_id"):
            return value[-6:]
        if _STAMP.fullmatch(value):
            return value[:16].replace("T", " ")
    if isinstance(value, dict) and value.keys() >= {"value", "currency"}:
        from ghl.sdk.amounts import shown
        from ghl.sdk.money import Money

        return shown(Money(minor=value["minor"], currency=value["currency"]))
    return cell(value)


def table(context: Context, rows: list[list[str]], headers: Sequence[str]) -> None:
    """A table as wide as the terminal."""
    from rich import box  # rich for tables only: it is most of their time
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    keep = [i for i, header in enumerate(headers) if i == 0 or any(row[i] for row in rows)] or [0]
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", show_header=context.header)
    for i in keep:
        right = bool(rows) and all(re.fullmatch(r"[-+€$£¥]?[\d,.]*%?", row[i]) for row in rows)
        drawn.add_column(headers[i], no_wrap=True, overflow="ellipsis", justify="right" if right else "left")
    for row in rows:
        drawn.add_row(*(Text(_flat(row[i])) for i in keep))
    Console(no_color=not context.color, highlight=False, soft_wrap=False).print(drawn)


def record_out(context: Context, record: dict[str, Any], lines: Sequence[tuple[str, str]] | None = None) -> None:
    """One record: as data, or its fields one below the other."""
    if context.shape in ("json", "ndjson"):
        data = _chosen(context, record)
        indent = 2 if context.shape == "json" else None
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=indent, default=str) + "\n")
        return
    if context.shape == "ids":
        sys.stdout.write(f"{record.get('id', '')}\n")
        return
    if context.shape in ("csv", "md") or context.fields:
        names = context.fields or list(record)
        rows_out(context, [record], names, names)
        return
    shown = lines or [(name, _short(name, record)) for name in record]
    shown = [(name, value) for name, value in shown if value]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        sys.stdout.write(f"{name:<{width}}  {clean(value)}\n")
