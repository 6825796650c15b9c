"""Values of templates as texts, numbers and money."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ghl.engine.render.dates import show_date
from ghl.errors import Invalid, TemplateError

Number = int | float | Decimal


def shown(value: Any) -> str:
    """A value as text for a person: money as money, dates as dates, yes and no."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return show_date(value, "%-d %b %Y, %R")
    if isinstance(value, date):
        return show_date(datetime(value.year, value.month, value.day), "%-d %b %Y")  # noqa: DTZ001
    if isinstance(value, dict):
        if value.keys() >= {"value", "currency"}:
            return money(value)
        raise TemplateError("is a group of values: name one of them")
    if isinstance(value, list | tuple):
        if any(isinstance(item, dict | list | tuple) for item in value):
            raise TemplateError("is a list of records: go through it with for")
        return ", ".join(shown(item) for item in value if item is not None)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    raise TemplateError("is nothing that can be shown")


def text(value: Any) -> str:
    """The argument of a filter for texts."""
    if value is None:
        raise TemplateError("an empty value has no text")
    return shown(value)


def number(value: Any) -> Number:
    """The argument of a filter for numbers; texts that are numbers count."""
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    if isinstance(value, str) and len(value) <= 40:
        try:
            found = Decimal(value.strip())
        except InvalidOperation:
            pass
        else:
            if found.is_finite() and abs(found.adjusted()) < 40:
                return int(found) if found == found.to_integral_value() and "." not in value else found
    raise TemplateError(f'"{str(value)[:40]}" is not a number')


def money(value: Any, currency: str | None = None) -> str:
    """Money in its currency; TemplateError for what is no amount."""
    from ghl.sdk import amounts  # amounts and their signs, only where a template shows money
    from ghl.sdk.money import Money

    try:
        return amounts.shown(Money.of(value, currency))
    except Invalid as error:
        raise TemplateError(error.message, hint=error.hint) from None
