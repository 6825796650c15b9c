"""Expressions in lists, over every transport: what the database answers is what the evaluator says."""

from __future__ import annotations

import pytest

import ghl
from ghl import errors

pytestmark = pytest.mark.integration


@pytest.fixture
def people(crm: ghl.Client) -> ghl.Client:
    """Three people, one of them with hardly anything."""
    crm.contacts.create(
        first_name="Maria", last_name="Alves", email="Maria@Example.com", city="Lisbon", lead_score=10, tags=["Lead", "vip"],
    )  # fmt: skip
    crm.contacts.create(first_name="Leo", email="leo@example.org", city="Porto", lead_score=3, dnd=["email"])
    crm.contacts.create(first_name="Ana")
    return crm


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ('city == "Lisbon"', "Maria"),
        ('city != "Lisbon"', "Ana Leo"),
        ('!(city == "Lisbon")', "Ana Leo"),
        ('"lead" in tags && city == "Lisbon"', "Maria"),
        ('!("lead" in tags)', "Ana Leo"),
        ("has(city)", "Leo Maria"),
        ("!has(email)", "Ana"),
        ("lead_score > 2", "Leo Maria"),
        ("!(lead_score > 5)", "Ana Leo"),
        ("lead_score + 1 == 11", "Maria"),
        ('email == "MARIA@example.com"', "Maria"),
        ('email.endsWith("example.org")', "Leo"),
        ('city.icontains("LIS") || first_name == "Ana"', "Ana Maria"),
        ('city in ["Lisbon", "Porto"]', "Leo Maria"),
        ('!(city in ["Lisbon"])', "Ana Leo"),
        ("size(tags) == 2", "Maria"),
        ('"email" in dnd', "Leo"),
        ("created_at <= now()", "Ana Leo Maria"),
        ("date(created_at) == today()", "Ana Leo Maria"),
        ('created_at < now() - duration("1d")', ""),
        ("days_since(created_at) == 0", "Ana Leo Maria"),
        ("last_activity_at < now()", ""),
        ('name == "Maria Alves"', "Maria"),
        ('contact.city == "Porto"', "Leo"),
        ("exists(deals)", ""),
        ('count(tasks, status == "open") == 0 && has(city)', "Leo Maria"),
        ('lower(city) == "lisbon"', "Maria"),
        ('lead_score > 5 ? city == "Lisbon" : city == "Porto"', "Leo Maria"),
        ("true", "Ana Leo Maria"),
    ],
)
def test_a_filter_finds_whom_it_says(people: ghl.Client, where: str, names: str) -> None:
    """A missing value is in nobody's favour, and `!` is exactly not."""
    found = sorted(contact.first_name or "" for contact in people.contacts.list(where=where))
    assert " ".join(found) == names


@pytest.mark.parametrize(
    ("where", "message", "hint"),
    [
        ('citty == "Rome"', 'no field "citty" for a contact, at column 1', "city?"),
        ("email == null", "nothing equals null, at column 10", "!has(email)"),
        ('lead_score == "ten"', "a number and a text cannot be compared, at column 12", "without quotes"),
        ("city", "this is a text, and a condition is needed, at column 1", "has(city)"),
        ('city = "x"', "`=` means nothing here, at column 6", "=="),
        ('contians(city, "x")', "there is no function `contians`, at column 1", "contains()?"),
        ('exists(dels, status == "open")', 'a contact has no related "dels", at column 1', "deals?"),
        ('city == "Rome" and lead_score > 1', "`and` is too much, at column 16", "&&"),
        ('city == "Rome', "a text that does not end, at column 9", 'ends with "'),
        ('matches(city, "a+")', "cannot be looked up in the database", "triggers"),
    ],
)
def test_a_wrong_filter_says_where_and_what_to_write(people: ghl.Client, where: str, message: str, hint: str) -> None:
    """Every mistake has a place and a way out."""
    with pytest.raises(errors.ExpressionError) as caught:
        people.contacts.list(where=where)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
