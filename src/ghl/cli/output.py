"""Everything on stdout: tables for people, JSON and lines for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from ghl.cli import table as tables
from ghl.cli.context import Context
from ghl.cli.words import counts, is_stamp, minute
from ghl.sdk.sizes import size

# Control characters, C1 included, and the marks that reverse the direction of writing.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_AMOUNT = {"value", "currency", "minor"}
"""The keys of an amount, in fields of ours and in custom ones of the type money."""


_SIZES = frozenset({"size", "attachment_limit", "contact_attachments_limit"})
"""Built-in fields in bytes; custom fields are not told by these names."""


def clean(text: str) -> str:
    """A text that cannot command a terminal."""
    return _CONTROL.sub("�", text)


class Named(dict[str, Any]):
    """A record of the contract inside another: it is called by its name, whatever else it has."""


class Counts(dict[str, Any]):
    """Numbers by what they count, where the contract says so."""


def plain(value: Any) -> Any:
    """A result as plain data, in which what has words of its own is marked. All else is what somebody stored."""
    serializer = getattr(type(value), "__pydantic_serializer__", None)
    if serializer is not None:
        from ghl.sdk.fields import COUNTED  # loads pydantic, as the record in hand has done

        data: dict[str, Any] = serializer.to_python(value, mode="json", warnings=False)
        for name, info in type(value).model_fields.items():
            held, one = getattr(value, name), data.get(name)
            if isinstance(one, dict):
                if _is_record(held):
                    data[name] = Named(one)
                elif COUNTED in info.metadata:
                    data[name] = Counts(one)
            elif isinstance(one, list) and one and _is_record(held[0]):
                data[name] = [Named(item) for item in one]
        return data
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def _is_record(value: Any) -> bool:
    return hasattr(type(value), "__pydantic_serializer__")


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


def cell(value: Any, *, words: bool = True) -> str:
    """A value in one line of text; counts in `words` are for people, programs get them as JSON like every object."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        if value.keys() == _AMOUNT:
            return f"{value['value']} {value['currency']}"
        if isinstance(value, Named):
            for name in ("name", "address", "number"):
                if name in value:
                    return str(value[name])
        if words and isinstance(value, Counts):
            sentences = all(" " in key for key in value)  # such as `contact created`
            return counts(value) if sentences else ", ".join(f"{number:,} {key}" for key, number in value.items())
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, list):
        return ", ".join(cell(item, words=words) for item in value)
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
            import csv  # for this format only

            from ghl.sdk.formulas import neutralise

            writer = csv.writer(sys.stdout, lineterminator="\n")
            if context.header:
                writer.writerow(columns)
            for row in rows:
                writer.writerow([neutralise(cell(pick(row, name), words=False)) for name in columns])
        case "tsv":
            from ghl.sdk.formulas import neutralise

            if context.header:
                sys.stdout.write("\t".join(columns) + "\n")
            for row in rows:
                sys.stdout.write("\t".join(neutralise(_flat(cell(pick(row, name), words=False))) for name in columns) + "\n")
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
    if name in _SIZES and isinstance(value, int):
        return size(value)
    if name == "probability" and isinstance(value, int | float):
        return f"{value:g}%"
    if isinstance(value, str):
        if name == "id" or name.endswith("_id"):
            return value[-6:]
        if is_stamp(value):
            return minute(value, context.zone)
    if isinstance(value, dict) and value.keys() == _AMOUNT:
        from ghl.sdk.amounts import shown
        from ghl.sdk.money import Money

        return shown(Money(minor=value["minor"], currency=value["currency"]))
    return cell(value)


def table(context: Context, rows: list[list[str]], headers: Sequence[str]) -> None:
    """A table as wide as the terminal; columns at the right that find no room are named on stderr."""
    flat = [[_flat(text) for text in row] for row in rows]
    bold = context.color and sys.stdout.isatty()
    lines, left = tables.drawn(headers, flat, room=tables.width(), header=context.header, bold=bold)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    if left:
        context.say(f"no room for {', '.join(left)}: --fields chooses columns, --json has them all")


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
            words = context.shape == "table"
            for name in context.fields:
                label = f"{name:<{width}}  " if context.header else ""
                sys.stdout.write(f"{label}{clean(cell(pick(record, name), words=words))}\n")
        case _:
            from ghl.cli.views.record import lines

            sys.stdout.write("\n".join(lines(context, record)) + "\n")
