"""The filters and tests that a template may use; nothing else can be called from one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import quote

from ghl.engine.render.dates import read_date, show_date
from ghl.engine.render.meter import Meter
from ghl.engine.render.values import Number, money, number, shown, text
from ghl.errors import TemplateError


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, str):
        raise TemplateError("a text is not a list", hint="a list, or split(',')")
    raise TemplateError("only a list can be gone through")


def _attribute(item: Any, name: Any) -> Any:
    if name is None:
        return item
    for key in text(name).split(".")[:8]:
        item = item.get(key) if isinstance(item, dict) else None
    return item


def _date(meter: Meter, value: Any, form: str = "%-d %b %Y", zone: str | None = None) -> str:
    return show_date(read_date(value, zone or meter.zone), text(form))


def _time(meter: Meter, value: Any, form: str = "%R", zone: str | None = None) -> str:
    return _date(meter, value, form, zone)


def _datetime(meter: Meter, value: Any, form: str = "%-d %b %Y, %R", zone: str | None = None) -> str:
    return _date(meter, value, form, zone)


def _default(meter: Meter, value: Any, other: Any = "", boolean: bool = False) -> Any:
    """What stands in for a value that is missing, null or blank; with `true` for no and zero too."""
    blank = value is None or (isinstance(value, str) and not value.strip())
    return other if blank or (boolean and not value) else value


def _replace(meter: Meter, value: Any, old: Any, new: Any) -> str:
    source, wanted, other = text(value), text(old), text(new)
    meter.room(len(source) + source.count(wanted) * max(0, len(other) - len(wanted)))
    return source.replace(wanted, other)


def _join(meter: Meter, value: Any, between: Any = ", ", attribute: Any = None) -> str:
    items, mark = [_attribute(item, attribute) for item in _items(value)], text(between)
    texts = [text(item) for item in items if item is not None]
    total = sum(map(len, texts)) + len(mark) * len(texts)
    meter.spend(total + 20 * len(texts))
    meter.room(total)
    return mark.join(texts)


def _truncate(meter: Meter, value: Any, length: Any = 100, end: Any = "…") -> str:
    whole, most, mark = " ".join(text(value).split()), max(1, int(number(length))), text(end)
    if len(whole) <= most:
        return whole
    cut = whole[: max(0, most - len(mark))]
    at = cut.rfind(" ")
    return (cut[:at] if at > len(cut) // 2 else cut).rstrip() + mark


def _round(meter: Meter, value: Any, places: Any = 0) -> Number:
    digits = int(number(places))
    if not -12 <= digits <= 12:
        raise TemplateError("round takes -12 to 12 decimals")
    given = number(value)
    exact = given if isinstance(given, Decimal) else Decimal(str(given))
    if not exact.is_finite() or abs(exact.adjusted()) > 24:
        raise TemplateError(f'"{str(value)[:40]}" cannot be rounded')
    rounded = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return int(rounded) if digits <= 0 else rounded


def _number(meter: Meter, value: Any, places: Any = None) -> str:
    given = number(value if places is None else _round(meter, value, places))
    if places is not None:
        return f"{given:,.{max(0, int(number(places)))}f}"
    return f"{int(given):,}" if given == int(given) else f"{given:,}"


def _plural(meter: Meter, value: Any, one: Any = "", many: Any = "s") -> str:
    """`{{ n }} deal{{ n | plural }}`, or `{{ n | plural("person", "people") }}`."""
    count = len(value) if isinstance(value, list | dict) else number(value)
    return text(one) if abs(count) == 1 else text(many)


def _urlencode(meter: Meter, value: Any) -> str:
    source = text(value)
    meter.spend(len(source) * 20)
    meter.room(len(source) * 3)
    return quote(source, safe="", errors="replace")


def _sort(meter: Meter, value: Any, attribute: Any = None, reverse: bool = False) -> list[Any]:
    items = _items(value)
    meter.spend(len(items) * 60)

    def key(item: Any) -> tuple[int, Any]:
        found = _attribute(item, attribute)
        if found is None:
            return 2, 0
        if isinstance(found, int | float | Decimal):
            return 0, found
        return 1, shown(found).casefold()

    return sorted(items, key=key, reverse=bool(reverse))


def _unique(meter: Meter, value: Any) -> list[Any]:
    return list({json.dumps(item, sort_keys=True, default=str): item for item in _items(value)}.values())


def _sum(meter: Meter, value: Any, attribute: Any = None) -> Number:
    total: Any = 0
    for item in _items(value):
        found = number(_attribute(item, attribute))
        total += Decimal(str(found)) if isinstance(found, float) else found
    return total if isinstance(total, int) else Decimal(total)


def _split(meter: Meter, value: Any, by: Any = ",") -> list[str]:
    meter.spend(len(text(value)) * 4)
    return [piece.strip() for piece in text(value).split(text(by) or ",") if piece.strip()]


def _end(value: Any, at: int) -> Any:
    items = text(value) if isinstance(value, str) else _items(value)
    return items[at] if items else None


def _numbers(value: Any, attribute: Any) -> Iterable[Number]:
    found = [number(_attribute(item, attribute)) for item in _items(value)]
    if not found:
        raise TemplateError("an empty list has no largest or smallest")
    return found


def _json(meter: Meter, value: Any) -> str:
    def other(item: Any) -> Any:
        return float(item) if isinstance(item, Decimal) else item.isoformat()

    encoded = json.dumps(value, ensure_ascii=False, default=other)
    return encoded.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _title(meter: Meter, value: Any) -> str:
    """Every word with a capital, as names are written: o'neil is O'Neil's business, so only after spaces."""
    return " ".join(word[:1].upper() + word[1:] for word in text(value).split(" "))


