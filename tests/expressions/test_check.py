"""Names and types: what is refused, where, and what would fit."""

from __future__ import annotations

import pytest

from ghl.errors import ExpressionError
from ghl.sdk.expressions import Field, Function, Schema, Type, check, parse
from tests.expressions.sample import CONTACT

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ('city == "Lisbon"', Type.BOOL),
        ("score + 1", Type.NUMBER),
        ("created_at + duration('3d')", Type.DATETIME),
        ("created_at - now()", Type.DURATION),
        ("birthday - today()", Type.DURATION),
        ("birthday + duration('2d')", Type.DATE),
        ("city + '!'", Type.TEXT),
        ("active ? city : first_name", Type.TEXT),
        ("after", Type.ANY),
        ("after + 1", Type.ANY),
        ("count(deals)", Type.NUMBER),
        ("tags", Type.LIST),
        ("amount", Type.MONEY),
        ("extra", Type.JSON),
        ("weight", Type.NUMBER),
        ("custom.weight", Type.NUMBER),
        ("contact.city", Type.TEXT),
        ("after.city", Type.ANY),
    ],
)
def test_every_part_has_a_type(text: str, type_: Type) -> None:
    """Of a field the declared one, of an operator what it gives."""
    assert check(text, CONTACT, purpose="value").type is type_


@pytest.mark.parametrize(
    "text",
    [
        "amount >= 1000",
        'amount >= "1000 EUR"',
        'created_at > "2026-01-01"',
        'created_at > "2026-01-01T10:00:00Z"',
        'birthday == "1990-02-01"',
        "created_at >= today()",
        "created_at < today() - duration('7d')",
        "now() - created_at > '3d'",
        'after == "x" || after > 3 || "x" in after',
        "before == after",
        'deals.exists(d, d.name == city && exists(events, name == "x"))',
        'exists(deals, company.name == "x" && after == "y")',
        'email.endsWith("@Example.com")',
        "created_at >= timestamp('2026-01-01T00:00:00Z')",
        'city in ["Lisbon", first_name]',
        "(score > 1) == active",
        "hour(created_at, 'Asia/Kathmandu') < 9",
    ],
)
def test_what_is_written_out_takes_the_type_beside_it(text: str) -> None:
    """Texts become dates and amounts, dates the beginning of their day."""
    assert check(text, CONTACT).type is Type.BOOL


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        ("citty == 'x'", 1, 'no field "citty" for a contact', "city?   all fields: ghl fields list --noun contact"),
        ("CITY == 'x'", 1, 'no field "CITY"', "city?"),
        ("zzz == 'x'", 1, 'no field "zzz"', "ghl fields list --noun contact"),
        ("company.nam == 'x'", 1, 'no field "nam" for a company', "name?   all fields: ghl fields list --noun company"),
        ("custom.wieght > 1", 1, 'no field "custom.wieght"', "custom.weight?"),
        ("has(deals)", 5, "are related records", "exists(deals"),
        ("exists(dels)", 1, 'a contact has no related "dels"', "deals?"),
        ("deals.exists(d, d.nam == '')", 17, 'no field "nam" for a deal', "name?"),
        ("exists(deals, city == 'x')", 15, 'no field "city" for a deal', "name the record"),
        ("city != null", 9, "nothing equals null", "has(city)"),
        ("city == null", 9, "nothing equals null", "!has(city)"),
        ("null == 1", 1, "nothing equals null", None),
        ("score == 'ten'", 7, "a number and a text cannot be compared", "without quotes"),
        ("city == 10", 6, "a text and a number cannot be compared", "number(city)"),
        ("created_at > 2026-11-24", 12, "a datetime and a number", 'quotes: "2026-11-24"'),
        ("birthday < now()", 10, "a date and a datetime", "date(now())"),
        ("now() - created_at > 3", 20, "a duration and a number", "duration"),
        ("tags == 'x'", 6, "cannot be compared", None),
        ("tags == tags", 6, "a list cannot be compared", '"…" in tags'),
        ("extra == extra", 7, "a json cannot be compared", "has(extra)"),
        ("active < true", 8, "a bool has no order", "=="),
        ("city", 1, "this is a text, and a condition is needed", "has(city)"),
        ("city && active", 1, "`city` is a text, and a condition is needed", "has(city)"),
        ("!score", 2, "a condition is needed", "has(score)"),
        ("'x' in city", 8, "`in` asks a list", "city == …"),
        ("score in tags", 1, "holds texts", None),
        ("1 in ['a']", 7, "a number is not in a list with a text", None),
        ("city in [['a']]", 10, "a text is not in a list with a list", None),
        ("tags in [tags]", 1, "a list is in no list", None),
        ("score + city", 7, "`+` does not work between a number and a text", None),
        ("created_at + 3", 12, "`+` does not work", 'duration("3d")'),
        ("amount + 1", 8, "`+` does not work", "number(amount)"),
        ("birthday + duration('3h') == today()", 12, "whole days", 'duration("3d")'),
        ("contians(city, 'x')", 1, "there is no function `contians`", "contains()?"),
        ("size(score)", 1, "`size` does not take (number)", "size(text) or size(list)"),
        ("tags.contains('x')", 6, "does not take", '"…" in tags'),
        ("date('yesterday') == today()", 6, '"yesterday" is no date', '"2026-11-24"'),
        ("birthday == '2026-02-30'", 13, "is no date", None),
        ("created_at < now() - duration('3 moons')", 31, "is no duration", '"3d"'),
        ("amount > money('lots')", 16, "lots", '"1000 EUR"'),
        ("amount > money('1 XXQ')", 16, "XXQ", None),
        ("date(city) == today()", 6, "written out", None),
        ("hour(created_at, 'Europe/Lisbo') == 1", 18, "there is no zone", "Europe/Lisbon?"),
        ("hour(created_at, city) == 1", 18, "a zone is written out", "Europe/Lisbon"),
        ("has(1)", 1, "`has` takes a field", "has(email)"),
        ("-city == 'x'", 1, "a minus sign", None),
        ("active ? 1 : 'x'", 8, "one way gives a number and the other a text", None),
        ("active ? city : null", 8, "cannot be null", None),
        ("exists(deals, status == 'opne')", 25, 'status is never "opne"', "open?   one of: open, won, lost"),
        ("exists(deals, status in ['won', 'lots'])", 33, 'status is never "lots"', "lost?"),
        ("matches(city, '(a')", 15, "no pattern", None),
        ("matches(city, first_name)", 15, "a pattern is written out", None),
        ("company == 'x'", 1, '"company" leads to a company', "company.name"),
        ("deals.exists(d, d == 1)", 17, "is a record, and no field", "d.name"),
    ],
)
def test_a_mistake_has_a_place_and_a_way_out(text: str, column: int, message: str, hint: str | None) -> None:
    """The column is where the mistake is, the hint what to write."""
    with pytest.raises(ExpressionError) as caught:
        check(text, CONTACT)
    assert message in caught.value.message
    assert caught.value.details["column"] == column, caught.value.message
    if hint:
        assert hint in (caught.value.hint or "")


