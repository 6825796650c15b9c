"""Any record as people read it: what it is called, then its fields, one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.cli.output import cell, clean, short
from ghl.cli.spelling import TITLES
from ghl.cli.words import minute

if TYPE_CHECKING:
    from ghl.cli.context import Context

LAST = ("id", "version", "created_at", "updated_at", "deleted_at")


def lines(context: Context, record: dict[str, Any]) -> list[str]:
    """A heading, the fields that hold something, and at the end what identifies the record."""
    heading = next((name for name in TITLES if record.get(name)), None)
    shown = [(name, text) for name, text in _fields(context, record) if name != heading and text]
    width = max((len(name) for name, _ in shown), default=0)
    found = [str(record[heading])] if heading else []
    indent = "  " if heading else ""
    found += [f"{indent}{name:<{width}}  {_wrapped(context, text, len(indent) + width + 2)}" for name, text in shown]
    end = [str(record["id"])] if "id" in record and heading else []
    if record.get("created_at"):
        end.append(f"made {minute(record['created_at'], context.zone)}")
    if record.get("version"):
        end.append(f"version {record['version']}")
    if record.get("deleted_at"):
        end.append(f"deleted {minute(record['deleted_at'], context.zone)}")
    if end:
        found.append(f"{indent}{'id':<{width}}  {' · '.join(end)}" if heading else " · ".join(end))
    return [clean(line.rstrip()) for text in found for line in text.split("\n")]


def _wrapped(context: Context, text: str, indent: int) -> str:
    """A text in lines that fit beside its name on a terminal."""
    room = max(30, (context.room or 0) - indent)
    if context.room is None or len(text) <= room or "\n" in text:
        return text
    from textwrap import fill  # for long texts only

    return fill(text, room).replace("\n", "\n" + " " * indent)


def _fields(context: Context, record: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and values, references by their names, custom fields among the rest."""
    named = any(record.get(name) for name in TITLES)
    found: list[tuple[str, str]] = []
    for name, value in record.items():
        if name in LAST and (named or name != "id"):
            continue
        if name.endswith("_id") and record.get(name.removesuffix("_id")):
            continue
        if name == "custom_fields" and isinstance(value, dict):
            found += [(key, cell(one)) for key, one in value.items()]
            continue
        text = _text(context, name, value, record)
        if text and text == cell(record.get(name.removesuffix("s"))) and name.endswith("s"):
            continue  # the one that is told already is the only one
        if value != {}:
            found.append((name.removesuffix("_at").replace("_", " "), text))
    return found


def _text(context: Context, name: str, value: Any, record: dict[str, Any]) -> str:
    if name == "id" or name.endswith("_id"):
        return str(value or "")
    text = short(context, name, record)
    return text.replace("\n", "\n    ") if "\n" in text else text
