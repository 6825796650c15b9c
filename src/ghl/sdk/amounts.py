"""Amounts as people write and read them: `$1,234.50`, `1.234,50 EUR`, `€4,200`, `$94k`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from ghl.errors import Invalid
from ghl.sdk.currencies import EXPONENTS, SIGNS
from ghl.sdk.money import Money

_CODES = {sign: code for code, sign in SIGNS.items()} | {"US$": "USD"}
_BODY = re.compile(r"[0-9](?:[0-9.,' ’\u00a0\u202f]{0,38}[0-9])?|[.,][0-9]{1,20}")
_SPACES = str.maketrans("", "", "' ’\u00a0\u202f")
_UNITS = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(1000), "k"))


def read_amount(text: str, decimal: str = ".") -> tuple[Decimal, str | None]:
    """A number as a spreadsheet holds it, and the currency that stands beside it.

    Knows signs and codes before or after, thousands separators, minus signs before or after and
    accounting brackets. `decimal` is the character meant where one separator with three digits
    behind it could be either (`guess_decimal` finds it); `12,5` has only one reading.
    """
    body = text.strip()
    bracketed = body.startswith("(") and body.endswith(")")
    body = body[1:-1] if bracketed else body
    found = _BODY.search(body)
    if found is None:
        raise Invalid(f'"{text[:40]}" is not an amount', hint="1234.50")
    around = body[: found.start()] + body[found.end() :]
    minus = bracketed or any(sign in around for sign in "-−")
    label = around.strip(" +-−\u00a0\u202f")
    currency = _CODES.get(label) or (label.upper() if label.upper() in EXPONENTS else None)
    if label and currency is None:
        raise Invalid(f'"{text[:40]}" is not an amount', hint="1234.50")
    number = _number(found[0].translate(_SPACES), decimal)
    if number is None:
        raise Invalid(
            f'"{text[:40]}" is not an amount: its separators do not group thousands', hint="1234.50"
        )
    return (-number if minus and number else number), currency


def _number(digits: str, decimal: str) -> Decimal | None:
    thousands = "," if decimal == "." else "."
    if "." in digits and "," in digits:
        decimal, thousands = (".", ",") if digits.rindex(".") > digits.rindex(",") else (",", ".")
    elif digits.count(decimal) > 1 or (thousands in digits and not _grouped(digits, thousands)):
        decimal, thousands = thousands, decimal
    whole, _, fraction = digits.partition(decimal)
    if (
        decimal in fraction
        or (thousands in whole and not _grouped(whole, thousands))
        or thousands in fraction
    ):
        return None
    return Decimal(
        f"{whole.replace(thousands, '') or '0'}.{fraction}" if fraction else whole.replace(thousands, "")
    )


def _grouped(whole: str, separator: str) -> bool:
    first, *groups = whole.split(separator)
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)


def guess_decimal(samples: Iterable[str]) -> str:
    """Which character the amounts of a column have before their decimals; a point where none says."""
    points = commas = 0
    for sample in samples:
        found = _BODY.search(sample)
        if found is None:
            continue
        digits = found[0].translate(_SPACES)
        last = max(digits.rfind("."), digits.rfind(","))
        if last < 0:
            continue
        both = "." in digits and "," in digits
        if digits.count(digits[last]) > 1 or (not both and len(digits) - last == 4):
            # Thousands for sure if repeated; one group of three alone says nothing.
            if digits.count(digits[last]) > 1:
                points, commas = points + (digits[last] == ","), commas + (digits[last] == ".")
            continue
        points, commas = points + (digits[last] == "."), commas + (digits[last] == ",")
    return "," if commas > points else "."


def shown(money: Money) -> str:
    """For people: `€4,200`, `$12.50`, `CHF 99`; no decimals where they are all zero."""
    value = abs(money.value)
    places = 0 if value == value.to_integral_value() else max(0, -int(value.as_tuple().exponent))
    return _signed(money, f"{value:,.{places}f}")


def compact(money: Money) -> str:
    """For tables: `$94k`, `$1.2M`, `€950`; rounded half up, two or three digits."""
    value = abs(money.value)
    for unit, letter in _UNITS:
        if value >= unit * Decimal("0.9995"):  # what would round to 1,000 of the smaller unit
            scaled = value / unit
            step = Decimal("0.1") if scaled < Decimal("9.95") else Decimal(1)
            figures = format(scaled.quantize(step, ROUND_HALF_UP), ",f")
            return _signed(money, figures.removesuffix(".0") + letter)
    return (
        shown(money)
        if value < 100
        else _signed(money, format(value.quantize(Decimal(1), ROUND_HALF_UP), "f"))
    )


def _signed(money: Money, figures: str) -> str:
    minus = "-" if money.value < 0 else ""
    if money.currency is None:
        return minus + figures
    return minus + SIGNS.get(money.currency, f"{money.currency} ") + figures
