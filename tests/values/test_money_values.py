"""Money: reading, exactness, bounds, arithmetic, wire form and display."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from ghl.errors import Invalid, Malformed
from ghl.sdk.amounts import compact, guess_decimal, read_amount, shown
from ghl.sdk.currencies import EXPONENTS, exponent
from ghl.sdk.money import Amount, Money, check_currency
from ghl.sdk.operation import Operation, Record, build, post

pytestmark = pytest.mark.unit
currencies = st.sampled_from(sorted(EXPONENTS))
minors = st.integers(-(2**63), 2**63 - 1)


class Answer(Record):
    amount: Money | None = None


@post("/money")
class Ask(Operation[Answer]):
    """A request with money in it."""

    amount: Amount | None = None
    price: Amount | None = None


@given(minors, currencies)
def test_minor_units_survive_every_form(minor: int, currency: str) -> None:
    money = Money(minor=minor, currency=currency)
    assert money.minor == minor
    assert Money(str(money)) == money
    assert Money.of(money.as_dict()) == money
    assert Money.of(str(money.value), currency) == money
    assert Money.of(money.value, currency) == money
    assert pickle.loads(pickle.dumps(money)) == money
    assert Answer.model_validate_json(Answer(amount=money).model_dump_json()).amount == money


@given(minors, minors, currencies)
def test_arithmetic_is_that_of_minor_units(a: int, b: int, currency: str) -> None:
    left, right = Money(minor=a, currency=currency), Money(minor=b, currency=currency)
    assert (left < right, left <= right, left > right, left >= right) == (a < b, a <= b, a > b, a >= b)
    assert bool(left) == bool(a)
    for result, calculate in ((a + b, lambda: left + right), (a - b, lambda: left - right)):
        if -(2**63) < result < 2**63 and b > -(2**63):
            assert calculate().minor == result


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_float_is_exact_or_refused(value: float) -> None:
    try:
        money = Money.of(value)
    except Invalid:
        return
    assert float(money.value) == value


@given(
    st.one_of(
        st.text(),
        st.integers(),
        st.none(),
        st.booleans(),
        st.lists(st.text()),
        st.dictionaries(st.text(), st.text()),
    )
)
def test_anything_else_is_one_clear_error(value: Any) -> None:
    try:
        money = Money.of(value, "EUR", field="amount")
    except Invalid as error:
        caught: Invalid | None = error
    else:
        caught = None
        assert money.currency
    if caught:
        assert caught.field == "amount"
        assert not caught.message.endswith(".")


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("12.50", "EUR", "12.50 EUR"),
        ("12.5", "EUR", "12.50 EUR"),
        ("12.50 USD", "EUR", "12.50 USD"),
        ("usd 3", None, "3.00 USD"),
        (12, "KWD", "12.000 KWD"),
        (12.5, "EUR", "12.50 EUR"),
        (Decimal("0.1"), "EUR", "0.10 EUR"),
        ("1234", "JPY", "1234 JPY"),
        ("-0", "EUR", "0.00 EUR"),
        ({"value": "12.50", "currency": "EUR", "minor": 1250}, "USD", "12.50 EUR"),
        ({"minor": 1250, "currency": "EUR"}, None, "12.50 EUR"),
        ({"value": "7"}, "EUR", "7.00 EUR"),
        ("12.50", None, "12.50"),
    ],
)
def test_what_is_accepted(value: Any, currency: str | None, text: str) -> None:
    assert str(Money.of(value, currency)) == text


@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        ("12,5", 'amount "12,5" is not a money value', "12.50"),
        ("1.234,50", 'amount "1.234,50" is not a money value', "1234.50"),
        ("$5", 'amount "$5" is not a money value', "5 USD"),
        ("much", 'amount "much" is not a money value', "12.50"),
        ("12.345", "amount 12.345 has too many decimals: EUR has at most 2 decimals", "12.35"),
        ("4.200", "amount 4.200 has too many decimals: EUR has at most 2 decimals", "4.20"),
        ("1.5 JPY", "amount 1.5 has too many decimals: JPY has no decimals", "2"),
        ("92233720368547758.08", "amount 92233720368547758.08 EUR is out of range", None),
        (0.1 + 0.2, "amount 0.30000000000000004 is not an exact money value", 'as text: "12.50"'),
        (float("nan"), "amount nan is not an exact money value", 'as text: "12.50"'),
        (True, "amount True is not a money value", "12.50"),
        ("1 XYZ", 'there is no currency "XYZ"', None),
        (
            {"value": "1", "currency": "EUR", "minor": 99},
            "amount 1.00 EUR is not 99 minor units",
            "leave `minor` out",
        ),
        ({"value": "1 USD", "currency": "EUR"}, 'amount "1 USD" is not in EUR', None),
        ({"cents": 5}, 'amount has no "cents"', '{"value": "12.50", "currency": "EUR"}'),
        ({}, "amount has no value", '{"value": "12.50", "currency": "EUR"}'),
    ],
)
def test_what_is_refused(value: Any, message: str, hint: str | None) -> None:
    with pytest.raises(Invalid) as caught:
        Money.of(value, "EUR")
    assert caught.value.message == message
    if hint:
        assert caught.value.hint == hint


def test_odd_ways_to_make_money() -> None:
    for arguments in (
        {"minor": 5},
        {"minor": 5, "currency": "EUR", "value": 1},
        {"minor": 2**63, "currency": "EUR"},
        {"value": "1 USD", "currency": "EUR"},
    ):
        with pytest.raises(Invalid):
            Money(**arguments)  # type: ignore[arg-type]
    assert Money("3", "EUR") == Money(3, "EUR") == Money(minor=300, currency="EUR")
    assert repr(Money("3 EUR")) == "Money('3.00 EUR')"
    assert Money("3 EUR") != "3 EUR"
    with pytest.raises(Invalid, match="not a money value"):
        Money(Decimal("Infinity"))
    for act in (
        lambda: Money("1 EUR") * 1.5,
        lambda: Money("1 EUR") < 1,
        lambda: Money("1 EUR") - 1,
        lambda: 1 + Money("1 EUR"),
    ):
        with pytest.raises(TypeError):
            act()


def test_currencies_never_mix() -> None:
    euro, dollar = Money("1 EUR"), Money("1 USD")
    assert euro != dollar
    for act in (lambda: euro + dollar, lambda: euro < dollar, lambda: euro - dollar):
        with pytest.raises(Invalid, match="EUR and USD"):
            act()
    assert sum([euro, Money("2.50 EUR")]) == Money("3.50 EUR")
    with pytest.raises(TypeError):
        euro + 1  # type: ignore[operator]


def test_a_product_is_rounded_half_up() -> None:
    assert Money("0.05 EUR") * Decimal("0.5") == Money("0.03 EUR")
    assert 3 * Money("1.10 EUR") == Money("3.30 EUR")
    assert -Money("1 EUR") == Money("-1 EUR")


def test_money_without_a_currency_waits_for_one() -> None:
    money = Money("12.50")
    assert money.currency is None
    assert money.resolved("EUR") == Money("12.50 EUR")
    with pytest.raises(Invalid, match="no currency yet"):
        _ = money.minor
    with pytest.raises(AttributeError):
        money.currency = "EUR"  # type: ignore[misc]


def test_in_a_contract() -> None:
    request = build(Ask, {"amount": "12.50", "price": "3 USD"})
    sent = json.loads(request.model_dump_json())
    assert sent["amount"] == "12.50"
    assert sent["price"] == {"value": "3.00", "currency": "USD", "minor": 300}
    assert build(Ask, sent) == request
    with pytest.raises(Invalid) as caught:
        build(Ask, {"price": "12,5"})
    assert caught.value.as_dict() == {
        "error": 'price "12,5" is not a money value', "code": "invalid", "hint": "12.50", "field": "price",
    }  # fmt: skip
    with pytest.raises(Malformed):
        build(Ask, {"prize": "1"})
    schema = Answer.model_json_schema(mode="serialization")
    assert "minor" in json.dumps(schema)


def test_a_plain_model_reports_it_too() -> None:
    class Plain(BaseModel):
        amount: Money

    assert Plain(amount="1 EUR").amount == Money("1 EUR")  # type: ignore[arg-type]


def test_exponents() -> None:
    assert (exponent("JPY"), exponent("EUR"), exponent("KWD"), exponent("CLF")) == (0, 2, 3, 4)
    assert check_currency(" eur ") == "EUR"
    with pytest.raises(Invalid) as caught:
        check_currency("EURO", field="currency")
    assert caught.value.hint == "EUR?"
    assert len(EXPONENTS) > 160


@pytest.mark.parametrize(
    ("text", "long", "short"),
    [
        ("0 USD", "$0", "$0"), ("94000 USD", "$94,000", "$94k"), ("4200 EUR", "€4,200", "€4.2k"),
        ("999.40 USD", "$999.40", "$999"), ("999.60 USD", "$999.60", "$1k"), ("999500 USD", "$999,500", "$1M"),
        ("1234567 USD", "$1,234,567", "$1.2M"), ("-4200.50 EUR", "-€4,200.50", "-€4.2k"), ("12 CHF", "CHF 12", "CHF 12"),
        ("99.50 EUR", "€99.50", "€99.50"), ("1234 JPY", "¥1,234", "¥1.2k"), ("2500000000 GBP", "£2,500,000,000", "£2.5B"),
    ],
)  # fmt: skip
def test_display(text: str, long: str, short: str) -> None:
    assert (shown(Money(text)), compact(Money(text))) == (long, short)


@given(minors, currencies)
def test_compact_is_short(minor: int, currency: str) -> None:
    assert len(compact(Money(minor=minor, currency=currency))) <= 15


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$1,234.50", "1234.50", "USD"), ("1.234,50 EUR", "1234.50", "EUR"), ("1 234,5", "1234.5", None),
        ("4,200", "4200", None), ("(12.00)", "-12.00", None), ("12-", "-12", None), ("€ 5", "5", "EUR"),
        ("1'000.00 CHF", "1000.00", "CHF"), ("1.234.567", "1234567", None), ("R$ 5,00", "5.00", "BRL"), (".5", "0.5", None),
        ("12,5", "12.5", None), ("-3", "-3", None), ("US$7", "7", "USD"),
    ],
)  # fmt: skip
def test_amounts_of_spreadsheets(text: str, amount: str, currency: str | None) -> None:
    assert read_amount(text) == (Decimal(amount), currency)


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "12 apples", "1.2.3,4,5", "--"])
def test_no_amounts(text: str) -> None:
    with pytest.raises(Invalid):
        read_amount(text)


def test_a_column_tells_its_decimal_mark() -> None:
    assert guess_decimal(["1.234,50", "7"]) == ","
    assert guess_decimal(["4.200", "12,5"]) == ","
    assert guess_decimal(["4.200", "1,234.00"]) == "."
    assert guess_decimal(["1.234.567", "4.200"]) == ","
    assert guess_decimal(["x", "4.200"]) == "."
    assert read_amount("4.200", ",") == (Decimal(4200), None)