def _same(meter: Meter, value: Any) -> Any:
    return value


Filter = Callable[..., Any]

FILTERS: dict[str, Filter] = {
    "abs": lambda meter, value: abs(number(value)),
    "capitalize": lambda meter, value: text(value)[:1].upper() + text(value)[1:],
    "count": lambda meter, value: len(value) if isinstance(value, str) else len(_items(value)),
    "d": _default,
    "date": _date,
    "datetime": _datetime,
    "default": _default,
    "e": _same,
    "endswith": lambda meter, value, end: text(value).endswith(text(end)),
    "escape": _same,
    "first": lambda meter, value: _end(value, 0),
    "float": lambda meter, value: float(number(value)),
    "int": lambda meter, value: int(number(value)),
    "items": lambda meter, value: [[key, item] for key, item in value.items()],
    "join": _join,
    "last": lambda meter, value: _end(value, -1),
    "length": lambda meter, value: len(value) if isinstance(value, str) else len(_items(value)),
    "lower": lambda meter, value: text(value).lower(),
    "max": lambda meter, value, attribute=None: max(_numbers(value, attribute)),
    "min": lambda meter, value, attribute=None: min(_numbers(value, attribute)),
    "money": lambda meter, value, currency=None: money(value, currency),
    "nl2br": lambda meter, value: text(value),
    "number": _number,
    "plural": _plural,
    "replace": _replace,
    "reverse": lambda meter, value: text(value)[::-1] if isinstance(value, str) else _items(value)[::-1],
    "round": _round,
    "sort": _sort,
    "split": _split,
    "startswith": lambda meter, value, start: text(value).startswith(text(start)),
    "sum": _sum,
    "time": _time,
    "title": _title,
    "tojson": _json,
    "trim": lambda meter, value: text(value).strip(),
    "truncate": _truncate,
    "unique": _unique,
    "upper": lambda meter, value: text(value).upper(),
    "urlencode": _urlencode,
}
"""Every filter, called with the meter, the value and the arguments."""

TAKES_NOTHING = {"d", "default", "tojson"}
"""Filters that may be given a missing or empty value."""

METHODS = {
    "capitalize": "capitalize", "endswith": "endswith", "items": "items", "lower": "lower", "replace": "replace",
    "split": "split", "startswith": "startswith", "strip": "trim", "title": "title", "upper": "upper",
}  # fmt: skip
"""The methods of a text that may be written as calls, and the filters that do their work."""

TESTS: dict[str, Callable[..., bool]] = {
    "blank": lambda value: (
        value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})
    ),
    "divisibleby": lambda value, by: Decimal(number(value)) % Decimal(number(by)) == 0,
    "eq": lambda value, other: value == other,
    "equalto": lambda value, other: value == other,
    "even": lambda value: number(value) % 2 == 0,
    "false": lambda value: value is False,
    "ge": lambda value, other: number(value) >= number(other),
    "gt": lambda value, other: number(value) > number(other),
    "in": lambda value, other: value in (other or ()),
    "le": lambda value, other: number(value) <= number(other),
    "lt": lambda value, other: number(value) < number(other),
    "mapping": lambda value: isinstance(value, dict),
    "ne": lambda value, other: value != other,
    "none": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float | Decimal) and not isinstance(value, bool),
    "odd": lambda value: number(value) % 2 == 1,
    "sequence": lambda value: isinstance(value, list | tuple),
    "string": lambda value: isinstance(value, str),
    "true": lambda value: value is True,
}
"""Every test, but `defined` and `undefined`, which know missing values."""
