"""Each function and operator: its value, what is missing, and the same answer of both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ghl.engine.expressions import MappingRecord, evaluate, trace
from ghl.sdk.expressions import check
from ghl.sdk.expressions.functions import FUNCTIONS
from ghl.sdk.money import Money
from tests.expressions.databases import Database
from tests.expressions.sample import CONTACT, LISBON, NOW, World, env
from tests.expressions.test_agreement import agree

UTC = ZoneInfo("UTC")
ANA = MappingRecord(
    {
        "first_name": " Ana ", "city": "São Paulo", "email": "ana@example.com", "score": 7, "visits": 14, "active": True,
        "created_at": NOW - timedelta(days=3, hours=2), "birthday": date(1990, 11, 24), "amount": Money("1234.50", "EUR"),
        "tags": ["vip", "lead"], "custom.plan": "12.5", "custom.nick": "x1",
    }
)  # fmt: skip


def value(text: str, record: MappingRecord | None = None, **changed: Any) -> Any:
    """What an expression gives."""
    return evaluate(check(text, CONTACT, purpose="value"), ANA if record is None else record, env(**changed))


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("size(city)", 9),
        ("size(tags)", 2),
        ("size(colours)", 0),
        ('city.contains("Pau")', True),
        ('city.contains("pau")', False),
        ('city.contains("")', True),
        ('city.icontains("SÃO")', True),
        ('city.startsWith("São")', True),
        ('city.endsWith("lo")', True),
        ('city.endsWith("a very long text, longer than it")', False),
        ('email.endsWith("@EXAMPLE.com")', True),
        ('city.matches("^S.o P")', True),
        ('city.matches(r"\\d")', False),
        ("lower(city)", "são paulo"),
        ("upper(city)", "SÃO PAULO"),
        ("trim(first_name)", "Ana"),
        ("number(plan)", 12.5),
        ("number(city)", None),
        ("number(amount)", 1234.5),
        ("currency(amount)", "EUR"),
        ("abs(-score)", 7),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(2.4)", 2),
        ("floor(-1.5)", -2),
        ("ceil(-1.5)", -1),
        ("ceil(1.2)", 2),
        ("score + visits", 21),
        ("score - visits", -7),
        ("score * visits", 98),
        ("visits / 4", 3.5),
        ("visits % 4", 2),
        ("-7 % 4", -3),
        ("visits / 0", None),
        ("visits % 0", None),
        ("1.5 % 1", None),
        ("1e99 * 1e99", None),
        ("1e-99 * 1e-99", None),
        ("city + '!'", "São Paulo!"),
        ("now()", NOW),
        ("today()", date(2026, 11, 24)),
        ('today("Pacific/Apia")', date(2026, 11, 24)),
        ('today("Pacific/Pago_Pago")', date(2026, 11, 23)),
        ("date(created_at)", date(2026, 11, 21)),
        ('date("2026-02-28") + duration("1d")', date(2026, 3, 1)),
        ('date("2026-11-24") - date("2026-11-20")', timedelta(days=4)),
        ('datetime("2026-07-01T10:00")', datetime(2026, 7, 1, 9, 0, tzinfo=UTC)),
        ('datetime("2026-07-01T10:00:00+05:00")', datetime(2026, 7, 1, 5, 0, tzinfo=UTC)),
        ('timestamp("2026-07-01T10:00:00Z")', datetime(2026, 7, 1, 10, 0, tzinfo=UTC)),
        ('datetime("9999-12-31T23:00:00Z") + duration("1d")', None),
        ('now() - created_at', timedelta(days=3, hours=2)),
        ('duration("1h30m")', timedelta(minutes=90)),
        ('duration("2w")', timedelta(days=14)),
        ('duration("1.5h")', timedelta(minutes=90)),
        ('duration("-3 days")', timedelta(days=-3)),
        ('duration("250ms") + duration("1s")', timedelta(seconds=1.25)),
        ("-duration('1d')", timedelta(days=-1)),
        ('money("12.5")', Money("12.50", "EUR")),
        ("money(12)", Money("12", "EUR")),
        ("year(birthday)", 1990),
        ("month(birthday)", 11),
        ("day(birthday)", 24),
        ("weekday(birthday)", 6),
        ('hour(datetime("2026-07-01T22:30:00Z"))', 23),
        ('hour(datetime("2026-07-01T22:30:00Z"), "UTC")', 22),
        ('minute(datetime("2026-07-01T22:30:00Z"), "Asia/Kathmandu")', 15),
        ('day(datetime("2026-07-31T23:30:00Z"))', 1),
        ('weekday(datetime("2026-11-22T12:00:00Z"))', 7),
        ('hour(datetime("1850-01-01T00:00:00Z"))', None),
        ("days_since(created_at)", 3),
        ("days_until(created_at)", -4),
        ("days_since(birthday)", 13149),
        ("days_until(today() + duration('5d'))", 5),
        ("has(city)", True),
        ("has(last_at)", False),
        ("has(colours)", False),
        ("has(company.name)", False),
        ("active ? 'yes' : 'no'", "yes"),
        ("last_at", None),
        ("last_at + duration('1d')", None),
        ("size(nick) + size(plan)", 6),
    ],
)
def test_a_function_has_a_value(text: str, result: Any) -> None:
    """On one record, at a fixed moment, in Lisbon, in euros."""
    found = value(text)
    assert found == result
    assert isinstance(found, bool) == isinstance(result, bool)


@pytest.mark.unit
def test_every_function_is_tried() -> None:
    """The catalogue has no function that this file does not know."""
    from pathlib import Path

    text = Path(__file__).read_text("utf-8")
    assert not [name for name in FUNCTIONS if f"{name}(" not in text]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("last_at == now()", False),
        ("last_at != now()", True),
        ("!(last_at == now())", True),
        ("last_at < now() || last_at >= now()", False),
        ("!(last_at < now())", True),
        ("company.active", False),
        ("!company.active", True),
        ("company.active == false", False),
        ("company.active != true", True),
        ('"x" in colours', False),
        ('!("x" in colours)', True),
        ("first_name in []", False),
        ("score / 0 == 1", False),
        ("score / 0 != 1", True),
        ("!(score / 0 > 1)", True),
        ('amount > money("1 USD")', False),
        ('!(amount > money("1 USD"))', True),
        ('amount != money("1234.50 USD")', True),
        ('amount == money("1234.50 EUR")', True),
        ("amount == 1234.5", True),
        ('"VIP" in tags', False),
        ("count(deals) == 0", True),
        ("exists(deals)", False),
        ('"a" < "b" && "B" < "a" && "z" < "é" && "é" < "日"', True),
        ("0.1 + 0.2 == 0.3", False),
        ("(last_at == now()) == false", True),
    ],
)
def test_a_missing_value_is_in_nobodys_favour(text: str, result: bool) -> None:
    """Two truth values; `!` is exactly not, `!=` exactly not `==`."""
    assert value(text) is result


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "after", "result"),
    [
        ('after == "won"', "won", True),
        ("after > 5", 7, True),
        ("after > 5", "7", False),
        ("after > 5", None, False),
        ("after > 5", True, False),
        ('after > money("5 EUR")', Money("7", "EUR"), True),
        ("after > money('5 EUR')", 7, True),
        ("amount > after", 5, True),
        ("created_at < after", "2026-12-01T00:00:00Z", True),
        ("created_at < after", date(2026, 12, 1), True),
        ("birthday == after", "1990-11-24", True),
        ("after in ['a', 'b']", "b", True),
        ("after in ['a', 'b']", 1, False),
        ('"x" in after', ["x", "y"], True),
        ('"x" in after', "x", False),
        ("city in after", ["São Paulo"], True),
        ("after", True, True),
        ("after", "yes", False),
        ("!after", None, True),
        ("before == after", 5, False),
        ("after + 1 == 6", 5, True),
        ("after + 1 == 6", "5", False),
        ("city.contains(after)", "Paulo", True),
        ("city.contains(after)", 5, False),
        ("score == after", 7, True),
        ("after.city == city", 1, False),
        ("created_at < after", "soon", False),
        ("birthday == after", "in May", False),
        ("after > money('5 EUR')", "much", False),
        ("after > money('5 EUR')", True, False),
        ("score == after", "7", False),
    ],
)
def test_what_an_event_carries_has_any_type(text: str, after: Any, result: bool) -> None:
    """It is compared as what stands beside it; where that is not possible the comparison is false."""
    variables = {"before": None, "after": after}
    assert evaluate(check(text, CONTACT), ANA, env(variables=variables)) is result


@pytest.mark.unit
@pytest.mark.parametrize(
    ("before", "after", "result"),
    [
        (5, 7, True), (7, 5, False), ("a", "b", True), (5, "7", False), (date(2026, 1, 1), date(2026, 1, 2), True),
        (NOW, "2026-12-01T00:00:00Z", True), ("2026-01-01T00:00:00Z", NOW, True), (date(2026, 1, 1), "2026-01-02", True),
        (Money("5", "EUR"), 7, True), (7, Money("5", "EUR"), False), (Money("5", "EUR"), Money("7", "USD"), False),
        (timedelta(days=1), timedelta(days=2), True), (None, 1, False), (True, False, False),
        (date(2026, 1, 1), NOW, True),
    ],
)  # fmt: skip
def test_two_values_that_an_event_carries_are_compared_by_what_they_are(before: Any, after: Any, result: bool) -> None:
    """The text beside a date is read as one, the number beside an amount too."""
    variables = {"before": before, "after": after}
    assert evaluate(check("before < after", CONTACT), ANA, env(variables=variables)) is result
    assert evaluate(check("after > before", CONTACT), ANA, env(variables=variables)) is result



@pytest.mark.integration
@pytest.mark.parametrize(
    "text",
    [
        *(one.example for one in FUNCTIONS.values() if "matches" not in one.example),
        "score + 1 == 11",
        "(score + 1) * 2 > weight - 1",
        "score * weight * score * weight > 1",
        "weight * 1e60 * 1e60 > 1",
        "1 / weight * 1e-60 * 1e-60 < 1",
        "visits % 7 == 3 && score % 2 == 1",
        "round(score) == round(weight) || floor(weight / 3) > ceil(score)",
        "round(round(round(round(round(round(score / 3)))))) > 1",
        "created_at + duration('30d') < now()",
        "now() - duration('30d') > created_at - duration('1h')",
        "created_at - last_at > duration('1d')",
        "created_at - datetime('2026-01-01T00:00:00Z') >= duration('100d')",
        "now() - created_at < duration('36h')",
        "-(now() - seen_at) <= duration('-36h')",
        "created_at + (created_at - last_at) > seen_at",
        "birthday + duration('30d') > today()",
        "birthday + (today() - due) == date('2026-11-24')",
        "today() - birthday > duration('365d')",
        "birthday - due >= duration('10d')",
        "days_since(created_at) > 1.5",
        "days_since(created_at) <= 30 && days_until(seen_at) >= -400",
        "days_since(created_at) == days_since(last_at)",
        "days_since(birthday) - 1 > score",
        "age > 30 || age == 1",
        "exists(deals, age > 30 && days_since(opened_at) > 29)",
        "date(created_at) == today()",
        "date(created_at, 'America/St_Johns') == date('2006-10-29')",
        "date(created_at, 'Pacific/Apia') >= date('2026-11-24')",
        "date(created_at) == date(last_at)",
        "date(seen_at) == birthday",
        "year(created_at) == 2026 || year(birthday) in [1990, 2000]",
        "year(created_at) == year(last_at)",
        "month(created_at) == 3 && day(created_at) == 29",
        "hour(created_at) in [0, 1, 2]",
        "hour(created_at, 'America/Sao_Paulo') > 20",
        "weekday(created_at) > 5 || weekday(birthday) == 6",
        "created_at >= today()",
        "created_at >= '2026-11-24' && created_at < '2026-11-25T00:00:00Z'",
        "created_at == last_at || created_at == seen_at",
        "(active ? created_at : seen_at) > now() - duration('400d')",
        "(active ? birthday : due) > date('2000-01-01')",
        "(active ? date(created_at) : due) > date('2000-01-01')",
        "(active ? city : first_name) == 'Lisbon'",
        "(active ? score : weight) > 1",
        "(active ? company.active : agreed) == false",
        "!(active ? company.active : agreed)",
        "amount > money('10 EUR') && !(fee > amount)",
        "amount == fee || amount != fee",
        "number(amount) > 100 && number(fee) < 100",
        "number(plan) == 12 || number(note) > 100",
        "city > 'L' && note < 'm' && plan >= 'Z'",
        "city == note || first_name != nick",
        "lower(city) == lower(note) || upper(note) == 'SS'",
        "city.icontains('ZÜ') || note.icontains('οδ')",
        "note.contains('%') || note.contains('_') || nick.contains('\\\\') || city.contains(\"'\")",
        "city.startsWith(first_name) || note.endsWith(nick)",
        "trim(note) == 'pad' && size(note) > 3",
        "plan == 'ZÜRICH' || plan == 'Lisbon' || !(plan == 'a')",
        "level > 1 || level == 0.5 || !(level >= 2)",
        "plan in ['a', 'A', 'Lisbon'] || !(level in [1, 2])",
        "'red' in colours || \"it's\" in colours || !('blue' in colours)",
        "city in colours",
        "size(colours) == 2 || size(tags) == 0",
        "'lead' in tags && !('VIP' in tags) && 'OLA' in tags",
        "has(extra) || has(fee) || has(met) || has(due)",
        "exists(deals, company.founded < date('2026-01-01') && amount > 10)",
        "deals.exists(d, d.name == city || d.opened_at > created_at)",
        "deals.count(d, d.status == 'won') >= 2",
        "count(events, name == 'email.opened' && at > now() - duration('30d')) >= 1",
        "count(events) == 0 || count(deals, amount > 0) < 1",
        "count(deals) > count(events)",
        "exists(contact.deals)",
        "company.size > 5 && company.name != 'x' && !has(company.founded)",
        "contact.company.company.name == 'A'",
        "!(exists(deals, status == 'won') && !exists(events, at < now()))",
        "after == 'Lisbon' && city == after",
        "created_at > after || amount > after",
        "city.contains(after) && before == 1",
        "created_at > datetime('9999-12-31T23:59:59.999Z') || created_at < datetime('0001-01-01T00:00:00Z')",
        "created_at <= datetime('9999-12-31T23:59:59.999Z')",
        "!(last_at <= datetime('9999-12-31T23:59:59.999Z'))",
        "days_since(created_at) < 1e50 && days_since(last_at) > -1e50",
        "year(birthday) > 1e30 || year(birthday) < -5",
        "true || city == 'x'",
        "1 + 1 == 2 && city == 'Lisbon'",
        "score in [1, 2.5, after, number('x')]",
        "created_at in [now(), datetime('2026-11-24T00:00:00Z')] || birthday in [today()]",
    ],
)  # fmt: skip
def test_both_databases_say_the_same(text: str, people: World, database: Database) -> None:
    """What people ask, and its opposite; what cannot be looked up is not among these."""
    for name, other in (("lead_score", "score"), ("last_name", "first_name"), ("country", "city"), ("phone", "note")):
        text = text.replace(name, other)
    assert agree(text, people, database)
    assert agree(f"!({text})", people, database)


@pytest.mark.unit
def test_the_zone_of_the_account_decides() -> None:
    """The same moment is on two dates."""
    late = MappingRecord({"created_at": datetime(2026, 7, 1, 23, 30, tzinfo=UTC)})
    assert value('date(created_at) == date("2026-07-02")', late, zone=LISBON) is True
    assert value('date(created_at) == date("2026-07-01")', late, zone=UTC) is True
    assert value('created_at < "2026-07-02"', late, zone=LISBON) is False
    assert value('created_at < "2026-07-02"', late, zone=UTC) is True


@pytest.mark.unit
def test_a_value_of_another_type_is_missing() -> None:
    """Whatever a record says, a field has its declared type or none."""
    odd = MappingRecord({"score": "7", "city": 5, "created_at": "2026-01-01", "active": 1, "amount": 5, "birthday": NOW, "tags": "vip"})
    for name in ("score", "city", "created_at", "active", "amount", "birthday", "tags"):
        assert value(f"has({name})", odd) is False


@pytest.mark.unit
def test_a_function_of_the_schema_is_performed_by_the_environment() -> None:
    """It sees its arguments; what it gives must have its type."""
    from ghl.sdk.expressions import Function, Type

    known = CONTACT.with_functions([Function("clicked", (((Type.TEXT,), Type.BOOL),), "")])
    checked = check("clicked('ideas') && active", known)
    assert evaluate(checked, ANA, env(functions={"clicked": lambda step: step == "ideas"})) is True
    assert evaluate(checked, ANA, env(functions={"clicked": lambda step: "ideas"})) is False
    told = trace(checked, ANA, env())
    assert told.result is False
    assert "not known here" in "\n".join(told.lines())