def test_looks_at_related_records_are_limited() -> None:
    """How many, and how many within each other."""
    with pytest.raises(ExpressionError, match="too costly"):
        check(" || ".join(["exists(deals)"] * 9), CONTACT)
    loop = Schema("a", {"x": Field("x", Type.BOOL)})
    loop.relations = {"bs": type(next(iter(CONTACT.relations.values())))("bs", lambda: loop)}
    check("exists(bs, exists(bs, exists(bs, x)))", loop)
    with pytest.raises(ExpressionError, match="too costly"):
        check("exists(bs, exists(bs, exists(bs, exists(bs, x))))", loop)


def test_a_large_tree_is_refused_however_it_was_made() -> None:
    """Programs may build trees that no text could be."""
    node = parse("active")
    for _ in range(400):
        node = type(parse("!a"))(0, "!", node)
    with pytest.raises(ExpressionError, match="levels"):
        check(node, CONTACT)


def test_a_filter_is_only_what_a_database_can_answer() -> None:
    """A condition may have patterns."""
    text = "matches(city, '^L')"
    assert check(text, CONTACT).type is Type.BOOL
    with pytest.raises(ExpressionError, match="database") as caught:
        check(text, CONTACT, purpose="filter")
    assert "contains" in (caught.value.hint or "")


def test_a_schema_may_have_functions_of_its_own() -> None:
    """Such as `clicked`, which the engine performs."""
    known = CONTACT.with_functions([Function("clicked", (((Type.TEXT,), Type.BOOL),), "whether a link was clicked")])
    assert check("clicked('ideas') && active", known).type is Type.BOOL
    with pytest.raises(ExpressionError, match="does not take"):
        check("clicked(1)", known)
    with pytest.raises(ExpressionError) as caught:
        check("clickd('ideas')", known)
    assert "clicked()?" in (caught.value.hint or "")


def test_a_custom_field_gives_way_to_a_built_in() -> None:
    """Bare `city` is the built-in one; `custom.city` the declared one."""
    known = CONTACT.with_custom([Field("city", Type.NUMBER), Field("height", Type.NUMBER)])
    assert check("city == 'x' && custom.city > 1 && height > 1", known).type is Type.BOOL


def test_an_expected_type_is_asked_for() -> None:
    """A value may have any type, unless one is expected."""
    assert check("city", CONTACT, purpose="value").type is Type.TEXT
    assert check("city", CONTACT, expect=Type.TEXT).type is Type.TEXT
    assert check("city", CONTACT, expect=None).type is Type.TEXT
    with pytest.raises(ExpressionError, match="this is a text, and a number is needed"):
        check("city", CONTACT, expect=Type.NUMBER)
