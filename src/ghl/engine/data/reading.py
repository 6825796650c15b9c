"""From the cells of a row to values of the contract, by the mapping of its columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from ghl.engine.columns import joined
from ghl.engine.data.formats.cells import split
from ghl.engine.data.targets import targets
from ghl.engine.stores import store_of
from ghl.errors import GhlError, Invalid
from ghl.nouns import NOUNS
from ghl.sdk.amounts import read_amount
from ghl.sdk.data.imports import ColumnInput
from ghl.sdk.date_formats import DateFormat, parse_date, parse_moment_by
from ghl.sdk.money import Money

Values = dict[str, Any]
Convert = Callable[[Any], Any]

LISTED = frozenset({"emails", "phones", "tags", "notes", "dnd"})
"""Targets that several columns may fill together."""
NAMES = {"expected_close_at": "expected_close_on"}
"""Targets whose field of the contract has another name."""
WHOLE = "custom_fields"
"""The target of a column that holds all custom fields of a record, as JSON has them."""
_YES = frozenset(["true", "yes", "y", "1", "x", "on", "si", "sí", "sim", "oui", "ja", "vero", "tak"])
_NO = frozenset(["false", "no", "n", "0", "off", "none", "null", "não", "nao", "non", "nein", "falso", "nie", "-", "subscribed"])


@dataclass(frozen=True, slots=True)
class Cell:
    """How one column is read."""

    column: str
    place: int
    target: str
    kind: str
    convert: Convert | None
    """None where the text itself is the value."""
    label: str | None = None


class Reader:
    """Reads rows by a mapping. Blank cells say nothing."""

    def __init__(
        self, noun: str, columns: Sequence[ColumnInput], *, zone: tzinfo, custom: dict[str, str], currency: str
    ) -> None:
        self.noun = noun
        self._zone, self._custom, self._currency = zone, custom, currency
        self.cells = [self._cell(place, one) for place, one in enumerate(columns) if one.target]
        self.width = len(columns)
        self.targets = frozenset(cell.target for cell in self.cells)
        # What most rows are made of: text that is taken as it is, read without a call for each cell.
        plain = [c for c in self.cells if c.convert is None and c.target not in LISTED | {WHOLE} and "." not in c.target]
        several = {column.name for column in store_of(NOUNS[noun].singular).columns if column.lines or column.kind == "body"}
        self._plain = [(c.place, c.column, c.target, c.kind in ("text", "name") and c.target not in several) for c in plain]
        self._others = [c for c in self.cells if c not in plain]
        self._tags = [c for c in self._others if c.target == "tags"]

    def _cell(self, place: int, one: ColumnInput) -> Cell:
        assert one.target is not None
        if one.target.startswith("custom."):
            return self._custom_cell(place, one)
        if one.target == WHOLE:
            return Cell(one.column, place, WHOLE, "object", None)
        kind = targets(self.noun)[one.target].kind
        return Cell(one.column, place, NAMES.get(one.target, one.target), kind, self._convert(kind, one), one.label)

    def _custom_cell(self, place: int, one: ColumnInput) -> Cell:
        assert one.target is not None
        kind = self._custom.get(one.target.removeprefix("custom."), "text")
        convert: Convert | None = None
        if kind in ("date", "datetime") and one.dates:
            convert = self._convert("date" if kind == "date" else "moment", one)
        elif kind == "multi-select":
            convert = listed
        elif kind == "bool":
            convert = _flag
        elif kind in ("number", "money"):
            convert = self._convert("money" if kind == "money" else "decimal", one)
        return Cell(one.column, place, one.target, f"custom {kind}", convert)

    def _convert(self, kind: str, one: ColumnInput) -> Convert | None:
        dates: DateFormat = one.dates or "iso"
        decimal = one.decimal or "."
        match kind:
            case "date":
                return lambda value: parse_date(str(value), dates).isoformat()
            case "moment":
                return lambda value: parse_moment_by(str(value), dates, self._zone)
            case "money":
                return lambda value: _money(value, decimal)
            case "number":
                return lambda value: _whole(value, decimal)
            case "decimal":
                return lambda value: _number(value, decimal)
            case "flag":
                return _flag if one.target != "dnd" else None
            case "list":
                return listed
            case _:
                return None

    def read(self, row: Any) -> Values:
        """The values of a row; what cannot be read raises Invalid naming its column."""
        values: Values = {}
        named = isinstance(row, dict)
        for place, column, target, line in self._plain:
            cell = row.get(column) if named else row[place]
            if cell:
                if type(cell) is not str:
                    cell = _text(cell)
                cell = cell.strip()
                if cell:
                    # Spreadsheets break lines within a cell; people who write a name do not.
                    values[target] = joined(cell) if line else cell
        for one in self._others:
            cell = row.get(one.column) if named else row[one.place]
            if cell is None or cell == "" or cell == []:
                continue
            if type(cell) is str:
                cell = cell.strip()
                if not cell:
                    continue
            try:
                self._put(values, one, cell)
            except GhlError as error:
                error.message, error.field = f"{one.column}: {error.message}", None
                raise
        return values

    def _put(self, values: Values, one: Cell, value: Any) -> None:
        target = one.target
        if target == WHOLE:
            if not isinstance(value, dict):
                raise Invalid("is no object of custom fields")
            values.setdefault(WHOLE, {}).update({key: item for key, item in value.items() if item is not None})
        elif target.startswith("custom."):
            values.setdefault("custom_fields", {})[target[7:]] = one.convert(value) if one.convert else value
        elif target in ("emails", "phones"):
            values.setdefault(target, []).extend(_addresses(value, target, one.label))
        elif target == "dnd":
            channels = _channels(value, one.label)
            if channels:
                values["dnd"] = list(dict.fromkeys([*values.get("dnd", ()), *channels]))
        elif target == "notes":
            values.setdefault("notes", []).extend(value if isinstance(value, list) else [_text(value)])
        elif target in LISTED:
            values.setdefault(target, []).extend(listed(value))
        else:
            values[target] = one.convert(value) if one.convert else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(_text(one) for one in value)
    if isinstance(value, dict):
        raise Invalid("is an object where a text is expected")
    return str(value)


def listed(value: Any) -> list[str]:
    """The items of a cell that holds a list."""
    if isinstance(value, list):
        return [text for one in value if (text := _text(one).strip())]
    text = _text(value)
    if '"' in text or "\\" in text:
        return split(text)
    # What most cells are, without the care that the others need.
    parts = text.split(";") if ";" in text else text.split(",")
    return [part for one in parts if (part := one.strip())]


def _addresses(value: Any, target: str, label: str | None) -> list[dict[str, Any]]:
    """E-mails or phones of a cell: texts, or objects with a label as JSON and vCard have them."""
    word = "address" if target == "emails" else "number"
    found = []
    for one in value if isinstance(value, list) else split(_text(value)):
        if isinstance(one, dict):
            text = one.get(word) or one.get("value")
            if text:
                found.append({word: str(text), "label": one.get("label") or label, "primary": bool(one.get("primary"))})
        elif _text(one).strip():
            found.append({word: _text(one).strip(), "label": label, "primary": False})
    return found


def _channels(value: Any, label: str | None) -> list[str]:
    """The channels that a cell says must not be used: a list of them, or a yes (also a date) for one."""
    if isinstance(value, list):
        return [str(one) for one in value]
    text = _text(value)
    known = [part.lower() for part in split(text) if part.lower() in ("email", "sms", "call", "all")]
    if known:
        return known
    return [label or "all"] if text.lower() not in _NO else []


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = _text(value).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Invalid(f'"{word[:40]}" is neither yes nor no', hint="yes or no")


def _money(value: Any, decimal: str) -> Money:
    if isinstance(value, dict):
        return Money.of(value)
    if isinstance(value, int | float):
        return Money(value)
    amount, currency = read_amount(_text(value), decimal)
    return Money(amount, currency)


def _number(value: Any, decimal: str) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    amount, currency = read_amount(_text(value), decimal)
    if currency:
        raise Invalid(f'"{_text(value)[:40]}" is an amount of money, not a number')
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _whole(value: Any, decimal: str) -> int:
    number = _number(value, decimal)
    if number != int(number):
        raise Invalid(f'"{_text(value)[:40]}" is not a whole number', hint="12")
    return int(number)


def missing_columns(noun: str, columns: Collection[ColumnInput]) -> None:
    """Refuse a mapping in which no column becomes anything."""
    if not any(one.target for one in columns):
        raise Invalid(
            "no column of the file becomes a field",
            hint='--map "Column=field", such as --map "E-mail=email"',
            field="columns",
        )
    for one in columns:
        if one.target and one.question:
            raise Invalid(
                f"column {one.column}: {one.question}", hint="--dates dmy, mdy or ymd", field="dates"
            )
