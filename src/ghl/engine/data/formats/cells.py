"""Values as the text of a cell and back: lists, moments, money and what else a record holds."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ghl.sdk.money import Money
from ghl.sdk.times import stamp

_SEPARATOR = re.compile(r"((?:[^\\;]|\\.|\\$)*)(?:;|$)", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\;])")


def cell(value: Any) -> str:
    """A value as text that the same value can be read from: `true`, `12.50 EUR`, `vip;lead`, ISO dates."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime):
        return stamp(value) if value.tzinfo else value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Money):
        return str(value)
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    if isinstance(value, Mapping):
        if value.keys() == {"value", "currency", "minor"}:
            return f"{value['value']} {value['currency']}"
        return json.dumps(value, ensure_ascii=False, default=cell)
    if isinstance(value, Iterable):
        return join(value)
    return str(value)


def join(values: Iterable[Any]) -> str:
    """A list as one cell, `;` between its items; one inside an item gets a backslash before it."""
    return ";".join(cell(value).replace("\\", "\\\\").replace(";", "\\;") for value in values)


def split(text: str) -> list[str]:
    """The items of a list in one cell, without blanks around them and without empty ones.

    Items stand between `;`, or between commas where there is no `;` at all; items in double quotes
    between commas are read as CSV.
    """
    if text[:1] == '"' == text[-1:] and len(text) > 1 and "\n" not in text:
        parts = next(csv.reader([text], skipinitialspace=True), [])
    elif ";" not in text and "\\" not in text:
        parts = text.split(",")
    else:
        parts = [_ESCAPED.sub(r"\1", found) for found in _SEPARATOR.findall(text)]
    return [part.strip() for part in parts if part.strip()]
