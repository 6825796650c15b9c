"""Walls off a template's data: copies that hold nothing but plain values, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from ghl.errors import TemplateError

DEPTH_LIMIT = 16
SIZE_LIMIT = 8 * 1024 * 1024  # characters of all texts and keys, and 16 for every other value
INTEGER_BITS = 128

Plain = (
    bool | int | float | str | Decimal | datetime | date | list[Any] | tuple[Any, ...] | dict[str, Any] | None
)
"""What a template works with; `isinstance` takes `PLAIN`."""

PLAIN = (bool, int, float, str, Decimal, datetime, date, list, tuple, dict, type(None))


def plain(data: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """A copy of the data as exact built-in types, and its size.

    An object of any other kind is refused: its methods would be within a template's reach. A subclass
    of a text or number is cut down to the text or number, so Markup does not come in as trusted HTML.
    """
    copy = _Copy()
    result = copy.mapping(data, "data", 0)
    return result, copy.size


class _Copy:
    def __init__(self) -> None:
        self.size = 0

    def mapping(self, value: Mapping[Any, Any], path: str, depth: int) -> dict[str, Any]:
        if depth > DEPTH_LIMIT:
            raise TemplateError(f"{path} is nested more than {DEPTH_LIMIT} levels deep", field="data")
        result: dict[str, Any] = {}
        for key, item in value.items():
            if not isinstance(key, str) or "\0" in key:
                raise TemplateError(f"{path} has a key that is not a text", field="data")
            kind = type(item)
            # Most values are texts and numbers: settled here without a call for each.
            if kind is str:
                self.size += len(item) + len(key)
                result[key if type(key) is str else str.__str__(key)] = item
            elif item is None or kind is bool:
                self.size += 16
                result[key if type(key) is str else str.__str__(key)] = item
            else:
                self.size += len(key)
                result[str.__str__(key)] = self.value(item, path, key, depth)
        if self.size > SIZE_LIMIT:
            raise TemplateError("the data of this template is larger than 8 MiB", field="data")
        return result

    def value(self, value: Any, path: str, key: object, depth: int) -> Plain:
        here = str(key) if path == "data" else f"{path}.{key}"
        if isinstance(value, str):
            text = str.__str__(value)
            self.size += len(text)
            return text
        self.size += 16
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            number = int.__int__(value)
            if number.bit_length() > INTEGER_BITS:
                raise TemplateError(f"{here} is too large a number", field="data")
            return number
        if isinstance(value, float):
            return float.__float__(value)
        if isinstance(value, Mapping):
            return self.mapping(value, here, depth + 1)
        if isinstance(value, (list, tuple)):
            return self._list(value, here, depth + 1)
        return self._rare(value, here)

    def _list(self, value: list[Any] | tuple[Any, ...], path: str, depth: int) -> list[Any]:
        if depth > DEPTH_LIMIT:
            raise TemplateError(f"{path} is nested more than {DEPTH_LIMIT} levels deep", field="data")
        return [self.value(item, path, number, depth) for number, item in enumerate(value)]

    def _rare(self, value: Any, path: str) -> Plain:
        if isinstance(value, datetime):
            # A moment without a zone is taken as UTC, as everywhere in the store.
            aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
            return datetime.fromtimestamp(aware.timestamp(), UTC)
        if isinstance(value, date):
            return date(value.year, value.month, value.day)
        if isinstance(value, time):
            return f"{value.hour:02}:{value.minute:02}"
        if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 40:
            return Decimal(str(value)) if type(value) is not Decimal else value
        raise TemplateError(
            f"{path} is a {type(value).__name__}, which a template cannot use",
            hint="give texts, numbers, dates, lists and dictionaries",
            field="data",
        )
