"""The exact decimal, and the currency, that a value of any kind names as an amount of money."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from math import isfinite
from typing import Any

from ghl.errors import Invalid
from ghl.sdk.currencies import exponent

LARGEST = 2**63 - 1
EXACT = Context(prec=60)
_NUMBER = r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?"
_TEXT = re.compile(rf"({_NUMBER})(?:\s*([A-Za-z]{{3}}))?|([A-Za-z]{{3}})\s*({_NUMBER})")


def read_value(value: Any, name: str) -> tuple[Decimal, str | None]:
    """The decimal and the currency that a value names."""
    if isinstance(value, str):
        found = _TEXT.fullmatch(value.strip())
        if found is None:
            raise Invalid(f'{name} "{short(value)}" is not a money value', hint=_suggestion(value))
        named = found[2] or found[3]
        return Decimal(found[1] or found[4]), named.upper() if named else None
    if isinstance(value, float):
        text = repr(value)
        if not isfinite(value) or len(Decimal(text).normalize().as_tuple().digits) > 15:
            raise Invalid(f"{name} {text} is not an exact money value", hint='as text: "12.50"')
        value = Decimal(text)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Invalid(f"{name} {short(repr(value))} is not a money value", hint="12.50")
    amount = Decimal(value)
    if not amount.is_finite() or amount.adjusted() > 30 or len(amount.as_tuple().digits) > 50:
        raise Invalid(f"{name} {short(str(value))} is not a money value", hint="12.50")
    # A number's trailing zeros say nothing; those of a text may be thousands (4.200), so they count.
    return amount.normalize(EXACT), None


def fitted(amount: Decimal, currency: str, name: str) -> Decimal:
    """The amount with exactly the currency's decimals."""
    places = exponent(currency)
    minor = amount.scaleb(places, EXACT)
    whole = minor.to_integral_value(ROUND_HALF_UP)
    if whole != minor or -int(amount.as_tuple().exponent) > places:
        most = f"at most {places} decimals" if places else "no decimals"
        raise Invalid(
            f"{name} {amount:f} has too many decimals: {currency} has {most}",
            hint=format(Decimal(int(whole)).scaleb(-places, EXACT), "f"),
        )
    if not -LARGEST - 1 <= whole <= LARGEST:
        raise Invalid(f"{name} {short(format(amount, 'f'))} {currency} is out of range")
    # 1.25E+3 and 1250 are equal, but only the second keeps its last zero as a decimal.
    return (whole if whole else abs(whole)).quantize(Decimal(1), context=EXACT).scaleb(-places, EXACT)


def short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}…"


def _suggestion(text: str) -> str:
    """A value that would be accepted, from the one that was not where its meaning is plain."""
    from ghl.sdk.amounts import read_amount  # only when something went wrong

    try:
        amount, currency = read_amount(text)
    except Invalid:
        return "12.50"
    if amount.as_tuple().exponent == -1:
        amount = amount.quantize(Decimal("0.01"))
    return f"{amount:f} {currency}" if currency else format(amount, "f")
